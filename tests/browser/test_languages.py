"""Languages in a real Chromium: the menu, a volunteer's way in Spanish, no word that escapes in what scripts say, right to left."""

import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import BrowserContext, Page, expect

from classify.models import Workflow
from classify.selectors import any_workflow
from tests import factories
from tests.browser.sky import Sky, alive, sign_in, votes, where
from tests.hunter import pseudo
from tests.talk.conftest import person, write

pytestmark = pytest.mark.django_db(transaction=True)
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
OWN = re.compile(
    r"\buser\d+\b|#\w+|\bA long\b|\btrail\.|\bann\w*\b|\bX\b|^\s*[AEySNnI]\s*$|\b(?:read|classify|talk|team): "
    r"|\((?:Shift\+)?[A-Z0-9]\)|\b(?:Viridis|Inferno)\b|\b\d{1,2} \w{3} \d{4}, \d\d:\d\d"  # keys, names of colour maps, moments
)


@pytest.fixture
def seeded() -> Workflow:
    """The four workflows with their Spanish, and three subjects to look at."""
    call_command("setup_site", stdout=io.StringIO())
    flow = any_workflow("classify")
    assert flow is not None
    Workflow.objects.update(undo_seconds=600)
    for _ in range(3):
        factories.subject(workflow=flow)
    return flow


def open_classify(page: Page, url: str, *, flow: Workflow | None = None) -> Sky:
    """Open the page; with `flow`, as somebody who has seen its tutorial."""
    if flow is not None and flow.current_version is not None:
        seen = json.dumps({flow.slug: flow.current_version.label})
        page.add_init_script(f"localStorage.setItem('hunter.tutorials', {seen!r})")
    page.goto(f"{url}/classify/classify/")
    return alive(page)


def choose(page: Page, name: str) -> None:
    """Choose a language in the header, in whichever menu this width has."""
    wide = page.locator(".nav-menu-wide > summary")
    (wide if wide.is_visible() else page.locator(".nav-menu:not(.nav-menu-wide) > summary")).click()
    with page.expect_navigation():
        page.locator(".site-header").get_by_role("button", name=name).locator("visible=true").click()


# --- choosing ------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_menu_changes_the_language_and_keeps_the_page(page: Page, live_server, seeded: Workflow, accessible: Callable[[], None], size) -> None:
    page.set_viewport_size(size)
    page.goto(f"{live_server.url}/talk/tags/?page=1")
    choose(page, "Español")

    expect(page).to_have_url(f"{live_server.url}/talk/tags/?page=1")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page.get_by_role("heading", level=1)).to_have_text("Etiquetas")
    accessible()
    page.locator("footer").get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_menu_works_without_scripts(another_browser: Callable[..., BrowserContext], live_server, seeded: Workflow) -> None:
    page = another_browser(java_script_enabled=False, viewport=PHONE).new_page()
    page.goto(f"{live_server.url}/classify/")
    choose(page, "Español")

    expect(page.get_by_role("heading", level=1)).to_have_text("¿Qué te gustaría mirar?")
    expect(page.get_by_role("link", name="Buscar asteroides")).to_be_visible()


def test_the_language_of_an_account_comes_along_to_another_browser(
    page: Page, another_browser: Callable[..., BrowserContext], live_server, seeded: Workflow
) -> None:
    name = factories.user().username
    for where_to in (page, another_browser(locale="en-GB").new_page()):
        where_to.goto(f"{live_server.url}/accounts/login/")
        where_to.locator("input[name=login]").fill(name)
        where_to.locator("input[name=password]").fill(factories.PASSWORD)
        where_to.locator("main form button[type=submit]").first.click()
        where_to.wait_for_load_state()
        if where_to is page:
            choose(page, "Español")
        expect(where_to.locator("html")).to_have_attribute("lang", "es")


