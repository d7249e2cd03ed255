"""Tutorial once per version and person, the field guide beside the image, the pages to learn from; all by keyboard and free of axe's findings."""

import io

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from classify.models import Tutorial, Volunteer, WorkflowVersion
from classify.seeds import seed_workflows
from tests import factories
from tests.browser.sky import Sky, sign_in, visit, votes
from tests.conftest import wait_until
from tests.factories import NOW

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def seeded():
    call_command("setup_site", stdout=io.StringIO())
    flow = seed_workflows(NOW)[1]
    for _ in range(4):
        factories.subject(workflow=flow)
    return flow


def in_both_themes(page: Page, check) -> None:
    for theme in ("dark", "light"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        check()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_tutorial_comes_once_by_itself_and_again_when_asked(page: Page, live_server, seeded, accessible, another_browser, size) -> None:
    page.set_viewport_size(size)
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/classify/classify/")
    tutorial = page.locator("#tutorial")
    expect(tutorial).to_be_visible()
    expect(tutorial.get_by_role("heading", level=3, name="Welcome")).to_be_visible()
    in_both_themes(page, accessible)
    if size is PHONE:
        box = tutorial.bounding_box()
        assert box is not None
        assert (box["width"], box["height"]) == (390, 844), "the whole screen"

    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-tutorial-count]")).to_have_text("2 / 6")
    page.keyboard.press("y")  # answers wait while it is open
    expect(page.locator("[data-answers] input:checked")).to_have_count(0)
    for _ in range(12):  # the keyboard stays in the dialog
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('#tutorial')")
    tutorial.get_by_role("button", name="Back").click()
    tutorial.get_by_role("button", name="Page 6: You cannot break anything").click()
    expect(tutorial.get_by_role("button", name="Skip")).to_be_hidden()
    in_both_themes(page, accessible)
    tutorial.get_by_role("button", name="Start").click()
    expect(tutorial).to_be_hidden()
    version = seeded.current_version.label
    wait_until(lambda: Volunteer.objects.filter(preferences__tutorials={"classify": version}).exists(), what="the site to know")

    page.reload()
    visit(page, live_server.url, seeded)
    expect(tutorial).to_be_hidden()
    page.get_by_role("button", name="Tutorial").click()
    expect(page.locator("[data-tutorial-count]")).to_have_text("1 / 6")
    page.keyboard.press("Escape")
    expect(tutorial).to_be_hidden()

    other = another_browser(viewport=size, storage_state={"cookies": page.context.cookies(), "origins": []}).new_page()  # another device
    visit(other, live_server.url, seeded)
    expect(other.locator("#tutorial")).to_be_hidden()
    newer = WorkflowVersion.objects.create(workflow=seeded, major=1, minor=7, created_at=NOW, **_asked(seeded))
    type(seeded).objects.filter(pk=seeded.pk).update(current_version=newer)
    other.reload()
    expect(other.locator("#tutorial")).to_be_visible()
    other.get_by_role("button", name="Skip").click()
    expect(other.locator("#tutorial")).to_be_hidden()


def _asked(flow) -> dict:
    return {"steps": flow.current_version.steps, "policy": flow.current_version.policy}


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_field_guide_is_read_while_classifying(page: Page, live_server, seeded, accessible, size) -> None:
    Tutorial.objects.all().delete()
    page.set_viewport_size(size)
    visit(page, live_server.url, seeded)
    panel = page.locator("#guide-panel")
    page.get_by_role("button", name="What to look for").click()
    expect(panel).to_be_visible()
    expect(panel.get_by_role("heading", name="Field guide")).to_be_focused()
    in_both_themes(page, accessible)
    picture, viewer = panel.bounding_box(), page.locator("[data-viewer]").bounding_box()
    assert picture is not None
    assert viewer is not None
    if size is DESKTOP:
        assert picture["x"] >= viewer["x"] + viewer["width"] - 1, "beside the image, not over it"
        assert min(viewer["width"], viewer["height"]) > 500, "the image stays large"
    else:
        assert picture["y"] > viewer["y"] + 0.45 * viewer["height"], "the upper part of the image stays free"

    panel.locator("#guide-cosmic-ray summary").focus()
    page.keyboard.press("Enter")
    expect(panel.get_by_text("A fast particle that hit the camera itself.")).to_be_visible()
    expect(panel.locator("#guide-cosmic-ray .guide-picture")).to_have_js_property("complete", True)
    assert len(page.locator("#guide-cosmic-ray .guide-picture").get_attribute("alt") or "") > 20
    in_both_themes(page, accessible)
    page.locator("[data-answers]").get_by_text("No", exact=True).click()  # classifying goes on, by hand and by key
    expect(page.locator("[data-answers] input:checked")).to_have_value("no")
    page.keyboard.press("y")
    expect(page.locator("[data-answers] input:checked")).to_have_value("yes")
    sky = Sky.of(page)
    sky.click(60, 40)
    sky.click(150, 90)
    page.get_by_role("button", name="Done", exact=True).click()
    (vote,) = votes(1)
    assert (vote.answer, vote.marks.count()) == ("yes", 1)
    expect(panel).to_be_visible()
    panel.get_by_role("button", name="Close the field guide").click()

    page.reload()
    visit(page, live_server.url, seeded)
    page.get_by_role("button", name="What to look for").click()
    expect(panel.locator("#guide-cosmic-ray")).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.get_by_role("button", name="What to look for")).to_be_focused()
    page.evaluate("location.hash = 'guide-ghost'")
    expect(panel.locator("#guide-ghost")).to_have_attribute("open", "")
    expect(panel.locator("details[open]")).to_have_count(1)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_pages_to_learn_from_and_ones_own_record(page: Page, live_server, seeded, accessible, size) -> None:
    page.set_viewport_size(size)
    for path in ("/how-it-works/", "/field-guide/", "/me/record/"):
        page.goto(f"{live_server.url}{path}")
        in_both_themes(page, accessible)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.goto(f"{live_server.url}/how-it-works/")
    turning = "() => document.getAnimations().filter(each => each.playState === 'running').length"
    assert page.evaluate(turning) == 0, "nothing moves for who wants no motion"
    page.emulate_media(reduced_motion="no-preference")
    wait_until(lambda: page.evaluate(turning) == 1, what="the drawing to move")
    page.emulate_media(media="print", reduced_motion="reduce")
    expect(page.locator(".site-header")).to_be_hidden()


def test_a_record_with_figures(page: Page, live_server, accessible) -> None:
    flow = factories.workflow()
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/classify/{flow.slug}/")
    me = wait_until(lambda: Volunteer.objects.exclude(user=None).first(), what="a volunteer")
    for number in range(22):
        made = {"injection": {"magnitude": 21.0 + number / 8, "snr": 3.0}}
        shown = factories.gold(workflow=flow, kind="injected", metadata=made, origin=f"injection:{number}")
        factories.vote(subject=shown, workflow=flow, volunteer=me, answer="yes" if number < 14 else "no")
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        page.goto(f"{live_server.url}/me/record/")
        expect(page.get_by_role("img", name="Injected trails seen, by magnitude")).to_be_visible()
        expect(page.get_by_role("img", name="Right answers over time")).to_be_visible()
        in_both_themes(page, accessible)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_text("The numbers by magnitude").click()
    expect(page.get_by_role("row", name="21 – 22 8 8 68 – 100 %")).to_be_visible()
