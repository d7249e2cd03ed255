"""The pages about the project in a real Chromium: readable, reachable by keys, written with a preview, agreed to by one press."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from hunter import consents
from hunter.models import Consent, Letter, PageVersion
from hunter.pages.places import PLACES
from hunter.pages.services import Text, seed_pages, write_version
from tests import factories
from tests.factories import NOW, PASSWORD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("laid")]

FITS = "document.documentElement.scrollWidth <= innerWidth"


@pytest.fixture
def laid(transactional_db: None) -> None:
    """The texts that come with the software."""
    seed_pages(NOW)


def sign_in(page: Page, url: str, name: str, then: str) -> None:
    page.goto(f"{url}/accounts/login/?next={then}")
    page.locator("input[name=login]").fill(name)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(f"**{then}")


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_every_page_reads_well(page: Page, live_server: object, accessible: Callable[[], None], width: int, theme: str) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.add_init_script(f"localStorage.setItem('hunter.theme', '{theme}')")
    for path in [*(place.path for place in PLACES.values()), "contact", "terms/versions", "terms/versions/en/1"]:
        page.goto(f"{live_server}/{path}/")
        assert page.evaluate(FITS), path
        if width != 320:
            accessible()


def test_the_pages_are_found_from_any_other(page: Page, live_server: object) -> None:
    page.goto(f"{live_server}/")
    page.locator(".site-nav").get_by_role("link", name="About").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("About the project")
    page.get_by_role("navigation", name="About").get_by_role("link", name="Results").click()
    expect(page.get_by_role("cell", name="11,482")).to_be_visible()
    for name, title in [("Terms", "Terms"), ("Cookies", "Cookies and what"), ("Accessibility", "Accessibility"), ("Contact", "Write to the team")]:
        page.locator(".site-footer").get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(title)


def test_a_question_opens_by_keys(page: Page, live_server: object) -> None:
    page.goto(f"{live_server}/about/questions/")
    answer = page.get_by_text("Open Classify and begin.")
    expect(answer).to_be_hidden()
    page.get_by_text("Do I need an account?").focus()
    page.keyboard.press("Enter")
    expect(answer).to_be_visible()


def test_the_words_for_papers_are_copied(browser: Browser, live_server: object) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{live_server}/about/acknowledgement/")
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert "volunteers of Hunter" in page.evaluate("navigator.clipboard.readText()")
    context.close()


def test_an_editor_sees_what_it_becomes_and_saves(page: Page, live_server: object, accessible: Callable[[], None]) -> None:
    factories.user(username="ed", permissions=["hunter.edit_pages"])
    sign_in(page, str(live_server), "ed", "/terms/")
    page.get_by_role("link", name="Edit this page").click()
    text = page.get_by_label("Text", exact=True)
    text.fill("## Changed\n\nFor *everybody*.")
    expect(page.locator("#page-preview em")).to_have_text("everybody")
    assert PageVersion.objects.filter(slug="terms", language="en").count() == 1
    page.get_by_label("Ask people who agreed").check()
    accessible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=2, name="Changed")).to_be_visible()
    page.get_by_role("link", name="All versions").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    accessible()
    page.get_by_role("link", name="Edit from version 1").click()
    expect(page.get_by_label("Text", exact=True)).to_have_value("".join(PageVersion.objects.get(slug="terms", language="en", version=1).body))


@pytest.mark.parametrize("width", [1280, 390])
def test_new_terms_ask_on_every_page_until_agreed_and_hinder_nobody(
    page: Page, live_server: object, flow: Any, accessible: Callable[[], None], width: int
) -> None:
    ada = factories.user(username="ada")
    consents.record(user=ada, now=NOW, language="en")
    write_version(slug="terms", language="en", text=Text("Terms", "New.", 1, True), author=None, now=NOW)
    page.set_viewport_size({"width": width, "height": 800})
    sign_in(page, str(live_server), "ada", f"/classify/{flow.slug}/")
    expect(page.get_by_role("heading", name="The terms have changed")).to_be_visible()
    expect(page.get_by_role("button", name="Done", exact=True)).to_be_in_viewport()
    assert page.evaluate(FITS)
    accessible()
    page.goto(f"{live_server}/about/")
    accessible()
    page.get_by_role("link", name="What changed").click()
    expect(page.get_by_role("heading", name="What changed since version 1")).to_be_visible()
    page.get_by_role("button", name="I agree").click()
    expect(page.get_by_text("Thank you. That is recorded.")).to_be_visible()
    expect(page.get_by_role("heading", name="The terms have changed")).to_have_count(0)
    assert Consent.objects.filter(user=ada, version=2).exists()


def test_a_letter_is_sent_without_scripts_and_a_slip_keeps_the_words(browser: Browser, live_server: object) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server}/contact/")
    page.get_by_label("What it is about").fill("A question")
    page.get_by_label("Your letter").fill("Is this thing on?")
    page.get_by_label("Your e-mail address").fill("nowhere")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("This is no e-mail address.")).to_be_visible()
    expect(page.get_by_label("Your letter")).to_have_value("Is this thing on?")
    page.get_by_label("Your e-mail address").fill("")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Your letter has arrived.")).to_be_visible()
    assert Letter.objects.get().body == "Is this thing on?"
    context.close()
