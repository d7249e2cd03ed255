"""The joining pages: who may see them, what they say, and that the blind rule holds on them."""

import json
import uuid
from typing import Any

import pytest
from django.test import Client

from classify.models import Reveal
from core.models import Job
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def flow() -> Any:
    return factories.workflow(slug="classify", count=3)


def signed_in(*permissions: str) -> Client:
    client = Client()
    client.force_login(factories.user(permissions=list(permissions)))
    return client


@pytest.mark.parametrize("path", ["/", "/home/counters/", "/how-it-works/", "/science/", "/me/", "/accounts/login/", "/accounts/signup/"])
def test_public_pages_answer_on_an_empty_site(path: str) -> None:
    assert Client().get(path).status_code == 200


def test_the_home_page_names_the_question_and_shows_an_agreed_trail(flow: Any) -> None:
    shown = factories.subject(workflow=flow)
    for _ in range(3):
        factories.vote(subject=shown, workflow=flow, answer="yes", marks=[(10, 20, 40, 40)])
    page = Client().get("/").content.decode()
    assert "asteroid" in page
    assert f"/subjects/{shown.public_id}/" in page
    assert "marked by 3 people" in page


def test_home_costs_the_same_queries_for_1_and_6_finds(flow: Any) -> None:
    from django.core.cache import cache
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for n in (1, 5):
        for _ in range(n):
            shown = factories.subject(workflow=flow)
            for _ in range(3):
                factories.vote(subject=shown, workflow=flow, answer="yes", marks=[(10, 20, 40, 40)])
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            assert Client().get("/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_dashboard_is_for_the_team_and_shows_running_work() -> None:
    assert Client().get("/dashboard/").status_code == 403
    assert signed_in().get("/dashboard/").status_code == 403
    Job.objects.create(
        kind="train", key="x", title="Training 7", state=Job.State.RUNNING, done=5, total=10, rate=2.0, unit="steps", created_at=factories.NOW
    )
    page = signed_in("core.view_dashboard").get("/dashboard/").content.decode()
    assert "Training 7" in page
    assert "about 2 seconds left" in page


def test_a_running_job_can_be_stopped_by_the_team_only() -> None:
    job = Job.objects.create(kind="train", key="x", title="T", state=Job.State.RUNNING, created_at=factories.NOW)
    assert signed_in().post(f"/dashboard/jobs/{job.pk}/cancel/").status_code == 403
    assert signed_in("core.view_dashboard").post(f"/dashboard/jobs/{job.pk}/cancel/").status_code == 403
    assert signed_in("core.operate").post(f"/dashboard/jobs/{job.pk}/cancel/").status_code == 302
    job.refresh_from_db()
    assert job.cancel_asked


@pytest.mark.parametrize("kind", ["privacy.delete", "privacy.download"])
def test_nobody_of_the_team_stops_what_somebody_does_with_their_own_data(kind: str) -> None:
    job = Job.objects.create(kind=kind, key="x", title="T", state=Job.State.RUNNING, created_at=factories.NOW)
    operator = signed_in("core.operate", "core.view_dashboard")
    assert operator.post(f"/dashboard/jobs/{job.pk}/cancel/").status_code == 403
    assert f"/dashboard/jobs/{job.pk}/cancel/" not in operator.get("/dashboard/").content.decode()
    job.refresh_from_db()
    assert not job.cancel_asked


def test_what_others_said_stays_hidden_until_shown_and_then_the_vote_is_closed(flow: Any) -> None:
    shown = factories.subject(workflow=flow)
    factories.vote(subject=shown, workflow=flow, answer="yes", marks=[(10, 20, 40, 40)])
    visitor = Client()
    page = visitor.get(f"/subjects/{shown.public_id}/").content.decode()
    assert "Show (you will then not be asked to classify it)" in page
    assert "1 vote" not in page
    assert "trail-people" not in page.split("<footer")[0].split("<main")[1]
    assert visitor.post(f"/subjects/{shown.public_id}/reveal/").status_code == 302
    page = visitor.get(f"/subjects/{shown.public_id}/").content.decode()
    assert "1 vote" in page
    queue = visitor.get("/api/v1/workflows/classify/queue/?n=5").json()["results"]
    assert shown.public_id not in [item["id"] for item in queue]


def test_who_looks_at_a_finished_subject_cannot_change_a_vote_on_it_any_more() -> None:
    flow, user = factories.workflow(count=1), factories.user()
    subject, voter = factories.subject(workflow=flow), factories.volunteer(user=user)
    vote = factories.vote(subject=subject, workflow=flow, answer="no", volunteer=voter)
    body = {"id": str(uuid.uuid4()), "workflow": flow.slug, "subject": subject.public_id, "answer": "yes"}
    client = Client()
    client.force_login(user)
    assert not Reveal.objects.exists()

    assert "What others said" in client.get(f"/subjects/{subject.public_id}/").content.decode()

    assert Reveal.objects.filter(volunteer=voter, root=subject).exists()
    answer = client.put(f"/api/v1/classifications/{vote.id}/", body, content_type="application/json", headers={"User-Agent": "Mozilla/5.0"})
    assert answer.status_code == 409
    assert Client().get(f"/subjects/{subject.public_id}/").status_code == 200
    assert Reveal.objects.count() == 1


def test_an_unknown_subject_or_person_is_a_plain_404() -> None:
    for path in ("/subjects/1/", "/subjects/99999999999999999999999/", "/people/nobody/"):
        answer = Client().get(path)
        assert answer.status_code == 404
        assert b"Traceback" not in answer.content


def test_me_lists_my_answers(flow: Any) -> None:
    person = factories.user()
    volunteer = factories.volunteer(user=person)
    shown = factories.subject(workflow=flow)
    factories.vote(subject=shown, workflow=flow, answer="no", volunteer=volunteer)
    client = Client()
    client.force_login(person)
    assert f"S{shown.public_id}" in client.get("/me/").content.decode()


def test_healthz_tells_the_parts_and_keeps_details_for_the_team() -> None:
    answer = Client().get("/healthz")
    parts = json.loads(answer.content)["parts"]
    assert answer.status_code == 200
    assert {name: part["ok"] for name, part in parts.items() if name != "worker"} == {"database": True, "broker": True, "storage": True}
    assert all("detail" not in part for part in parts.values())
    team = signed_in("core.view_dashboard").get("/healthz").json()["parts"]
    assert team["database"]["detail"] == "postgresql"


def test_the_schema_is_made_without_a_warning() -> None:
    from drf_spectacular.drainage import GENERATOR_STATS
    from drf_spectacular.generators import SchemaGenerator
    from drf_spectacular.validation import validate_schema

    GENERATOR_STATS.reset()
    validate_schema(SchemaGenerator().get_schema(request=None, public=True))
    assert (dict(GENERATOR_STATS._warn_cache), dict(GENERATOR_STATS._error_cache)) == ({}, {})


def test_the_schema_names_the_api() -> None:
    schema = Client().get("/api/schema/?format=json")
    assert schema.status_code == 200
    paths = json.loads(schema.content)["paths"]
    assert {"/api/v1/classifications/", "/api/v1/workflows/{slug}/queue/", "/api/v1/exports/labels/", "/api/v1/ml/models/"} <= set(paths)


def test_a_cutout_leads_to_its_subject(flow: Any) -> None:
    from classify.services import subject_of_cutout

    cutout = factories.cutout()
    assert Client().get(f"/cutouts/{cutout.pk}/").status_code == 404
    subject = subject_of_cutout(cutout_id=cutout.pk, now=factories.NOW)
    assert Client().get(f"/cutouts/{cutout.pk}/").headers["Location"] == f"/subjects/{subject.public_id}/"


def test_errors_under_api_are_problem_documents() -> None:
    missing = Client().get("/api/v1/nothing/")
    assert (missing.status_code, missing.headers["Content-Type"]) == (404, "application/problem+json")
    assert missing.json()["title"] == "Not found"
    large = Client().post("/api/v1/classifications/", "x" * 3_000_000, content_type="application/json")
    assert (large.status_code, large.headers["Content-Type"]) == (400, "application/problem+json")
    assert "too large" in large.json()["detail"]
    assert b"<html" in Client().get("/nothing/").content


def test_figures_leave_simulated_volunteers_out_unless_asked(flow: Any) -> None:
    shown = factories.subject(workflow=flow)
    for _ in range(3):
        factories.vote(subject=shown, workflow=flow, answer="yes", volunteer=factories.volunteer(kind="demo"))
    client = signed_in("core.view_dashboard")
    assert "Settled subjects by label" not in client.get("/science/").content.decode()
    assert "Settled subjects by label" in client.get("/science/?demo=1").content.decode()
    assert "Without simulated volunteers" in client.get("/dashboard/").content.decode()
    assert "3 simulated" not in client.get("/").content.decode()
