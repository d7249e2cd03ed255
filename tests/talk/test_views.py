"""The pages of Talk, without JavaScript and with htmx."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

import classify.services
from classify.models import Reveal, Volunteer
from talk import services
from talk.models import Board, Comment, Discussion, TagUse
from talk.selectors.discussions import COMMENTS_PER_PAGE
from talk.viewers import Viewer
from tests import factories
from tests.factories import NOW
from tests.talk.conftest import person, start, write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unlimited")]
SignedIn = Callable[[Viewer], Client]
HTMX: dict[str, Any] = {"headers": {"HX-Request": "true"}}


def text(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def form(body: str, **fields: Any) -> dict[str, Any]:
    return {"body": body, "request_id": str(uuid.uuid4()), **fields}


def hide(subject: Any) -> Any:
    """Let others classify a subject blind again."""
    return factories.status(subject=subject, workflow=factories.workflow())


# --- reading -------------------------------------------------------------------------------------


def test_everybody_reads_and_gets_a_link_to_sign_in(client: Client, boards: dict[str, Board]) -> None:
    ann = person("ann")
    comment = write(ann, factories.subject(), "Look, **a trail** #satellite")
    thread = f"/talk/discussions/{comment.discussion_id}/"
    for address, words in {
        "/talk/": ["Notes", "Announcements", "#satellite", comment.discussion.title],
        "/talk/boards/notes/": [comment.discussion.title, "begun by ann", "1 comment"],
        thread: ["ann", "#satellite", "Sign in to write here", "Image: NASA/ESA/STScI"],
        "/talk/tags/": ["#satellite"],
        "/talk/tags/satellite/": [f"S{comment.discussion.subject.public_id}", "1 person", "tagged by 1 person"],  # type: ignore[union-attr]
    }.items():
        page = client.get(address)
        assert page.status_code == 200
        assert [word for word in words if word not in text(page)] == []
    page = client.get(thread).content.decode()
    assert "<strong>a trail</strong>" in page
    assert f"/accounts/login/?next={thread}" in page
    assert "<textarea" not in page
    assert not Volunteer.objects.filter(kind="visitor").exists()


def test_boards_tags_and_threads_that_do_not_exist(client: Client, boards: dict[str, Board]) -> None:
    huge = 10**30
    for address in (
        "boards/none/",
        "discussions/1/",
        f"discussions/{huge}/",
        "comments/1/",
        f"comments/{huge}/",
        "subjects/1/",
        f"subjects/{huge}/",
        "tags/a b/",
    ):
        assert client.get(f"/talk/{address}").status_code == 404
    assert client.get("/talk/tags/nobody-used-this/").status_code == 200
    assert client.get("/talk/tags/SATELLITE/")["Location"] == "/talk/tags/satellite/"


@pytest.mark.parametrize("count", [1, 3, 30])
def test_pages_ask_the_database_as_often_for_one_as_for_thirty(
    client: Client, boards: dict[str, Board], count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ann, subject = person(), factories.subject()
    for number in range(count):
        write(ann, factories.subject(), f"#satellite {number}")
        last = write(ann, subject, f"#tag{number}")
    addresses = {
        "/talk/": 6,
        "/talk/boards/notes/": 7,
        f"/talk/discussions/{last.discussion_id}/": 8,
        "/talk/tags/satellite/": 6,
        "/talk/tags/": 1,
        f"/talk/subjects/{subject.public_id}/": 9,
    }
    for address, queries in addresses.items():
        with django_assert_num_queries(queries):
            assert client.get(address).status_code == 200


def test_a_comment_has_an_address_that_finds_its_page(client: Client, boards: dict[str, Board]) -> None:
    ann, subject = person(), factories.subject()
    comments = [write(ann, subject, f"Comment {number}") for number in range(COMMENTS_PER_PAGE + 1)]
    thread = f"/talk/discussions/{comments[0].discussion_id}/"
    assert client.get(f"/talk/comments/{comments[0].pk}/")["Location"] == f"{thread}#comment-{comments[0].pk}"
    assert client.get(f"/talk/comments/{comments[-1].pk}/")["Location"] == f"{thread}?page=2#comment-{comments[-1].pk}"
    assert f'id="comment-{comments[-1].pk}"' in client.get(f"{thread}?page=2").content.decode()


# --- the blind rule ------------------------------------------------------------------------------


def test_a_hidden_thread_is_a_door_that_opens_for_one_person(client: Client, boards: dict[str, Board]) -> None:
    subject = factories.subject()
    comment = write(person("ann"), subject, "Obviously a #satellite")
    hide(subject)
    thread = f"/talk/discussions/{comment.discussion_id}/"
    for address in (thread, f"/talk/subjects/{subject.public_id}/"):
        page = client.get(address)
        assert "Show (you will then not be asked to classify it)" in text(page)
        assert "satellite" not in text(page).lower()
    for address in ("/talk/", "/talk/boards/notes/", "/talk/tags/satellite/"):
        page = client.get(address)
        assert str(subject.public_id) not in text(page)
        assert "Obviously" not in text(page)
    assert client.get(f"/talk/comments/{comment.pk}/").status_code == 404
    assert not Reveal.objects.exists()

    shown = client.post(f"/talk/subjects/{subject.public_id}/show/", {"next": thread})
    assert shown["Location"] == thread
    assert Reveal.objects.get().root == subject
    assert "Obviously a #satellite" in text(client.get(thread))
    assert "Obviously" not in text(Client().get(thread))


def test_showing_never_leads_elsewhere(client: Client, boards: dict[str, Board]) -> None:
    subject = factories.subject()
    for target in ("https://evil.example/", "//evil.example", "javascript:alert(1)", ""):
        there = client.post(f"/talk/subjects/{subject.public_id}/show/", {"next": target})["Location"]
        assert there == f"/talk/subjects/{subject.public_id}/"


def test_showing_by_htmx_answers_with_the_part(client: Client, boards: dict[str, Board]) -> None:
    subject = factories.subject()
    write(person(), subject, "Look here")
    hide(subject)
    part = client.post(f"/talk/subjects/{subject.public_id}/show/", **HTMX)
    assert part.status_code == 200
    assert "Look here" in text(part)
    assert "<html" not in part.content.decode()


def test_writing_about_a_hidden_subject_is_refused_and_shows_nothing(signed_in: SignedIn) -> None:
    subject, bob = factories.subject(), person()
    write(person(), subject, "A secret")
    hide(subject)
    browser = signed_in(bob)
    for address, data in {"comments/": form("Mine"), "tags/": {"tag": "arc"}, "tags/arc/remove/": {}}.items():
        answer = browser.post(f"/talk/subjects/{subject.public_id}/{address}", data)
        assert answer.status_code == 403
        assert "A secret" not in text(answer)
    assert Comment.objects.count() == 1
    assert not TagUse.objects.exists()


# --- writing -------------------------------------------------------------------------------------


def test_a_comment_is_stored_once_and_shown_where_it_stands(signed_in: SignedIn) -> None:
    ann, subject = person("ann"), factories.subject()
    first = write(ann, subject)
    browser, sent = signed_in(ann), form("See http://testserver/subjects/77/ #Trail")
    thread = f"/talk/discussions/{first.discussion_id}/"
    for _ in range(2):
        answer = browser.post(f"{thread}comments/", sent)
        made = Comment.objects.latest("pk")
        assert answer["Location"] == f"{thread}#comment-{made.pk}"
    assert Comment.objects.count() == 2
    page = browser.get(thread).content.decode()
    assert '<a href="/subjects/77/" class="talk-subject" rel="nofollow ugc">S77</a>' in page
    assert f"/talk/comments/{made.pk}/edit/" in page


def test_a_preview_stores_nothing_with_and_without_htmx(signed_in: SignedIn) -> None:
    thread = start(person(), Board.objects.get(slug="chat"))
    browser = signed_in(person())
    page = browser.post(f"/talk/discussions/{thread.pk}/comments/", form("So **bold**", preview="1")).content.decode()
    assert "<strong>bold</strong>" in page
    assert "So **bold**" in page
    part = browser.post("/talk/preview/", form("So **bold**"), **HTMX).content.decode()
    assert "<strong>bold</strong>" in part
    assert "<html" not in part
    assert "Write something first." in text(browser.post("/talk/preview/", {"body": ""}))
    assert Client().post("/talk/preview/", {"body": "x"}).status_code == 403
    assert Comment.objects.count() == 1


def test_a_refused_text_comes_back_in_the_form(signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    from core import throttles

    monkeypatch.setitem(throttles.LIMITS, "comments", throttles.Limit((throttles.Window(0, 60),), ()))
    thread = start_unlimited()
    browser, sent = signed_in(person()), form("A text that took me an hour")
    answer = browser.post(f"/talk/discussions/{thread.pk}/comments/", sent)
    assert answer.status_code == 429
    assert "A text that took me an hour" in answer.content.decode()
    assert sent["request_id"] in answer.content.decode()
    assert "Please wait 1 minute" in text(answer)
    assert browser.post(f"/talk/discussions/{thread.pk}/comments/", form("")).status_code == 400
    assert browser.post(f"/talk/discussions/{thread.pk}/comments/", form("x" * 10_001)).status_code == 400
    assert browser.post(f"/talk/discussions/{thread.pk}/comments/", form("a\x00b")).status_code == 400
    assert browser.post(f"/talk/discussions/{thread.pk}/comments/", {"body": "x", "request_id": "no"}).status_code == 400


def start_unlimited() -> Discussion:
    """A discussion that was there before."""
    viewer = person()
    thread = Discussion.objects.create(
        board=Board.objects.get(slug="chat"), title="Old", author=viewer.volunteer, created_at=NOW, last_comment_at=NOW
    )
    Comment.objects.create(discussion=thread, author=viewer.volunteer, body="Old", html="<p>Old</p>", created_at=NOW)
    return thread


def test_a_new_discussion(signed_in: SignedIn) -> None:
    browser = signed_in(person())
    assert "New discussion" in text(browser.get("/talk/boards/chat/"))
    assert browser.get("/talk/boards/chat/new/").status_code == 200
    assert browser.post("/talk/boards/chat/new/", form("Hello", title="ab")).status_code == 400
    assert "<em>Hello</em>" in browser.post("/talk/boards/chat/new/", form("*Hello*", title="Tea", preview="1")).content.decode()
    assert browser.post("/talk/boards/announcements/new/", form("Hello", title="News")).status_code == 403
    assert browser.post("/talk/boards/notes/new/", form("Hello", title="News")).status_code == 403
    assert not Discussion.objects.exists()
    answer = browser.post("/talk/boards/chat/new/", form("Hello", title="Tea or coffee"))
    assert answer["Location"] == f"/talk/discussions/{Discussion.objects.get().pk}/"


def test_nobody_writes_without_an_account(client: Client, boards: dict[str, Board]) -> None:
    comment = write(person(), factories.subject())
    thread, subject = comment.discussion_id, comment.discussion.subject.public_id  # type: ignore[union-attr]
    for address in (
        f"discussions/{thread}/comments/",
        "boards/chat/new/",
        f"comments/{comment.pk}/edit/",
        f"subjects/{subject}/comments/",
        f"subjects/{subject}/tags/",
        f"subjects/{subject}/tags/arc/remove/",
    ):
        assert client.post(f"/talk/{address}", form("Mine", title="Mine", tag="arc"))["Location"].startswith("/accounts/login/?next=")
    client.post(f"/talk/comments/{comment.pk}/delete/")
    client.post(f"/talk/discussions/{thread}/moderate/", {"action": "lock"})
    comment.refresh_from_db()
    assert (comment.deleted_at, comment.discussion.locked, Comment.objects.count()) == (None, False, 1)


def test_editing_and_deleting_ones_own_comment(signed_in: SignedIn) -> None:
    ann = person("ann")
    comment = write(ann, factories.subject(), "Before")
    browser, stranger = signed_in(ann), signed_in(person())
    edit, thread = f"/talk/comments/{comment.pk}/edit/", f"/talk/discussions/{comment.discussion_id}/"
    assert "Before" in browser.get(edit).content.decode()
    assert stranger.get(edit).status_code == 302
    assert "<em>now</em>" in browser.post(edit, {"body": "*now*", "preview": "1"}).content.decode()
    assert browser.post(edit, {"body": ""}).status_code == 400
    assert browser.post(edit, {"body": "After"}).status_code == 302
    assert "edited" in text(browser.get(thread))
    stranger.post(f"/talk/comments/{comment.pk}/delete/")
    assert "After" in text(browser.get(thread))
    browser.post(f"/talk/comments/{comment.pk}/delete/")
    page = text(stranger.get(thread))
    assert "This comment was deleted." in page
    assert "After" not in page
    assert browser.get(f"/talk/comments/{comment.pk}/").status_code == 404


def test_a_moderator_closes_pins_and_deletes(signed_in: SignedIn) -> None:
    comment = write(person(), factories.subject(), "Buy this")
    browser = signed_in(person(permissions=["talk.moderate"]))
    thread = f"/talk/discussions/{comment.discussion_id}/"
    assert "Moderation" in text(browser.get(thread))
    for action in ("lock", "stick", "nonsense"):
        assert browser.post(f"{thread}moderate/", {"action": action}).status_code == 302
    browser.post(f"/talk/comments/{comment.pk}/delete/", {"reason": "spam"})
    found = Discussion.objects.get()
    assert (found.locked, found.sticky, found.comments.get().deleted_at is None) == (True, True, False)
    visitor = text(signed_in(person()).get(thread))
    assert "This discussion is closed." in visitor
    assert "Moderation" not in visitor
    assert signed_in(person()).post(f"{thread}comments/", form("But")).status_code == 403


# --- a subject's tags and thread -----------------------------------------------------------------


def test_tag_chips_come_and_go(signed_in: SignedIn) -> None:
    ann, subject = person(), factories.subject()
    browser, tags = signed_in(ann), f"/talk/subjects/{subject.public_id}/tags/"
    part = browser.post(tags, {"tag": "#Satellite"}, **HTMX)
    assert part.content.decode().lstrip().startswith('<div class="talk-tags" id="talk-tags">')
    assert "#satellite" in text(part)
    wrong = browser.post(tags, {"tag": "a b"}, **HTMX)
    assert wrong.status_code == 200
    assert "A tag has 3 to 40 letters" in text(wrong)
    assert browser.post(tags, {"tag": "a b"}).status_code == 400
    assert browser.post(tags, {}).status_code == 400
    assert browser.post(tags, {"tag": "arc", "next": f"/subjects/{subject.public_id}/"})["Location"] == f"/subjects/{subject.public_id}/"
    assert "#satellite" not in text(browser.post(f"{tags}satellite/remove/", **HTMX))
    assert list(TagUse.objects.values_list("tag__name", flat=True)) == ["arc"]


def test_a_newcomer_without_a_volunteer_can_write(signed_in: SignedIn) -> None:
    user, subject = factories.user(username="newcomer"), factories.subject()
    browser = signed_in(Viewer(user=user))
    assert browser.get(f"/talk/subjects/{subject.public_id}/").status_code == 200
    assert not Volunteer.objects.filter(user=user).exists()
    answer = browser.post(f"/talk/subjects/{subject.public_id}/comments/", form("My first"))
    comment = Comment.objects.get()
    assert answer["Location"] == f"/talk/discussions/{comment.discussion_id}/#comment-{comment.pk}"
    assert comment.author == Volunteer.objects.get(user=user)


def test_commenting_on_a_subject_by_htmx(signed_in: SignedIn) -> None:
    subject = factories.subject()
    browser, address = signed_in(person()), f"/talk/subjects/{subject.public_id}/comments/"
    part = browser.post(address, form("The first"), **HTMX)
    assert "The first" in text(part)
    assert "<html" not in part.content.decode()
    wrong = browser.post(address, form(""), **HTMX)
    assert wrong.status_code == 200
    assert "Write something first." in text(wrong)
    assert "<em>x</em>" in browser.post(address, form("*x*", preview="1")).content.decode()
    assert browser.post("/talk/subjects/1/comments/", form("x")).status_code == 404
    assert Comment.objects.count() == 1


def test_simulated_people_are_marked(client: Client, boards: dict[str, Board]) -> None:
    class Account:
        is_authenticated = True

        def has_perm(self, name: str) -> bool:
            return False

    robot = Viewer(user=Account(), volunteer=classify.services.new_demo_volunteer(now=NOW, name="vega"))
    comment = services.comment_on_subject(viewer=robot, subject=factories.subject(), draft=services.Draft(body="Beep"), now=NOW)
    assert "vega demo" in text(client.get(f"/talk/discussions/{comment.discussion_id}/"))
