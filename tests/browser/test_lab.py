"""The lab in a real Chromium: a workflow is written by keys, tried, published and opened; the look follows; nothing is lost."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from classify.models import Classification, Workflow, WorkflowDraft
from classify.seeds import seed_workflows
from classify.services import create_set
from tests import factories
from tests.browser.sky import alive
from tests.browser.test_site_pages import sign_in
from tests.conftest import wait_until
from tests.factories import NOW

pytestmark = [pytest.mark.django_db(transaction=True)]

FITS = "document.documentElement.scrollWidth <= innerWidth"
MAIN = ("lab/review/", "lab/review/settings/", "lab/guide/cosmic-ray/")
PARTS = ("", "settings/", "sets/", "tutorial/", "tutorial/?language=es", "words/", "publish/", "versions/", "live/")
ALL = (
    "lab/",
    "lab/new/",
    "lab/guide/",
    "lab/guide/new/",
    "lab/guide/cosmic-ray/",
    *(f"lab/review/{part}" for part in PARTS),
    "lab/review/preview/0/",
    "lab/sets/",
    "lab/sets/new/",
    "lab/sets/rows/",
)


@pytest.fixture
def team(page: Page, live_server: object) -> str:
    """The site's address, with somebody of the team signed in."""
    factories.user(username="ed", permissions=["classify.change_workflow"])
    sign_in(page, str(live_server), "ed", "/lab/")
    return str(live_server)


@pytest.mark.console_noise  # a draft that is not right is answered with 400
def test_a_workflow_is_written_by_keys_tried_published_and_opened(page: Page, team: str) -> None:
    shown = factories.subject(workflow=factories.workflow(slug="other"))
    page.goto(f"{team}/lab/new/")
    page.get_by_label("Name").fill("Comets")
    page.get_by_label("Address").fill("comets")
    page.keyboard.press("Enter")
    page.wait_for_url("**/lab/comets/")

    question = page.get_by_role("textbox", name="Question", exact=True)
    question.fill("Is there a comet?")
    expect(page.locator("#lab-look")).to_contain_text("Is there a comet?")
    page.get_by_role("textbox", name="Answer 1", exact=True).fill("A comet")
    page.get_by_role("textbox", name="Answer 2", exact=True).fill("None")
    page.get_by_role("button", name="Add an answer to T0").press("Enter")
    expect(page.get_by_role("textbox", name="Answer 3", exact=True)).to_be_focused()
    page.keyboard.type("Кто знает?")
    page.get_by_role("textbox", name="Key of answer 3").fill("unknown")
    page.get_by_role("textbox", name="Answer 3", exact=True).fill("Кто знает, nobody?")
    for key, value in zip(page.locator("[data-answer-key]").all(), ("a_comet", "none", "unknown"), strict=True):
        expect(key).to_have_value(value)
    page.get_by_role("button", name="Add a drawing step").press("Enter")
    drawing = page.get_by_role("textbox", name="What people are to mark")
    expect(drawing).to_be_focused()
    expect(question).to_have_value("Is there a comet?")
    page.locator("#step-T0-next-0").select_option("T1")
    page.locator("#step-T0-meaning-0").select_option("positive")
    page.get_by_role("button", name="Save the draft").last.press("Enter")
    expect(page.get_by_text("Write what people are to mark.")).to_be_visible()
    page.get_by_role("textbox", name="What people are to mark").fill("Mark the tail.")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The draft is saved.")).to_be_visible()
    assert WorkflowDraft.objects.get().policy["positive"] == ["a_comet"]

    page.get_by_role("link", name="Preview").click()
    expect(page.get_by_text("Preview: nothing is stored")).to_be_visible()
    expect(page.get_by_role("heading", name="Is there a comet?")).to_be_visible()
    alive(page)
    page.get_by_text("None", exact=True).click()
    with page.expect_response("**/lab/comets/preview/votes/") as sent:
        page.get_by_role("button", name="Done", exact=True).click()
    assert sent.value.status == 201
    assert not Classification.objects.filter(subject=shown).exists()

    page.goto(f"{team}/lab/comets/publish/")
    page.get_by_role("button", name="Publish 1.0").click()
    page.get_by_role("link", name="Open to everybody").click()
    page.get_by_role("button", name="Open it").click()
    expect(page.get_by_text("Everybody can classify here now.")).to_be_visible()
    assert Workflow.objects.get(slug="comets").live


def test_nobody_leaves_unsaved_words_by_mistake(page: Page, team: str) -> None:
    factories.workflow(slug="trails")
    page.goto(f"{team}/lab/trails/")
    page.get_by_role("textbox", name="Question", exact=True).fill("Other words?")
    asked: list[str] = []

    def stay(dialog: object) -> None:
        asked.append(dialog.type)  # type: ignore[attr-defined]
        dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", stay)
    page.get_by_role("link", name="Settings").click(no_wait_after=True)
    expect(page.get_by_role("textbox", name="Question", exact=True)).to_have_value("Other words?")
    wait_until(lambda: page.wait_for_timeout(50) or asked, what="the question before the page is left")
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="Save the draft").last.click()
    expect(page.get_by_text("The draft is saved.")).to_be_visible()
    page.get_by_role("link", name="Settings").click()
    page.wait_for_url("**/settings/")
    assert asked == ["beforeunload"]


@pytest.mark.parametrize(("width", "theme", "paths"), [(1280, "dark", ALL), (390, "light", ALL), (1280, "light", MAIN), (390, "dark", MAIN)])
def test_every_page_of_the_lab_reads_well(
    page: Page, team: str, accessible: Callable[[], None], width: int, theme: str, paths: tuple[str, ...]
) -> None:
    seed_workflows(NOW)
    flow = Workflow.objects.get(slug="review")
    shown = [factories.subject(workflow=flow).pk for _ in range(2)]
    create_set(slug="rows", name="Rows", purpose="serve", subject_ids=shown, actor=None, now=NOW)
    WorkflowDraft.objects.create(workflow=flow, steps=flow.current_version.steps, policy={"rule": "fractions", "count": 4}, updated_at=NOW)  # type: ignore[union-attr]
    page.set_viewport_size({"width": width, "height": 800})
    page.add_init_script(f"localStorage.setItem('hunter.theme', '{theme}')")
    for path in paths:
        page.goto(f"{team}/{path}")
        assert page.evaluate(FITS), path
        accessible()


def test_the_editor_works_without_scripts(team: str, page: Page, another_browser: Callable[..., object]) -> None:
    flow = factories.workflow(slug="trails")
    context = another_browser(java_script_enabled=False, storage_state=page.context.storage_state())
    plain = context.new_page()  # type: ignore[attr-defined]
    plain.goto(f"{team}/lab/trails/")
    plain.get_by_role("button", name="Add an answer to T0").click()
    plain.get_by_role("textbox", name="Answer 4", exact=True).fill("Other")
    plain.get_by_role("button", name="Move answer 4 up").click()
    plain.get_by_role("button", name="Save the draft").last.click()
    expect(plain.get_by_text("The draft is saved.")).to_be_visible()
    answers = WorkflowDraft.objects.get(workflow=flow).steps["steps"]["T0"]["answers"]
    assert [answer["key"] for answer in answers] == ["yes", "no", "other", "impossible"]
