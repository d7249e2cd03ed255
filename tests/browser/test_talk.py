"""Talk in a real Chromium: writing by keyboard, previews, tag chips, a door that opens, hostile text, and no scripts at all."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from talk.models import Comment, Discussion, TagUse
from talk.seeds import seed_boards
from tests import factories
from tests.factories import NOW, PASSWORD
from tests.talk.conftest import person, write
from tests.talk.test_markdown import HOSTILE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("boards_there")]


@pytest.fixture
def boards_there(transactional_db: None) -> None:
    """The boards that come with the software."""
    seed_boards(NOW)


def sign_in(page: Page, url: str, name: str, then: str = "/talk/") -> None:
    page.goto(f"{url}/accounts/login/?next={then}")
    page.locator("input[name=login]").fill(name)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(f"**{then}")


def test_a_person_previews_posts_and_tags(page: Page, live_server: object, accessible: Callable[[], None]) -> None:
    url = str(live_server)
    ann, subject = person("ann"), factories.subject()
    sign_in(page, url, ann.user.get_username(), f"/talk/subjects/{subject.public_id}/")
    page.get_by_label("Your comment").fill("A **trail** #satellite")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".talk-preview strong")).to_have_text("trail")
    assert Comment.objects.count() == 0
    page.get_by_label("Your comment").press("Tab")
    page.keyboard.press("Enter")  # Post is the next thing after the text
    expect(page.locator(".talk-comment .talk-text")).to_have_text("A trail #satellite")
    expect(page.get_by_label("Your comment")).to_have_value("")
    page.get_by_label("New tag").fill("#Arc")
    page.get_by_label("New tag").press("Enter")
    expect(page.locator(".talk-tags .chip").first).to_contain_text("#arc")
    accessible()
    page.get_by_label("New tag").fill("a b")
    page.get_by_label("New tag").press("Enter")
    expect(page.locator("#talk-tag-error")).to_contain_text("A tag has 3 to 40 letters")
    page.get_by_role("button", name="Take back #arc").click()
    expect(page.locator(".talk-tags")).not_to_contain_text("#arc")
    assert list(TagUse.objects.values_list("tag__name", flat=True)) == ["satellite"]
    page.goto(f"{url}/talk/tags/satellite/")
    expect(page.locator(".talk-grid .card")).to_contain_text(f"S{subject.public_id}")


def test_a_hidden_thread_opens_on_show(page: Page, live_server: object, accessible: Callable[[], None]) -> None:
    subject = factories.subject()
    comment = write(person("ann"), subject, "Obviously a satellite")
    factories.status(subject=subject, workflow=factories.workflow())
    page.goto(f"{live_server}/talk/discussions/{comment.discussion_id}/")
    expect(page.locator("main")).not_to_contain_text("Obviously")
    accessible()
    page.get_by_role("button", name="Show (you will then not be asked to classify it)").click()
    expect(page.locator(".talk-text")).to_have_text("Obviously a satellite")


@pytest.mark.parametrize("width", [1280, 390])
def test_pages_are_accessible_and_fit(page: Page, live_server: object, accessible: Callable[[], None], width: int) -> None:
    ann = person("ann")
    comment = write(ann, factories.subject(), "# A heading\n\n#satellite `code`\n\n|a|b|\n|-|-|\n|1|" + "x" * 300 + "|")
    page.set_viewport_size({"width": width, "height": 800})
    sign_in(page, str(live_server), "ann")
    for address in ("", "boards/notes/", "boards/chat/", "boards/chat/new/", "tags/", "tags/satellite/", f"discussions/{comment.discussion_id}/"):
        page.goto(f"{live_server}/talk/{address}")
        accessible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_hostile_comments_run_nothing_and_ask_nobody(page: Page, live_server: object) -> None:
    subject, ann = factories.subject(), person("ann")
    thread = write(ann, subject, "First").discussion
    for text in HOSTILE:
        body = "".join(sign for sign in text if sign >= " " or sign in "\n\t")
        from talk.markdown import render

        Comment.objects.create(discussion=thread, author=ann.volunteer, body=body, html=render(body).html, created_at=NOW)
    said: list[str] = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    for number in (1, 2):
        page.goto(f"{live_server}/talk/discussions/{thread.pk}/?page={number}")
        for link in page.locator(".talk-text a:visible").all()[:40]:
            link.dispatch_event("mouseover")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert said == []


def test_everything_works_without_scripts(browser: Browser, live_server: object) -> None:
    context = browser.new_context(java_script_enabled=False)
    page, url, ann = context.new_page(), str(live_server), person("ann")
    sign_in(page, url, ann.user.get_username(), "/talk/boards/chat/new/")
    page.get_by_label("Title").fill("Tea or coffee")
    page.get_by_label("Your comment").fill("*Tea*")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".talk-preview em")).to_have_text("Tea")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tea or coffee")
    page.get_by_label("Your comment").fill("Or coffee")
    page.get_by_role("button", name="Post").click()
    expect(page.locator(".talk-text").last).to_have_text("Or coffee")
    page.locator(".talk-comment").last.get_by_text("Delete", exact=True).click()
    page.get_by_role("button", name="Delete this comment").last.click()
    expect(page.locator(".talk-comment").last).to_contain_text("This comment was deleted.")
    assert Discussion.objects.get().comments.count() == 2
    context.close()
