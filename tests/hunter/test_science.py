"""The science pages: for whom, what they list and draw, what can be done from there, and that no row costs a query."""

import csv
import io
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from classify.models import Classification, Reveal, SubjectStatus
from core import identity
from core.models import AuditEntry, Job
from hunter.views.science import DRAWN
from tests import factories as f

pytestmark = pytest.mark.django_db
LOOK, CHANGE = "classify.export_labels", "classify.change_subjectstatus"


@pytest.fixture
def flow() -> Any:
    return f.workflow(slug="classify", count=4, name="Find trails", policy={"min_votes": 1})


def signed_in(*permissions: str) -> Client:
    client = Client()
    client.force_login(f.user(permissions=list(permissions)))
    return client


def said(flow: Any, *answers: str, **fields: Any) -> Any:
    made = f.subject(workflow=flow)
    for answer in answers:
        f.vote(subject=made, workflow=flow, answer=answer, **fields)
    return made


def known_answers(flow: Any) -> None:
    """24 subjects with a known answer, which six people have given."""
    people, cutout, votes = [f.volunteer() for _ in range(6)], f.cutout(images=False), []
    for number in range(24):
        subject, answer = f.subject(cutout=cutout, origin=f"known:{number}"), "yes" if number % 2 else "no"
        f.gold_key(workflow=flow, subject=subject, answer=answer)
        fields = {"workflow": flow, "version": flow.current_version, "subject": subject, "answer": answer, "counted": False, "created_at": f.NOW}
        votes += [Classification(id=identity.random_uuid(), volunteer=person, **fields) for person in people]
    Classification.objects.bulk_create(votes)


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(f"/science/{path}")
    assert answer.status_code == status, answer.content
    return answer.content.decode()


def rows(client: Client, path: str) -> list[dict[str, str]]:
    answer = client.get(f"/science/{path}")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))  # type: ignore[attr-defined]


def test_everybody_sees_labels_and_scientists_the_workflows_too(flow: Any) -> None:
    said(flow, "yes", "yes", "yes", "yes")
    said(flow, "no", "yes")

    assert "Settled subjects by label" in page(Client(), "")
    assert "/science/classify/subjects/" not in page(Client(), "")
    shown = page(signed_in(LOOK), "")
    for words in ("/science/classify/subjects/?label=yes", "retired: enough votes · 1", "6 votes", "/science/policies/"):
        assert words in shown


def test_the_list_and_its_file_hold_the_same_by_the_same_filters(flow: Any) -> None:
    divided, sure = said(flow, "yes", "no", "yes"), said(flow, "no", "no", "no")
    client, query = signed_in(LOOK), "?label=yes&least_votes=2"

    shown = page(client, f"classify/subjects/{query}")

    assert f"/subjects/{divided.public_id}/" in shown
    assert f"/subjects/{sure.public_id}/" not in shown
    assert 'name="do"' not in shown, "who may not change states is not offered it"
    assert 'aria-sort="descending"' in shown
    (row,) = rows(client, f"classify/subjects.csv{query}")
    assert (row["subject_id"], row["label"], row["count_yes"], row["count_no"]) == (str(divided.public_id), "yes", "2", "1")
    assert float(row["chance"]) == float(row["chance_yes"]) > 0.5
    assert [row["subject_id"] for row in rows(client, "classify/subjects.csv?order=entropy")] == [str(sure.public_id), str(divided.public_id)]
    page(client, "classify/subjects/?order=-votes")
    page(client, "classify/subjects/?least_chance=much", 400)
    page(client, "classify/subjects.csv?least_chance=much", 400)
    page(client, "nothing/subjects/", 404)


def test_who_sees_what_others_said_votes_blind_no_more(flow: Any) -> None:
    shown = said(flow, "yes", "no")
    user = f.user(permissions=[LOOK])
    client = Client()
    client.force_login(user)

    page(client, "classify/disagreement/")

    assert list(Reveal.objects.values_list("volunteer__user", "root")) == [(user.pk, shown.pk)]


