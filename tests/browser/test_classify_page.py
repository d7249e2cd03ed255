"""The classify page in a real Chromium: mouse, keys, touch, undo, lost connections, and no scripts at all."""

from collections.abc import Callable
from typing import Literal, NamedTuple

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from classify.models import Classification, Mark, Workflow
from classify.seeds import SEEDS
from tests import factories
from tests.conftest import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

REVIEW = next(seed.steps for seed in SEEDS if seed.slug == "review")
SIZE = 256  # pixels of a factory's cutout


@pytest.fixture
def flow() -> Workflow:
    """A workflow with five subjects to look at."""
    made = factories.workflow()
    for _ in range(5):
        factories.subject(workflow=made)
    return made


class Sky(NamedTuple):
    """The viewer on the screen, while the whole image is shown."""

    page: Page
    left: float
    top: float
    scale: float

    @classmethod
    def of(cls, page: Page) -> "Sky":
        box = page.locator("[data-viewer]").bounding_box()
        assert box is not None
        scale = min(box["width"], box["height"]) / SIZE
        return cls(page, box["x"] + (box["width"] - scale * SIZE) / 2, box["y"] + (box["height"] - scale * SIZE) / 2, scale)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return where the centre of a cutout pixel is on the screen."""
        return self.left + (x + 0.5) * self.scale, self.top + (y + 0.5) * self.scale

    def click(self, x: float, y: float) -> None:
        self.page.mouse.click(*self.at(x, y))


def visit(page: Page, url: str, flow: Workflow) -> Sky:
    """Open the page and wait until it is alive."""
    page.goto(f"{url}/classify/{flow.slug}/")
    expect(page.locator("[data-zoom]")).not_to_have_text("100%")
    return Sky.of(page)


def sign_in(page: Page, url: str) -> None:
    name = factories.user().username
    page.goto(f"{url}/accounts/login/")
    page.locator("input[name=login]").fill(name)
    page.locator("input[name=password]").fill(factories.PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()


def votes(n: int) -> list[Classification]:
    """Wait for n stored votes that stand, and return them, oldest first."""
    standing = Classification.objects.filter(superseded_by__isnull=True).exclude(answer="").order_by("created_at", "pk")
    return wait_until(lambda: len(found := list(standing.all())) == n and found, what=f"{n} votes", seconds=10)


def ends(mark: Mark) -> tuple[float, float, float, float]:
    return mark.x1, mark.y1, mark.x2, mark.y2


def answer(page: Page, label: str) -> Locator:
    return page.get_by_role("radio", name=label)


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
    page.mouse.wheel(0, -600)
    sky.click(60, 60)  # the sky under the pointer has stayed
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("+")
    page.keyboard.press("r")
    sky.click(180, 90)
    page.keyboard.press("Enter")

    (vote,) = votes(1)
    assert ends(vote.marks.get()) == pytest.approx((60, 60, 180, 90), abs=1)


def drag(sky: Sky, start: tuple[float, float], end: tuple[float, float], button: Literal["left", "middle"] = "left") -> None:
    sky.page.mouse.move(*sky.at(*start))
    sky.page.mouse.down(button=button)
    sky.page.mouse.move(*sky.at(*end), steps=5)
    sky.page.mouse.up(button=button)


def where(page: Page) -> str:
    return str(page.locator("[data-viewer] > img").evaluate("node => node.style.transform"))


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

    assert where(page) != before
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
    for n in range(5):
        page.keyboard.press("3")
        page.keyboard.press("Enter")
        votes(n + 1)

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
    wait_until(lambda: not votes_left.exists(), what="the vote to be taken back", seconds=10)
    expect(answer(page, "Yes")).to_be_checked()
    expect(page.locator(".mark-item")).to_have_count(1)
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    assert [vote.answer for vote in votes(1)] == ["no"]


@pytest.mark.console_noise
def test_answers_wait_in_the_outbox_while_there_is_no_connection(page: Page, live_server, flow: Workflow) -> None:
    visit(page, live_server.url, flow)
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    votes(1)
    page.context.set_offline(True)
    for key in ("y", "3"):
        page.keyboard.press(key)
        page.keyboard.press("Enter")
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
    for key in ("1", "k", "Enter"):
        page.keyboard.press(key)

    (vote,) = votes(1)
    assert vote.marks.count() == 0


def test_tools_change_the_look_and_reset_puts_it_back(page: Page, live_server, flow: Workflow) -> None:
    visit(page, live_server.url, flow)
    page.keyboard.press("i")
    expect(page.get_by_role("button", name="Invert")).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(page.get_by_role("button", name="Invert")).to_have_attribute("aria-pressed", "true")

    page.keyboard.press("r")

    assert page.locator("[data-viewer] > img").evaluate("node => node.style.filter") == ""
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


@pytest.mark.parametrize("many", [False, True])
def test_on_a_phone_everything_is_on_one_screen(another_browser: Callable[..., BrowserContext], live_server, flow: Workflow, many: bool) -> None:
    steps = {**factories.STEPS, "steps": {**factories.STEPS["steps"]}}
    if many:
        labels = ("Asteroid", "Satellite", "Gravitational arc", "Cosmic ray", "Artefact", "Nothing there")
        answers = [{"key": label.lower().replace(" ", "_"), "label": label, "next": "T1"} for label in labels]
        steps["steps"]["T0"] = {"type": "single", "question": "What is the trail that the machine found?", "answers": answers}
        flow = factories.workflow(steps=steps)
        factories.subject(workflow=flow)
    context = another_browser(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    visit(page, live_server.url, flow)
    page.locator(".answer").first.click()

    boxes = [part.bounding_box() for part in page.locator("[data-viewer], .answer, [data-done], [data-done-talk], [data-instruction]").all()]

    assert all(box and box["y"] >= 0 and box["y"] + box["height"] <= 844 and box["x"] + box["width"] <= 390 for box in boxes)
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert boxes[0] is not None
    assert boxes[0]["height"] >= 380


def test_marks_by_touch_with_the_glass(another_browser: Callable[..., BrowserContext], live_server, flow: Workflow) -> None:
    context = another_browser(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    sky = visit(page, live_server.url, flow)
    page.get_by_text("Yes", exact=True).click()
    page.touchscreen.tap(*sky.at(60, 80))
    page.wait_for_timeout(350)  # two quick taps would mean: show all of the image
    page.touchscreen.tap(*sky.at(180, 200))
    fingers = context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    touch("touchStart", sky.at(180, 200))
    touch("touchMove", sky.at(190, 210))
    touch("touchMove", sky.at(190, 190))
    expect(page.locator("[data-loupe]")).to_be_visible()
    touch("touchEnd")
    page.get_by_role("button", name="Done", exact=True).click()  # on a busy machine a tap may become a long press

    (vote,) = votes(1)
    assert ends(vote.marks.get()) == pytest.approx((60, 80, 190, 190), abs=1)


def test_it_is_a_plain_form_without_scripts(another_browser: Callable[..., BrowserContext], live_server, flow: Workflow) -> None:
    context = another_browser(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/classify/{flow.slug}/")
    first = page.locator("input[name=subject]").input_value()
    page.get_by_text("Yes", exact=True).click()
    page.locator(".plain-marks summary").click()
    for name, value in {"x1": "12", "y1": "34", "x2": "120.5", "y2": "200"}.items():
        page.locator(f"input[name={name}]").fill(value)

    page.get_by_role("button", name="Done", exact=True).click()

    (vote,) = votes(1)
    assert (str(vote.subject.public_id), vote.answer, ends(vote.marks.get())) == (first, "yes", (12, 34, 120.5, 200))
    assert page.locator("input[name=subject]").input_value() != first


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing_in_any_state(page: Page, live_server, flow: Workflow, accessible: Callable[[], None], theme: str, width: int) -> None:
    page.add_init_script(f"localStorage.setItem('hunter.theme', '{theme}')")
    page.set_viewport_size({"width": width, "height": 844})
    sky = visit(page, live_server.url, flow)
    accessible()
    page.keyboard.press("y")
    sky.click(100, 60)
    sky.click(200, 150)
    accessible()
    page.keyboard.press("Enter")
    votes(1)
    expect(page.locator("[data-last]")).to_be_visible()
    accessible()
    page.keyboard.press("?")
    accessible()


def test_on_a_known_subject_the_truth_comes_at_once_and_the_answer_is_final(page: Page, live_server) -> None:
    flow = factories.workflow()
    known = [str(factories.gold(workflow=flow, answer="yes").public_id) for _ in range(2)]
    visit(page, live_server.url, flow)
    first = page.locator("input[name=subject]").input_value()
    page.keyboard.press("n")
    page.keyboard.press("Enter")

    expect(page.locator("[data-last]")).to_contain_text("The last image has a known answer, and it is another. A trail curves.")
    expect(page.locator(".toast")).to_have_count(0)
    expect(page.locator("[data-last] [data-action=undo]")).to_be_hidden()
    expect(page.get_by_role("link", name="What others said")).to_have_attribute("href", f"/subjects/{first}/")
    assert first in known
    page.keyboard.press("y")
    page.keyboard.press("Enter")
    expect(page.locator("[data-toasts]")).to_contain_text("you were right")  # no strip stands under the last image of all


def test_a_held_enter_answers_once(page: Page, live_server, flow: Workflow) -> None:
    visit(page, live_server.url, flow)
    page.keyboard.press("n")
    for _ in range(5):
        page.keyboard.down("Enter")  # down again without up: the key repeats
    page.keyboard.up("Enter")

    votes(1)
    expect(page.locator(".toast")).to_have_count(0)