# --- a volunteer's way in Spanish ----------------------------------------------------------------


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_classifying_in_spanish(page: Page, live_server, seeded: Workflow, size) -> None:
    page.set_viewport_size(size)
    page.goto(live_server.url)
    choose(page, "Español")
    sky = open_classify(page, live_server.url)

    expect(page.get_by_role("heading", level=1)).to_have_text("¿Se ve la traza de un asteroide en las imágenes?")
    expect(page.locator("#tutorial")).to_contain_text("Te damos la bienvenida")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Qué buscar").click()
    expect(page.locator("#guide-panel")).to_contain_text("Traza de satélite")
    page.keyboard.press("Escape")
    expect(page.locator("#guide-panel")).to_be_hidden()

    page.locator("[data-answers] label.answer", has_text="Sí").click()
    sky.click(40, 60)
    sky.click(200, 150)
    expect(page.locator("[data-mark-list]")).to_contain_text("Traza 1")
    page.get_by_role("button", name="Listo", exact=True).click()
    expect(page.locator("[data-last-say]")).to_have_text("Sí")
    (vote,) = votes(1)
    assert (vote.answer, vote.marks.count()) == ("yes", 1)


def test_talk_and_account_pages_in_spanish(page: Page, live_server, seeded: Workflow, accessible: Callable[[], None]) -> None:
    write(person("ann"), factories.subject(), "A long #trail.")
    sign_in(page, live_server.url)
    choose(page, "Español")
    for address, heading in (
        ("/talk/", "Talk"),
        ("/talk/boards/help/", "Ayuda"),
        ("/me/", "Lo que hice"),
        ("/accounts/", "Cuenta"),
        ("/accounts/password/change/", "Cambiar la contraseña"),
        ("/me/privacy/", "Privacidad"),
        ("/me/tokens/", "Claves de API"),
    ):
        page.goto(live_server.url + address)
        expect(page.get_by_role("heading", level=1).first).to_have_text(heading)
        accessible()


# --- nothing escapes, and right to left ----------------------------------------------------------

SEEN = """() => {
  const names = ["placeholder", "title", "aria-label", "alt", "data-label"];
  const skipped = "script, style, template, kbd, code, pre, .talk-text, [lang]:not(html), [lang]:not(html) *, [translate=no]";
  const found = [];
  for (const node of document.querySelectorAll("body *")) {
    if (node.closest("script, style, template, kbd, code, pre, .talk-text") || node.closest("[lang]:not(html)")) continue;
    if (node.matches(".step-help")) found.push(node.textContent); // Markdown: one text in several pieces
    if (node.closest(".step-help")) continue;
    for (const name of names) if (node.getAttribute(name)) found.push(node.getAttribute(name));
    for (const child of node.childNodes) if (child.nodeType === 3 && child.textContent.trim()) found.push(child.textContent);
  }
  return [document.title, ...found];
}"""


