"""Next subject and vote through the whole product on PostgreSQL with fsync, beside the least that Django can do, in alternating windows.

    python -m benchmarks.serving                                 150,000 subjects, 2 million votes, 1, 4 and 16 clients
    python -m benchmarks.serving --subjects 10000 --votes 0 --clients 1 --quick
    python -m benchmarks.serving --storm --subjects 10000        everybody votes until nothing is left: repeats, votes beyond the limit

A cycle is one vote with its share of a queue request (`--batch` subjects each: 10 as the page asks; 1: a pair of requests). Ours is the
server of `./run` (two processes of four threads) with sessions, CSRF, permissions, consensus, totals, log and metrics; throttles are off,
since one address is faster than a class. The bare pair is `benchmarks.bare_pair` under the same server. CPU is that of the web processes
and of PostgreSQL (all of its processes), per cycle. "Seen": people who have classified that share of all subjects.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from benchmarks import clients, common
from benchmarks.clients import Laps, Person
from benchmarks.filling import LIMIT, Site, fill

WORKERS = ["-w", "2", "--threads", "4", "-k", "gthread", "--graceful-timeout", "2", "--no-control-socket"]  # as ./run has it
SEEN = (500, 900, 990, 999, 1000)  # thousandths
COLUMNS = (
    "what", "clients", "batch", "cycles/s", "p50 ms", "p95", "vote p50", "queue p50", "web CPU ms", "PostgreSQL CPU ms", "CPU ms/cycle", "of bare",
)  # fmt: skip


@dataclass
class Server:
    """A running gunicorn."""

    name: str
    port: int
    pid: int
    cookies: list[str]
    cycle: clients.Cycle


@dataclass
class Case:
    """One row of the table, and what each round measured for it."""

    server: Server
    clients: int
    batch: int
    rounds: list[list[float]] = field(default_factory=list)

    def measure(self, seconds: float, postgres: int) -> None:
        """One window."""
        people = [Person(self.server.port, cookie) for cookie in self.server.cookies[: self.clients]]
        clients.window(people, self.server.cycle, self.batch, 0.5)  # warm up
        web, database = common.cpu_seconds(self.server.pid), common.cpu_seconds(postgres)
        laps, wall = clients.window(people, self.server.cycle, self.batch, seconds)
        web, database = common.cpu_seconds(self.server.pid) - web, common.cpu_seconds(postgres) - database
        n = len(laps.cycle)
        middle = [1000 * statistics.median(part) if part else 0.0 for part in (laps.vote, laps.queue)]
        self.rounds.append([n / wall, *common.percentiles_ms(laps.cycle, 50, 95), *middle, 1000 * web / n, 1000 * database / n])

    def medians(self) -> list[float]:
        """Over the rounds."""
        return [statistics.median(values) for values in zip(*self.rounds, strict=True)]


def memory_mib(pid: int) -> float:
    """Memory of a process and all below it, shared pages once (PSS)."""
    top = psutil.Process(pid)
    return sum(process.memory_full_info().pss for process in [top, *top.children(recursive=True)]) / 2**20


@contextmanager
def gunicorn(name: str, application: str, cookies: list[str], cycle: clients.Cycle, *more: str) -> Iterator[Server]:
    """Start a server and wait for it. Its log goes to a file, as under `./run`."""
    from tests.services import free_port

    port = free_port()
    command = [sys.executable, "-m", "gunicorn", application, "-b", f"127.0.0.1:{port}", *WORKERS, *more]
    log = Path(os.environ["HUNTER_HOME"], f"{name}.log")
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=common.ROOT, stdout=out, stderr=out)
    try:
        _wait(port)
        yield Server(name, port, process.pid, cookies, cycle)
    except AssertionError:
        print(log.read_text()[-3000:], file=sys.stderr)
        raise
    finally:
        process.terminate()
        process.wait()


def _wait(port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            asyncio.run(Person(port, "").ask("GET", "/healthz"))
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("gunicorn did not answer within 60 s")


@contextmanager
def ours(site: Site) -> Iterator[Server]:
    """The product."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(Path(os.environ["HUNTER_HOME"], "metrics"))
    os.environ["HUNTER_LOG_LEVEL"] = "INFO"
    with gunicorn("ours", "hunter.wsgi:application", site.cookies, clients.ours, "-c", "python:hunter.serving") as server:
        yield server


