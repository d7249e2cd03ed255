"""Export of labels: rows per second, first byte and memory, against a bare dump of the same rows in the same run.

    python -m benchmarks.export                                PostgreSQL and the embedded default (SQLite), 10,000 and 100,000 subjects
    python -m benchmarks.export --database sqlite --subjects 10000

Every subject is retired with 10 votes in its consensus; 4 in 100 have a trail, whose ends are put on the sky by the full WCS.
The bare dump writes the same facts without trails: COPY ... TO STDOUT on PostgreSQL, a cursor and csv.writer on SQLite. Each export
runs in a process of its own; memory is what that process needed above what it held before the first row.
"""

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import common

TRAILS, VOTES, CUTOUTS_PER_EXPOSURE, BATCH = 0.04, 10, 4, 5000
VARIANTS = {
    "csv": "CSV",
    "jsonl": "JSON Lines",
    "gzip": "CSV to a .gz file with manifest",
    "no_trails": "CSV, no trail in it",
    "recount": "CSV, every subject recounted from its votes",
}
DUMP = """
    SELECT s.public_id, s.kind, e.observation_id, e.instrument, e.filter, e.start_mjd, p."index", c.x0, c.y0, c.box_width, c.box_height,
           c.bin, c.ra_deg, c.dec_deg, k.n_votes, k.counts, k.fractions, k.label, k.agreement, k.settled, t.state, t.retired_at, t.reason,
           k.policy, t.revision
    FROM classify_subjectstatus t
    JOIN classify_subject s ON s.id = t.subject_id
    JOIN classify_subjectframe f ON f.subject_id = s.id AND f.position = 0
    JOIN archive_cutout c ON c.id = f.cutout_id
    JOIN archive_plane p ON p.id = c.plane_id
    JOIN archive_exposure e ON e.id = p.exposure_id
    JOIN classify_consensus k ON k.subject_id = s.id AND k.workflow_id = t.workflow_id
    WHERE t.state = 'retired' ORDER BY t.id"""


# --- rows ----------------------------------------------------------------------------------------


def prepare(count: int, *, with_votes: bool) -> None:
    """Fill the database in bulk: exposures, cutouts, subjects, states, consensus, trails (and votes)."""
    from django.utils import timezone

    from classify.models import Subject, SubjectFrame, SubjectStatus, Workflow
    from classify.seeds import seed_workflows

    now, rng = timezone.now(), random.Random(1)
    seed_workflows(now)
    flow = Workflow.objects.get(slug="classify")
    cutouts = _cutouts(count, now)
    numbers = rng.sample(range(10**9, 10**10), count)
    subjects = Subject.objects.bulk_create(
        [Subject(public_id=n, kind="pool", origin=f"cutout:{c.pk}", ready=True, created_at=now) for n, c in zip(numbers, cutouts, strict=True)],
        batch_size=BATCH,
    )
    SubjectFrame.objects.bulk_create([SubjectFrame(subject=s, cutout=c) for s, c in zip(subjects, cutouts, strict=True)], batch_size=BATCH)
    positive = [rng.random() < TRAILS for _ in subjects]
    tallies = [{"yes": 7, "no": 3} if yes else {"no": 9, "impossible": 1} for yes in positive]
    SubjectStatus.objects.bulk_create(
        [
            SubjectStatus(
                workflow=flow, subject=s, state="retired", n_votes=VOTES, tally=tally, retired_at=now, reason="classification_count",
                lot=0.5, shuffle=rng.random(), pooled_at=now, revision=VOTES,
            )
            for s, tally in zip(subjects, tallies, strict=True)
        ],
        batch_size=BATCH,
    )  # fmt: skip
    _consensus(flow, subjects, tallies, now)
    if with_votes:
        _votes(flow, subjects, tallies, now)


