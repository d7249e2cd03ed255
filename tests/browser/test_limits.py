"""What a person sees who is asked to slow down, and whose answers are set aside; and the page of keys."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from classify.models import Classification, Workflow
from core import throttles
from core.throttles import Limit, Window
from tests.browser.sky import sign_in, visit, votes

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.console_noise
def test_too_many_answers_wait_and_none_is_lost(page: Page, live_server, flow: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(throttles.LIMITS, "votes", Limit((Window(2, 12),), ()))
    visit(page, live_server.url, flow)
    for n in range(4):
        first = page.locator("input[name=subject]").input_value()
        page.keyboard.press("n")
        page.keyboard.press("Enter")
        expect(page.locator("input[name=subject]")).not_to_have_value(first)
        if n == 2:
            expect(page.get_by_text("The site asks to go a little slower")).to_be_visible()
            expect(page.locator("[data-outbox-count]")).to_have_text("1")

    assert len({vote.subject_id for vote in votes(4)}) == 4
    expect(page.locator("[data-outbox-button]")).to_be_hidden()


@pytest.mark.console_noise
def test_the_queue_waits_too(page: Page, live_server, flow: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(throttles.LIMITS, "queue", Limit((Window(1, 3),), ()))
    visit(page, live_server.url, flow)
    for n in range(5):
        page.keyboard.press("3")
        page.keyboard.press("Enter")
        votes(n + 1)

    expect(page.get_by_role("heading", name="You have seen everything here")).to_be_visible()


def test_an_answer_that_is_set_aside_says_so(another_browser: Callable[..., BrowserContext], live_server, flow: Workflow) -> None:
    page = another_browser(user_agent="curl/8.5.0", viewport={"width": 390, "height": 844}).new_page()
    visit(page, live_server.url, flow)
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This answer looks as if it came from a program.")).to_be_visible()
    expect(page.locator("[data-last]")).to_contain_text("No · waits for the team")
    assert Classification.objects.filter(flag="script", counted=False).exists()


def test_a_key_is_made_copied_and_revoked(page: Page, live_server, accessible: Callable[[], None]) -> None:
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/me/tokens/")
    page.get_by_label("What it is for").fill("Notebook")
    page.get_by_label(re.compile("classify: ")).check()
    page.get_by_role("button", name="Make the key").click()

    key = page.locator("[data-key]").inner_text()
    assert re.fullmatch(r"hnt_[A-Za-z0-9]{40}", key)
    expect(page.get_by_role("button", name="Copy")).to_have_count(2)
    expect(page.get_by_text(f"Bearer {key}")).to_be_visible()
    accessible()
    page.goto(f"{live_server.url}/me/tokens/")
    expect(page.get_by_text(key)).to_have_count(0)
    page.get_by_role("button", name="Revoke Notebook").click()
    expect(page.get_by_text("The key was revoked.")).to_be_visible()
    expect(page.get_by_role("heading", name="Your keys")).to_have_count(0)
