"""Collections and favourites: what may be stored, whose they are, what others see of them, and that none is lost."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from classify import services as classify
from talk import selectors, services
from talk.idlists import NoColumn, read_csv, read_list
from talk.models import Collection, CollectionItem
from talk.services import About
from talk.viewers import ANYBODY, Viewer
from tests import factories
from tests.factories import NOW
from tests.talk.conftest import person, write

pytestmark = pytest.mark.django_db


def visitor() -> Viewer:
    return Viewer(volunteer=classify.new_visitor(now=NOW))


def hearts(viewer: Viewer, *subjects: Any) -> set[int]:
    return selectors.favourites_among(viewer.volunteer, [subject.pk for subject in subjects])


def heart(viewer: Viewer, subject: Any, *, on: bool = True) -> None:
    services.set_favourite(viewer=viewer, subject=subject, on=on, now=NOW)


def make(viewer: Viewer, *subjects: Any, title: str = "Long trails", public: bool = False) -> Collection:
    return services.make_collection(viewer=viewer, about=About(title, public=public), roots=[subject.pk for subject in subjects], now=NOW)


def test_a_list_is_read_as_people_write_it() -> None:
    typed = read_list("S12, 13 ^s14\n\nhttps://hunter.example.org/subjects/15/?x=1;x9\n")

    assert [(entry.line, entry.number) for entry in typed] == [(1, 12), (1, 13), (1, 14), (3, 15), (3, None)]
    assert [(e.line, e.number, e.text) for e in read_csv("\ufeffname,Subject_ID\na,7\n\nb,seven\nc\n")] == [
        (2, 7, "7"),
        (4, None, "seven"),
        (5, None, ""),
    ]
    with pytest.raises(NoColumn):
        read_csv("id\n7\n")


def test_a_favourite_hangs_on_the_root_and_twice_is_once() -> None:
    ann, find = person(), factories.find()
    for _ in range(2):
        heart(ann, find)

    assert (CollectionItem.objects.count(), hearts(ann, find, find.root)) == (1, {find.root_id})
    heart(ann, find, on=False)
    assert hearts(ann, find.root) == set()


def test_what_a_visitor_collected_is_theirs_after_signing_in() -> None:
    ann, other = person(), person()
    shared, early, late = factories.subject(), factories.subject(), factories.subject()
    for subject in (shared, late):
        heart(ann, subject)
    for _ in range(2):  # twice: two browsers before the account was used there
        before = visitor()
        heart(before, shared)
        heart(before, early)
        assert before.volunteer
        classify.merge_visitor(visitor=before.volunteer, person=ann.volunteer, now=NOW)  # type: ignore[arg-type]

    assert hearts(ann, shared, early, late) == {shared.pk, early.pk, late.pk}  # read through the merged visitors
    assert hearts(other, shared, early, late) == set()
    heart(ann, late, on=False)  # the next write moves everything over
    assert Collection.objects.get().owner == ann.volunteer
    assert hearts(ann, shared, early, late) == {shared.pk, early.pk}
    heart(ann, early, on=False)
    assert hearts(ann, shared, early, late) == {shared.pk}


def test_named_collections_need_an_account_and_a_title() -> None:
    with pytest.raises(services.SignInFirst):
        make(visitor())
    for title in ("", "  ", "x" * 121, "a\x00b"):
        with pytest.raises(services.BadText):
            make(person(), title=title)
    assert Collection.objects.count() == 0


def test_only_its_owner_changes_a_collection() -> None:
    ann, bob, subject = person(), person(), factories.subject()
    mine = make(ann, subject, public=True)

    for refused in (
        lambda: services.add_subjects(viewer=bob, collection=mine, roots=[subject.pk], now=NOW),
        lambda: services.remove_subject(viewer=bob, collection=mine, subject=subject, now=NOW),
        lambda: services.change_collection(viewer=bob, collection=mine, about=About("His"), now=NOW),
        lambda: services.delete_collection(viewer=bob, collection=mine),
        lambda: services.hide_collection(viewer=bob, collection=mine, now=NOW),
    ):
        with pytest.raises(services.NotAllowed):
            refused()
    assert (mine.items.count(), Collection.objects.get().title) == (1, "Long trails")


def test_a_list_is_stored_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    ann, first, second, find = person(), factories.subject(), factories.subject(), factories.find()
    mine = make(ann, first)
    with pytest.raises(services.UnknownSubjects) as refused:
        services.roots_of(read_list(f"{second.public_id}\nS12\nnonsense"))
    assert [line["line"] for line in refused.value.extra["lines"]] == [2, 3]
    assert "line 2: S12; line 3: nonsense" in str(refused.value)

    roots = services.roots_of(read_list(f"{find.public_id} {first.public_id} {find.public_id} {second.public_id}"))
    monkeypatch.setattr("talk.services.collections.MAX_SUBJECTS", 2)
    with pytest.raises(services.TooMuch):
        services.add_subjects(viewer=ann, collection=mine, roots=roots, now=NOW)
    assert mine.items.count() == 1
    monkeypatch.undo()
    assert services.add_subjects(viewer=ann, collection=mine, roots=roots, now=NOW) == 2
    assert [item.subject_id for item in mine.items.all()] == [first.pk, find.root_id, second.pk]


def test_a_tag_gives_what_this_person_may_know_of(boards: Any, unlimited: None) -> None:
    flow = factories.workflow()
    ann, bob = person(), person()
    done, active = factories.subject(), factories.subject(workflow=flow)
    write(bob, done, "#comet")
    classify.reveal(volunteer=bob.volunteer, root=active, now=NOW)  # type: ignore[arg-type]
    write(bob, active, "#comet")

    assert services.roots_with_tag(viewer=ann, name="#Comet") == [done.pk]
    assert sorted(services.roots_with_tag(viewer=bob, name="comet")) == [done.pk, active.pk]
    for nothing in ("nothing", "", "no tag"):
        with pytest.raises(services.BadText):
            services.roots_with_tag(viewer=ann, name=nothing)


def test_others_do_not_see_what_is_still_being_classified() -> None:
    flow = factories.workflow()
    ann, bob = person(), person()
    done, active = factories.subject(), factories.subject(workflow=flow)
    mine = make(ann, done, active, public=True)

    def seen(viewer: Viewer) -> tuple[list[int], int, int | None]:
        page = selectors.collection_page(viewer, mine)
        (row,) = selectors.with_covers(viewer, [mine])
        rows = [row["subject_id"] for row in selectors.export_rows(viewer, mine, "")]
        assert sorted(rows) == sorted(item.subject.public_id for item in page.page)
        return [item.subject_id for item in page.page], page.n_hidden, row.cover_id

    assert seen(ann)[:2] == ([active.pk, done.pk], 0)
    assert seen(bob) == seen(ANYBODY) == ([done.pk], 1, done.pk)
    classify.reveal(volunteer=bob.volunteer, root=active, now=NOW)  # type: ignore[arg-type]
    assert seen(bob)[:2] == ([active.pk, done.pk], 0)


def test_the_export_of_a_collection_can_be_sent_back(client: Client) -> None:
    ann, subjects = person(), [factories.subject() for _ in range(3)]
    mine = make(ann, *subjects, public=True)

    text = b"".join(client.get(f"/collections/{mine.public_id}/export/csv/").streaming_content).decode()  # type: ignore[attr-defined]
    data = b"".join(client.get(f"/collections/{mine.public_id}/export/json/").streaming_content).decode()  # type: ignore[attr-defined]
    assert services.roots_of(read_csv(text)) == [subject.pk for subject in subjects]
    assert [row["subject_id"] for row in json.loads(data)["subjects"]] == [subject.public_id for subject in subjects]


@pytest.mark.parametrize("path", ["/collections/", "/me/collections/"])
def test_lists_ask_the_same_number_of_queries(signed_in: Any, path: str) -> None:
    ann, counts = person(), []
    browser = signed_in(ann)
    browser.get(path)  # the first page of a session does more
    for many in (1, 2, 27):
        for n in range(many):
            make(ann, factories.subject(), title=f"Number {n}", public=True)
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(path).status_code == 200
        counts.append(len(seen))

    assert counts[0] == counts[1] == counts[2]


def test_a_page_of_a_collection_asks_the_same_number_of_queries(client: Client) -> None:
    ann, counts = person(), []
    mine = make(ann, public=True)
    for many in (1, 2, 27):
        roots = [factories.subject().pk for _ in range(many)]
        services.add_subjects(viewer=ann, collection=mine, roots=roots, now=timezone.now() - timedelta(days=1))
        with CaptureQueriesContext(connection) as seen:
            assert client.get(f"/collections/{mine.public_id}/").status_code == 200
        counts.append(len(seen))

    assert counts[0] == counts[1] == counts[2]
