"""The classify page in a real Chromium: mouse, keys, touch, undo, lost connections, and no scripts at all."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from classify.models import Classification, Serve, Subject, Workflow
from tests import factories
from tests.browser.sky import done, ends, reload, shown, sign_in, visit, votes
from tests.conftest import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def answer(page: Page, label: str) -> Locator:
    return page.get_by_role("radio", name=label)


def test_the_next_subject_comes_at_once_and_nothing_moves(page: Page, live_server, flow: Workflow) -> None:
    visit(page, live_server.url, flow)
    parts = page.locator("[data-viewer], .answer, [data-done], .stage-foot")
    before = [part.bounding_box() for part in parts.all()]
    first = page.locator("input[name=subject]").input_value()

    page.keyboard.press("n")
    page.keyboard.press("Enter")

    expect(page.locator("input[name=subject]")).not_to_have_value(first)
    assert [part.bounding_box() for part in parts.all()] == before
    expect(page.locator("[data-last]")).to_contain_text("No")
    expect(page.get_by_role("link", name="What others said")).to_have_attribute("href", f"/subjects/{first}/")
    assert [str(vote.subject.public_id) for vote in votes(1)] == [first]


def test_no_subject_comes_twice_until_all_are_seen(page: Page, live_server, flow: Workflow) -> None:
    visit(page, live_server.url, flow)
    for _ in range(4):
        page.keyboard.press("3")
        done(page)
    page.keyboard.press("3")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="You have seen everything here")).to_be_visible()
    assert len({vote.subject_id for vote in votes(5)}) == 5


def test_undo_takes_the_answer_back_and_shows_it_again(page: Page, live_server, flow: Workflow) -> None:
    sky = visit(page, live_server.url, flow)
    first = page.locator("input[name=subject]").input_value()
    page.keyboard.press("y")
    sky.click(40, 60)
    sky.click(200, 150)
    page.keyboard.press("Enter")
    votes(1)

    page.keyboard.press("z")

    expect(page.locator("input[name=subject]")).to_have_value(first)
    votes_left = Classification.objects.filter(superseded_by__isnull=True).exclude(answer="")
    wait_until(lambda: not votes_left.exists(), what="the vote to be taken back")
    expect(answer(page, "Yes")).to_be_checked()
    expect(page.locator(".mark-item")).to_have_count(1)
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    assert [vote.answer for vote in votes(1)] == ["no"]


@pytest.mark.console_noise
def test_answers_wait_in_the_outbox_while_there_is_no_connection(page: Page, live_server, flow: Workflow) -> None:
    visit(page, live_server.url, flow)
    page.keyboard.press("n")
    done(page)
    votes(1)
    page.context.set_offline(True)
    for key in ("y", "Enter", "Enter", "i", "Enter"):  # once for yes, and once again, as no trail is marked
        page.keyboard.press(key)
    expect(page.locator("[data-outbox-count]")).to_have_text("2")
    expect(page.locator("[data-outbox-button]")).to_be_visible()

    page.context.set_offline(False)

    assert [vote.answer for vote in votes(3)] == ["no", "yes", "impossible"]
    expect(page.locator("[data-outbox-button]")).to_be_hidden()


@pytest.mark.console_noise
def test_the_outbox_outlives_the_page_and_is_sent_from_any_other(page: Page, live_server, flow: Workflow) -> None:
    visit(page, live_server.url, flow)
    page.context.set_offline(True)
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    expect(page.locator("[data-outbox-count]")).to_have_text("1")
    page.close()
    page.context.set_offline(False)

    page.context.new_page().goto(live_server.url)

    assert [vote.answer for vote in votes(1)] == ["no"]


@pytest.mark.console_noise
def test_an_answer_can_be_taken_back_without_a_connection(page: Page, live_server, flow: Workflow) -> None:
    visit(page, live_server.url, flow)
    page.context.set_offline(True)
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    expect(page.locator("[data-outbox-count]")).to_have_text("1")

    page.keyboard.press("z")

    expect(page.locator("[data-outbox-button]")).to_be_hidden()
    expect(answer(page, "No")).to_be_checked()
    page.context.set_offline(False)


@pytest.mark.console_noise
def test_what_was_answered_in_another_window_or_on_another_device_is_not_asked_again(page: Page, live_server, flow: Workflow) -> None:
    visit(page, live_server.url, flow)
    wait_until(lambda: Serve.objects.count() == 5, what="all subjects to wait in the first window")
    other = page.context.new_page()
    visit(other, live_server.url, flow)
    other.keyboard.press("n")
    done(other)
    votes(1)
    for n in (2, 3):
        page.keyboard.press("n")
        done(page)
        votes(n)
    assert page.locator(".toast").count() == 0

    factories.vote(subject=Subject.objects.get(public_id=shown(page)), workflow=flow, volunteer=Serve.objects.all()[0].volunteer)
    page.keyboard.press("i")
    done(page)

    expect(page.locator("[data-toasts]")).to_contain_text("your first answer stands")
    expect(page.locator("[data-outbox-button], [data-last]").filter(visible=True)).to_have_count(0)
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    assert [vote.answer for vote in votes(5)] == ["no"] * 5
    for window in (page, other):
        expect(window.get_by_role("heading", name="You have seen everything here")).to_be_visible()


def test_done_and_talk_opens_the_discussion(page: Page, live_server, flow: Workflow) -> None:
    sign_in(page, live_server.url)
    visit(page, live_server.url, flow)
    subject = page.locator("input[name=subject]").input_value()
    page.keyboard.press("n")

    page.get_by_role("button", name="Done & Talk").click()

    page.wait_for_url(f"**/subjects/{subject}/#discussion")
    assert [str(vote.subject.public_id) for vote in votes(1)] == [subject]
    expect(page.get_by_label("Your comment")).to_be_visible()
    expect(page.locator("main")).to_contain_text("1 vote")
    expect(page.get_by_role("button", name="Show")).to_have_count(0)


def test_done_asks_for_an_answer_first(page: Page, live_server, flow: Workflow) -> None:
    visit(page, live_server.url, flow)

    page.keyboard.press("Enter")

    expect(page.locator("[data-toasts]")).to_contain_text("Choose an answer first.")


def test_tools_change_the_look_and_reset_puts_it_back(page: Page, live_server, flow: Workflow) -> None:
    visit(page, live_server.url, flow)
    page.keyboard.press("Shift+I")
    expect(page.get_by_role("button", name="Invert")).to_have_attribute("aria-pressed", "true")
    reload(page)
    expect(page.get_by_role("button", name="Invert")).to_have_attribute("aria-pressed", "true")

    page.keyboard.press("r")

    expect(page.get_by_role("button", name="Invert")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def test_it_is_a_plain_form_without_scripts(another_browser: Callable[..., BrowserContext], live_server, flow: Workflow) -> None:
    context = another_browser(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/classify/{flow.slug}/")
    first = page.locator("input[name=subject]").input_value()
    page.get_by_text("Yes", exact=True).click()
    page.locator(".plain-marks summary").click()
    for name, value in {"x1": "12", "y1": "34", "x2": "120.5", "y2": "200"}.items():
        page.locator(f"input[name={name}]").fill(value)
    second = page.get_by_role("group", name="Trail 2")
    for label, value in {"x of the beginning": "5", "y of the beginning": "6", "x of the end": "70", "y of the end": "80"}.items():
        second.get_by_label(label).fill(value)

    page.get_by_role("button", name="Done", exact=True).click()

    (vote,) = votes(1)
    assert (str(vote.subject.public_id), vote.answer) == (first, "yes")
    assert [ends(mark) for mark in vote.marks.order_by("pk")] == [(12, 34, 120.5, 200), (5, 6, 70, 80)]
    assert page.locator("input[name=subject]").input_value() != first


def test_a_held_enter_answers_once(page: Page, live_server, flow: Workflow) -> None:
    visit(page, live_server.url, flow)
    page.keyboard.press("n")
    for _ in range(5):
        page.keyboard.down("Enter")  # down again without up: the key repeats
    page.keyboard.up("Enter")

    votes(1)
    assert page.locator(".toast").count() == 0
