"""The API of Talk."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from talk import services
from talk.models import Board, Comment, Discussion
from talk.viewers import Viewer
from tests import factories
from tests.factories import NOW
from tests.talk.conftest import person, start, write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unlimited")]
SignedIn = Callable[[Viewer], Client]
API = "/api/v1/talk"


def post(browser: Client, **body: Any) -> Any:
    return browser.post(f"{API}/comments/", body, content_type="application/json")


def test_tags_with_their_people_and_subjects(client: Client, boards: dict[str, Board]) -> None:
    ann, subject = person(), factories.subject()
    write(ann, subject, "#satellite #arc")
    services.add_tag(viewer=person(), subject=subject, name="satellite", now=NOW)
    satellite, arc = {"name": "satellite", "people": 2, "subjects": 1}, {"name": "arc", "people": 1, "subjects": 1}
    assert client.get(f"{API}/tags/").json() == {"next": None, "previous": None, "results": [arc, satellite]}
    assert client.get(f"{API}/popular/").json() == {"results": [satellite, arc]}
    assert client.get(f"{API}/popular/?limit=1").json() == {"results": [satellite]}
    page = client.get(f"{API}/tags/SATELLITE/").json()
    preview = page["results"][0].pop("preview")
    assert preview.endswith(".jpg")
    assert page == {"name": "satellite", "people": 2, "hidden": 0, "pages": 1, "page": 1, "results": [{"id": subject.public_id, "people": 2}]}


@pytest.mark.parametrize("limit", ["0", "101", "x", "-1", "1e3", "9" * 40, "²"])
def test_a_wrong_limit_is_named(client: Client, db: None, limit: str) -> None:
    answer = client.get(f"{API}/popular/", {"limit": limit})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["limit"])
    assert answer["Content-Type"] == "application/problem+json"


def test_a_discussion_and_its_comments(client: Client, boards: dict[str, Board]) -> None:
    ann, subject = person("ann"), factories.subject()
    comments = [write(ann, subject, f"*Comment* {number}") for number in range(3)]
    services.delete_comment(viewer=ann, comment=comments[1], now=NOW)
    thread = client.get(f"{API}/discussions/{comments[0].discussion_id}/").json()
    assert (thread["board"], thread["subject"], thread["title"], thread["locked"]) == ("notes", subject.public_id, f"S{subject.public_id}", False)
    rows = client.get(thread["comments"]).json()["results"]
    assert [row["id"] for row in rows] == [comments[0].pk, comments[2].pk]
    assert rows[0] == {
        "id": comments[0].pk,
        "discussion": comments[0].discussion_id,
        "subject": subject.public_id,
        "author": {"id": ann.volunteer.public_id, "name": "ann"},  # type: ignore[union-attr]
        "reply_to": None,
        "body": "*Comment* 0",
        "html": "<p><em>Comment</em> 0</p>\n",
        "created_at": "2026-03-01T12:00:00Z",
        "edited_at": None,
        "address": f"/talk/comments/{comments[0].pk}/",
    }


@pytest.mark.parametrize("count", [1, 3, 30])
def test_lists_ask_the_database_as_often_for_one_as_for_thirty(
    client: Client, boards: dict[str, Board], count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        write(person(), factories.subject(), f"#satellite #tag{number}")
    for address, queries in {"comments/": 1, "tags/": 1, "popular/": 1, "tags/satellite/": 4}.items():
        with django_assert_num_queries(queries):
            assert client.get(f"{API}/{address}").json()["results"]


def test_hidden_threads_are_refused_and_left_out(client: Client, boards: dict[str, Board]) -> None:
    subject = factories.subject()
    comment = write(person(), subject, "A secret #satellite")
    factories.status(subject=subject, workflow=factories.workflow())
    for address in (f"discussions/{comment.discussion_id}/", f"comments/?discussion={comment.discussion_id}"):
        answer = client.get(f"{API}/{address}")
        assert (answer.status_code, answer.json()["code"]) == (403, "hidden")
    assert client.get(f"{API}/comments/").json()["results"] == []
    page = client.get(f"{API}/tags/satellite/").json()
    assert (page["hidden"], page["results"]) == (1, [])


def test_writing(signed_in: SignedIn) -> None:
    ann, subject, ident = person(), factories.subject(), str(uuid.uuid4())
    browser = signed_in(ann)
    made = post(browser, subject=subject.public_id, body=" On a subject #arc ", request_id=ident)
    again = post(browser, subject=subject.public_id, body="On a subject #arc", request_id=ident)
    assert (made.status_code, again.status_code, made.json()) == (201, 201, again.json())
    assert made["Location"] == f"/talk/discussions/{made.json()['discussion']}/#comment-{made.json()['id']}"
    reply = post(browser, discussion=made.json()["discussion"], body="A reply", reply_to=made.json()["id"]).json()
    assert (reply["reply_to"], reply["subject"]) == (made.json()["id"], subject.public_id)
    rival = post(signed_in(person()), subject=subject.public_id, body="Mine", request_id=ident)
    assert (rival.status_code, rival.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"body": "x"}, 400),
        ({"body": "x", "subject": 1, "discussion": 1}, 400),
        ({"body": "", "subject": 1}, 400),
        ({"body": "x" * 10_001, "subject": 1}, 400),
        ({"body": "a\u0000b", "subject": 1}, 400),
        ({"body": "\ud800", "subject": 1}, 400),
        ({"body": "x", "subject": "one"}, 400),
        ({"body": "x", "subject": 1, "request_id": "no"}, 400),
        ({"body": "x", "subject": 1}, 404),
        ({"body": "x", "subject": 10**30}, 404),
        ({"body": "x", "discussion": 10**30}, 404),
        ({"body": ["x"], "subject": 1}, 400),
    ],
)
def test_wrong_bodies_are_refused_by_name(signed_in: SignedIn, body: dict[str, Any], status: int) -> None:
    answer = post(signed_in(person()), **body)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert not Comment.objects.exists()


def test_who_may_not_write(client: Client, signed_in: SignedIn) -> None:
    thread = start(person(), Board.objects.get(slug="chat"))
    answer = post(client, discussion=thread.pk, body="Mine")
    assert (answer.status_code, answer.json()["code"]) == (403, "sign_in")
    Discussion.objects.update(locked=True)
    answer = post(signed_in(person()), discussion=thread.pk, body="Mine")
    assert (answer.status_code, answer.json()["code"]) == (403, "locked")
    Board.objects.filter(slug="chat").update(can_read=Board.Who.TEAM)
    assert post(signed_in(person()), discussion=thread.pk, body="Mine").status_code == 404
    assert client.get(f"{API}/discussions/{thread.pk}/").status_code == 404
    assert client.get(f"{API}/comments/?discussion=x").status_code == 400
