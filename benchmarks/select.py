"""Choosing a page of ten subjects: by each arm, among ever more subjects, for people who have seen ever more of them.

    python -m benchmarks.select                                    15 k, 150 k and 1.5 M subjects on PostgreSQL
    python -m benchmarks.select --subjects 15000 --rounds 50

Six of ten subjects are retired, as near the end of a project; each of the others was served before, and 300 of them are known. What is
timed is `choose`: arms drawn, walks, rows locked, leases counted; nothing is stored, and nothing is remembered between the rounds. Who
has seen a share has voted on that share of the active subjects. Each number of subjects is a workflow of one database, and the rounds
go from one to the next, so that a neighbour's noise meets all alike. Two figures: CPU milliseconds of this process and of the
database's, and the clock; medians. PostgreSQL is that of DATABASE_URL, else a throw-away server without fsync (nothing here waits for
the disk).
"""

import argparse
import itertools
import os
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import common

WARM = 8  # rounds that are not counted
SEEN = (0, 500, 900, 990, 999, 1000)  # thousandths of the active subjects
ARMS: dict[str, list[list[Any]]] = {
    "random": [["random", 1]],
    "priority": [["priority", 1]],
    "uncertain": [["uncertain", 1]],
    "set": [["set:part", 1]],
    "mixture": [["random", 1], ["priority", 1], ["uncertain", 2], ["set:part", 1]],
}
_SUBJECTS = """
INSERT INTO classify_subject (public_id, kind, origin, metadata, suggestions, ready, created_at)
SELECT 1000000000 + i * 37, 'imported', 'import:' || i, '{}', '[]', true, now() FROM generate_series(1, %(most)s) i"""
_STATUSES = """
INSERT INTO classify_subjectstatus (workflow_id, subject_id, state, n_votes, n_demo, tally, log_posterior, lot, shuffle, priority, uncertainty,
  reason, revision, pooled_at)
SELECT %(workflow)s, id, CASE WHEN id %% 10 < 4 THEN 'active' ELSE 'retired' END, 1, 0, '{"no": 1}', '{}', random(), random(), random(),
  CASE WHEN id %% 10 < 2 THEN random() END, '', 1, now() FROM classify_subject ORDER BY id LIMIT %(subjects)s"""
