"""Flagged votes: stored, told, outside of everything that counts, and in or out as the team decides."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from classify import flagging, selectors, services, tasks
from classify.models import Classification, Consensus, HourlyTotal, SubjectStatus
from classify.selectors import flagged
from classify.services import flagged as deciding
from core.addresses import address_id
from core.models import AuditEntry, Job
from core.problems import Problem
from tests import factories as f
from tests.factories import NOW

pytestmark = pytest.mark.django_db
QUERIES_OF_A_VOTE = 12  # savepoints included
LATER = NOW + timedelta(hours=1)


def cast(subject: Any, flow: Any, person: Any, flag: str = "", answer: str = "no", **fields: Any) -> Any:
    """A vote through the service, flagged or not."""
    return services.record_classification(
        volunteer=person,
        body={"id": f.identity.random_uuid(), "workflow": flow.slug, "subject": subject.public_id, "answer": answer, **fields},
        now=NOW,
        judge=lambda _ballot: lambda _serve: flag,
    )


def state() -> tuple[Any, ...]:
    """All that votes move."""
    return (
        list(SubjectStatus.objects.order_by("pk").values_list("tally", "n_votes", "state")),
        list(Consensus.objects.order_by("subject").values_list("label", "counts", "n_votes")),
        HourlyTotal.objects.aggregate(n=Sum("n"))["n"] or 0,
    )


def decide(person: Any, decision: str, by: Any = None) -> Job:
    """What the page and the worker do."""
    job, _ = services.ask_decision(public_id=person.public_id, decision=decision, actor=by, now=LATER)
    tasks.decide_flagged(job.pk)
    job.refresh_from_db()
    return job


# --- rules ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "agent",
    [
        "python-requests/2.32.3", "python-httpx/0.28", "Python/3.11 aiohttp/3.9", "Python-urllib/3.11", "curl/8.5.0", "Wget/1.21",
        "Go-http-client/2.0", "okhttp/4.12.0", "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)", "node", "axios/1.7.2", "Scrapy/2.11 (+https://scrapy.org)",
        "libwww-perl/6.67", "Java/17.0.1", "Apache-HttpClient/4.5.13 (Java/17)", "  curl/8",
    ],
)  # fmt: skip
def test_programs_that_say_so_are_flagged(agent: str) -> None:
    assert flagging.is_program(agent)


@pytest.mark.parametrize(
    "agent",
    [
        "", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Opera/9.80 (J2ME/MIDP; Opera Mini/9.80)",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 okhttp/4.9 Mobile Safari/537.36", "Nodewatcher/1.0",
    ],
)  # fmt: skip
def test_browsers_and_the_silent_are_not(agent: str) -> None:
    assert not flagging.is_program(agent)


def flag(finished: float | None = None, served: float | None = -600, **signs: Any) -> str:
    """The flag of a vote at NOW; seconds from then."""
    finished_at, served_at = (None if at is None else NOW + timedelta(seconds=at) for at in (finished, served))
    return flagging.flag_of(flagging.Signs(**signs), served_at=served_at, finished_at=finished_at, now=NOW)


def test_a_program_is_a_program_and_haste_is_haste() -> None:
    most = flagging.PACE_MOST
    assert flag(program=True) == "script"
    assert [flag(-1, arrived=1, given=n) for n in (most, most + 1)] == ["", "fast"]
    assert [flag(None, arrived=n, given=n) for n in (most, most + 1)] == ["", "fast"]


def test_what_was_never_handed_out_is_a_programs() -> None:
    assert (flag(served=None), flag(-1, served=None, arrived=1, given=1)) == ("script", "script")


def test_only_a_likely_time_is_believed() -> None:
    """Twenty arrive at once; the times that they claim are far apart."""
    at_once = {"arrived": 20, "given": 1}
    assert flag(-300, **at_once) == ""
    for finished, served in ((-601, -600), (1, -600), (-8 * 86_400, -9 * 86_400), (None, -600)):
        assert flag(finished, served, **at_once) == "fast"
    assert flag(-300, arrived=20, given=None) == "fast"  # too far back among too many
    assert flag(-601, arrived=1, given=1) == ""  # a clock that goes wrong is no haste


def test_no_more_arrives_at_once_than_a_page_had_in_hand() -> None:
    most = flagging.ARRIVALS_MOST
    assert [flag(-300, arrived=n, given=1) for n in (most, most + 1)] == ["", "fast"]


# --- left out ------------------------------------------------------------------------------------


def test_a_flagged_vote_is_stored_told_and_counts_nowhere() -> None:
    flow, person = f.workflow(), f.volunteer()
    shown = f.subject(workflow=flow)
    receipt = cast(shown, flow, person, "script", "yes", marks=[{"frame": 0, "x1": 1, "y1": 1, "x2": 50, "y2": 50}])

    assert (receipt.created, receipt.counted, receipt.flag) == (True, False, "script")
    assert "came from a program" in receipt.note
    vote = Classification.objects.get()
    assert (vote.flag, vote.verdict, vote.counted, vote.marks.count()) == ("script", "", False, 1)
    assert state() == ([({}, 0, "active")], [], 0)
    assert selectors.active_volunteers() == selectors.votes_in_total() == 0
    assert services.next_subjects(volunteer=person, workflow=flow, n=5, now=NOW, rng=f.random.Random(1)) == []  # answered is answered


def test_the_same_vote_again_has_the_same_receipt() -> None:
    flow, person = f.workflow(), f.volunteer()
    first = cast(f.subject(workflow=flow), flow, person, "fast")
    body = {"id": first.id, "workflow": flow.slug, "subject": first.subject, "answer": "no"}
    again = services.record_classification(volunteer=person, body=body, now=NOW)

    assert (again.created, again.flag, again.note, again.counted) == (False, "fast", first.note, False)


def test_undo_and_revision_of_a_flagged_vote_are_exact() -> None:
    flow, person = f.workflow(), f.volunteer()
    one, two = f.subject(workflow=flow), f.subject(workflow=flow)
    gone, revised = cast(one, flow, person, "fast"), cast(two, flow, person, "fast")

    services.undo_classification(volunteer=person, classification_id=gone.id, now=NOW)
    assert state()[2] == 0
    cast(two, flow, person, "", "yes", revises=revised.id)
    assert state() == ([({}, 0, "active"), ({"yes": 1}, 1, "active")], [("", {"yes": 1}, 1)], 1)
    cast(one, flow, person, "fast")
    assert [row["n"] for row in flagged.flagged_volunteers()] == [1]


def test_a_flagged_vote_that_revises_takes_the_counted_one_out() -> None:
    flow, person = f.workflow(), f.volunteer()
    shown = f.subject(workflow=flow)
    first = cast(shown, flow, person)
    cast(shown, flow, person, "script", "yes", revises=first.id)

    assert state() == ([({}, 0, "active")], [("", {}, 0)], 0)


def test_merging_keeps_the_flag_and_prefers_what_counts() -> None:
    flow = f.workflow()
    visitor, person = f.volunteer(kind="visitor"), f.volunteer(user=f.user())
    only, both = f.subject(workflow=flow), f.subject(workflow=flow)
    cast(only, flow, visitor, "script")
    cast(both, flow, visitor, "script")
    cast(both, flow, person, "", "yes")
    services.merge_visitor(visitor=visitor, person=person, now=NOW)

    standing = Classification.objects.filter(volunteer=person, superseded_by__isnull=True)
    assert {(vote.subject, vote.flag, vote.counted) for vote in standing} == {(only, "script", False), (both, "", True)}
    assert state()[2] == 1
    decide(person, "count")
    assert state()[2] == 2


# --- deciding ------------------------------------------------------------------------------------


@pytest.fixture
def loop() -> Any:
    """Somebody sent three flagged votes; two others voted on the same subjects, one vote before retirement."""
    flow, person = f.workflow(count=3), f.volunteer()
    shown = [f.subject(workflow=flow) for _ in range(3)]
    for subject in shown:
        f.vote(subject=subject, workflow=flow)
        f.vote(subject=subject, workflow=flow)
        cast(subject, flow, person, "fast")
    return person


def test_counting_is_what_would_have_been_without_the_flag(loop: Any) -> None:
    boss, before = f.user(), state()
    job = decide(loop, "count", boss)

    assert before[2] == 6
    assert state() == ([({"no": 3}, 3, "retired")] * 3, [("no", {"no": 3}, 3)] * 3, 9)
    assert (job.state, job.done, job.total, job.result) == ("done", 3, 3, {"votes": 3})
    assert AuditEntry.objects.filter(verb="count", actor=boss, object_id=str(loop.pk)).count() == 1
    assert list(flagged.flagged_volunteers()) == []
    decide(loop, "uncount")
    assert state() == before
    assert [row["n"] for row in flagged.flagged_volunteers()] == [3]


def test_leaving_out_moves_nothing_and_can_be_taken_back(loop: Any) -> None:
    before = state()
    decide(loop, "leave_out")
    assert (state(), list(flagged.flagged_volunteers())) == (before, [])
    decide(loop, "ask_again")
    decide(loop, "count")

    assert state()[2] == 9


def test_deciding_twice_is_deciding_once(loop: Any) -> None:
    decide(loop, "count")
    once = state()
    decide(loop, "count")

    assert state() == once


def test_a_decision_that_was_cut_short_is_carried_on(loop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "BATCH", 2)
    job, _ = services.ask_decision(public_id=loop.public_id, decision="count", actor=None, now=LATER)
    whole, calls = services.decide_batch, []

    def dies(**wanted: Any) -> int:
        calls.append(1)
        if len(calls) == 2:
            raise SystemExit  # as by a kill between two batches
        return whole(**wanted)

    monkeypatch.setattr(services, "decide_batch", dies)
    with pytest.raises(SystemExit):
        tasks.decide_flagged(job.pk)
    assert Classification.objects.filter(verdict="counted").count() == 2
    monkeypatch.setattr(services, "decide_batch", whole)
    Job.objects.filter(pk=job.pk).update(heartbeat=NOW)
    tasks.decide_flagged(job.pk)

    assert state()[2] == 9
    assert Job.objects.values_list("state", "done", "total").get() == ("done", 3, 3)


def test_what_comes_after_the_decision_waits_anew(loop: Any) -> None:
    job, _ = services.ask_decision(public_id=loop.public_id, decision="count", actor=None, now=NOW - timedelta(seconds=1))
    tasks.decide_flagged(job.pk)

    assert [row["n"] for row in flagged.flagged_volunteers()] == [3]


def test_what_would_not_count_anyway_does_not_by_the_decision() -> None:
    flow, person = f.workflow(), f.volunteer()
    known, seen = f.gold(workflow=flow), f.subject(workflow=flow)
    f.status(subject=known, workflow=flow) if not SubjectStatus.objects.filter(subject=known).exists() else None
    services.reveal(volunteer=person, root=seen, now=NOW - timedelta(minutes=1))
    for subject in (known, seen):
        cast(subject, flow, person, "script")
    decide(person, "count")

    assert list(Classification.objects.values_list("verdict", "counted")) == [("counted", False)] * 2
    assert sum(row.n_votes for row in SubjectStatus.objects.all()) == 0


def test_two_decisions_do_not_meet_and_unknown_ones_are_refused(loop: Any) -> None:
    services.ask_decision(public_id=loop.public_id, decision="count", actor=None, now=LATER)

    assert services.ask_decision(public_id=loop.public_id, decision="count", actor=None, now=LATER)[1] is False
    with pytest.raises(Problem) as other:
        services.ask_decision(public_id=loop.public_id, decision="leave_out", actor=None, now=LATER)
    assert other.value.status_code == 409
    with pytest.raises(Problem):
        services.ask_decision(public_id=loop.public_id, decision="forget", actor=None, now=LATER)
    with pytest.raises(Problem):
        services.ask_decision(public_id="nobody", decision="count", actor=None, now=LATER)


def test_agreement_and_pace_are_told() -> None:
    flow, person = f.workflow(count=1, policy={"min_votes": 1}), f.volunteer()
    same, other, open_yet = (f.subject(workflow=flow) for _ in range(3))
    f.vote(subject=same, workflow=flow, answer="no")
    f.vote(subject=other, workflow=flow, answer="yes")
    for subject in (same, other, open_yet):
        cast(subject, flow, person, "fast", "no")

    assert flagged.agreement([person.pk]) == {person.pk: (2, 1)}
    assert flagged.pace([person.pk]) == {person.pk: [(NOW, 3)]}


def test_looking_at_the_request_costs_no_query() -> None:
    flow, person = f.workflow(), f.volunteer(kind="visitor", created_at=NOW)
    shown = [f.subject(workflow=flow) for _ in range(4)]
    services.next_subjects(volunteer=person, workflow=flow, n=4, now=NOW, rng=f.random.Random(1))
    request = RequestFactory().post("/", headers={"User-Agent": "Mozilla/5.0"})
    for subject in shown[:2]:  # warm: the hour's total and the like are there
        cast(subject, flow, person)
    address_id(request)  # and the day's salt
    with CaptureQueriesContext(connection) as before:
        cast(shown[2], flow, person)
    body = {"id": f.identity.random_uuid(), "workflow": flow.slug, "subject": shown[3].public_id, "answer": "no"}
    with CaptureQueriesContext(connection) as after:
        services.record_classification(volunteer=person, body=body, now=NOW, judge=flagging.judge_of(request, volunteer=person, now=NOW))

    assert Classification.objects.get(pk=body["id"]).flag == ""
    assert len(after) == len(before) == QUERIES_OF_A_VOTE
