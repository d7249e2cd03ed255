"""Web, worker and broker are killed in turn while 200 people's votes come in and a model learns: nothing acknowledged is lost."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F, Sum

from classify.models import Classification, Consensus, HourlyTotal, SubjectStatus
from classify.seeds import seed_workflows
from core.models import Job
from core.services import SILENT_S
from ml.models import DetectorModel
from tests import factories
from tests.conftest import ROOT, child_environment, end_group, wait_until
from tests.factories import NOW
from tests.ml import rows
from tests.services import find_redis, free_port

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE, SUBJECTS, STEPS = 10, 20, 300


class Site:
    """A broker with a log on disk and a web server, each restarted on its own port with what it had."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = {"broker": free_port(), "web": free_port()}
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.env = {"HUNTER_BROKER_URL": f"redis://127.0.0.1:{self.ports['broker']}/0"}
        self.address = f"http://127.0.0.1:{self.ports['web']}"

    def start(self, name: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                self._command(name), cwd=ROOT, env=child_environment(**self.env), stdout=log, stderr=log, start_new_session=True
            )

    def _command(self, name: str) -> list[str]:
        port = str(self.ports[name])
        if name == "broker":
            return [find_redis(), "--port", port, "--bind", "127.0.0.1", "--appendonly", "yes", "--save", "", "--dir", str(self.folder)]
        gunicorn = [sys.executable, "-m", "gunicorn", "hunter.wsgi:application", "-b", f"127.0.0.1:{port}"]
        return [*gunicorn, "-w", "2", "--threads", "4", "-k", "gthread"]

    def kill(self, name: str) -> None:
        kill_group(self.running[name])


def kill_group(process: "subprocess.Popen[bytes]") -> None:
    """kill -9 a process and its children: nobody can say goodbye."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture
def site(transactional_db: None, tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    made.start("broker")
    made.start("web")
    yield made
    for process in made.running.values():
        end_group(process)


class Person(threading.Thread):
    """Votes on every subject like a phone on a bad line: sends the same vote again until it is acknowledged."""

    def __init__(self, address: str) -> None:
        super().__init__(daemon=True)
        self.address = address
        self.acknowledged: dict[str, int] = {}
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def run(self) -> None:
        while len(self.acknowledged) < SUBJECTS:
            queue = self._until_answered("/api/v1/workflows/classify/queue/?n=20", None)
            for item in queue["results"]:
                vote = {"id": str(uuid.uuid4()), "workflow": "classify", "subject": item["id"], "serve": item["serve"], "answer": "no"}
                self._until_answered("/api/v1/classifications/", vote)
                self.acknowledged[vote["id"]] = item["id"]
                time.sleep(0.7)  # a quick person: nobody's haste is to be judged here

    def _until_answered(self, path: str, body: dict[str, Any] | None) -> Any:
        data = json.dumps(body).encode() if body else None
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):  # URLError is an OSError
                request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json", "User-Agent": "Mozilla/5.0 (test)"})
                with self._opener.open(request, timeout=20) as answer:
                    return json.load(answer)
            time.sleep(0.2)


def test_every_acknowledged_vote_is_there_once_and_the_training_ends(
    site: Site, celery_worker_process: Callable[..., "subprocess.Popen[bytes]"], manage: Callable[..., Any]
) -> None:
    flow = next(flow for flow in seed_workflows(NOW) if flow.slug == "classify")
    plane = factories.plane()
    for _ in range(SUBJECTS):
        factories.subject(workflow=flow, cutout=factories.cutout(plane=plane, width=64, height=64))
    run = rows.training_run(steps=STEPS, yes=2, no=2)
    worker = celery_worker_process(queues="default,ml", env=site.env)
    manage("requeue_orphans", env=site.env)  # sends what is open, as ./run does at each start

    people = [Person(site.address) for _ in range(PEOPLE)]
    for person in people:
        person.start()

    def votes(n: int) -> Callable[[], bool]:
        return lambda: sum(len(person.acknowledged) for person in people) >= n

    wait_until(votes(30), what="30 votes")
    site.kill("web")
    site.start("web")

    wait_until(votes(80), what="80 votes")
    wait_until(lambda: Job.objects.get(pk=run.job_id).done > 0, what="the training to be under way")
    kill_group(worker)
    Job.objects.filter(pk=run.job_id).update(heartbeat=F("heartbeat") - timedelta(seconds=SILENT_S + 1))  # 90 s later ...
    manage("revive_jobs", env=site.env)  # ... beat's task sees it
    celery_worker_process(queues="default,ml", env=site.env)

    wait_until(votes(130), what="130 votes")
    site.kill("broker")
    time.sleep(1)
    site.start("broker")

    wait_until(votes(PEOPLE * SUBJECTS), what="all votes")
    wait_until(lambda: not Job.objects.filter(state__in=Job.OPEN).exists(), what="the end of the training")

    acknowledged = {pk: subject for person in people for pk, subject in person.acknowledged.items()}
    stored = dict(Classification.objects.values_list("pk", "subject__public_id"))
    assert {str(pk): subject for pk, subject in stored.items()} == acknowledged
    assert len(stored) == PEOPLE * SUBJECTS
    states = list(SubjectStatus.objects.filter(workflow=flow).values_list("state", "n_votes", "tally"))
    assert states == [("retired", PEOPLE, {"no": PEOPLE})] * SUBJECTS
    assert Consensus.objects.filter(workflow=flow, label="no", settled=True, n_votes=PEOPLE).count() == SUBJECTS
    assert HourlyTotal.objects.aggregate(n=Sum("n"))["n"] == PEOPLE * SUBJECTS
    job = Job.objects.get(pk=run.job_id)
    assert (job.state, job.error, DetectorModel.objects.get().card["steps"]) == ("done", "", STEPS)
