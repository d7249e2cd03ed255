"""A real Chromium for the browser tests, and a watch over what the pages do in it."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

ARGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--hide-scrollbars",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]
# The shell is the same Chromium without the windows of a desktop; the tests take two thirds of the time in it.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
NONE = "NO BROWSER: tests/browser did not run. Install Debian's package chromium-headless-shell or chromium, or set HUNTER_BROWSER to its path."
DOWNLOADS = Path.home() / ".cache" / "ms-playwright"
expect.set_options(timeout=30_000)  # a busy machine may take its time; what never comes fails all the same


def find() -> str | None:
    """Return the browser's path: HUNTER_BROWSER, a known name on PATH, else Playwright's own download."""
    for name in (os.environ.get("HUNTER_BROWSER"), *NAMES):
        if name and (path := shutil.which(name)):
            return path
    return next((str(p) for p in sorted(DOWNLOADS.glob("chromium-*/chrome-linux*/chrome"), reverse=True)), None)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """What pytest-playwright starts; without a browser the tests fail under CI and are skipped elsewhere."""
    path = find()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(NONE, pytrace=False)
        pytest.skip(NONE)
    return {"executable_path": path, "args": ARGS, "headless": True}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    """One size, zone and language for all; a test sets its own with `page.set_viewport_size`.

    Service workers are for test_offline.py and test_webapp.py (`pytest.mark.browser_context_args(service_workers="allow")`): elsewhere
    they would only cost time.
    """
    size = {"width": 1280, "height": 800}
    return {"viewport": size, "locale": "en-GB", "timezone_id": "UTC", "reduced_motion": "reduce", "service_workers": "block"}


@pytest.fixture(autouse=True)
def page_watch(request: pytest.FixtureRequest, page: Page) -> Iterator[list[str]]:
    """Fail a test whose pages logged an error, threw, or asked another host for anything.

    Mark a test `console_noise` where the error is the point of it.
    """
    seen: list[str] = []
    page.on("console", lambda m: seen.append(f"console: {m.text}") if m.type == "error" else None)
    page.on("pageerror", lambda e: seen.append(f"exception: {e}"))
    page.on("request", lambda r: seen.append(f"other host: {r.url}") if _is_elsewhere(r) else None)
    yield seen
    if not request.node.get_closest_marker("console_noise"):
        assert seen == []


def _is_elsewhere(request: Request) -> bool:
    local = ("http://localhost:", "http://127.0.0.1:", "data:", "blob:", "about:")
    return not request.url.startswith(local)


@pytest.fixture
def accessible(page: Page) -> Callable[[], None]:
    """Return a check that axe finds nothing wrong on the page as it stands."""

    def check() -> None:
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()

    return check


@pytest.fixture
def another_browser(browser: Browser, _artifacts_recorder: Any) -> Iterator[Callable[..., BrowserContext]]:
    """Return a starter of visitors of another kind: `another_browser(java_script_enabled=False)`. All are closed after the test.

    The recorder of pytest-playwright takes their pictures, too, when the test fails.
    """
    opened: list[BrowserContext] = []

    def start(**options: Any) -> BrowserContext:
        opened.append(browser.new_context(**{"service_workers": "block", **options}))
        _artifacts_recorder.on_did_create_browser_context(opened[-1])
        return opened[-1]

    yield start
    for context in (context for context in opened if context in browser.contexts):  # a test may have closed some
        _artifacts_recorder.on_will_close_browser_context(context)
        context.close()


@pytest.fixture
def flow() -> Any:
    """A workflow with five subjects to look at, whose answers can be taken back for as long as a busy machine needs."""
    from tests import factories  # here, since tests/browser/screenshots.py reads this file without Django

    made = factories.workflow(undo_seconds=600)
    for _ in range(5):
        factories.subject(workflow=made)
    return made
