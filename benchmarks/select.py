"""Choosing a page of ten subjects: by each arm, among ever more subjects, for people who have seen ever more of them.

    python -m benchmarks.select                                    15 k, 150 k and 1.5 M subjects on PostgreSQL
    python -m benchmarks.select --subjects 15000 --rounds 50

Six of ten subjects are retired, as near the end of a project. What is timed is `choose`: arms drawn, walks, rows locked, leases
counted; nothing is stored, and nothing is remembered between the rounds. Who has seen a share has voted on that share of the active
subjects. Two figures: CPU milliseconds of this process and of the database's, which bear a busy machine, and the median of the clock.
PostgreSQL is that of DATABASE_URL, else a throw-away server without fsync (nothing here waits for the disk).
"""

import argparse
import os
import random
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import common

SEEN = (0, 500, 900, 990, 999, 1000)  # thousandths of the active subjects
ARMS = {
    "random": [["random", 1]],
    "priority": [["priority", 1]],
    "uncertain": [["uncertain", 1]],
    "set": [["set:part", 1]],
    "mixture": [["random", 1], ["priority", 1], ["uncertain", 2], ["set:part", 1]],
}
_SUBJECTS = """
INSERT INTO classify_subject (public_id, kind, origin, metadata, suggestions, ready, created_at)
SELECT 1000000000 + i * 37, 'imported', 'import:' || i, '{}', '[]', true, now() FROM generate_series(1, %(subjects)s) i"""
_STATUSES = """
INSERT INTO classify_subjectstatus (workflow_id, subject_id, state, n_votes, n_demo, tally, log_posterior, lot, shuffle, priority, uncertainty,
  reason, revision, pooled_at)
SELECT %(workflow)s, id, CASE WHEN id %% 10 < 4 THEN 'active' ELSE 'retired' END, 1, 0, '{"no": 1}', '{}', random(), random(), random(),
  CASE WHEN id %% 10 < 2 THEN random() END, '', 1, now() FROM classify_subject"""
_MEMBERS = """
INSERT INTO classify_subjectsetmember (subject_set_id, subject_id) SELECT %(set)s, id FROM classify_subject WHERE id %% 7 = 0"""
_VOTES = """
INSERT INTO classify_classification (id, workflow_id, version_id, subject_id, volunteer_id, answer, annotations, viewer, created_at, blind, late,
  counted, log_likelihood, repeat, superseded_reason, source, external_id)
SELECT gen_random_uuid(), %(workflow)s, %(version)s, id, %(who)s, 'no', '{}', '{}', now(), true, false, true, '{}', 0, '', 'bench', ''
FROM classify_subject WHERE id %% 10 < 4 AND (id / 10 * 7919 + id %% 10) %% 1000 < %(share)s"""
_TABLES = ("subject", "subjectstatus", "subjectsetmember", "classification", "serve", "reveal", "goldkey")


def fill(n_subjects: int) -> tuple[Any, dict[int, Any]]:
    """A workflow with its subjects, and a person for each share that was seen."""
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from classify.models import SubjectSet
    from tests import factories

    call_command("flush", interactive=False, verbosity=0)
    flow = factories.workflow()
    made = SubjectSet.objects.create(slug="part", name="Part", purpose="serve", created_at=timezone.now())
    people = {share: factories.volunteer() for share in SEEN}
    known = {"subjects": n_subjects, "workflow": flow.pk, "version": flow.current_version_id, "set": made.pk}
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # the rows are right: no key need be looked up for each
        for statement in (_SUBJECTS, _STATUSES, _MEMBERS):
            cursor.execute(statement, known)
        for share, person in people.items():
            cursor.execute(_VOTES, {**known, "who": person.pk, "share": share})
        cursor.execute("SET session_replication_role = DEFAULT")
        for table in _TABLES:
            cursor.execute(f"VACUUM ANALYZE classify_{table}")
    return flow, people


@dataclass
class Lap:
    """CPU milliseconds of both sides, median milliseconds by the clock, and how many were chosen; each for one request."""

    cpu: float
    clock: float
    chosen: float


def measure(flow: Any, person: Any, arms: Any, rounds: int) -> Lap:
    """Choose ten, again and again."""
    from django.core.cache import cache
    from django.db import transaction
    from django.utils import timezone

    from classify.services import choosing

    rng, laps, chosen, cpu = random.Random(1), [], 0, 0.0
    flow.selection = arms
    for number in range(rounds + 3):
        cache.clear()
        with transaction.atomic():
            asker = choosing.Asker(volunteer=person, workflow=flow, now=timezone.now())
            before, start = _cpu_s(), time.perf_counter()
            found = choosing.choose(asker, 10, [], rng)
            lap, used = time.perf_counter() - start, _cpu_s() - before
            transaction.set_rollback(True)
        if number >= 3:
            laps.append(lap)
            cpu += used
            chosen += len(found)
    return Lap(1000 * cpu / rounds, 1000 * statistics.median(laps), chosen / rounds)


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
    columns = ["subjects", "arm", *(f"{share / 10:g} %" for share in SEEN)]
    cpu = common.Table("Choosing ten, CPU ms (and how many were chosen), by the share that the person has seen", columns)
    clock = common.Table("The same by the clock, median ms", columns)
    base: dict[tuple[str, int], Lap] = {}
    for n_subjects in options.subjects:
        flow, people = fill(n_subjects)
        for arm, mixture in ARMS.items():
            laps = {share: measure(flow, person, mixture, options.rounds) for share, person in people.items()}
            first = {share: base.setdefault((arm, share), lap) for share, lap in laps.items()}
            cpu.add(n_subjects, arm, *(f"{lap.cpu:.1f} ({lap.chosen:.0f}, {common.ratio(lap.cpu, first[share].cpu)})" for share, lap in laps.items()))
            clock.add(n_subjects, arm, *(f"{lap.clock:.1f}" for lap in laps.values()))
    cpu.show(markdown=options.markdown)
    clock.show(markdown=options.markdown)


if __name__ == "__main__":
    main()
