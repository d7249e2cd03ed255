"""Collections over HTTP: pages, forms without scripts, and the API."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.models import AuditEntry
from talk import services
from talk.models import Collection
from talk.services import About
from talk.viewers import Viewer
from tests import factories
from tests.factories import NOW
from tests.talk.conftest import person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("boards")]
SignedIn = Callable[[Viewer], Client]
API = "/api/v1/talk"


def make(viewer: Viewer, *subjects: Any, public: bool = False, title: str = "Long trails") -> Collection:
    return services.make_collection(viewer=viewer, about=About(title, public=public), roots=[subject.pk for subject in subjects], now=NOW)


def test_a_visitor_taps_a_heart_and_keeps_it_on_signing_in(client: Client) -> None:
    user, subject = factories.user(), factories.subject()
    page = f"/subjects/{subject.public_id}/"

    back = client.post(f"/talk/subjects/{subject.public_id}/favourite/", {"on": "1", "next": page})
    assert (back.status_code, back["Location"]) == (302, page)
    assert 'aria-pressed="true"' in client.get(page).content.decode()
    assert "Favourites" in client.get("/me/collections/").content.decode()
    client.force_login(user)
    assert 'aria-pressed="true"' in client.get(page).content.decode()
    client.get("/me/collections/")
    assert Collection.objects.get().owner.user == user
    assert client.delete(f"{API}/favourites/{subject.public_id}/").status_code == 204
    assert 'aria-pressed="true"' not in client.get(page).content.decode()
    assert client.put(f"{API}/favourites/1/").status_code == 404


def test_a_private_collection_is_not_there_for_others(client: Client, signed_in: SignedIn) -> None:
    ann, subject = person(), factories.subject()
    mine = make(ann, subject)
    owner, other = signed_in(ann), signed_in(person())
    path, api = f"/collections/{mine.public_id}/", f"{API}/collections/{mine.public_id}/"
    reads = [path, f"{path}export/csv/", f"{path}export/json/", api, f"{api}subjects/", f"{api}export/"]

    assert {owner.get(address).status_code for address in reads} == {200}
    for nobody in (client, other):
        assert {nobody.get(address).status_code for address in [*reads, f"{path}edit/", f"{path}delete/", f"{path}add/"]} == {404}
        assert {nobody.post(f"{path}{act}/").status_code for act in ("edit", "add", "remove", "delete", "hide")} == {404}
        assert mine.title not in nobody.get("/collections/").content.decode()
        assert nobody.get(f"{API}/collections/").json()["results"] == []
    Collection.objects.update(public=True)
    assert {client.get(address).status_code for address in reads} == {200}
    assert {other.post(f"{path}{act}/").status_code for act in ("edit", "add", "remove", "delete")} == {404}
    assert mine.title in client.get("/collections/?q=TRAIL").content.decode()
    assert mine.title not in client.get("/collections/?q=galaxy").content.decode()
    assert mine.title in client.get(f"/people/{ann.user.get_username()}/").content.decode()


def test_a_collection_is_made_filled_changed_and_deleted_with_forms(signed_in: SignedIn) -> None:
    ann, subjects = person(), [factories.subject() for _ in range(3)]
    browser = signed_in(ann)
    first, second, third = (str(subject.public_id) for subject in subjects)

    made = browser.post("/collections/new/", {"title": "Arcs <b>", "description": "**Long**", "public": "on", "ids": f"S{first}, {second}"})
    path = made["Location"]
    page = browser.get(path).content.decode()
    assert [part for part in (f"S{first}", "Arcs &lt;b&gt;", "<strong>Long</strong>") if part not in page] == []
    sent = SimpleUploadedFile("list.csv", f"subject_id\n{third}\nzero\n".encode())
    refused = browser.post(f"{path}add/", {"file": sent})
    assert (refused.status_code, "line 3: zero" in refused.content.decode()) == (400, True)
    assert f"S{third}" not in browser.get(path).content.decode()
    for wrong in (
        {},
        {"ids": first, "tag": "comet"},
        {"file": SimpleUploadedFile("a.csv", b"\xff\xfe")},
        {"file": SimpleUploadedFile("a.csv", b"id\n1")},
    ):
        assert browser.post(f"{path}add/", wrong).status_code == 400
    browser.post(f"{path}add/", {"file": SimpleUploadedFile("list.csv", f"n,subject_id\n1,{third}\n".encode())})
    browser.post(f"{path}remove/", {"subject": first})
    found = Collection.objects.get()
    assert [item.subject for item in found.items.all()] == subjects[1:]
    browser.post(f"{path}edit/", {"title": "Arcs", "description": ""})
    found.refresh_from_db()
    assert (found.title, found.public) == ("Arcs", False)
    assert "cannot be undone" in browser.get(f"{path}delete/").content.decode()
    browser.post(f"{path}delete/")
    assert Collection.objects.count() == 0


def test_the_menu_of_a_subject_adds_and_takes_out(signed_in: SignedIn) -> None:
    ann, subject = person(), factories.subject()
    browser, path = signed_in(ann), f"/talk/subjects/{subject.public_id}/collect/"

    menu = browser.post(path, {"title": "Odd"}, headers={"HX-Request": "true"}).content.decode()
    mine = Collection.objects.get()
    assert (mine.items.count(), "Odd" in menu) == (1, True)
    browser.post(path, {"collection": mine.public_id, "on": "0"})
    assert mine.items.count() == 0
    browser.post(path, {"collection": mine.public_id, "on": "1"})
    assert mine.items.count() == 1
    refused = browser.post(path, {"title": " "}, headers={"HX-Request": "true"})
    assert (refused.status_code, "Give the collection a title" in refused.content.decode()) == (200, True)
    assert browser.post(path, {"collection": make(person(), public=True).public_id}).status_code == 404


def test_moderators_make_a_public_collection_private(signed_in: SignedIn) -> None:
    mine = make(person(), public=True)
    moderator = signed_in(person(permissions=["talk.moderate"]))

    assert "Make private" in moderator.get(f"/collections/{mine.public_id}/").content.decode()
    moderator.post(f"/collections/{mine.public_id}/hide/")
    mine.refresh_from_db()
    assert mine.public is False
    assert AuditEntry.objects.get(object_type="collection").object_id == mine.public_id


def test_the_api_does_what_the_pages_do(signed_in: SignedIn, client: Client) -> None:
    ann, subjects = person(), [factories.subject() for _ in range(3)]
    browser, numbers = signed_in(ann), [subject.public_id for subject in subjects]

    def send(method: str, path: str, **body: Any) -> Any:
        return browser.generic(method, f"{API}/collections/{path}", json.dumps(body), content_type="application/json")

    made = send("POST", "", title="Arcs", public=True, subjects=numbers[:2])
    one = made.json()
    assert (made.status_code, one["subjects"], one["owner"]["name"]) == (201, 2, ann.user.get_username())
    path = f"{one['id']}/"
    wrong = send("POST", f"{path}subjects/", subjects=[numbers[2], 5])
    assert (wrong.status_code, wrong.json()["lines"], wrong["Content-Type"]) == (400, [{"line": 2, "text": "5"}], "application/problem+json")
    assert send("POST", f"{path}subjects/", subjects=numbers).json() == {"added": 1}
    assert [row["id"] for row in client.get(f"{API}/collections/{path}subjects/").json()["results"]] == numbers[::-1]
    assert send("DELETE", f"{path}subjects/{numbers[0]}/").status_code == 204
    assert send("PATCH", path, description="Long ones").json()["description"] == "Long ones"
    assert [row["id"] for row in client.get(f"{API}/collections/").json()["results"]] == [one["id"]]
    assert client.get(f"{API}/collections/?mine=1").json()["results"] == []
    assert client.get(f"{API}/collections/?mine=perhaps").status_code == 400
    file: Any = client.get(f"{API}/collections/{path}export/?format=json")
    assert [row["subject_id"] for row in json.loads(b"".join(file.streaming_content))["subjects"]] == numbers[1:]
    assert client.get(f"{API}/collections/{path}export/?format=xml").status_code == 400
    assert client.post(f"{API}/collections/", {"title": "Mine"}, content_type="application/json").status_code == 403
    assert client.patch(f"{API}/collections/{path}", {"title": "His"}, content_type="application/json").status_code == 404
    assert send("POST", "", title="Arcs", subjects=numbers, tag="comet").status_code == 400
    assert send("DELETE", path).status_code == 204
    assert Collection.objects.count() == 0
