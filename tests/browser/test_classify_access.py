"""The classify page for everybody: axe at each step in both themes and sizes, the whole way by keyboard, and what is read out."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from classify.models import Workflow
from tests import factories
from tests.browser.sky import TRAIL, visit, votes

pytestmark = pytest.mark.django_db(transaction=True)
TRUTH = [{"x1": 40.0, "y1": 60.0, "x2": 200.0, "y2": 150.0}]


@pytest.fixture
def trails() -> Workflow:
    made = factories.workflow(steps=TRAIL)
    for _ in range(2):
        factories.subject(workflow=made)
    return made


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing_at_any_step(page: Page, live_server, trails: Workflow, accessible: Callable[[], None], theme: str, width: int) -> None:
    page.add_init_script(f"localStorage.setItem('hunter.theme', '{theme}')")
    page.set_viewport_size({"width": width, "height": 844})
    sky = visit(page, live_server.url, trails)
    accessible()  # the question
    page.keyboard.press("y")
    accessible()  # a trail to mark
    sky.click(100, 60)
    sky.click(200, 150)
    accessible()  # another one?
    page.keyboard.press("Enter")
    votes(1)
    accessible()  # the strip
    page.keyboard.press("?")
    accessible()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="What others said").click()
    expect(page.get_by_role("heading", name="People")).to_be_visible()
    accessible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Nothing to classify")).to_be_visible()
    accessible()

    training = factories.workflow(purpose="training", blind=False, gold_schedule=[], count=0, steps=TRAIL)
    factories.gold(workflow=training, answer="yes", marks=TRUTH)
    visit(page, live_server.url, training)
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    expect(page.locator("[data-feedback]")).to_be_visible()
    accessible()


def test_the_whole_way_by_keyboard_and_what_is_read_out(page: Page, live_server, trails: Workflow) -> None:
    training = factories.workflow(purpose="training", blind=False, gold_schedule=[], count=0, steps=TRAIL)
    factories.gold(workflow=training, answer="yes", marks=TRUTH)
    visit(page, live_server.url, trails)
    said = page.locator("[data-announce]")
    subject = page.locator("input[name=subject]").input_value()
    expect(said).to_have_text(f"Subject {subject}. Is there an asteroid trail visible in the images?")
    page.keyboard.press("y")
    expect(said).to_have_text("Yes. Mark the beginning and the end of the trail.")
    page.keyboard.press("m")
    expect(said).to_have_text("Trail 1 marked. Is there any other asteroid trail visible?")
    expect(page.locator("[aria-label^='Trail 1, beginning']")).to_be_focused()
    for key in ("Shift+ArrowLeft", "Tab", "Shift+ArrowDown"):
        page.keyboard.press(key)
    page.keyboard.press("m")
    expect(page.locator("[aria-label^='Trail 2, beginning']")).to_be_focused()
    page.keyboard.press("Delete")
    expect(said).to_contain_text("Trail removed.")
    page.keyboard.press("Enter")
    (vote,) = votes(1)
    assert (vote.marks.count(), vote.annotations["T2"]) == (1, ["no"])
    expect(said).to_contain_text("1 this visit. Subject")
    expect(page.locator("[data-question]")).to_be_focused()

    link = page.get_by_role("link", name="What others said")
    expect(link).to_be_visible()  # the site has the answer, and the page knows
    for _ in range(15):
        page.keyboard.press("Tab")
        if link.evaluate("node => node === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("heading", name="What others said")).to_be_focused()
    expect(page.get_by_role("heading", name="People")).to_be_visible()
    page.keyboard.press("Escape")
    expect(link).to_be_focused()

    visit(page, live_server.url, training)
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    expect(said).to_contain_text("Look again")
    expect(said).to_contain_text("A trail curves.")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="You have seen everything here")).to_be_focused()
