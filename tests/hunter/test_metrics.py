"""/metrics: readable for Prometheus, for the team only, and the counts of all web processes together."""

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client, override_settings
from prometheus_client.parser import text_string_to_metric_families

from core.models import Job
from core.services import beat
from tests import factories
from tests.conftest import ROOT, child_environment, end_group, wait_until
from tests.factories import NOW
from tests.services import free_port


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample of an answer, read by Prometheus' own parser."""
    families = list(text_string_to_metric_families(text))
    assert len({family.name for family in families}) == len(families)
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for family in families for s in family.samples}


@pytest.mark.django_db
def test_the_team_reads_the_state_of_the_site(client: Client) -> None:
    client.force_login(factories.user(permissions=["core.view_dashboard"]))
    flow = factories.workflow()
    factories.vote(subject=factories.subject(workflow=flow), workflow=flow)
    Job.objects.create(kind="ml.train", key="a", title="a", state="failed", created_at=NOW)
    beat(queue="ml", worker="ml@here", now=NOW)
    client.get("/people/a-name-that-nobody-has/")
    client.generic("BREW", "/classify/")

    answer = client.get("/metrics")

    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=")
    found = samples(answer.content.decode())
    assert found[("hunter_votes", ())] == 1
    assert found[("hunter_jobs", (("kind", "ml.train"), ("state", "failed")))] == 1
    assert found[("hunter_queue_length", (("queue", "ml"),))] == 0
    assert found[("hunter_queue_silence_seconds", (("queue", "ml"),))] > 0
    assert found[("hunter_disk_free_bytes", ())] > 0
    assert found[("hunter_database_bytes", ())] > 1000
    assert found[("hunter_requests_total", (("method", "GET"), ("route", "/people/<str:name>/"), ("status", "404")))] >= 1
    assert found[("hunter_request_seconds_count", (("method", "other"), ("route", "/classify/")))] >= 1
    assert "a-name-that-nobody-has" not in answer.content.decode()


@pytest.mark.django_db
def test_others_need_the_token(client: Client) -> None:
    assert client.get("/metrics").status_code == 403
    client.force_login(factories.user())
    assert client.get("/metrics").status_code == 403
    with override_settings(METRICS_TOKEN="a-long-token"):
        assert client.get("/metrics", headers={"Authorization": "Bearer another"}).status_code == 403
        assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 403
        assert client.get("/metrics", headers={"Authorization": "Bearer a-long-token"}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "status"),
    [({}, 200), ({"HOST": "10.0.0.1"}, 403), ({"HTTPS": True}, 403), ({"METRICS_TOKEN": "set"}, 403), ({"EMBEDDED": False}, 403)],
)
def test_the_embedded_default_is_open_to_its_own_machine(client: Client, changed: dict[str, object], status: int) -> None:
    with override_settings(**{"EMBEDDED": True, "HOST": "127.0.0.1", "HTTPS": False, "METRICS_TOKEN": "", **changed}):
        assert client.get("/metrics").status_code == status


@pytest.fixture
def two_processes(transactional_db: None, tmp_path: Path) -> Iterator[str]:
    """Gunicorn with two web processes, as ./run starts it."""
    port = free_port()
    env = child_environment(PROMETHEUS_MULTIPROC_DIR=str(tmp_path / "metrics"), HUNTER_METRICS_TOKEN="a-long-token")
    command = [sys.executable, "-m", "gunicorn", "hunter.wsgi:application", "-c", "python:hunter.serving", "-w", "2", "-b", f"127.0.0.1:{port}"]
    with (tmp_path / "web.log").open("wb") as log:
        web = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True)
    wait_until(lambda: b"Booting worker" in (tmp_path / "web.log").read_bytes(), what="gunicorn")
    yield f"http://127.0.0.1:{port}"
    end_group(web)


def test_web_processes_are_counted_together(two_processes: str) -> None:
    def get(path: str) -> str:
        request = urllib.request.Request(two_processes + path, headers={"Authorization": "Bearer a-long-token"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return str(answer.read().decode())

    for _ in range(12):
        get("/how-it-works/")

    found = samples(get("/metrics"))

    assert found[("hunter_requests_total", (("method", "GET"), ("route", "/how-it-works/"), ("status", "200")))] == 12
    assert found[("hunter_request_seconds_count", (("method", "GET"), ("route", "/how-it-works/")))] == 12
