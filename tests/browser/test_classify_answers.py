"""Answering on the classify page: all steps, taking back and changing an answer, what is told afterwards, and when nothing is left."""

import pytest
from playwright.sync_api import Locator, Page, expect

from classify.models import Classification, Reveal, Workflow
from talk.models import TagUse
from tests import factories
from tests.browser.sky import TRAIL, Sky, done, ends, shown, sign_in, visit, votes
from tests.conftest import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
PREVIEWS = "new Set(performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.endsWith('.jpg'))).size"
TRUTH = [{"x1": 40.0, "y1": 60.0, "x2": 200.0, "y2": 150.0}]


@pytest.fixture
def trails() -> Workflow:
    """The original's questions, with five subjects."""
    made = factories.workflow(steps=TRAIL, undo_seconds=600)
    for _ in range(5):
        factories.subject(workflow=made)
    return made


def below(page: Page, label: str) -> Locator:
    return page.get_by_role("group", name="Is there any other asteroid trail visible?").get_by_role("radio", name=label)


def test_yes_a_line_and_done_is_a_whole_answer_and_another_line_another_trail(page: Page, live_server, trails: Workflow) -> None:
    sky = visit(page, live_server.url, trails)
    say = page.locator("[data-instruction]")
    page.get_by_text("Yes", exact=True).first.click()
    expect(say).to_have_text("Mark the beginning and the end of the trail.")
    sky.click(40, 60)
    expect(say).to_have_text("Now mark the other end.")
    sky.click(200, 150)
    expect(say).to_have_text("Is there any other asteroid trail visible?")
    done(page)

    page.keyboard.press("y")
    sky.click(30, 30)
    sky.click(90, 40)
    sky.click(30, 200)  # no answer to "any other?": a line says it
    sky.click(120, 220)
    page.keyboard.press("y")  # of the question in force
    expect(below(page, "Yes")).to_be_checked()
    expect(say).to_have_text("Mark the beginning and the end of this trail.")
    sky.click(150, 20)
    sky.click(220, 90)
    page.keyboard.press("n")
    expect(below(page, "No")).to_be_checked()
    page.keyboard.press("Enter")

    first, second = votes(2)
    assert {name: first.annotations[name] for name in ("T0", "T2")} == {"T0": "yes", "T2": ["no"]}
    assert ends(first.marks.get()) == pytest.approx((40, 60, 200, 150), abs=0.5)
    assert second.annotations["T2"] == ["yes", "yes", "no"]
    assert list(second.marks.order_by("position").values_list("step", flat=True)) == ["T1", "T3", "T3"]


def test_done_asks_once_for_a_mark_and_takes_the_answer_then(page: Page, live_server, trails: Workflow) -> None:
    visit(page, live_server.url, trails)
    first = shown(page)
    page.keyboard.press("y")
    page.keyboard.press("Enter")
    expect(page.locator("[data-toasts]")).to_contain_text("Mark both ends, or press Done again if you cannot.")
    assert shown(page) == first

    page.keyboard.press("Enter")

    (vote,) = votes(1)
    assert (str(vote.subject.public_id), vote.answer, vote.marks.count()) == (first, "yes", 0)
    assert page.evaluate("performance.getEntriesByName('hunter:done').length") == 1
    wait_until(lambda: page.evaluate("performance.getEntriesByName('hunter:painted').length") == 2, what="the next image painted")


def test_all_letters_and_digits_answer_and_the_sheet_tells_them(page: Page, live_server, trails: Workflow) -> None:
    visit(page, live_server.url, trails)
    for n, key in enumerate(("i", "n", "3", "2")):
        page.keyboard.press(key)
        done(page)
        votes(n + 1)
    assert [vote.answer for vote in votes(4)] == ["impossible", "no", "impossible", "no"]
    page.keyboard.press("?")
    expect(page.locator("[data-letters]")).to_have_text("Y N I ")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Help with this question").click()
    expect(page.locator("#help-T0")).to_be_visible()


def test_an_answer_can_be_changed_after_the_time_to_undo_it(page: Page, live_server) -> None:
    flow = factories.workflow(steps=TRAIL, undo_seconds=1)
    for _ in range(3):
        factories.subject(workflow=flow)
    sky = visit(page, live_server.url, flow)
    first = shown(page)
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    (old,) = votes(1)
    page.locator("[data-last]").get_by_role("button", name="Change").click()

    expect(page.locator("input[name=subject]")).to_have_value(first)
    expect(page.get_by_role("radio", name="No", exact=True).first).to_be_checked()
    expect(page.locator("[data-question]")).to_be_focused()
    page.keyboard.press("y")
    sky.click(40, 60)
    sky.click(200, 150)
    page.keyboard.press("Enter")

    wait_until(lambda: Classification.objects.filter(superseded_by__isnull=True, answer="yes").exists(), what="the change")
    old.refresh_from_db()
    (new,) = votes(1)
    assert (new.answer, old.superseded_by_id, old.superseded_reason) == ("yes", new.pk, "revision")


