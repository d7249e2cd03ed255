"""Queue and vote through the whole product: gunicorn with two workers, sessions, CSRF, consensus, retirement.

    python -m benchmarks.votes                             PostgreSQL and the embedded default (SQLite), 1, 4 and 16 clients
    python -m benchmarks.votes --database sqlite --subjects 150000 --seconds 20

A task is one vote together with its share of a queue request (`--batch` subjects each, 10 as on the page; 1: a pair of next and
vote). Clients are signed-in people on connections that stay open. CPU is that of the web workers, and for PostgreSQL that of its
server, per task. `/ping` is an empty view behind the same middleware, measured in the same run. PostgreSQL is that of DATABASE_URL
(with its settings as printed), else a throw-away server without fsync.
"""

import argparse
import http.client
import json
import os
import random
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psutil

from benchmarks import common

WORKERS, THREADS = 2, 4
ANSWERS = ["no", "no", "no", "yes", "impossible"]


@dataclass
class Person:
    """One signed-in client."""

    cookie: str
    token: str
    connection: http.client.HTTPConnection
    waiting: list[dict[str, Any]] = field(default_factory=list)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send one request on the open connection; return status and JSON (or None)."""
        headers = {"Cookie": self.cookie, "X-CSRFToken": self.token, "Content-Type": "application/json"}
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self.connection.getresponse()
        data = answer.read()
        return answer.status, json.loads(data) if data[:1] == b"{" else None


@dataclass
class Laps:
    """Seconds per request, by kind; filled by all clients."""

    queue: list[float] = field(default_factory=list)
    vote: list[float] = field(default_factory=list)
    ping: list[float] = field(default_factory=list)


def prepare(n_subjects: int, n_people: int) -> list[tuple[str, str]]:
    """Fill the database: one workflow, its subjects (on few cutouts), accounts with sessions. Returns (cookie, token) per person."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
    from django.contrib.sessions.backends.db import SessionStore
    from django.utils import timezone

    from classify.models import Subject, SubjectFrame, SubjectStatus, Workflow
    from classify.seeds import seed_workflows
    from tests import factories

    now, rng = timezone.now(), random.Random(1)
    seed_workflows(now)
    flow = Workflow.objects.get(slug="classify")
    cutouts = [factories.cutout() for _ in range(4)]
    numbers = rng.sample(range(10**9, 10**10), n_subjects)
    subjects = Subject.objects.bulk_create(
        [Subject(public_id=number, kind="imported", origin=f"import:{number}", ready=True, created_at=now) for number in numbers],
        batch_size=5000,
    )
    SubjectFrame.objects.bulk_create([SubjectFrame(subject=s, cutout=cutouts[i % 4]) for i, s in enumerate(subjects)], batch_size=5000)
    SubjectStatus.objects.bulk_create(
        [SubjectStatus(workflow=flow, subject=s, lot=rng.random(), shuffle=rng.random(), pooled_at=now) for s in subjects], batch_size=5000
    )
    people = []
    for number in range(n_people):
        user = get_user_model().objects.create_user(f"bench{number}", password=None)
        session = SessionStore()
        session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        token = "t" * 32
        people.append((f"{settings.SESSION_COOKIE_NAME}={session.session_key}; csrftoken={token}", token))
    return people


