"""Mine in a real browser: hearts, the menu of collections, what I did; with and without scripts, at both widths and in both themes."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from talk import services
from talk.models import Collection, CollectionItem
from talk.services import About
from talk.viewers import Viewer
from tests import factories
from tests.factories import NOW, PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ann(flow: Any) -> Viewer:
    """Somebody who has classified, has a public collection, and an account."""
    user = factories.user(username="ann")
    viewer = Viewer(user=user, volunteer=factories.volunteer(user=user))
    finished = factories.workflow(count=1)
    shown = [factories.subject(workflow=finished) for _ in range(3)]
    for subject, answer in zip(shown, ("yes", "no", "impossible"), strict=True):
        marks = [(20.0, 30.0, 200.0, 90.0)] if answer == "yes" else []
        factories.vote(subject=subject, workflow=finished, answer=answer, volunteer=viewer.volunteer, marks=marks)
    about = About("Long trails", "The **longest** ones.", public=True)
    services.make_collection(viewer=viewer, about=about, roots=[subject.pk for subject in shown], now=NOW)
    return viewer


def sign_in(page: Page, site: Any, viewer: Viewer) -> None:
    page.goto(f"{site.url}/accounts/login/")
    page.locator("input[name=login]").fill(viewer.user.get_username())
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url(lambda address: "/accounts/login/" not in address)


def test_a_heart_is_one_tap_and_goes_back_where_it_was_not_stored(page: Page, live_server: Any, ann: Viewer, flow: Any) -> None:
    subject = flow.statuses.first().subject
    page.goto(f"{live_server.url}/subjects/{subject.public_id}/")
    heart = page.get_by_role("button", name="Favourite")

    expect(heart).to_have_attribute("aria-pressed", "false")
    heart.focus()
    with page.expect_response(lambda answer: "/favourites/" in answer.url) as stored:
        page.keyboard.press("Enter")
    assert stored.value.status == 204
    expect(heart).to_have_attribute("aria-pressed", "true")
    expect(heart).to_be_focused()
    assert CollectionItem.objects.get(collection__favourites=True).subject == subject
    page.reload()
    expect(heart).to_have_attribute("aria-pressed", "true")


@pytest.mark.console_noise  # the browser notes the refused request
def test_a_heart_that_could_not_be_stored_says_so(page: Page, live_server: Any, ann: Viewer, flow: Any) -> None:
    page.goto(f"{live_server.url}/subjects/{flow.statuses.first().subject.public_id}/")

    def fail(route: Route) -> None:
        route.fulfill(status=503, body="{}", content_type="application/json")

    page.route("**/favourites/**", fail)
    page.get_by_role("button", name="Favourite").click()
    expect(page.get_by_text("This favourite could not be stored.")).to_be_visible()
    expect(page.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "false")


def test_without_scripts_hearts_and_the_menu_are_forms(live_server: Any, another_browser: Callable[..., Any], ann: Viewer, flow: Any) -> None:
    subject = flow.statuses.first().subject
    page = another_browser(java_script_enabled=False).new_page()
    sign_in(page, live_server, ann)
    page.goto(f"{live_server.url}/subjects/{subject.public_id}/")

    page.get_by_role("button", name="Favourite").click()
    expect(page.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
    page.locator(".collect-menu summary").click()
    page.get_by_role("button", name="Long trails").click()
    assert Collection.objects.get(favourites=False).items.count() == 4
    page.locator(".collect-menu summary").click()
    expect(page.get_by_role("button", name="Long trails")).to_have_attribute("aria-pressed", "true")


def test_the_menu_makes_and_fills_collections(page: Page, live_server: Any, ann: Viewer, flow: Any) -> None:
    subject = flow.statuses.first().subject
    sign_in(page, live_server, ann)
    page.goto(f"{live_server.url}/subjects/{subject.public_id}/")
    page.locator(".collect-menu summary").click()

    page.get_by_role("button", name="Long trails").click()
    expect(page.get_by_role("button", name="Long trails")).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Title of a new collection").fill("Odd ones")
    page.get_by_role("button", name="Make and add").click()
    expect(page.get_by_role("button", name="Odd ones")).to_have_attribute("aria-pressed", "true")
    assert sorted(Collection.objects.filter(items__subject=subject).values_list("title", flat=True)) == ["Long trails", "Odd ones"]


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_sticks_out(
    page: Page, live_server: Any, accessible: Callable[[], None], ann: Viewer, flow: Any, width: int
) -> None:
    services.set_favourite(viewer=ann, subject=flow.statuses.first().subject, on=True, now=NOW)
    mine = Collection.objects.get(favourites=False)
    page.set_viewport_size({"width": width, "height": 844})
    sign_in(page, live_server, ann)
    shown = mine.items.first().subject.public_id  # type: ignore[union-attr]
    paths = ("/me/", "/me/?answer=yes&tag=none", "/me/collections/", "/collections/", f"/collections/{mine.public_id}/")
    for path in (*paths, f"/collections/{mine.public_id}/add/", f"/collections/{mine.public_id}/delete/", f"/subjects/{shown}/", "/people/ann/"):
        page.goto(live_server.url + path)
        if path.startswith("/subjects/"):
            page.locator(".collect-menu summary").click()
        for theme in ("dark", "light"):
            page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
            accessible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_what_i_did_is_filtered_by_keyboard(page: Page, live_server: Any, ann: Viewer) -> None:
    sign_in(page, live_server, ann)
    page.goto(f"{live_server.url}/me/")
    expect(page.locator(".did-list > li")).to_have_count(3)
    expect(page.locator(".recents > li")).to_have_count(3)

    page.locator(".filters summary").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Answer").select_option("yes")
    page.get_by_label("Answer").press("Tab")
    page.get_by_role("button", name="Show", exact=True).press("Enter")
    expect(page.locator(".did-list > li")).to_have_count(1)
    assert "answer=yes" in page.url
    expect(page.locator(".did-list polyline.trail-people")).to_have_count(1)
