"""Pictures of every page at two widths in both themes: `./run screenshots [ADDRESS] [--out FOLDER] [--only WORD]`.

Takes the running site (its address stands in HUNTER_HOME/run.json, or is given), signs in with the demo accounts if it has any,
and follows the site's own links to pages whose address nobody knows beforehand. The pictures go to HUNTER_HOME/screenshots.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import ARGS, find

ROOT = Path(__file__).resolve().parent.parent.parent
HOME = Path(os.environ.get("HUNTER_HOME") or ROOT / "var").expanduser().resolve()
WIDTHS = {1280: 800, 390: 844}
THEMES = ("dark", "light")
# name, address or (page, link to follow there), who looks: a visitor or a demo account
PAGES: tuple[tuple[str, str | tuple[str, str], str], ...] = (
    ("home", "/", ""),
    ("how-it-works", "/how-it-works/", ""),
    ("field-guide", "/field-guide/", ""),
    ("record", "/me/record/", "volunteer"),
    ("classify-choose", "/classify/", ""),
    ("classify-tutorial", "/classify/classify/", ""),
    ("classify-guide", "/classify/training/#guide-cosmic-ray", ""),
    ("classify", "/classify/classify/", ""),
    ("classify-training", "/classify/training/", ""),
    ("classify-review", "/classify/review/", ""),
    ("classify-satellites", "/classify/satellites/", ""),
    ("sign-in", "/accounts/login/", ""),
    ("sign-up", "/accounts/signup/", ""),
    ("password-reset", "/accounts/password/reset/", ""),
    ("account", "/accounts/", "volunteer"),
    ("account-email", "/accounts/email/", "volunteer"),
    ("account-factor", "/accounts/2fa/", "volunteer"),
    ("account-devices", "/accounts/sessions/", "volunteer"),
    ("outbox", "/dev/outbox/", "admin"),
    ("not-found", "/nowhere/", ""),
    ("subject", ("/", "a[href^='/subjects/']"), "volunteer"),
    ("talk", "/talk/", "volunteer"),
    ("talk-board", ("/talk/", "a[href^='/talk/boards/']"), "volunteer"),
    ("talk-discussion", ("/talk/", "a[href^='/talk/discussions/']"), "volunteer"),
    ("talk-tags", "/talk/tags/", "volunteer"),
    ("talk-tag", ("/talk/", ".chips a"), "volunteer"),
    ("me", "/me/", "volunteer"),
    ("collections-mine", "/me/collections/", "volunteer"),
    ("collections", "/collections/", ""),
    ("collection", ("/collections/", "a[href^='/collections/']:not([href$='/new/'])"), ""),
    ("collection-new", "/collections/new/", "volunteer"),
    ("person", "/people/volunteer/", ""),
    ("privacy", "/me/privacy/", "volunteer"),
    ("privacy-delete", "/me/privacy/delete/", "volunteer"),
    ("science", "/science/", "scientist"),
    ("science-subjects", "/science/classify/subjects/", "scientist"),
    ("science-disagreement", "/science/classify/disagreement/", "scientist"),
    ("science-figures", "/science/classify/figures/", "scientist"),
    ("science-policies", "/science/policies/", "scientist"),
    ("science-policy", ("/science/policies/", "a[href^='/science/policies/']:not([href='/science/policies/'])"), "scientist"),
    ("stats", "/stats/?demo=1", ""),
    ("my-figures", "/me/figures/", "volunteer"),
    ("certificate", "/me/certificate/", "volunteer"),
    ("exposures", "/exposures/", "scientist"),
    ("exposure", ("/exposures/", ".cards a"), "scientist"),
    ("ml", "/ml/", "admin"),
    ("ml-model", ("/ml/", "a[href^='/ml/models/']"), "admin"),
    ("ml-run", ("/ml/", "a[href^='/ml/runs/']"), "admin"),
    ("dashboard", "/dashboard/", "admin"),
    ("lab", "/lab/", "admin"),
    ("lab-editor", "/lab/classify/", "admin"),
    ("lab-settings", "/lab/classify/settings/", "admin"),
    ("lab-sets", "/lab/sets/", "admin"),
    ("lab-set", ("/lab/sets/", "a[href^='/lab/sets/']:not([href$='/new/'])"), "admin"),
)


def running_site() -> str:
    """Return the address of the site that `./run` started in this HUNTER_HOME."""
    try:
        return str(json.loads((HOME / "run.json").read_text())["url"]).rstrip("/")
    except (OSError, KeyError, ValueError):
        sys.exit("No running site found. Start it with ./run in another terminal, or give its address: ./run screenshots http://host:port")


def passwords() -> dict[str, str]:
    """Return the demo accounts of this HUNTER_HOME, {} where there are none."""
    path = HOME / "demo_accounts.txt"
    lines = path.read_text().splitlines() if path.exists() else []
    return dict(line.strip().split(" / ", 1) for line in lines if " / " in line)


def sign_in(page: Page, site: str, name: str) -> None:
    """Sign in as a demo account; stay a visitor without one."""
    if name not in passwords():
        return
    page.goto(f"{site}/accounts/login/")
    page.locator("input[name=login]").fill(name)
    page.locator("input[name=password]").fill(passwords()[name])
    page.locator("main button[type=submit]").click()
    page.wait_for_load_state()


def address(page: Page, site: str, where: str | tuple[str, str]) -> str | None:
    """Return where a page is: its own address, or the first such link on another page."""
    if isinstance(where, str):
        return site + where
    page.goto(site + where[0])
    link = page.locator("main").locator(where[1]).first
    return str(link.evaluate("node => node.href")) if link.count() else None


def settle(page: Page, name: str) -> None:
    """Let images come; on the classify page show the state in which most is seen."""
    page.wait_for_load_state()
    page.evaluate("for (const image of document.querySelectorAll('img[loading=lazy]')) image.loading = 'eager'")
    if name.startswith("classify-") or name == "classify":
        page.wait_for_timeout(600)
    shown, wanted = page.locator("#tutorial[open]").count() > 0, name == "classify-tutorial"
    if shown and not wanted:
        page.keyboard.press("Escape")
    elif wanted and not shown:  # it comes by itself only once
        page.locator("[data-dialog-open=tutorial]").click()
    if name in {"classify", "classify-review"}:
        page.keyboard.press("1")
    page.wait_for_timeout(400)


def shots(browser: Browser, site: str, only: str) -> Iterator[tuple[str, bytes]]:
    """Yield (file name, PNG) of every page at every width in every theme."""
    for who in dict.fromkeys(page[2] for page in PAGES):
        wanted = [page for page in PAGES if page[2] == who and only in page[0]]
        if not wanted:
            continue
        context = browser.new_context(reduced_motion="reduce")
        page = context.new_page()
        page.goto(site)
        sign_in(page, site, who)
        places = [(name, address(page, site, where)) for name, where, _ in wanted]
        for theme in THEMES:
            page.evaluate("theme => localStorage.setItem('hunter.theme', theme)", theme)
            for width, height in WIDTHS.items():
                page.set_viewport_size({"width": width, "height": height})
                for name, place in places:
                    if place is None:
                        continue
                    page.goto(place)
                    settle(page, name)
                    yield f"{name}-{width}-{theme}.png", page.screenshot(full_page=not name.startswith("classify"))
        context.close()


def main(arguments: list[str]) -> None:
    """Write all pictures and say where they are."""
    parser = argparse.ArgumentParser(prog="./run screenshots", description=__doc__)
    parser.add_argument("site", nargs="?", help="address of the site; default: the one that ./run has started")
    parser.add_argument("--out", type=Path, default=HOME / "screenshots", help="folder for the pictures")
    parser.add_argument("--only", default="", help="only pages with this word in their name")
    options = parser.parse_args(arguments)
    path = find()
    if path is None:
        sys.exit("No browser found. Install Debian's package chromium-headless-shell or chromium, or set HUNTER_BROWSER to a Chromium's path.")
    site = (options.site or running_site()).rstrip("/")
    options.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        count = 0
        for name, png in shots(browser, site, options.only):
            (options.out / name).write_bytes(png)
            count += 1
        browser.close()
    print(f"{count} pictures of {site} are in {options.out}")


if __name__ == "__main__":
    main(sys.argv[1:])