TOO_WIDE = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const outside = [...document.querySelectorAll("body *")].filter((node) => {
    const box = node.getBoundingClientRect();
    return box.width && (box.left < -1 || box.right > root.clientWidth + 1);
  });
  return outside.map((node) => `${node.tagName} ${node.className} ${node.textContent.trim().slice(0, 40)}`);
}"""


def check(page: Page) -> None:
    """Nothing on the page, as scripts have made it by now, is in another language than that of the brackets."""
    assert pseudo.escaped(page.evaluate(SEEN), OWN) == []


@pytest.fixture
def bracketed(tmp_path: Path, seeded: Workflow, page: Page, live_server) -> Iterator[Workflow]:
    with pseudo.spoken(tmp_path):
        pseudo.write_rows()
        yield seeded


@pytest.mark.console_noise
def test_scripts_say_nothing_of_their_own(page: Page, live_server, bracketed: Workflow) -> None:
    page.goto(live_server.url)
    choose(page, "[Ñöñé]")
    sky = open_classify(page, live_server.url, flow=bracketed)
    check(page)
    page.keyboard.press("Enter")  # asks for an answer first
    page.keyboard.press("1")
    sky.click(40, 60)
    check(page)
    sky.click(200, 150)
    check(page)
    page.locator("[data-theme-button]").click()
    page.locator("[data-done]").click()
    votes(1)
    check(page)
    page.keyboard.press("z")
    expect(page.locator("[data-answers] input:checked")).to_have_count(1)  # the answer is back
    check(page)
    page.keyboard.press("?")
    check(page)
    page.keyboard.press("Escape")
    page.route("**/api/v1/classifications/", lambda route: route.abort())
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(page.locator("[data-outbox-button]")).to_be_visible()
    page.locator("[data-outbox-button]").click()
    expect(page.locator("[data-outbox-list] li").first).to_be_visible()
    check(page)


def test_account_and_talk_pages_say_nothing_of_their_own(page: Page, live_server, bracketed: Workflow) -> None:
    shown = factories.subject()
    write(person("ann"), shown, "A long #trail.")
    sign_in(page, live_server.url)
    choose(page, "[Ñöñé]")
    for address in (
        "/talk/",
        "/talk/boards/notes/",
        f"/talk/subjects/{shown.public_id}/",
        "/accounts/",
        "/accounts/2fa/",
        "/me/privacy/",
        "/me/tokens/",
    ):
        page.goto(live_server.url + address)
        check(page)


@pytest.fixture
def right_to_left(tmp_path: Path, seeded: Workflow, page: Page, live_server) -> Iterator[Workflow]:
    with pseudo.spoken(tmp_path, "he"):
        pseudo.write_rows("he")
        yield seeded


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_pages_stand_from_right_to_left(page: Page, live_server, right_to_left: Workflow, accessible: Callable[[], None], size) -> None:
    shown = factories.subject()
    write(person("ann"), shown, "A long #trail.")
    page.set_viewport_size(size)
    sign_in(page, live_server.url)
    choose(page, "[Ñöñé]")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    for address in (
        "/",
        "/classify/",
        "/how-it-works/",
        "/talk/",
        f"/talk/subjects/{shown.public_id}/",
        "/me/",
        "/accounts/",
        "/science/",
        "/stats/",
        "/exposures/",
    ):
        page.goto(live_server.url + address)
        assert page.evaluate(TOO_WIDE) == [], address
        logo, tools = page.locator(".logo").bounding_box(), page.locator(".site-tools").bounding_box()
        assert logo is not None
        assert tools is not None
        assert logo["x"] > tools["x"], address
        accessible()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_an_image_is_never_mirrored(page: Page, live_server, right_to_left: Workflow, size) -> None:
    page.set_viewport_size(size)
    page.goto(live_server.url)
    choose(page, "[Ñöñé]")
    sky = open_classify(page, live_server.url, flow=right_to_left)
    assert page.evaluate(TOO_WIDE) == []
    page.locator("label.answer").first.click()
    sky.click(40, 60)
    sky.click(200, 150)
    page.locator("[data-done]").click()
    (vote,) = votes(1)
    mark = vote.marks.get()
    assert (mark.x1, mark.y1, mark.x2, mark.y2) == pytest.approx((40, 60, 200, 150), abs=1.5)

    image = page.locator("[data-viewer] .plate.is-shown img")
    page.keyboard.press("+")
    before, matrix = image.bounding_box(), where(page)
    page.keyboard.press("ArrowLeft")  # the window moves to the left, so the image to the right, in every language
    after = image.bounding_box()
    assert before is not None
    assert after is not None
    assert after["x"] > before["x"]
    assert "-" not in matrix.partition("scale")[2]


def test_icons_that_point_turn_round(page: Page, live_server, right_to_left: Workflow) -> None:
    turned = "node => { (node.closest('[data-last]') ?? node).hidden = false; return new DOMMatrix(getComputedStyle(node).transform).a; }"
    open_classify(page, live_server.url, flow=right_to_left)
    icon = page.locator("[data-action=undo] .icon")
    assert icon.evaluate(turned) == 1
    choose(page, "[Ñöñé]")
    assert icon.evaluate(turned) == -1
    assert page.locator("[data-dialog-open=guide] .icon").evaluate(turned) == 1