@contextmanager
def server() -> Iterator[tuple[int, int]]:
    """Start gunicorn as `./run` does; yields (port, pid)."""
    from tests.services import free_port

    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "benchmarks.ping:application", "-b", f"127.0.0.1:{port}"]
    command += ["-w", str(WORKERS), "--threads", str(THREADS), "-k", "gthread", "--log-level", "warning"]
    process = subprocess.Popen(command, cwd=common.ROOT)
    try:
        _wait(port)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def _wait(port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/ping")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("gunicorn did not answer within 60 s")


def classify_once(person: Person, batch: int, laps: Laps, rng: random.Random) -> None:
    """One task: take a subject (asking for a batch when none is left) and vote on it."""
    if not person.waiting:
        begun = time.perf_counter()
        status, data = person.ask("GET", f"/api/v1/workflows/classify/queue/?n={batch}")
        laps.queue.append(time.perf_counter() - begun)
        assert status == 200, (status, data)
        assert data["results"], "Nothing was left to vote on: use more subjects."
        person.waiting = data["results"]
    item = person.waiting.pop()
    answer = rng.choice(ANSWERS)
    marks = [{"frame": 0, "x1": 20 + rng.random(), "y1": 30, "x2": 200, "y2": 90 + rng.random()}] if answer == "yes" else []
    body = {"id": str(uuid.uuid4()), "workflow": "classify", "subject": item["id"], "serve": item["serve"], "version": item["version"]}
    begun = time.perf_counter()
    status, data = person.ask("POST", "/api/v1/classifications/", {**body, "answer": answer, "marks": marks})
    laps.vote.append(time.perf_counter() - begun)
    assert status == 201, (status, data)


def ping_once(person: Person, laps: Laps) -> None:
    """The base: an empty view."""
    begun = time.perf_counter()
    person.ask("GET", "/ping")
    laps.ping.append(time.perf_counter() - begun)


def storm(people: list[Person], seconds: float, once: Callable[[Person], None]) -> float:
    """Let all people work for some seconds at the same time; return the wall seconds."""
    end, errors = time.perf_counter() + seconds, []

    def work(person: Person) -> None:
        try:
            while time.perf_counter() < end:
                once(person)
        except BaseException as error:
            errors.append(error)

    begun = time.perf_counter()
    threads = [threading.Thread(target=work, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return time.perf_counter() - begun


def measure(table: common.Table, people: list[Person], pids: list[int], options: argparse.Namespace, batch: int) -> None:
    """One row: tasks, then pings, by the same people."""
    laps, rng = Laps(), random.Random(2)  # one generator for all: its order does not matter here
    storm(people, 1.0, lambda person: classify_once(person, batch, Laps(), rng))  # warm up
    cpu = common.cpu_seconds(*pids)
    wall = storm(people, options.seconds, lambda person: classify_once(person, batch, laps, rng))
    cpu_ms = 1000 * (common.cpu_seconds(*pids) - cpu) / len(laps.vote)
    ping_cpu = common.cpu_seconds(*pids)
    ping_wall = storm(people, options.seconds / 2, lambda person: ping_once(person, laps))
    ping_ms = 1000 * (common.cpu_seconds(*pids) - ping_cpu) / len(laps.ping)
    requests = len(laps.queue) + len(laps.vote)
    table.add(
        len(people), batch, len(laps.vote) / wall, requests / wall, *common.percentiles_ms(laps.vote * 2, 50, 95),
        *common.percentiles_ms(laps.queue * 2, 50, 95), cpu_ms, len(laps.ping) / ping_wall, common.ratio(requests / wall, len(laps.ping) / ping_wall),
        common.ratio(cpu_ms, ping_ms),
    )  # fmt: skip


COLUMNS = (
    "clients", "batch", "tasks/s", "requests/s", "vote p50 ms", "p95", "queue p50 ms", "p95", "CPU ms/task", "pings/s", "requests/pings",
    "CPU task/ping",
)  # fmt: skip


def run(options: argparse.Namespace, postgres_pid: int | None) -> None:
    """All rows of one database."""
    with common.temporary_site():
        from django.db import connection

        sessions = prepare(options.subjects, max(options.clients))
        how = connection.vendor
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                shown = []
                for setting in ("server_version", "fsync", "synchronous_commit"):
                    cursor.execute(f"SHOW {setting}")
                    shown.append(f"{setting} {cursor.fetchone()[0]}")
                how = ", ".join(["postgresql", *shown])
        table = common.Table(f"Queue and vote, {options.subjects:,} subjects, {how}", COLUMNS)
        connection.close()
        with server() as (port, pid):
            pids = [pid] + ([postgres_pid] if postgres_pid else [])
            for clients in options.clients:
                for batch in options.batch:
                    people = [Person(*session, http.client.HTTPConnection("127.0.0.1", port, timeout=60)) for session in sessions[:clients]]
                    measure(table, people, pids, options, batch)
        check()
        table.show(markdown=options.markdown)


def check() -> None:
    """What was measured must also be right: every vote counted once."""
    from django.db.models import Sum

    from classify.models import Classification, HourlyTotal, SubjectStatus

    votes = Classification.objects.count()
    assert votes == SubjectStatus.objects.aggregate(n=Sum("n_votes"))["n"] == HourlyTotal.objects.aggregate(n=Sum("n"))["n"]
    print(f"{votes:,} votes stored, each counted once; {SubjectStatus.objects.filter(state='retired').count():,} subjects retired.")


def main() -> None:
    """Run each database in a process of its own (settings are read once per process)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=["postgresql", "sqlite", "both"], default="both")
    parser.add_argument("--subjects", type=int, default=15_000)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--batch", type=int, nargs="+", default=[10, 1])
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    if options.database == "both":
        print(common.machine("Django", "gunicorn", "psycopg2-binary"))
        for name in ("postgresql", "sqlite"):
            subprocess.run([sys.executable, "-m", "benchmarks.votes", *sys.argv[1:], "--database", name], cwd=common.ROOT, check=True)
        return
    from tests import services

    os.environ.setdefault("HUNTER_BROKER_URL", services.start_redis())
    postgres_pid = None
    if options.database == "sqlite":
        os.environ.pop("DATABASE_URL", None)
    elif not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = services.start_postgres()
        postgres_pid = next(process.pid for process in psutil.Process().children() if process.name() == "postgres")
    try:
        run(options, postgres_pid)
    finally:
        services.stop_all()


if __name__ == "__main__":
    main()