def test_several_subjects_are_retired_with_a_reason_and_opened_again(flow: Any) -> None:
    first, second, other = said(flow, "yes"), said(flow, "no"), said(flow, "no")
    boss, address = signed_in(LOOK, CHANGE), "/science/classify/subjects/change/"
    numbers = [str(first.public_id), str(second.public_id), "7", "x"]

    back = "/science/classify/subjects/?state=active"
    answer = boss.post(address, {"do": "retire", "reason": "nothing_here", "note": "Seen at the telescope.", "subject": numbers, "back": back})

    assert answer["Location"] == back
    retired = SubjectStatus.objects.filter(state="retired", reason="nothing_here", by_hand=True)
    assert set(retired.values_list("subject", flat=True)) == {first.pk, second.pk}
    entries = AuditEntry.objects.filter(verb="retire")
    assert {entry.object_id for entry in entries} == {str(first.public_id), str(second.public_id)}
    assert entries[0].detail["note"] == "Seen at the telescope."
    for deed, n in (("unretire", 3), ("pause", 0)):
        boss.post(address, {"do": deed, "subject": numbers, "back": "https://elsewhere.example/"})
        assert SubjectStatus.objects.filter(state="active").count() - (1 if deed == "pause" else 0) == n
    assert SubjectStatus.objects.get(subject=other).state == "active"
    assert boss.post(address, {"do": "retire", "reason": "because", "subject": numbers})["Location"] == "/science/classify/subjects/"
    assert not SubjectStatus.objects.filter(state="retired").exists(), "an unknown reason changes nothing"
    assert signed_in(LOOK).post(address, {"do": "retire", "reason": "human", "subject": numbers}).status_code == 403


def test_figures_tell_the_numbers_of_the_rows(flow: Any) -> None:
    known_answers(flow)
    audit = [said(flow, *["yes"] * 4), said(flow, *["no"] * 4)]
    SubjectStatus.objects.filter(subject__in=audit).update(lot=0.01)
    said(flow, *["yes"] * 4)
    said(flow, "no")
    client = signed_in(LOOK)

    shown = page(client, "classify/figures/")

    for figure in DRAWN:
        assert f"/science/classify/figures/{figure}.csv" in shown
    assert [(row["votes"], row["retired"], row["active"]) for row in rows(client, "classify/figures/votes-per-subject.csv")][1::3] == [
        ("1", "0", "1"), ("4", "3", "0"),
    ]  # fmt: skip
    yes, *_, still_open = rows(client, "classify/figures/estimates.csv")
    assert (yes["label"], yes["counted"], yes["estimate"], yes["audit_subjects"]) == ("Yes", "2", "2.0", "1")
    assert (still_open["label"], still_open["counted"], still_open["estimate"], still_open["low"]) == ("open", "1", "0.0", "0.0")
    assert float(still_open["high"]) > 1, "none of two is no proof"
    assert rows(client, "classify/figures/confusion.csv")[0]["share_yes"] == "1.0"
    assert rows(client, "classify/figures/recall.csv")[-1] == {"votes": "6", "found_by_majority": "12", "found_by_chance": "12", "subjects": "12"}
    assert sum(int(row["subjects"]) for row in rows(client, "classify/figures/calibration.csv")) == 24
    assert client.get("/science/classify/figures/nothing.csv").status_code == 404
    assert "calibration.csv" not in page(Client(), "", 200)


def test_lists_figures_and_overview_cost_as_much_for_one_row_as_for_thirty(flow: Any) -> None:
    client, costs = signed_in(LOOK, CHANGE), []
    cutout = f.cutout()
    for n in (1, 2, 27):
        for _ in range(n):
            made = f.subject(workflow=flow, cutout=cutout, origin=f"made:{n}:{_}")
            f.vote(subject=made, workflow=flow, answer="no")
        cost = []
        for path in ("", "classify/subjects/", "classify/disagreement/", "classify/figures/"):
            page(client, path)  # what is seen for the first time is noted
            cache.clear()
            with CaptureQueriesContext(connection) as queries:
                page(client, path)
            cost.append(len(queries))
        costs.append(cost)

    assert costs[0] == costs[1] == costs[2]
    assert max(costs[0]) <= 25


def test_a_run_over_all_votes_is_asked_for_once(flow: Any) -> None:
    said(flow, "yes")
    client = signed_in(LOOK)
    assert "Run over all votes" in page(client, "")

    for _ in range(2):
        assert client.post("/science/classify/run/").status_code == 302

    assert Job.objects.filter(kind="consensus", key=str(flow.pk)).count() == 1
    assert "One is under way." in page(client, "")
