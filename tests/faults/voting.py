"""People who vote over HTTP like a phone on a bad line, on a site of gunicorn processes; and what the rows say of their votes afterwards."""

import contextlib
import http.client
import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

from django.utils import timezone

from classify.seeds import seed_workflows
from tests import factories
from tests.conftest import ROOT, end_group, wait_until
from tests.factories import NOW
from tests.hunter.copies import Copy
from tests.services import free_port

PEOPLE, SUBJECTS = 10, 20

# Prints what must hold between votes and what is counted from them, recounted from the votes themselves.
RECOUNT = """
import json
from collections import Counter
from django.db import connection
from django.db.models import Sum
from classify.models import Classification, Consensus, HourlyTotal, SubjectStatus
standing = Classification.objects.filter(superseded_by=None)
wrong = []
for status in SubjectStatus.objects.all():
    votes = standing.filter(subject=status.subject_id, workflow=status.workflow_id, counted=True)
    tally = dict(Counter(votes.values_list("answer", flat=True)))
    row = Consensus.objects.filter(subject=status.subject_id, workflow=status.workflow_id).first()
    if (tally, votes.count()) != (status.tally, status.n_votes) or (row and (row.counts, row.n_votes) != (tally, votes.count())):
        wrong.append([status.pk, tally, status.tally])
with connection.cursor() as cursor:
    dangling = cursor.execute("PRAGMA foreign_key_check").fetchall() if connection.vendor == "sqlite" else []
print(json.dumps({"ids": [str(pk) for pk in Classification.objects.values_list("pk", flat=True)], "wrong": wrong,
    "dangling": len(dangling), "hours": HourlyTotal.objects.aggregate(n=Sum("n"))["n"] or 0, "standing": standing.count()}))
"""


def make_subjects() -> None:
    """SUBJECTS subjects that ask for PEOPLE votes each, in the tests' own database."""
    flow = next(flow for flow in seed_workflows(NOW) if flow.slug == "classify")
    plane = factories.plane()
    for _ in range(SUBJECTS):
        factories.subject(workflow=flow, cutout=factories.cutout(plane=plane, width=64, height=64))


def recount(copy: Copy) -> dict[str, Any]:
    """Return what the rows of an installation say."""
    return dict(json.loads(copy.manage("shell", "-v", "0", "-c", RECOUNT).stdout.splitlines()[-1]))


@contextmanager
def serving(copy: Copy, log: Path, *, tree: Path = ROOT, port: int | None = None) -> Iterator[str]:
    """Run web processes of some code on an installation; yields their address."""
    port = port or free_port()
    command = [sys.executable, "-m", "gunicorn", "hunter.wsgi:application", "-b", f"127.0.0.1:{port}", "-w", "2", "--threads", "4", "-k", "gthread"]
    env = copy.environment(HUNTER_THROTTLES="0", TMPDIR=str(log.parent))
    with log.open("ab") as out:
        web = subprocess.Popen(command, cwd=tree, env=env, stdout=out, stderr=out, start_new_session=True)
    try:
        wait_until(lambda: _answers(port), what="the web server")
        yield f"http://127.0.0.1:{port}"
    finally:
        end_group(web)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/how-it-works/")
        return connection.getresponse().status == 200
    return False


class Person(threading.Thread):
    """Votes on every subject, and sends each vote again until it is acknowledged; keeps what was refused meanwhile.

    After `allowed` votes a person waits until more are allowed.
    """

    def __init__(self, address: str, *, pause_s: float = 0.1, allowed: int = SUBJECTS) -> None:
        super().__init__(daemon=True)
        self.address, self.pause_s, self.allowed = address, pause_s, allowed
        self.acknowledged: list[str] = []
        self.refusals: list[tuple[int, str]] = []
        self.given_at = timezone.now() - timedelta(minutes=10)
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def run(self) -> None:
        while len(self.acknowledged) < SUBJECTS:
            for item in self._until_answered("/api/v1/workflows/classify/queue/?n=20", None)["results"]:
                vote = {"id": str(uuid.uuid4()), "workflow": "classify", "subject": item["id"], "serve": item["serve"], "answer": "no"}
                self.given_at += timedelta(seconds=5)  # an unhurried person whose phone had no network for a while
                times = {"started_at": (self.given_at - timedelta(seconds=3)).isoformat(), "finished_at": self.given_at.isoformat()}
                self._until_answered("/api/v1/classifications/", vote | times)
                self.acknowledged.append(vote["id"])
                time.sleep(self.pause_s)
                while len(self.acknowledged) >= self.allowed < SUBJECTS:
                    time.sleep(0.1)

    def _until_answered(self, path: str, body: dict[str, Any] | None) -> Any:
        data = json.dumps(body).encode() if body else None
        headers = {"Content-Type": "application/json", "User-Agent": "Mozilla/5.0 (of a test)"}
        while True:
            try:
                with self._opener.open(urllib.request.Request(self.address + path, data, headers), timeout=30) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                self.refusals.append((error.code, error.read().decode(errors="replace")))
            except (OSError, http.client.HTTPException) as error:
                self.refusals.append((0, str(error)))
            time.sleep(0.2)


def acknowledged(people: list[Person]) -> list[str]:
    """Ids of all votes that were acknowledged so far."""
    return [pk for person in people for pk in list(person.acknowledged)]
