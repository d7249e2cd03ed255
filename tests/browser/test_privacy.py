"""Seeing, taking away and deleting one's data in a real Chromium, on a desk and on a phone."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from classify.models import Classification, Volunteer
from core.models import Job
from hunter.models import User
from hunter.privacy import closing, downloads
from tests import factories
from tests.factories import PASSWORD

pytestmark = [pytest.mark.django_db(transaction=True)]
SIZES = [(1280, 800), (390, 844)]


def sign_in(page: Page, url: str, name: str, then: str) -> None:
    page.goto(f"{url}/accounts/login/?next={then}")
    page.locator("input[name=login]").fill(name)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(f"**{then}")


def worker(kind: str, carry_out: Callable[..., str]) -> None:
    """Do what a worker does with the newest job of a kind."""
    job = Job.objects.filter(kind=kind).latest("pk")
    assert carry_out(job_id=job.pk, worker="test", clock=timezone.now) == "done"


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
def test_a_copy_is_made_with_progress_and_taken_away(
    page: Page, live_server: object, accessible: Callable[[], None], flow: Any, size: tuple[int, int], tmp_path: Path
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    person = factories.volunteer(user=factories.user(username="ann"))
    factories.vote(subject=factories.subject(workflow=flow), workflow=flow, answer="yes", volunteer=person, marks=[(1, 2, 30, 40)])
    sign_in(page, str(live_server), "ann", "/me/privacy/")
    page.get_by_role("textbox", name="Name in publications").fill("Ann Example")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("Publications may name you as Ann Example")
    fits(page)
    accessible()
    page.get_by_role("button", name="Make a copy").click()
    expect(page.locator("#privacy-download")).to_contain_text("Waits for a free worker")
    accessible()
    worker(downloads.KIND, downloads.make)
    link = page.get_by_role("link", name="Download the zip file")  # the page asks by itself
    expect(link).to_be_visible()
    accessible()
    with page.expect_download() as download:
        link.click()
    download.value.save_as(tmp_path / "mine.zip")
    with zipfile.ZipFile(tmp_path / "mine.zip") as bundle:
        assert json.loads(bundle.read("json/volunteer.json"))[0]["credit_name"] == "Ann Example"


@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
def test_an_account_is_deleted_after_a_wrong_password(
    page: Page, live_server: object, accessible: Callable[[], None], flow: Any, size: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    person = factories.volunteer(user=factories.user(username="ann"))
    factories.vote(subject=factories.subject(workflow=flow), workflow=flow, volunteer=person)
    sign_in(page, str(live_server), "ann", "/me/privacy/")
    page.get_by_role("link", name="Delete my account").click()
    accessible()
    page.get_by_label("is removed").check()
    page.get_by_label("Your password").fill("wrong")
    page.get_by_role("button", name="Delete my account for good").click()
    expect(page.locator("main")).to_contain_text("This is not your password. Nothing was deleted.")
    expect(page.get_by_label("is removed")).to_be_checked()
    fits(page)
    accessible()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Delete my account for good").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are leaving no name behind")
    accessible()
    worker(closing.KIND, closing.carry_out)
    assert not User.objects.filter(username="ann").exists()
    assert Classification.objects.get().volunteer_id == person.pk


def test_a_visitor_is_forgotten(page: Page, live_server: object, accessible: Callable[[], None], flow: Any) -> None:
    page.goto(f"{live_server}/me/privacy/")
    expect(page.locator("main")).to_contain_text("You have no account, and have not classified anything")
    accessible()
    page.goto(f"{live_server}/classify/{flow.slug}/")
    expect(page.locator("[data-viewer], .viewer, [data-find=viewer], main img").first).to_be_visible()
    before = Volunteer.objects.get().public_id
    page.goto(f"{live_server}/me/privacy/")
    expect(page.locator("main")).to_contain_text("A cookie of this browser names your answers by a random id")
    accessible()
    page.get_by_role("button", name="Forget me").click()
    expect(page).to_have_url(f"{live_server}/me/privacy/deleted/")
    assert Volunteer.objects.get().public_id != before


@pytest.mark.console_noise  # the browser logs the 410
def test_the_page_of_an_expired_link_is_accessible(page: Page, live_server: object, accessible: Callable[[], None]) -> None:
    from hunter.privacy.people import person_of

    user = factories.user(username="ann")
    sign_in(page, str(live_server), "ann", "/me/privacy/")
    job, _ = downloads.ask(person=person_of(user), language="en", now=timezone.now())
    worker(downloads.KIND, downloads.make)
    page.reload()
    address = page.get_by_role("link", name="Download the zip file").get_attribute("href")
    job.refresh_from_db()
    Job.objects.filter(pk=job.pk).update(finished_at=timezone.now() - downloads.KEPT)
    answer = page.goto(f"{live_server}{address}")
    assert answer is not None
    assert answer.status == 410
    expect(page.get_by_role("heading", level=1)).to_have_text("This link has expired")
    accessible()