@contextmanager
def bare(subjects: int, votes: int, people: int) -> Iterator[Server]:
    """The bare site, in a database of its own on the same server."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE bare")
    connection.close()
    os.environ["BARE_DATABASE_URL"] = os.environ["DATABASE_URL"].rpartition("/")[0] + "/bare"
    command = [sys.executable, "-m", "benchmarks.bare_pair", *map(str, (subjects, votes, people))]
    done = subprocess.run(command, cwd=common.ROOT, check=True, capture_output=True, text=True)
    with gunicorn("bare", "benchmarks.bare_pair:application", done.stdout.split("\n")[:people], clients.bare) as server:
        yield server


def compare(options: argparse.Namespace, servers: list[Server], postgres: int) -> common.Table:
    """Alternate windows of all cases; the table of their medians."""
    cases = [
        Case(server, n, batch)
        for n in options.clients
        for server in servers
        for batch in (options.batch if server.name == "ours" else [1])
    ]  # fmt: skip
    for _round in range(options.rounds):
        for case in cases:
            case.measure(options.seconds, postgres)
    table = common.Table(f"{options.subjects:,} subjects, {options.votes:,} votes", COLUMNS)
    base = {case.clients: case.medians()[0] for case in cases if case.server.name == "bare"}
    for case in cases:
        values = case.medians()
        share = common.ratio(values[0], base.get(case.clients, 0.0))
        table.add(case.server.name, case.clients, case.batch, *values, values[-1] + values[-2], share)
    return table


def heavy(site: Site, server: Server, options: argparse.Namespace) -> common.Table:
    """People who have seen (nearly) all: the queue request for ten."""
    import redis

    broker = redis.Redis.from_url(os.environ["HUNTER_BROKER_URL"])
    table = common.Table("A queue request for ten subjects by somebody who has seen a share of them", ("seen", "p50 ms", "p95", "subjects given"))

    async def ask(cookie: str, *, forget: bool) -> tuple[list[float], int]:
        person, seconds, given = Person(server.port, cookie), [], 0
        for _number in range(10 if options.quick else 40):
            if forget:
                broker.flushdb()  # what the cache remembers of those for whom nothing is left
            begun = time.perf_counter()
            _status, data = await person.ask("GET", "/api/v1/workflows/classify/queue/?n=10")
            seconds.append(time.perf_counter() - begun)
            given = max(given, len(data["results"]))
        return seconds[1:], given

    for share, cookie in site.seen.items():
        for forget in (True, False) if share == 1000 else (True,):
            seconds, given = asyncio.run(ask(cookie, forget=forget))
            table.add(f"{share / 10:g} %{'' if forget else ', asked again'}", *common.percentiles_ms(seconds, 50, 95), given)
    return table


def storm(site: Site, server: Server, options: argparse.Namespace) -> None:
    """Everybody votes until nothing is left, `clients` at a time, each with a batch in hand; then count."""
    people = [Person(server.port, cookie) for cookie in site.cookies]
    laps, at_once = Laps(), max(options.clients)

    async def work(gate: asyncio.Semaphore, person: Person) -> None:
        dry = 0
        while dry < 3:
            async with gate:
                dry = 0 if await clients.ours(person, laps, max(options.batch)) else dry + 1
            if dry:
                await asyncio.sleep(0.5)  # others hold what is left

    async def everybody() -> None:
        gate = asyncio.Semaphore(at_once)
        await asyncio.gather(*(work(gate, person) for person in people))

    begun = time.perf_counter()
    asyncio.run(everybody())
    wall = time.perf_counter() - begun
    print(f"{len(laps.vote):,} votes of {len(people)} people, {at_once} requests at once, in {wall:.0f} s: {len(laps.vote) / wall:.0f}/s.")
    count_storm(options.limit)


def count_storm(limit: int) -> None:
    """Repeats, votes beyond the limit, and what is left."""
    from django.db.models import Count, F, Sum

    from classify.models import Classification, Serve, SubjectStatus

    serves = Serve.objects.count()
    pairs = Serve.objects.values("volunteer", "subject").distinct().count()
    voted = Classification.objects.values("volunteer", "subject").annotate(n=Count("id")).filter(n__gt=1).count()
    over = SubjectStatus.objects.filter(n_votes__gt=limit).aggregate(n=Sum(F("n_votes") - limit))["n"] or 0
    votes, left = Classification.objects.count(), SubjectStatus.objects.filter(state="active").count()
    print(f"{serves:,} serves; {serves - pairs} of a subject to somebody who had it before; {voted} pairs with two votes.")
    print(f"{over} of {votes:,} votes beyond the limit of {limit} ({100 * over / votes:.3f} %); {left} subjects are left open.")


def check() -> None:
    """What was measured must also be right: every vote counted once."""
    from django.db.models import Sum

    from classify.models import Classification, DailyTotal, HourlyTotal, SubjectStatus

    votes, cast = Classification.objects.filter(counted=True).count(), Classification.objects.filter(source="").count()
    assert votes == SubjectStatus.objects.aggregate(n=Sum("n_votes"))["n"]
    assert cast == HourlyTotal.objects.aggregate(n=Sum("n"))["n"] == DailyTotal.objects.aggregate(n=Sum("n"))["n"]
    print(f"\n{cast:,} votes cast, each stored and counted once.")


def how() -> str:
    """Settings of the database, as it says them."""
    from django.db import connection

    with connection.cursor() as cursor:
        shown = []
        for name in ("server_version", "fsync", "synchronous_commit", "shared_buffers", "jit"):
            cursor.execute(f"SHOW {name}")
            shown.append(f"{name} {cursor.fetchone()[0]}")
    return "PostgreSQL " + ", ".join(shown)


def run(options: argparse.Namespace, postgres: int) -> None:
    """Fill, start, measure, check."""
    with common.temporary_site():
        begun = time.perf_counter()
        seen = () if options.storm or options.quick else SEEN
        site = fill(options.subjects, options.votes, options.people, limit=options.limit, seen=seen)
        print(f"{common.machine('Django', 'gunicorn', 'psycopg2-binary')}; {how()}; load {os.getloadavg()[0]:.1f} before")
        print(f"Filled in {time.perf_counter() - begun:.0f} s.", file=sys.stderr)
        with ours(site) as server:
            if options.storm:
                storm(site, server, options)
                return
            with bare(options.subjects, options.votes, options.people) as base:
                table = compare(options, [server, base], postgres)
            table.show(markdown=True)
            web, database = memory_mib(server.pid), memory_mib(postgres)
            print(f"\nMemory (PSS): web {web:.0f} MiB, PostgreSQL {database:.0f} MiB; load {os.getloadavg()[0]:.1f} after.")
            if seen:
                heavy(site, server, options).show(markdown=True)
        check()


def parsed() -> Any:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", type=int, default=150_000)
    parser.add_argument("--votes", type=int, default=2_000_000)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--batch", type=int, nargs="+", default=[10, 1])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--people", type=int, default=0, help="100 in a storm, else as many as clients")
    parser.add_argument("--limit", type=int, default=0, help="votes that retire a subject: 10 in a storm, else 40")
    parser.add_argument("--storm", action="store_true")
    parser.add_argument("--quick", action="store_true", help="one round of 4 s, nobody who has seen much")
    options = parser.parse_args()
    if options.storm:
        options.votes = 0
    options.people = options.people or (100 if options.storm else max(options.clients))
    options.limit = options.limit or (10 if options.storm else LIMIT)
    if options.quick:
        options.rounds, options.seconds = 1, min(options.seconds, 4.0)
    return options


def main() -> None:
    """Start the database and the broker, and stop them at the end."""
    options = parsed()
    from tests import services

    os.environ["HUNTER_BROKER_URL"] = services.start_redis()
    os.environ["DATABASE_URL"] = services.start_postgres(durable=True)
    postgres = next(process.pid for process in psutil.Process().children() if process.name() == "postgres")
    try:
        run(options, postgres)
    finally:
        services.stop_all()


if __name__ == "__main__":
    main()
