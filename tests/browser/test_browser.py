"""The browser that the other tests in this folder drive is a real one."""

from playwright.sync_api import Page


def test_chromium_runs_scripts(page: Page) -> None:
    page.set_content("<!doctype html><title>Sky</title><p>Hubble</p>")

    assert page.evaluate("document.title") == "Sky"
    assert "Chrome/" in page.evaluate("navigator.userAgent")