_MEMBERS = """
INSERT INTO classify_subjectsetmember (subject_set_id, subject_id)
SELECT %(set)s, subject_id FROM classify_subjectstatus WHERE workflow_id = %(workflow)s AND subject_id %% 7 = 0"""
_VOTES = """
INSERT INTO classify_classification (id, workflow_id, version_id, subject_id, volunteer_id, answer, annotations, viewer, created_at, blind, late,
  counted, log_likelihood, repeat, superseded_reason, source, external_id)
SELECT gen_random_uuid(), %(workflow)s, %(version)s, subject_id, %(who)s, 'no', '{}', '{}', now(), true, false, true, '{}', 0, '', 'bench', ''
FROM classify_subjectstatus WHERE workflow_id = %(workflow)s AND state = 'active' AND (subject_id / 10 * 7919 + subject_id) %% 1000 < %(share)s"""
_SERVES = """
INSERT INTO classify_serve (id, volunteer_id, subject_id, version_id, arm, suggested, model, served_at, lease_until)
SELECT gen_random_uuid(), %(who)s, subject_id, %(version)s, 'random', false, '', now() - interval '1 day', now() - interval '1 day'
FROM classify_subjectstatus WHERE workflow_id = %(workflow)s AND state = 'active'"""
_KEYS = """
INSERT INTO classify_goldkey (workflow_id, subject_id, answer, marks, explanation, explanations, source)
SELECT %(workflow)s, subject_id, 'no', '[]', '', '{}', 'bench' FROM classify_subjectstatus WHERE workflow_id = %(workflow)s AND subject_id %% 10 = 0
ORDER BY shuffle LIMIT 300"""
_KNOWN = """
INSERT INTO classify_subjectsetmember (subject_set_id, subject_id)
SELECT %(gold)s, subject_id FROM classify_goldkey WHERE workflow_id = %(workflow)s"""
_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'classify_classification' AND indexdef NOT LIKE 'CREATE UNIQUE%%'"""
_TABLES = ("subject", "subjectstatus", "subjectsetmember", "classification", "serve", "reveal", "goldkey")


def fill(sizes: Sequence[int]) -> tuple[dict[int, Any], dict[int, Any]]:
    """A workflow of each size, and a person for each share that was seen (of each workflow)."""
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from classify.models import SubjectSet
    from tests import factories

    call_command("flush", interactive=False, verbosity=0)
    flows = {size: factories.workflow() for size in sizes}
    people = {share: factories.volunteer() for share in SEEN}
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # the rows are right: no key need be looked up for each
        cursor.execute(_INDEXES)
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        cursor.execute(_SUBJECTS, {"most": max(sizes)})
        for size, flow in flows.items():
            made = SubjectSet.objects.create(slug=f"part-{size}", name="Part", purpose="serve", created_at=timezone.now())
            gold = SubjectSet.objects.create(slug=f"gold-{size}", name="Gold", purpose="gold", created_at=timezone.now())
            gold.workflows.add(flow)
            known = {"subjects": size, "workflow": flow.pk, "version": flow.current_version_id, "set": made.pk, "gold": gold.pk, "who": people[0].pk}
            for statement in (_STATUSES, _MEMBERS, _SERVES, _KEYS, _KNOWN):
                cursor.execute(statement, known)
            for share, person in people.items():
                cursor.execute(_VOTES, {**known, "who": person.pk, "share": share})
        for _, definition in indexes:
            cursor.execute(definition)
        cursor.execute("SET session_replication_role = DEFAULT")
        for table in _TABLES:
            cursor.execute(f"VACUUM ANALYZE classify_{table}")
    return flows, people


@dataclass
class Laps:
    """Of one workflow, arm and person: CPU seconds of both sides and seconds by the clock of each request; how many were chosen in all."""

    cpu: list[float] = field(default_factory=list)
    clock: list[float] = field(default_factory=list)
    chosen: int = 0

    def ms(self, of: str) -> float:
        """The median in milliseconds, without the first rounds, in which the SQL is made and planned."""
        return 1000 * statistics.median(getattr(self, of)[WARM:])


def measure(flow: Any, person: Any, arms: Any, rng: random.Random, laps: Laps) -> None:
    """Choose ten once; nothing is stored."""
    from django.core.cache import cache
    from django.db import transaction
    from django.utils import timezone

    from classify.services import choosing

    flow.selection = arms
    cache.clear()
    with transaction.atomic():
        asker = choosing.Asker(volunteer=person, workflow=flow, now=timezone.now())
        before, start = _cpu_s(), time.perf_counter()
        found = choosing.choose(asker, 10, [], rng)
        laps.clock.append(time.perf_counter() - start)
        laps.cpu.append(_cpu_s() - before)
        laps.chosen += len(found)
        transaction.set_rollback(True)


def _cpu_s() -> float:
    """CPU seconds that this process and its database's have used."""
    from django.db import connection

    server = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text().split()[0]
    return time.process_time() + int(server) / 1e9


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", type=int, nargs="+", default=[15_000, 150_000, 1_500_000])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    from tests.services import start_postgres, start_redis, stop_all

    os.environ.setdefault("DATABASE_URL", "") or os.environ.update(DATABASE_URL=start_postgres())
    os.environ.setdefault("HUNTER_BROKER_URL", start_redis())
    try:
        with common.temporary_site():
            print(common.machine("Django", "psycopg2-binary"))
            _run(options)
    finally:
        stop_all()


def _run(options: argparse.Namespace) -> None:
    flows, people = fill(options.subjects)
    laps: dict[tuple[str, int, int], Laps] = defaultdict(Laps)
    for arm, share in itertools.product(ARMS, SEEN):
        rng = random.Random(1)
        for _, (size, flow) in itertools.product(range(options.rounds + WARM), flows.items()):
            arms = [[name.replace("part", f"part-{size}"), weight] for name, weight in ARMS[arm]]
            measure(flow, people[share], arms, rng, laps[arm, share, size])
    for of, title in (("cpu", "CPU ms (and how many were chosen)"), ("clock", "ms by the clock")):
        columns = ["subjects", "arm", *(f"{share / 10:g} %" for share in SEEN)]
        table = common.Table(f"Choosing ten, {title}, by the share that the person has seen", columns)
        for arm, size in itertools.product(ARMS, options.subjects):
            table.add(size, arm, *(_cell(laps[arm, share, size], laps[arm, share, options.subjects[0]], of) for share in SEEN))
        table.show(markdown=options.markdown)


def _cell(lap: Laps, first: Laps, of: str) -> str:
    chosen = f" ({lap.chosen / len(lap.cpu):.0f})" if of == "cpu" else ""
    return f"{lap.ms(of):.1f}, {common.ratio(lap.ms(of), first.ms(of))}{chosen}"


if __name__ == "__main__":
    main()
