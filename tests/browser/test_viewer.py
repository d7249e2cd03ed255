"""The image viewer in a real Chromium: 16-bit pixels, stretch, turned and registered frames, what lies over the image, settings."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Route, expect

from classify.models import Subject, SubjectFrame, Volunteer, Workflow
from core import files
from sky.stretch import Sky, encode_u16, preview_u8
from tests import factories
from tests.browser.sky import alive, ends, reload, visit, votes
from tests.conftest import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
SHADES = """(selector) => {
  const made = document.querySelector(".plate.is-shown " + selector);
  const canvas = new OffscreenCanvas(256, 256);
  const context = canvas.getContext("2d");
  context.drawImage(made, 0, 0, 256, 256);
  return [64, 192].map((x) => context.getImageData(x, 128, 1, 1).data[0]);
}"""
SAVE_DATA = "Object.defineProperty(navigator, 'connection', { value: { saveData: true, effectiveType: '4g' } })"


def cutout(sigma: NDArray[np.float32], **fields: Any) -> Any:
    """A cutout with these pixels, in sky sigmas."""
    preview, pixels = io.BytesIO(), io.BytesIO()
    Image.fromarray(preview_u8(sigma, Sky(0, 1))).save(preview, "JPEG", quality=95)
    Image.fromarray(encode_u16(sigma, Sky(0, 1))).save(pixels, "PNG")
    keys: dict[str, Any] = {
        "preview_key": files.put(preview.getvalue(), files.new_key("jpg")),
        "pixels_key": files.put(pixels.getvalue(), files.new_key("png")),
    }
    return factories.cutout(width=sigma.shape[1], height=sigma.shape[0], **keys, **fields)


def with_frames(flow: Workflow, *frames: tuple[NDArray[np.float32], list[float] | None]) -> Subject:
    """A subject of several frames, each with its registration."""
    made = factories.subject(workflow=flow, cutout=cutout(frames[0][0]))
    for position, (sigma, to_first) in enumerate(frames[1:], start=1):
        SubjectFrame.objects.create(subject=made, position=position, cutout=cutout(sigma), to_first=to_first)
    return made


def halves(left: float, right: float) -> NDArray[np.float32]:
    sigma = np.full((256, 256), left, dtype=np.float32)
    sigma[:, 128:] = right
    return sigma


def spots(*places: tuple[int, int]) -> NDArray[np.float32]:
    """Dark sky with white squares whose middles are at these pixels."""
    sigma = np.full((256, 256), -2, dtype=np.float32)
    for x, y in places:
        sigma[y - 4 : y + 5, x - 4 : x + 5] = 90
    return sigma


def white_squares(page: Page) -> list[tuple[float, float]]:
    """Where large white things are on the screen: the middle of each."""
    found = np.array(Image.open(io.BytesIO(page.locator("[data-viewer]").screenshot())).convert("L")) > 240
    box = page.locator("[data-viewer]").bounding_box()
    assert box is not None
    middles = []
    for y, x in np.argwhere(found):
        if found[y, x] and found[y : y + 14, x : x + 14].all() and found[y : y + 14, x : x + 14].size == 196:
            high, wide = np.flatnonzero(~found[y:, x + 7])[0], np.flatnonzero(~found[y + 7, x:])[0]
            middles.append((box["x"] + x + wide / 2, box["y"] + y + high / 2))
            found[y : y + high, x - 3 : x + wide + 3] = False
    return middles


def test_one_step_of_65535_is_seen_at_a_high_stretch(page: Page, live_server) -> None:
    flow = factories.workflow()
    factories.subject(workflow=flow, cutout=cutout(halves(30.25, 30.375)))
    visit(page, live_server.url, flow)
    source = page.locator(".tool-source")
    expect(source).to_have_text("16 bit")  # the page is idle
    assert page.evaluate(SHADES, "img")[0] == page.evaluate(SHADES, "img")[1]
    assert page.evaluate(SHADES, "canvas")[0] == page.evaluate(SHADES, "canvas")[1]

    page.keyboard.press("d")
    page.get_by_role("button", name="Linear").click()
    page.get_by_label("Black, σ").fill("30")
    page.get_by_label("White, σ").fill("31")
    page.keyboard.press("Enter")  # this field, not Done

    wait_until(lambda: page.evaluate(SHADES, "canvas") == [64, 96], what="a canvas of the new stretch")
    expect(page.locator("[data-look]")).to_be_visible()
    page.mouse.move(*visit_point(page, 0.4, 0.5))
    expect(page.locator("[data-readout]")).to_contain_text("30.25 σ")
    page.get_by_role("button", name="Auto").click()
    expect(page.get_by_label("White, σ")).to_have_value("60")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Escape")
    expect(page.locator("[data-look]")).to_be_hidden()


def visit_point(page: Page, x: float, y: float) -> tuple[float, float]:
    box = page.locator("[data-viewer]").bounding_box()
    assert box is not None
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def test_with_save_data_nothing_comes_unasked_and_the_stretch_works_on_the_preview(page: Page, live_server) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith(".png") and "/px/" in request.url else None)
    page.add_init_script(SAVE_DATA)
    flow = factories.workflow()
    factories.subject(workflow=flow, cutout=cutout(halves(0, 3)))
    visit(page, live_server.url, flow)

    page.keyboard.press("Shift+I")

    wait_until(lambda: page.locator(".plate.is-shown canvas").count(), what="a picture of the preview")
    left, right = page.evaluate(SHADES, "canvas")
    assert (left, right) == pytest.approx((201, 153), abs=2)
    expect(page.locator(".tool-source")).to_have_text("preview")
    assert asked == []
    page.keyboard.press("d")
    page.get_by_role("button", name="Load 16 bits").click()
    expect(page.locator(".tool-source")).to_have_text("16 bit")
    assert len(asked) == 1


def test_marks_lie_in_the_frames_own_pixels_under_zoom_turn_and_registration(page: Page, live_server) -> None:
    flow = factories.workflow()
    quarter = [0.0, 1.0, -1.0, 0.0, 255.0, 0.0]  # the second frame lies turned by a quarter on the first
    with_frames(flow, (spots((128, 128)), None), (spots((100, 90), (150, 140)), quarter))
    visit(page, live_server.url, flow)
    for key in ("y", "t", "+", "f", "ArrowLeft"):
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="Frame 2 of 2")).to_have_attribute("aria-pressed", "true")

    for place in wait_until(lambda: len(found := white_squares(page)) == 2 and found, what="the second frame's two squares"):
        page.mouse.click(*place)
    page.keyboard.press("Enter")

    (vote,) = votes(1)
    mark = vote.marks.get()
    x1, y1, x2, y2 = ends(mark)
    assert mark.frame == 1
    assert sorted([(x1, y1), (x2, y2)]) == [pytest.approx((100, 90), abs=0.5), pytest.approx((150, 140), abs=0.5)]
    assert {"frame": 1, "turn": 90, "stretch": "asinh"}.items() <= vote.viewer.items()


def test_frames_are_shown_by_keys_and_blink_only_when_asked(page: Page, live_server) -> None:
    flow = factories.workflow()
    with_frames(flow, (spots((60, 60)), None), (spots((90, 90)), None), (spots((120, 120)), None))
    visit(page, live_server.url, flow)
    strip = page.locator("[data-frame-strip] button")
    blink = page.get_by_role("button", name="Blink the frames")

    def shown() -> int:
        return int(page.locator("[data-frame-strip] [aria-pressed=true]").inner_text())

    expect(strip).to_have_count(3)
    page.wait_for_timeout(1200)
    assert shown() == 1
    page.keyboard.press("Shift+F")
    assert shown() == 3
    page.keyboard.press("f")
    assert shown() == 1
    strip.nth(1).click()
    assert shown() == 2
    page.keyboard.press("b")
    expect(blink).to_have_attribute("aria-pressed", "true")
    wait_until(lambda: shown() == 1, what="another frame by itself")
    assert page.locator(".plate.is-shown").count() == 1
    page.mouse.click(*visit_point(page, 0.5, 0.5))  # who points at something wants it to stay
    expect(blink).to_have_attribute("aria-pressed", "false")


def test_what_lies_over_the_image_turns_with_it_and_needs_coordinates(page: Page, live_server) -> None:
    flow = factories.workflow()
    factories.subject(workflow=flow, cutout=cutout(halves(0, 1)))
    visit(page, live_server.url, flow)
    north = page.locator("[data-north] path")
    before = north.get_attribute("transform") or "none"
    expect(page.locator("[data-scale-label]")).to_have_text("2″")  # 0.1 arcsec pixels, 2.7 times as large
    page.mouse.move(*visit_point(page, 0.5, 0.5))
    expect(page.locator("[data-readout]")).to_contain_text("10:00:2")

    page.keyboard.press("t")

    expect(north).not_to_have_attribute("transform", before)
    page.keyboard.press("Shift+N")
    expect(north).to_have_attribute("transform", "rotate(-90.00)")
    page.keyboard.press("x")
    expect(page.locator(".site-header")).to_be_hidden()
    page.keyboard.press("x")
    expect(page.locator(".site-header")).to_be_visible()
    bare = factories.workflow()
    factories.subject(workflow=bare, cutout=cutout(halves(0, 1), footprint=None))
    visit(page, live_server.url, bare)
    expect(page.locator("[data-compass]")).to_be_hidden()


def test_drags_and_keys_set_the_look_and_it_is_kept(page: Page, live_server, flow: Workflow) -> None:
    visit(page, live_server.url, flow)
    start = visit_point(page, 0.5, 0.5)

    def drag(button: Any, dx: float, dy: float) -> None:
        page.mouse.move(*start)
        page.mouse.down(button=button)
        page.mouse.move(start[0] + dx, start[1] + dy, steps=4)
        page.mouse.up(button=button)

    def stored() -> dict[str, Any]:
        return dict(Volunteer.objects.get().preferences.get("viewer", {}))

    drag("right", 100, 0)
    page.keyboard.press("s")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("w")
    drag("left", 0, -80)
    kept = wait_until(lambda: (found := stored()).get("brightness", 0) > 0.15 and found, what="the settings at the site")
    assert kept["stretch"] == "linear"
    assert kept["contrast"] == pytest.approx(1.006**100, abs=0.05)
    assert kept["brightness"] == pytest.approx(0.2 - 0.04, abs=0.02)

    page.evaluate("localStorage.removeItem('hunter.display')")  # another device
    reload(page)
    page.keyboard.press("d")
    expect(page.get_by_role("button", name="Linear")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    (vote,) = votes(1)
    assert {"stretch": "linear", "contrast": kept["contrast"]}.items() <= vote.viewer.items()
    page.keyboard.press("r")
    expect(page.get_by_role("button", name="Asinh")).to_have_attribute("aria-pressed", "true")


def test_tools_work_while_the_next_subject_is_on_its_way(page: Page, live_server, flow: Workflow) -> None:
    held: list[Route] = []
    page.route("**/queue/**", lambda route: held.append(route))
    visit(page, live_server.url, flow)
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    expect(page.locator("[data-classify]")).to_have_attribute("data-state", "loading")

    page.keyboard.press("d")
    page.keyboard.press("s")

    expect(page.locator("[data-look]")).to_be_visible()
    expect(page.get_by_role("button", name="Linear")).to_have_attribute("aria-pressed", "true")
    for route in held:
        route.continue_()
    alive(page)
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    assert [vote.viewer["stretch"] for vote in votes(2)] == ["asinh", "linear"]


@pytest.mark.parametrize(("width", "least"), [(1280, 24), (390, 44)])
def test_tools_can_be_hit_and_are_accessible(another_browser: Callable[..., BrowserContext], live_server, width: int, least: int) -> None:
    flow = factories.workflow()
    with_frames(flow, (spots((60, 60)), None), (spots((90, 90)), None))
    page = another_browser(viewport={"width": width, "height": 844}, has_touch=width == 390).new_page()
    visit(page, live_server.url, flow)
    buttons = page.locator(".toolbar button:visible, .look button:visible, .look input:visible")
    seen: list[tuple[str, int, int]] = []

    def measure() -> None:
        seen.extend(buttons.evaluate_all("nodes => nodes.map((node) => [node.outerHTML, node.offsetWidth, node.offsetHeight])"))

    measure()
    if width == 390:
        page.get_by_role("button", name="Image tools").click()
        measure()
    page.locator(".tool-look").click()

    expect(page.locator(".look [data-source]")).to_have_text("16 bit")  # and so the button that asks for them is gone
    measure()
    assert len(seen) > 28
    assert [html for html, wide, high in seen if min(wide, high) < least] == []
    assert Axe().run(page).violations_count == 0
