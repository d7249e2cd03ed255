"""Pooled Dawid-Skene over stored votes, from the database into the database: filling it, and one run in a process of its own."""

import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.common import Lap, peak_memory_mib, temporary_site, timed

ANSWERS = ("no", "yes", "impossible")  # 0, 1, 2 of the generated crowd
_VOTES = """
INSERT INTO classify_classification (id, workflow_id, version_id, subject_id, volunteer_id, answer, annotations, viewer, created_at, blind, late,
  counted, log_likelihood, repeat, superseded_reason, source, external_id)
SELECT gen_random_uuid(), %(workflow)s, %(version)s, %(subject)s + subject, %(person)s + person, answer, jsonb_build_object('T0', answer), '{}',
  now() - interval '1 day' + n * interval '1 ms', true, false, true, '{"no": -0.051293, "yes": -2.995732, "impossible": -2.302585}', 0, '', '', ''
FROM bench_vote ORDER BY n"""


def _copy(cursor: Any, table: str, columns: str, rows: Any) -> None:
    text = io.StringIO()
    for row in rows:
        text.write("\t".join(map(str, row)) + "\n")
    text.seek(0)
    cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", text)


def fill(path: Path) -> None:
    """Store the generated crowd: subjects with their states, people, votes in their order of arrival."""
    from django.db import connection
    from django.utils import timezone

    from classify.models import Subject, Volunteer, Workflow
    from classify.seeds import seed_workflows

    stored = np.load(path)
    n_subjects, n_people = (int(size) for size in stored["sizes"])
    seed_workflows(timezone.now())
    flow = Workflow.objects.get(slug="classify")
    made = "2026-01-01T00:00:00Z"
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # the rows are right: no key need be looked up for each
        columns = "public_id, kind, origin, metadata, suggestions, ready, created_at"
        numbers = np.random.default_rng(1).permutation(n_subjects) + 10**9  # random, as on a site
        _copy(cursor, "classify_subject", columns, ((number, "pool", f"import:{i}", "{}", "[]", "t", made) for i, number in enumerate(numbers)))
        columns = "public_id, kind, credit_name, preferences, source, external_id, created_at"
        _copy(cursor, "classify_volunteer", columns, ((f"p{i * 7919 % n_people:06}", "person", "", "{}", "", "", made) for i in range(n_people)))
        first, person = (model.objects.order_by("pk").values_list("pk", flat=True)[0] for model in (Subject, Volunteer))
        columns = "workflow_id, subject_id, state, n_votes, n_demo, tally, log_posterior, lot, shuffle, priority, reason, revision, pooled_at"
        states = ((flow.pk, first + i, "active", 0, 0, "{}", "{}", 0.5, 0.5, 0, "", 0, made) for i in range(n_subjects))
        _copy(cursor, "classify_subjectstatus", columns, states)
        cursor.execute("CREATE TEMPORARY TABLE bench_vote (n int, subject int, person int, answer text)")
        votes = zip(stored["subject"].tolist(), stored["person"].tolist(), stored["answer"].tolist(), strict=True)
        _copy(cursor, "bench_vote", "n, subject, person, answer", ((n, s, p, ANSWERS[a]) for n, (s, p, a) in enumerate(votes)))
        cursor.execute(_VOTES, {"workflow": flow.pk, "version": flow.current_version_id, "subject": first, "person": person})
        cursor.execute("DROP TABLE bench_vote")
        cursor.execute("SET session_replication_role = DEFAULT")
        for table in ("subject", "subjectstatus", "volunteer", "classification"):
            cursor.execute(f"VACUUM ANALYZE classify_{table}")
        cursor.execute("CHECKPOINT")


def run_stored(path: Path) -> None:
    """Label the stored votes in this process; print what it took as JSON, and leave the labels beside the table."""
    with temporary_site():
        from django.db import connection
        from django.utils import timezone

        from classify import services
        from classify.crowd import batch  # noqa: F401 - loaded before the clock starts
        from classify.models import AggregatedLabel, Subject, Workflow

        flow = Workflow.objects.select_related("current_version").get(slug="classify")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            backend = psutil.Process(cursor.fetchone()[0])
        with timed() as lap, cpu_of(backend) as server:
            run = services.aggregate(workflow=flow, now=timezone.now())
        peak = peak_memory_mib()
        place = {pk: i for i, pk in enumerate(Subject.objects.order_by("pk").values_list("pk", flat=True))}
        labels = np.full(len(place), -1, dtype=np.int8)
        for subject, label in AggregatedLabel.objects.filter(aggregation=run).values_list("subject_id", "label"):
            labels[place[subject]] = ANSWERS.index(label)
        np.save(path.with_suffix(".labels.npy"), labels)
        note = f"{server.cpu_s:.1f} s CPU of PostgreSQL"
        print(json.dumps({"wall_s": lap.wall_s, "cpu_s": lap.cpu_s, "peak_mib": peak, "note": note, "sha256": run.labels_sha256}))


@contextmanager
def cpu_of(process: psutil.Process) -> Iterator[Lap]:
    """CPU seconds of another process over a block."""
    lap = Lap(cpu_s=-sum(process.cpu_times()[:2]))
    yield lap
    lap.cpu_s += sum(process.cpu_times()[:2])


def fill_stored(path: Path) -> None:
    """Make the tables, fill them, and label once: the site, too, finds labels of the night before."""
    with temporary_site():
        fill(path)
    run_stored(path)


@contextmanager
def server(wanted: bool) -> Iterator[None]:
    """Name a PostgreSQL, if one is wanted: that of DATABASE_URL, else a throw-away server that syncs as on a real site."""
    from tests import services

    if wanted and not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = services.start_postgres(durable=True)
    try:
        yield
    finally:
        services.stop_all()