def test_what_others_said_opens_beside_the_next_subject_and_ends_changing(page: Page, live_server, trails: Workflow) -> None:
    sign_in(page, live_server.url)
    visit(page, live_server.url, trails)
    first = shown(page)
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    votes(1)
    page.get_by_role("link", name="What others said").click()

    panel = page.get_by_role("dialog", name="What others said")
    expect(panel.get_by_role("heading", name="People")).to_be_visible()
    expect(panel).to_contain_text("1 vote")
    assert shown(page) != first
    panel.get_by_role("button", name="#cosmic_ray", exact=True).click()
    expect(panel.locator("#talk-tags")).to_contain_text("#cosmic_ray")
    assert TagUse.objects.get().tag.name == "cosmic_ray"
    assert str(Reveal.objects.get().root.public_id) == first
    expect(panel.get_by_role("link", name="Discuss it in Talk")).to_have_attribute("href", f"/subjects/{first}/#discussion")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.locator("[data-last-reveal]")).to_be_focused()
    expect(page.locator("[data-last] button:visible")).to_have_count(0)


def test_training_stops_at_each_subject_and_draws_the_truth(page: Page, live_server) -> None:
    flow = factories.workflow(purpose="training", blind=False, gold_schedule=[], count=0, steps=TRAIL)
    for _ in range(3):
        factories.gold(workflow=flow, answer="yes", marks=TRUTH)
    visit(page, live_server.url, flow)
    first = shown(page)
    page.keyboard.press("n")
    page.keyboard.press("Enter")

    told = page.locator("[data-feedback]")
    expect(told.get_by_role("heading", name="Look again")).to_be_focused()
    expect(told).to_contain_text("You said: No. It is: Yes.")
    expect(told).to_contain_text("A trail curves.")
    expect(page.locator(".truths .trail-truth")).to_have_count(2)  # a double line
    assert shown(page) == first
    page.keyboard.press("Enter")

    expect(told).to_be_hidden()
    expect(page.locator("input[name=subject]")).not_to_have_value(first)
    expect(page.locator(".truths .trail-truth")).to_have_count(0)
    expect(page.locator("[data-last] button:visible")).to_have_count(0)  # the answer is final
    page.keyboard.press("z")
    expect(page.locator(".toast")).to_contain_text("This answer stays as it is")
    page.keyboard.press("y")
    sky = Sky.of(page)
    sky.click(40, 60)
    sky.click(200, 150)
    page.keyboard.press("Enter")
    expect(told.get_by_role("heading", name="Well seen")).to_be_visible()
    expect(told.locator("[data-key-people]")).to_be_visible()
    page.keyboard.press("Enter")
    expect(told).to_be_hidden()
    page.keyboard.press("y")
    sky.click(30, 200)  # far from the trail
    sky.click(120, 220)
    page.keyboard.press("Enter")
    expect(told.get_by_role("heading", name="Right, but elsewhere")).to_be_visible()


def test_a_known_subject_among_others_stops_for_its_feedback_beside_the_next_one(page: Page, live_server) -> None:
    flow = factories.workflow(steps=TRAIL, gold_schedule=[[None, 1.0]])
    known = {str(factories.gold(workflow=flow, answer="yes", marks=TRUTH).public_id) for _ in range(2)}
    for _ in range(2):
        factories.subject(workflow=flow)
    visit(page, live_server.url, flow)
    wait_until(lambda: page.evaluate(PREVIEWS) == 3, what="the images of the first and the next two")
    told, chosen = page.locator("[data-feedback]"), page.locator("[data-answers] input:checked")
    for wants_more in (False, True):
        now = shown(page)
        assert now in known
        page.keyboard.press("n")
        page.keyboard.press("Enter")
        expect(told.get_by_role("heading", name="Look again")).to_be_visible()
        beside = shown(page)
        assert beside != now, "the next image stays on the screen"
        expect(told.locator(".trail-truth-core")).to_have_count(1)  # in the small picture
        expect(page.locator(".truths .trail-truth")).to_have_count(0)
        page.keyboard.press("n")  # the answer to the next one waits
        expect(chosen).to_have_count(0)
        if wants_more:
            told.get_by_role("button", name="Look at it again").click()
            expect(page.locator(".truths .trail-truth")).to_have_count(2)
            told.get_by_role("button", name="Next").click()
        else:
            page.keyboard.press("Enter")
        expect(told).to_be_hidden()
        assert shown(page) == beside
        expect(page.locator(".truths .trail-truth")).to_have_count(0)
    page.keyboard.press("n")
    expect(chosen).to_have_count(1)
    assert Classification.objects.filter(subject__public_id__in=known, counted=False).count() == Classification.objects.count() == 2


def test_when_nothing_is_left_other_work_is_offered_and_the_last_answer_can_be_taken_back(page: Page, live_server) -> None:
    flow = factories.workflow(name="Find asteroids", undo_seconds=600)
    other, empty = factories.workflow(name="Check the machine"), factories.workflow(name="Empty")
    only = factories.subject(workflow=flow)
    factories.subject(workflow=other)
    visit(page, live_server.url, flow)
    page.keyboard.press("n")
    page.keyboard.press("Enter")

    nothing = page.get_by_role("region", name="Nothing to classify")
    expect(nothing.get_by_role("link", name="Check the machine")).to_have_attribute("href", f"/classify/{other.slug}/")
    expect(nothing.get_by_role("link", name="Read and write in Talk")).to_be_visible()
    expect(nothing.get_by_role("link", name=empty.name)).to_have_count(0)
    votes(1)
    nothing.get_by_role("button", name="Undo").click()
    expect(page.locator("input[name=subject]")).to_have_value(str(only.public_id))
    expect(nothing).to_be_hidden()
