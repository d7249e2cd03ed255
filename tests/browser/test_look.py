"""Tokens, frame, home and account pages: contrast, both themes, no scripts, nothing wrong for axe."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

ROOT = Path(__file__).resolve().parent.parent.parent
STATIC = ROOT / "static"
TOKEN = re.compile(r"--([\w-]+):\s*([^;]+);")
HEX = re.compile(r"#[0-9a-f]{6}\b")
THEMES = ("light", "dark")
MEANINGS = ("people", "machine", "known", "truth", "rejected", "danger")

pytestmark = pytest.mark.django_db(transaction=True)


# --- tokens ---------------------------------------------------------------------------------------


def _tokens() -> dict[str, str]:
    return dict(TOKEN.findall((STATIC / "css" / "tokens.css").read_text().split("@media")[0]))


def _colour(name: str, theme: str) -> str:
    """Return the #rrggbb of a token in a theme."""
    value = _tokens()[name]
    if value.startswith("light-dark("):
        value = value.removeprefix("light-dark(").removesuffix(")").split(", ")[THEMES.index(theme)]
    return _colour(value[len("var(--") : -1], theme) if value.startswith("var(") else value


def _luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.2 of a #rrggbb."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(a: str, b: str) -> float:
    low, high = sorted((_luminance(a), _luminance(b)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_known_pairs() -> None:
    assert _contrast("#000000", "#ffffff") == pytest.approx(21)
    assert _contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
def test_every_ink_is_readable_on_every_ground(theme: str) -> None:
    pairs = [(ink, ground) for ink in ("ink", "ink-soft", "link", *MEANINGS) for ground in ("page", "surface", "raised")]
    pairs += [(name, f"{name}-soft") for name in MEANINGS]
    pairs += [("action-ink", "action"), ("sky-ink", "sky"), ("sky-ink-soft", "sky")]
    pairs += [(f"mark-{name}", "sky") for name in MEANINGS[:-1]]

    weak = {pair: round(_contrast(*(_colour(name, theme) for name in pair)), 2) for pair in pairs}

    assert {pair: value for pair, value in weak.items() if value < 4.5} == {}


def test_colours_stand_in_the_tokens_only() -> None:
    sheets = [path for path in sorted((STATIC / "css").glob("*.css")) if path.name != "tokens.css"]

    assert {path.name: HEX.findall(path.read_text()) for path in sheets if HEX.search(path.read_text())} == {}


def test_every_token_used_exists() -> None:
    known = set(_tokens())

    used = {name for path in (STATIC / "css").glob("*.css") for name in re.findall(r"var\(--([\w-]+)", path.read_text())}

    assert used - known == set()


def test_no_template_has_inline_style_or_script() -> None:
    inline = re.compile(r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\bsrc=)")

    found = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "templates").rglob("*.html")) if inline.search(path.read_text())]

    assert found == []


# --- pages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_and_nothing_sticks_out(page: Page, live_server, accessible: Callable[[], None], theme: str) -> None:
    page.add_init_script(f"localStorage.setItem('hunter.theme', '{theme}')")
    for path in ("/", "/accounts/login/", "/accounts/signup/", "/how-it-works/", "/classify/"):
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 844})
            page.goto(live_server.url + path)

            expect(page.locator("html")).to_have_attribute("data-theme", theme)
            accessible()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, width)


def test_the_theme_is_kept_and_is_there_before_the_first_paint(page: Page, live_server) -> None:
    page.goto(live_server.url)
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Theme: dark").click()

    page.add_init_script("addEventListener('DOMContentLoaded', () => (window.early = document.documentElement.dataset.theme), {once: true})")
    page.reload()

    assert page.evaluate("window.early") == "light"
    expect(page.get_by_role("button", name="Theme: light")).to_be_visible()


def test_home_asks_the_question_and_starts_without_sign_up(page: Page, live_server) -> None:
    page.goto(live_server.url)

    expect(page.get_by_role("heading", level=1)).to_contain_text("asteroid")
    page.get_by_role("link", name="Start").click()

    expect(page).to_have_url(re.compile(r"/classify/"))


def test_counters_are_refreshed_by_the_server(page: Page, live_server) -> None:
    page.goto(live_server.url)

    with page.expect_response(lambda answer: answer.url.endswith("/home/counters/")) as caught:
        page.evaluate("htmx.trigger(document.querySelector('[hx-get]'), 'htmx:load'); htmx.ajax('GET', '/home/counters/', '.counters .wrap')")

    assert caught.value.status == 200
    expect(page.locator(".counters .stat")).to_have_count(5)


def test_the_trail_draws_itself_unless_motion_is_unwanted(another_browser: Callable[..., BrowserContext], live_server) -> None:
    for wish, seconds in (("no-preference", "2.6s"), ("reduce", "0s")):
        context = another_browser(reduced_motion=wish)
        page = context.new_page()
        page.goto(live_server.url)

        assert page.locator(".hero-trail").evaluate("node => getComputedStyle(node).animationDuration") == seconds


def test_pages_work_without_scripts(another_browser: Callable[..., BrowserContext], live_server) -> None:
    context = another_browser(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(live_server.url)
    page.locator(".nav-menu:not(.nav-menu-wide) > summary").click()

    page.locator(".nav-menu:not(.nav-menu-wide)").get_by_role("link", name="Sign in").click()

    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.locator("[data-theme-button]")).to_be_hidden()


def test_keyboard_reaches_the_page_first(page: Page, live_server) -> None:
    page.goto(live_server.url)
    page.keyboard.press("Tab")

    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()


def test_an_address_that_is_not_there_says_so(page: Page, live_server, page_watch: list[str]) -> None:
    answer = page.goto(f"{live_server.url}/nowhere/")

    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing at this address")
    page_watch.clear()  # Chromium logs the 404 itself


def test_a_stale_form_is_answered_in_plain_words(page: Page, live_server, page_watch: list[str]) -> None:
    page.goto(f"{live_server.url}/accounts/login/")
    page.locator("input[name=login]").fill("somebody")
    page.locator("input[name=password]").fill("something long")
    page.context.clear_cookies()
    page.locator("main button[type=submit]").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("This form was open too long")
    page_watch.clear()  # Chromium logs the 403 itself
