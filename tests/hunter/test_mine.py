"""What I did: the list with its filters, what came of each vote, the file; and the page of a person."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from classify import selectors
from classify import services as classify
from classify.models import Classification, Volunteer
from talk.seeds import seed_boards
from tests import factories
from tests.factories import NOW
from tests.talk.conftest import person, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> Volunteer:
    return factories.volunteer(user=factories.user(username="ann"))


@pytest.fixture
def mine(ann: Volunteer) -> Client:
    client = Client()
    client.force_login(ann.user)  # type: ignore[arg-type]
    return client


def listed(mine: Client, query: str = "") -> list[int]:
    """The subjects of the cards, in their order."""
    page = mine.get(f"/me/?{query}").content.decode()
    return [int(number) for number in re.findall(r'class="picture-link" href="/subjects/(\d+)/"', page)]


def say(person: Volunteer, subject: Any, flow: Any, answer: str = "no", *, days: int = 0, **more: Any) -> None:
    factories.vote(subject=subject, workflow=flow, answer=answer, volunteer=person, now=NOW - timedelta(days=days), **more)


def outcomes(volunteer: Volunteer) -> dict[int, str]:
    """{subject: what came of the vote}; every filter gives exactly what its name says."""
    told = {vote.subject_id: vote.outcome.value for vote in selectors.history_rows(volunteer)}
    for outcome in selectors.Outcome.values:
        fitting = {pk for pk, found in told.items() if found == outcome}
        assert {vote.subject_id for vote in selectors.history_page(volunteer, selectors.Wanted(outcome=outcome)).votes} == fitting
        assert {vote.subject_id for vote in selectors.history_rows(volunteer, selectors.Wanted(outcome=outcome))} == fitting
    return told


def test_filters_hold_together_and_stand_in_the_address(mine: Client, ann: Volunteer) -> None:
    seed_boards(NOW)
    flow, other = factories.workflow(count=1, name="Trails"), factories.workflow(count=1)
    subjects = [factories.subject(workflow=flow) for _ in range(4)]
    for days, (subject, answer) in enumerate(zip(subjects, ("yes", "no", "yes", "impossible"), strict=True)):
        say(ann, subject, flow, answer, days=days, marks=[(10, 20, 90, 40)] if answer == "yes" else [])
    factories.status(subject=subjects[0], workflow=other)
    say(ann, subjects[0], other, "no", days=9)
    write(person(), subjects[2], "#comet")
    write(person(), subjects[3], "#comet")
    numbers = [subject.public_id for subject in subjects]

    assert listed(mine) == [*numbers, numbers[0]]
    assert listed(mine, f"workflow={flow.slug}") == numbers
    assert listed(mine, "answer=yes") == [numbers[0], numbers[2]]
    assert listed(mine, "answer=yes&tag=%23Comet") == [numbers[2]]
    assert listed(mine, "since=2026-02-27&until=2026-02-28") == [numbers[1], numbers[2]]
    assert listed(mine, f"answer=no&outcome=agreed&workflow={other.slug}") == [numbers[0]]
    assert listed(mine, "answer=no&tag=comet") == []
    assert "No answer of yours fits" in mine.get("/me/?tag=nothing").content.decode()
    for wrong in ("since=yesterday", "since=2026-02-28&until=2026-02-27", "answer=perhaps", "workflow=none", "outcome=x"):
        page = mine.get(f"/me/?{wrong}")
        assert (page.status_code, "errorlist" in page.content.decode(), listed(mine, wrong)) == (200, True, [])
    shown = mine.get("/me/?answer=yes").content.decode()
    assert [
        part for part in ('value="yes" selected', "1 trail marked", 'class="trail trail-people"', "/me/history.csv?answer=yes") if part not in shown
    ] == []


def test_what_came_of_a_vote(ann: Volunteer) -> None:
    flow = factories.workflow(count=3)
    agreed, differed, undecided, still = (factories.subject(workflow=flow) for _ in range(4))
    truth = [{"x1": 20.0, "y1": 20.0, "x2": 120.0, "y2": 60.0}]
    right, far, other = (factories.gold(workflow=flow, answer="yes", marks=truth) for _ in range(3))
    aside = factories.subject(workflow=flow)
    for subject, ours, theirs in ((agreed, "no", "no"), (differed, "yes", "no"), (still, "no", "")):
        say(ann, subject, flow, ours)
        for answer in (theirs, theirs):
            if answer:
                say(factories.volunteer(), subject, flow, answer)
    for who, answer in ((ann, "no"), (factories.volunteer(), "yes"), (factories.volunteer(), "impossible")):
        say(who, undecided, flow, answer)
    say(ann, far, flow, "yes", marks=[(200, 200, 240, 240)])
    for subject, answer in ((right, "yes"), (other, "no"), (aside, "no")):
        say(ann, subject, flow, answer)
    Classification.objects.filter(subject=aside, volunteer=ann).update(flag="fast")

    assert outcomes(ann) == {
        agreed.pk: "agreed", differed.pk: "differed", undecided.pk: "undecided", still.pk: "open",
        right.pk: "gold_right", far.pk: "gold_elsewhere", other.pk: "gold_other", aside.pk: "aside",
    }  # fmt: skip


def test_what_others_say_of_an_open_subject_is_not_told(ann: Volunteer) -> None:
    first, second = factories.workflow(count=1), factories.workflow(count=9)
    shown, known = factories.subject(workflow=first), factories.subject(workflow=first)
    for subject in (shown, known):
        factories.status(subject=subject, workflow=second)
        say(ann, subject, first, "no")
    factories.gold_key(workflow=first, subject=known, answer="yes")  # entered after the vote: its answer is not told yet

    assert outcomes(ann) == {shown.pk: "open", known.pk: "open"}  # finished in one workflow, asked in another
    classify.reveal(volunteer=ann, root=shown, now=NOW)
    classify.reveal(volunteer=ann, root=known, now=NOW)
    assert outcomes(ann) == {shown.pk: "agreed", known.pk: "gold_other"}


def test_pages_go_on_to_the_last_vote_and_back(mine: Client, ann: Volunteer) -> None:
    flow = factories.workflow()
    subjects = [factories.subject(workflow=flow) for _ in range(50)]
    for n, subject in enumerate(subjects):
        say(ann, subject, flow, days=n // 10)  # ten at the same moment
    first = selectors.history_page(ann, size=24)
    second = selectors.history_page(ann, before=first.older, size=24)
    third = selectors.history_page(ann, before=second.older, size=24)

    seen = [vote.subject_id for page in (first, second, third) for vote in page.votes]
    assert (len(seen), set(seen), first.newer, third.older) == (50, {subject.pk for subject in subjects}, "", "")
    assert [v.pk for v in selectors.history_page(ann, after=third.newer, size=24).votes] == [v.pk for v in second.votes]
    assert selectors.history_page(ann, after=second.newer, size=24) == first
    assert selectors.history_page(ann, before="nonsense", after="20260101T000000Z-x", size=24) == first
    assert [vote.pk for vote in selectors.history_rows(ann)] == [vote.pk for vote in selectors.history_of(ann)]
    assert listed(mine, f"before={first.older}") == [vote.subject.public_id for vote in second.votes]


def test_a_search_for_outcomes_stops_and_goes_on(mine: Client, ann: Volunteer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classify.selectors.history._BATCH", 2)
    monkeypatch.setattr("classify.selectors.history.LOOKED_AT", 4)
    flow = factories.workflow(count=1)
    subjects = [factories.subject(workflow=flow) for _ in range(7)]
    for days, subject in enumerate(subjects):
        say(ann, subject, flow, "no", days=days)
    Classification.objects.exclude(subject__in=(subjects[1], subjects[6])).update(flag="fast")
    agreed = selectors.Wanted(outcome="agreed")

    first = selectors.history_page(ann, agreed)
    assert ([vote.subject for vote in first.votes], first.unfinished) == ([subjects[1]], True)
    assert "Look further" in mine.get("/me/?outcome=agreed").content.decode()
    rest = selectors.history_page(ann, agreed, before=first.older)
    assert ([vote.subject for vote in rest.votes], rest.unfinished, rest.older) == ([subjects[6]], False, "")
    assert [vote.subject for vote in selectors.history_page(ann, agreed, after=rest.newer).votes] == [subjects[1]]


def test_the_file_holds_what_the_filters_say(mine: Client, ann: Volunteer) -> None:
    flow = factories.workflow()
    yes, no = factories.subject(workflow=flow), factories.subject(workflow=flow)
    say(ann, yes, flow, "yes", marks=[(10, 20, 90, 40)])
    say(ann, no, flow, "no", days=1)
    say(factories.volunteer(), no, flow, "yes")

    def rows(query: str) -> list[dict[str, str]]:
        answer = mine.get(f"/me/history.csv?{query}")
        return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))  # type: ignore[attr-defined]

    assert [(row["subject"], row["answer"], row["outcome"]) for row in rows("")] == [
        (str(yes.public_id), "yes", "open"), (str(no.public_id), "no", "open"),
    ]  # fmt: skip
    (one,) = rows("answer=yes")
    assert (one["workflow"], one["version"], '"x1": 10.0' in one["marks"]) == (flow.slug, "1.0", True)
    assert mine.get("/me/history.csv?since=x")["Location"] == "/me/?since=x"
    assert b"".join(Client().get("/me/history.csv").streaming_content).count(b"\n") == 1  # type: ignore[attr-defined]


def test_undone_and_revised_votes_and_those_of_others_are_not_listed(mine: Client, ann: Volunteer) -> None:
    flow = factories.workflow()
    undone, revised, foreign = (factories.subject(workflow=flow) for _ in range(3))
    taken_back = factories.vote(subject=undone, workflow=flow, volunteer=ann)
    classify.undo_classification(volunteer=ann, classification_id=taken_back.id, now=NOW)
    old = factories.vote(subject=revised, workflow=flow, answer="yes", volunteer=ann, marks=[(1, 2, 30, 40)])
    say(ann, revised, flow, "no", revises=old.id)
    say(factories.volunteer(), foreign, flow)

    assert listed(mine) == [revised.public_id]
    assert ">No</span>" in mine.get("/me/").content.decode()


def test_visitors_see_their_own_and_strangers_nothing(client: Client) -> None:
    assert "Your answers will appear here" in client.get("/me/").content.decode()
    flow = factories.workflow(slug="classify")
    shown = factories.subject(workflow=flow)
    client.get("/api/v1/workflows/classify/queue/?n=1")
    visitor = Volunteer.objects.get(kind="visitor")
    say(visitor, shown, flow)

    assert listed(client) == [shown.public_id]
    assert listed(Client()) == []


@pytest.mark.parametrize("path", ["/me/", "/me/?outcome=open&tag=comet", "/people/ann/"])
def test_the_number_of_queries_does_not_grow(mine: Client, ann: Volunteer, path: str) -> None:
    flow, counts = factories.workflow(), []
    mine.get(path)
    for many in (1, 2, 27):
        for _ in range(many):
            say(ann, factories.subject(workflow=flow), flow, "yes", marks=[(10, 20, 90, 40)])
        with CaptureQueriesContext(connection) as seen:
            assert mine.get(path).status_code == 200
        counts.append(len(seen))

    assert counts[0] == counts[1] == counts[2]


def test_the_page_of_a_person_tells_what_they_share_and_not_how_much_they_do(client: Client, ann: Volunteer) -> None:
    from talk import services as talk
    from talk.viewers import Viewer

    me = Viewer(user=ann.user, volunteer=ann)
    talk.make_collection(viewer=me, about=talk.About("Shared arcs", public=True), now=NOW)
    talk.make_collection(viewer=me, about=talk.About("Private arcs"), now=NOW)
    flow = factories.workflow()
    for _ in range(7):
        say(ann, factories.subject(workflow=flow), flow)

    page = re.sub(r"<[^>]+>", " ", client.get("/people/ann/").content.decode().split("<main", 1)[1].split("</main>")[0])
    assert ("Shared arcs" in page, "Private arcs" in page, "7" in page) == (True, False, False)
