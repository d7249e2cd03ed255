"""The classify page under a thumb: swiping with real touch events, everything on one screen, and nothing that moves by itself."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from classify.models import SubjectFrame, Workflow
from classify.seeds import SEEDS
from tests import factories
from tests.browser.sky import TRAIL, WATCH_SHIFTS, Finger, done, shifts, shown, visit, votes, where
from tests.conftest import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
MIDDLE = (195.0, 300.0)


@pytest.fixture
def trails() -> Workflow:
    made = factories.workflow(steps=TRAIL, undo_seconds=600)
    for _ in range(6):
        factories.subject(workflow=made)
    return made


@pytest.fixture
def phone(another_browser: Callable[..., BrowserContext]) -> Page:
    context = another_browser(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, reduced_motion="reduce")
    page = context.new_page()
    page.add_init_script(WATCH_SHIFTS)
    return page


def test_a_swipe_to_the_left_says_no_and_up_impossible(phone: Page, live_server, trails: Workflow) -> None:
    visit(phone, live_server.url, trails)
    expect(phone.locator(".swipe-hint:visible")).to_have_count(3)
    finger = Finger.on(phone)
    first = shown(phone)
    finger.swipe(MIDDLE, -180, 20)
    expect(phone.locator("input[name=subject]")).not_to_have_value(first)
    votes(1)
    finger.swipe(MIDDLE, 15, -190)

    assert [vote.answer for vote in votes(2)] == ["no", "impossible"]
    expect(phone.locator("[data-last-say]")).to_have_text("Impossible to tell")
    expect(phone.locator("[data-swipe-hints]")).to_be_hidden()
    phone.get_by_role("button", name="Undo").click()  # on a busy machine a tap may become a long press
    expect(phone.get_by_role("radio", name="Impossible to tell")).to_be_checked()
    votes(1)


def test_a_swipe_to_the_right_says_yes_and_leads_to_marking(phone: Page, live_server, trails: Workflow) -> None:
    sky = visit(phone, live_server.url, trails)
    finger = Finger.on(phone)
    first = shown(phone)
    finger.swipe(MIDDLE, 180, 0)
    expect(phone.get_by_role("radio", name="Yes").first).to_be_checked()
    expect(phone.locator("[data-instruction]")).to_have_text("Mark the beginning and the end of the trail.")
    before = where(phone)
    finger.swipe(MIDDLE, -180, 0)  # while marking nothing is swiped
    assert (shown(phone), where(phone)) == (first, before)
    phone.touchscreen.tap(*sky.at(60, 80))
    phone.wait_for_timeout(350)  # two quick taps would mean: show all of the image
    phone.touchscreen.tap(*sky.at(180, 200))
    expect(phone.locator(".mark-item")).to_have_count(1)
    phone.get_by_role("button", name="Done", exact=True).click()

    (vote,) = votes(1)
    assert (vote.answer, vote.marks.count()) == ("yes", 1)


def test_a_card_moved_back_answers_nothing_and_a_zoomed_image_moves_instead(phone: Page, live_server, trails: Workflow) -> None:
    visit(phone, live_server.url, trails)
    finger = Finger.on(phone)
    first = shown(phone)
    finger.down(MIDDLE)
    finger.move((120, 300), (40, 305))
    card = phone.locator("[data-viewer]")
    expect(card).to_have_attribute("style", re.compile(r"translate\(-155px"))
    expect(phone.locator("[data-verdict]")).to_have_attribute("data-label", "No")
    finger.move((120, 300), (185, 300))
    finger.up()
    expect(card).not_to_have_attribute("style", re.compile("translate"))
    finger.swipe(MIDDLE, 10, 200)  # down means nothing
    phone.keyboard.press("+")
    phone.keyboard.press("+")
    before = where(phone)
    finger.swipe(MIDDLE, -180, 0)

    wait_until(lambda: where(phone) != before, what="the image to move")
    assert shown(phone) == first
    expect(phone.locator("[data-answers] input:checked")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_moves_by_itself(page: Page, live_server, width: int) -> None:
    """Not on an answer, while marking, when the strip comes, between subjects, nor when feedback or others' answers come."""
    flow = factories.workflow(steps=TRAIL, undo_seconds=1, gold_schedule=[])
    training = factories.workflow(purpose="training", blind=False, gold_schedule=[], count=0, steps=TRAIL)
    for _ in range(3):
        factories.subject(workflow=flow)
        factories.gold(workflow=training, answer="no")
    SubjectFrame.objects.create(subject=flow.statuses.first().subject, position=1, cutout=factories.cutout())  # one has frames, two have none
    page.add_init_script(WATCH_SHIFTS)
    page.set_viewport_size({"width": width, "height": 844})
    sky = visit(page, live_server.url, flow)
    page.keyboard.press("y")
    for point in ((40, 60), (200, 150), (30, 200), (120, 220)):
        sky.click(*point)
    page.keyboard.press("n")
    done(page)
    votes(1)
    expect(page.locator("[data-last]").get_by_role("button", name="Change")).to_be_visible()
    page.get_by_role("link", name="What others said").click()
    expect(page.get_by_role("heading", name="People")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    votes(2)
    assert shifts(page) == []

    visit(page, live_server.url, training)
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    expect(page.locator("[data-feedback]")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("[data-feedback]")).to_be_hidden()
    assert shifts(page) == []


@pytest.mark.parametrize("many", [False, True])
def test_everything_is_on_one_screen(phone: Page, live_server, many: bool) -> None:
    steps = next(seed.steps for seed in SEEDS if seed.slug == "review") if many else TRAIL
    flow = factories.workflow(steps=steps)
    factories.subject(workflow=flow)
    sky = visit(phone, live_server.url, flow)
    phone.locator(".answer").first.click()
    phone.touchscreen.tap(*sky.at(60, 80))
    phone.wait_for_timeout(350)
    phone.touchscreen.tap(*sky.at(180, 200))
    expect(phone.locator(".mark-item")).to_have_count(1)

    parts = phone.locator("[data-viewer], .answer:visible, [data-done], [data-done-talk], [data-instruction], .mark-item")
    boxes = [part.bounding_box() for part in parts.all()]

    assert all(box and box["y"] >= 0 and box["y"] + box["height"] <= 844 and box["x"] + box["width"] <= 390 for box in boxes)
    assert phone.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert boxes[0] is not None
    assert boxes[0]["height"] >= 380