def _cutouts(count: int, now: Any) -> list[Any]:
    from archive.models import Cutout, Exposure, Plane

    key, n_exposures = _wcs_file(), -(-count // CUTOUTS_PER_EXPOSURE)
    exposures = Exposure.objects.bulk_create(
        [
            Exposure(
                survey="hst", observation_id=f"j{n:08d}", product="drc", kind="composite", instrument="ACS", detector="WFC", filter="F606W",
                start_mjd=55000.0 + n / 100, credit="NASA/ESA/STScI", wcs_key=key, source=f"/{n}", checksum=f"{n:064x}", size_bytes=1,
                state="cut", created_at=now,
            )
            for n in range(n_exposures)
        ],
        batch_size=BATCH,
    )  # fmt: skip
    planes = Plane.objects.bulk_create(
        [Plane(exposure=e, index=1, name="SCI,1", width=4200, height=4200, has_wcs=True) for e in exposures], batch_size=BATCH
    )
    boxes = [(x, y) for y in (0, 2076) for x in (0, 2076)]
    return Cutout.objects.bulk_create(
        [
            Cutout(
                plane=planes[n // CUTOUTS_PER_EXPOSURE], x0=boxes[n % 4][0], y0=boxes[n % 4][1], box_width=2124, box_height=2124, bin=2,
                width=1062, height=1062, ra_deg=150.1, dec_deg=-2.2, preview_key="px/00/none.jpg", created_at=now,
            )
            for n in range(count)
        ],
        batch_size=BATCH,
    )  # fmt: skip


def _wcs_file() -> str:
    """Store the pixel-free file of an ACS-like drizzled image."""
    import numpy as np
    from astropy.io import fits

    from core import files
    from sky import instruments

    header = fits.Header({"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 150.1, "CRVAL2": -2.2, "CRPIX1": 2100.0, "CRPIX2": 2100.0})
    header.update({"CD1_1": -1.4e-5, "CD1_2": 0.0, "CD2_1": 0.0, "CD2_2": 1.4e-5})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "j00000000_drc.fits"
        fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(np.zeros((70, 70), np.float32), header, name="SCI")]).writeto(path)
        return files.put(instruments.wcs_file(path), files.new_key("fits", prefix="wcs"))


def _consensus(flow: Any, subjects: list[Any], tallies: list[dict[str, int]], now: Any) -> None:
    from classify.models import Consensus, ConsensusTrail

    rows = Consensus.objects.bulk_create(
        [
            Consensus(
                workflow=flow, subject=s, method="fractions", label="yes" if "yes" in tally else "no", settled=True, counts=tally,
                fractions={key: n / VOTES for key, n in tally.items()}, n_votes=VOTES, agreement=max(tally.values()) / VOTES,
                policy="1.0 fractions", decided_at=now,
            )
            for s, tally in zip(subjects, tallies, strict=True)
        ],
        batch_size=BATCH,
    )  # fmt: skip
    ConsensusTrail.objects.bulk_create(
        [
            ConsensusTrail(consensus=row, position=0, x1=100, y1=200, x2=300, y2=250, scatter_px=2.5, n_markers=7)
            for row in rows
            if row.label == "yes"
        ],
        batch_size=BATCH,
    )


def _votes(flow: Any, subjects: list[Any], tallies: list[dict[str, int]], now: Any) -> None:
    from classify.models import Classification, Volunteer
    from core import identity

    people = [Volunteer.objects.create(public_id=identity.random_name(), kind="person", created_at=now) for _ in range(VOTES)]
    for start in range(0, len(subjects), BATCH // VOTES):
        votes = []
        for subject, tally in zip(subjects[start : start + BATCH // VOTES], tallies[start : start + BATCH // VOTES], strict=True):
            answers = [key for key, n in tally.items() for _ in range(n)]
            votes += [
                Classification(
                    id=identity.random_uuid(), workflow=flow, version=flow.current_version, subject=subject, volunteer=person, answer=answer,
                    created_at=now,
                )
                for person, answer in zip(people, answers, strict=True)
            ]  # fmt: skip
        Classification.objects.bulk_create(votes)


# --- one export in one process -------------------------------------------------------------------


def export(variant: str) -> dict[str, float]:
    """Run one export; return rows, wall and CPU seconds, time to the first piece, and memory above idle (MiB)."""
    import django

    django.setup()
    from django.utils import timezone

    from classify.exports import Choice, label_lines, write_labels
    from classify.models import SubjectStatus, Workflow

    choice = Choice(workflow=Workflow.objects.select_related("current_version").get(slug="classify"))
    if variant == "no_trails":
        SubjectStatus.objects.filter(tally__has_key="yes").update(state="paused")
    if variant == "recount":
        SubjectStatus.objects.update(n_demo=1)  # makes the export count the votes themselves
    idle, first, size = peak_mib(), 0.0, 0
    with common.timed() as lap:
        if variant == "gzip":
            rows = write_labels(choice, "csv", Path(os.environ["HUNTER_HOME"]) / "labels.csv.gz", now=timezone.now()).rows
        else:
            begun, rows = time.perf_counter(), -1 if variant != "jsonl" else 0
            with Path(os.devnull).open("w") as sink:
                for text in label_lines(choice, "jsonl" if variant == "jsonl" else "csv"):
                    first = first or time.perf_counter() - begun
                    rows += text.count("\n")
                    size += sink.write(text)
    if variant in {"no_trails", "recount"}:
        SubjectStatus.objects.filter(state="paused").update(state="retired")
        SubjectStatus.objects.update(n_demo=0)
    return {"rows": rows, "wall": lap.wall_s, "cpu": lap.cpu_s, "first": first, "memory": peak_mib() - idle, "bytes": size}


def peak_mib() -> float:
    """Return the most memory this process has held (MiB). The general figure would contain what its parent held before the start."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    peaks = [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")]
    return peaks[0] if peaks else common.peak_memory_mib()


def bare_dump() -> Callable[[], object]:
    """Return the dump of the same rows with the least work between database and text."""
    from django.db import connection

    def copy() -> None:
        with connection.cursor() as cursor, Path(os.devnull).open("w") as sink:
            cursor.cursor.copy_expert(f"COPY ({DUMP}) TO STDOUT WITH CSV HEADER", sink)

    def dump() -> None:
        with connection.cursor() as cursor, Path(os.devnull).open("w", newline="") as sink:
            cursor.execute(DUMP)
            csv.writer(sink).writerows(cursor.cursor)

    return copy if connection.vendor == "postgresql" else dump


# --- tables --------------------------------------------------------------------------------------

COLUMNS = ("what", "rows", "rows/s", "CPU s", "first byte ms", "MiB above idle", "time / bare dump")


def measure(count: int, options: argparse.Namespace) -> None:
    """One table: a database with so many subjects."""
    with common.temporary_site():
        from django.db import connection

        recount = count <= options.recount
        prepare(count, with_votes=recount)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        table = common.Table(f"Export of labels, {count:,} subjects, {connection.vendor}", COLUMNS)
        bare = common.best_of(bare_dump())
        table.add("COPY" if connection.vendor == "postgresql" else "cursor and csv.writer", count, count / bare.wall_s, bare.cpu_s, "-", "-", "1")
        connection.close()
        for variant, name in VARIANTS.items():
            if variant == "recount" and not recount:
                continue
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.export", "--measure", variant], cwd=common.ROOT, check=True, capture_output=True, text=True
            )
            told = json.loads(done.stdout.splitlines()[-1])
            first = f"{1000 * told['first']:.0f}" if told["first"] else "-"
            per_row = (told["wall"] / told["rows"]) / (bare.wall_s / count)
            table.add(name, told["rows"], told["rows"] / told["wall"], told["cpu"], first, told["memory"], f"{per_row:.1f} x")
        table.show(markdown=options.markdown)


def main() -> None:
    """Run each database and size in a process of its own (settings are read once per process)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=["postgresql", "sqlite", "both"], default="both")
    parser.add_argument("--subjects", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--recount", type=int, default=10_000, metavar="N", help="recount from votes up to this many subjects")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--measure", choices=list(VARIANTS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(export(options.measure)))
        return
    databases = ["postgresql", "sqlite"] if options.database == "both" else [options.database]
    if len(databases) * len(options.subjects) > 1:
        print(common.machine("Django", "psycopg2-binary"), flush=True)
        more = ["--recount", str(options.recount), *(["--markdown"] if options.markdown else [])]
        for database in databases:
            for count in options.subjects:
                command = [sys.executable, "-m", "benchmarks.export", "--database", database, "--subjects", str(count), *more]
                subprocess.run(command, cwd=common.ROOT, check=True)
        return
    from tests import services

    if databases == ["sqlite"]:
        os.environ.pop("DATABASE_URL", None)
    elif not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = services.start_postgres()
    try:
        measure(options.subjects[0], options)
    finally:
        services.stop_all()


if __name__ == "__main__":
    main()
