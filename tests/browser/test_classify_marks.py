"""Marking trails on the classify page, in a real Chromium: mouse, touch, keys, suggested trails."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from classify.models import Workflow
from classify.seeds import SEEDS
from tests import factories
from tests.browser.sky import Finger, drag, ends, visit, votes, where
from tests.conftest import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
REVIEW = next(seed.steps for seed in SEEDS if seed.slug == "review")


def test_marks_by_mouse_are_stored_in_cutout_pixels(page: Page, live_server, flow: Workflow) -> None:
    sky = visit(page, live_server.url, flow)
    page.get_by_text("Yes", exact=True).click()
    sky.click(40, 60)
    sky.click(200, 150)
    page.mouse.move(*sky.at(200, 150))
    page.mouse.down()
    page.mouse.move(*sky.at(215, 140), steps=4)
    expect(page.locator("[data-loupe]")).to_be_visible()
    page.mouse.up()

    page.get_by_role("button", name="Done", exact=True).click()

    (vote,) = votes(1)
    assert vote.answer == "yes"
    assert ends(vote.marks.get()) == pytest.approx((40, 60, 215, 140), abs=0.3)


def test_marks_are_right_under_zoom_and_pan(page: Page, live_server, flow: Workflow) -> None:
    sky = visit(page, live_server.url, flow)
    page.keyboard.press("y")
    page.mouse.move(*sky.at(60, 60))
    before = where(page)
    page.mouse.wheel(0, -600)
    wait_until(lambda: where(page) != before, what="the wheel to turn")
    sky.click(60, 60)  # the sky under the pointer has stayed
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("+")
    page.keyboard.press("r")
    sky.click(180, 90)
    page.keyboard.press("Enter")

    (vote,) = votes(1)
    assert ends(vote.marks.get()) == pytest.approx((60, 60, 180, 90), abs=1)


@pytest.mark.parametrize("way", ["no marking", "space", "middle button"])
def test_dragging_moves_the_image_and_marks_nothing(page: Page, live_server, flow: Workflow, way: str) -> None:
    sky = visit(page, live_server.url, flow)
    page.keyboard.press("2" if way == "no marking" else "1")
    for _ in range(4):
        page.keyboard.press("+")
    before = where(page)
    if way == "space":
        page.keyboard.down("Space")
    drag(sky, (128, 128), (150, 140), "middle" if way == "middle button" else "left")

    wait_until(lambda: where(page) != before, what="the image to move")
    expect(page.locator(".mark-first")).to_be_hidden()
    expect(page.locator(".own .mark")).to_have_count(0)


def test_dragging_along_a_trail_marks_it(page: Page, live_server, flow: Workflow) -> None:
    sky = visit(page, live_server.url, flow)
    page.keyboard.press("1")
    before = where(page)
    drag(sky, (40, 60), (200, 150))
    sky.click(30, 200)  # one end by a click, the other by a hand that moved
    drag(sky, (118, 215), (120, 220))
    assert where(page) == before

    page.keyboard.press("Enter")

    (vote,) = votes(1)
    first, second = vote.marks.order_by("position")
    assert ends(first) == pytest.approx((40, 60, 200, 150), abs=0.5)
    assert ends(second) == pytest.approx((30, 200, 120, 220), abs=0.5)


def test_all_of_it_by_keyboard(page: Page, live_server, flow: Workflow) -> None:
    visit(page, live_server.url, flow)
    page.keyboard.press("1")
    page.keyboard.press("m")
    expect(page.locator("[aria-label^='Trail 1, beginning']")).to_be_focused()
    for key in ("Shift+ArrowLeft", "ArrowUp", "Tab", "Shift+ArrowRight", "Shift+ArrowDown"):
        page.keyboard.press(key)
    expect(page.locator("[aria-label^='Trail 1, end']")).to_be_focused()

    page.keyboard.press("Enter")

    (vote,) = votes(1)
    x1, y1, x2, y2 = ends(vote.marks.get())
    assert y2 - y1 == pytest.approx(11, abs=0.05)
    assert x2 - x1 > 20


def test_one_key_and_enter_confirm_a_suggested_trail(page: Page, live_server) -> None:
    flow = factories.workflow(blind=False, suggest_fraction=1.0)
    factories.find(workflow=flow, points=[[20.0, 30.0], [60.0, 50.0], [100.0, 60.0]])
    visit(page, live_server.url, flow)
    expect(page.locator(".suggestions .trail-machine")).to_have_count(1)

    page.keyboard.press("1")
    expect(page.get_by_role("checkbox", name="Keep the suggested trail")).to_be_checked()
    page.keyboard.press("Enter")

    (vote,) = votes(1)
    mark = vote.marks.get()
    assert (ends(mark), mark.suggestion) == ((20, 30, 100, 60), "t1")


@pytest.mark.parametrize("suggested", [True, False])
def test_the_question_fits_what_is_shown(page: Page, live_server, suggested: bool) -> None:
    flow = factories.workflow(blind=False, suggest_fraction=float(suggested), steps=REVIEW)
    factories.find(workflow=flow, points=[[20.0, 30.0], [60.0, 50.0], [100.0, 60.0]])
    visit(page, live_server.url, flow)

    expect(page.get_by_role("heading", level=1)).to_have_text("What is this?" if suggested else "Is there a trail here, and what is it?")
    page.keyboard.press("1")
    expect(page.locator("[data-instruction]")).to_contain_text("Keep the suggested line" if suggested else "Mark both ends of what you see.")


def test_a_suggestion_can_be_let_go(page: Page, live_server) -> None:
    flow = factories.workflow(blind=False, suggest_fraction=1.0)
    factories.find(workflow=flow)
    visit(page, live_server.url, flow)
    for key in ("1", "k", "Enter", "Enter"):  # Done asks once for a mark
        page.keyboard.press(key)

    (vote,) = votes(1)
    assert vote.marks.count() == 0


def test_marks_by_touch_with_the_glass(another_browser: Callable[..., BrowserContext], live_server, flow: Workflow) -> None:
    context = another_browser(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    sky = visit(page, live_server.url, flow)
    page.get_by_text("Yes", exact=True).click()
    page.touchscreen.tap(*sky.at(60, 80))
    page.wait_for_timeout(350)  # two quick taps would mean: show all of the image
    page.touchscreen.tap(*sky.at(180, 200))
    finger = Finger.on(page)
    finger.down(sky.at(180, 200))
    finger.move(sky.at(190, 210), sky.at(190, 190))
    expect(page.locator("[data-loupe]")).to_be_visible()
    finger.up()
    page.get_by_role("button", name="Done", exact=True).click()  # on a busy machine a tap may become a long press

    (vote,) = votes(1)
    assert ends(vote.marks.get()) == pytest.approx((60, 80, 190, 190), abs=1)
