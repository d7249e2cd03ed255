"""The team's page about votes set aside."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from classify import services, tasks
from classify.models import Classification, SubjectStatus
from core.models import Job
from tests import factories as f
from tests.conftest import wait_until
from tests.factories import NOW

URL = "/dashboard/votes/"


def aside(n: int = 3, **fields: Any) -> Any:
    """Somebody with votes that wait."""
    flow, person = f.workflow(count=1, policy={"min_votes": 1}), f.volunteer(**fields)
    for _ in range(n):
        body = {"id": f.identity.random_uuid(), "workflow": flow.slug, "subject": f.subject(workflow=flow).public_id, "answer": "no"}
        services.record_classification(volunteer=person, body=body, now=NOW, judge=lambda _ballot: lambda _serve: "fast")
    return person


@pytest.fixture
def team(db: None) -> Client:
    """A browser of somebody who may decide."""
    client = Client()
    client.force_login(f.user(permissions=["core.view_dashboard", "classify.review_votes"]))
    return client


def decide(team: Client, person: Any, decision: str) -> str:
    """Press a button, let the worker work, and return the page."""
    team.post(f"{URL}{person.public_id}/", {"decision": decision})
    for job in Job.objects.filter(state="queued"):
        tasks.decide_flagged(job.pk)
    return team.get(URL).content.decode()


def test_page_is_for_those_who_may_decide(client: Client, db: None) -> None:
    path = f"{URL}{aside().public_id}/"
    client.force_login(f.user(permissions=["core.view_dashboard"]))

    assert client.get(URL).status_code == client.post(path, {"decision": "count"}).status_code == 403
    assert Job.objects.count() == 0


def test_page_tells_how_many_how_fast_and_whether_others_agree(team: Client) -> None:
    named, visitor = aside(3, user=f.user(username="hasty")), aside(2, kind="visitor")
    other = f.volunteer()
    vote = Classification.objects.filter(volunteer=named).first()
    Classification.objects.filter(pk=vote.pk).update(created_at=NOW + timedelta(minutes=2))
    f.vote(subject=vote.subject, workflow=vote.workflow, answer="yes", volunteer=other)
    page = " ".join(team.get(URL).content.decode().split())

    assert "hasty" in page
    assert f"visitor {visitor.public_id}" in page
    assert "3 too fast" in page
    assert "On 1 of these subjects others agree on an answer; 0 % of the votes say the same." in page
    assert "at most 2 in a minute" in page
    assert page.count('aria-label="Votes per minute') == 1  # one minute alone makes no figure
    assert "button-primary" not in page.split("<main")[1].split("</main>")[0]  # neither decision is urged


def test_counting_and_taking_it_back(team: Client) -> None:
    person = aside()
    page = decide(team, person, "count")
    assert "Nothing waits" in page
    assert "3 votes of" in page
    assert sum(SubjectStatus.objects.values_list("n_votes", flat=True)) == 3
    page = decide(team, person, "uncount")
    assert "3 too fast" in page
    assert sum(SubjectStatus.objects.values_list("n_votes", flat=True)) == 0
    assert 'value="uncount"' not in page  # taken back already


def test_unknown_decisions_say_so(team: Client) -> None:
    person = aside()

    assert "There is no such volunteer, or no such decision." in decide(team, person, "shrug")
    assert Job.objects.count() == 0


def test_page_asks_as_often_for_many_as_for_one(team: Client) -> None:
    counts = []
    team.get(URL)  # the session is noted once
    for people in (1, 2, 5):
        while Classification.objects.values("volunteer").distinct().count() < people:
            aside(1, user=f.user())
        with CaptureQueriesContext(connection) as queries:
            team.get(URL)
        counts.append(len(queries))

    assert counts[0] == counts[1] == counts[2]


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_nothing_half_done(celery_worker_process: Callable[..., Any]) -> None:
    person, client = aside(40), Client()
    client.force_login(f.user(permissions=["classify.review_votes"]))
    worker = celery_worker_process(queues="default")
    client.post(f"{URL}{person.public_id}/", {"decision": "count"})
    wait_until(lambda: Job.objects.filter(state__in=["running", "done"]).exists(), what="the decision to begin")
    worker.kill()
    Job.objects.filter(state="running").update(heartbeat=NOW)  # as if the silence had been noticed
    for job in Job.objects.exclude(state="done"):
        tasks.decide_flagged(job.pk)

    assert Classification.objects.filter(verdict="counted", counted=True).count() == 40
    assert sum(SubjectStatus.objects.values_list("n_votes", flat=True)) == 40
