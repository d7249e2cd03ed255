"""Labels as files: documented columns, counts that can be checked, whole files or none."""

import csv
import gzip
import hashlib
import io
import json
import re
import tracemalloc
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from classify import exports, services
from classify.exports import COLUMNS, SCHEMA, Choice, column_names, label_lines, label_rows, write_labels
from classify.models import Classification, Subject, SubjectStatus, Workflow
from core import files
from sky import instruments
from tests import factories as f
from tests.factories import NOW

pytestmark = pytest.mark.django_db

DOCS = Path(settings.BASE_DIR) / "docs" / "reference" / "label-columns.md"
KEYS = ["yes", "no", "impossible"]
MARK = (10.0, 20.0, 90.0, 40.0)


def classified(flow: Workflow, answers: str = "yyn", *, kind: str = "person", subject: Subject | None = None, **fields: Any) -> Subject:
    """A subject with one vote per letter; a yes marks a trail."""
    shown = subject or f.subject(workflow=flow, **fields)
    words = {"y": "yes", "n": "no", "i": "impossible"}
    for letter in answers:
        marks = [MARK] if letter == "y" else []
        f.vote(subject=shown, workflow=flow, answer=words[letter], marks=marks, volunteer=f.volunteer(kind=kind))
    return shown


def rows_of(flow: Workflow, **choice: Any) -> list[dict[str, Any]]:
    return list(label_rows(Choice(workflow=flow, **choice)))


def parsed(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# --- columns -------------------------------------------------------------------------------------


def test_every_column_is_documented_in_its_order_with_type_and_unit() -> None:
    lines = re.findall(r"^\| `([^`]+)` \|([^|]*)\|([^|]*)\| (.+) \|$", DOCS.read_text(), re.M)
    assert [(name, kind.strip(), unit.strip()) for name, kind, unit, _ in lines] == [tuple(column) for column in COLUMNS]
    assert all(meaning.strip().endswith((".", ")")) for *_, meaning in lines)
    assert SCHEMA in DOCS.read_text()


def test_a_row_says_what_happened() -> None:
    flow = f.workflow(count=3)
    exposure = f.exposure(observation_id="jbt1a3010", filter="F814W", start_mjd=55685.5)
    cutout = f.cutout(exposure=exposure, x0=900, y0=30, box_width=512, box_height=300, bin=2, width=256, height=150)
    subject = classified(flow, "yyn", cutout=cutout)
    (row,) = rows_of(flow)
    assert list(row) == ["_cursor", *column_names(KEYS)]
    assert row == {
        "_cursor": SubjectStatus.objects.get().pk,
        "subject_id": subject.public_id,
        "workflow": flow.slug,
        "kind": "pool",
        "observation_id": "jbt1a3010",
        "instrument": "ACS",
        "filter": "F814W",
        "start_mjd": 55685.5,
        "plane": 1,
        "cutout_x0": 900,
        "cutout_y0": 30,
        "cutout_width": 512,
        "cutout_height": 300,
        "cutout_bin": 2,
        "ra_deg": 150.1,
        "dec_deg": 2.2,
        "n_votes": 3,
        "count_yes": 2,
        "count_no": 1,
        "count_impossible": 0,
        "fraction_yes": 0.666667,
        "fraction_no": 0.333333,
        "fraction_impossible": 0.0,
        "posterior_yes": pytest.approx(0.762, abs=1e-3),  # everybody right in 7 of 10, no answer likelier: 1 : 4^-1 : 4^-2
        "posterior_no": pytest.approx(0.190, abs=1e-3),
        "posterior_impossible": pytest.approx(0.048, abs=1e-3),
        "label": "yes",
        "agreement": 0.666667,
        "settled": True,
        "state": "retired",
        "retired_at": "2026-03-01T12:00:00Z",
        "reason": "classification_count",
        "trail_count": 1,
        "trails_frame": [0],
        "trails_px": [[10.0, 20.0, 90.0, 40.0]],
        "trails_deg": [],
        "trails_scatter_px": [0.0],
        "trails_markers": [2],
        "trails_by": "linked",
        "policy": "1.0 fractions",
        "revision": 3,
    }


def test_trail_ends_on_the_sky_are_those_of_astropy(tmp_path: Path) -> None:
    header = fits.Header()
    header["CTYPE1"], header["CTYPE2"] = "RA---TAN", "DEC--TAN"
    header["CRVAL1"], header["CRVAL2"], header["CRPIX1"], header["CRPIX2"] = 150.1, -62.2, 1050.5, 1050.5
    header["CD1_1"], header["CD1_2"], header["CD2_1"], header["CD2_2"] = -2.2e-5, 1.1e-5, 1.1e-5, 2.2e-5
    path = tmp_path / "j00000010_drc.fits"
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(np.zeros((70, 70), np.float32), header, name="SCI")]).writeto(path)
    exposure = f.exposure(wcs_key=files.put(instruments.wcs_file(path), files.new_key("fits", prefix="wcs")))
    flow = f.workflow(count=2)
    classified(flow, "yy", cutout=f.cutout(exposure=exposure, x0=500, y0=40, bin=2))
    (row,) = rows_of(flow)
    x, y = 500 + 2 * (np.array([10.0, 90.0]) + 0.5) - 0.5, 40 + 2 * (np.array([20.0, 40.0]) + 0.5) - 0.5
    ra, dec = WCS(header).all_pix2world(x, y, 0)
    assert row["trails_deg"] == [pytest.approx([ra[0], dec[0], ra[1], dec[1]], abs=1e-8)]


def test_a_lost_wcs_file_loses_only_the_coordinates(caplog: pytest.LogCaptureFixture) -> None:
    flow = f.workflow(count=2)
    classified(flow, "yy", cutout=f.cutout(exposure=f.exposure(wcs_key="wcs/00/gone.fits")))
    (row,) = rows_of(flow)
    assert (row["trail_count"], row["trails_deg"]) == (1, [])
    assert "no sky coordinates" in caplog.text


def test_a_subject_without_pixels_has_a_row() -> None:
    flow = f.workflow(count=2)
    subject = Subject.objects.create(public_id=77, kind="imported", origin="zooniverse:1", created_at=NOW)
    f.status(subject=subject, workflow=flow, state="retired", reason="human", retired_at=NOW)
    (row,) = rows_of(flow)
    assert (row["subject_id"], row["kind"], row["observation_id"], row["ra_deg"], row["n_votes"], row["label"]) == (
        77,
        "imported",
        None,
        None,
        0,
        None,
    )
    assert (row["fraction_yes"], row["agreement"], row["settled"], row["policy"]) == (None, None, False, None)


# --- which rows, which votes ---------------------------------------------------------------------


def test_only_finished_subjects_unless_everything_is_asked_for() -> None:
    flow, other = f.workflow(count=2), f.workflow()
    done, fresh = classified(flow, "nn"), classified(flow, "n")
    elsewhere, unseen = classified(flow, "nn"), f.subject(workflow=flow)
    f.status(subject=elsewhere, workflow=other)
    root = f.subject(workflow=other)
    find = f.find(root=root, workflow=flow)
    classified(flow, "yy", subject=find)
    assert [row["subject_id"] for row in rows_of(flow)] == [done.public_id]
    rows = rows_of(flow, everything=True)
    assert [row["subject_id"] for row in rows] == [s.public_id for s in (done, fresh, elsewhere, unseen, find)]
    assert [(row["state"], row["settled"], row["n_votes"]) for row in rows[:4]] == [
        ("retired", True, 2),
        ("active", False, 1),
        ("retired", True, 2),
        ("active", False, 0),
    ]


def test_calibration_subjects_never_leave() -> None:
    flow = f.workflow(count=1)
    classified(flow, "y", kind="person", subject=f.subject(workflow=flow, kind=Subject.Kind.INJECTED, origin="injection:5"))
    assert rows_of(flow) == rows_of(flow, everything=True) == []


def test_a_visitors_votes_count_and_superseded_ones_do_not() -> None:
    flow = f.workflow(count=3)
    subject = f.subject(workflow=flow)
    ann = f.volunteer()
    receipt = f.vote(subject=subject, workflow=flow, answer="yes", volunteer=ann)
    services.undo_classification(volunteer=ann, classification_id=receipt.id, now=NOW + timedelta(seconds=2))
    classified(flow, "nni", subject=subject, kind="visitor")
    (row,) = rows_of(flow)
    assert Classification.objects.count() == 5
    assert (row["n_votes"], row["count_yes"], row["count_no"], row["count_impossible"], row["label"]) == (3, 0, 2, 1, "no")


def test_simulated_and_imported_votes_are_out_unless_asked_for() -> None:
    flow = f.workflow(count=5, policy={"min_votes": 1})
    mixed = f.subject(workflow=flow)
    classified(flow, "nn", subject=mixed)
    classified(flow, "yy", subject=mixed, kind="demo")
    classified(flow, "y", subject=mixed, kind="imported")
    only_demo = classified(flow, "yyyyy", kind="demo")

    def counts(**choice: bool) -> list[Any]:
        return [
            (row["subject_id"] == mixed.public_id, row["count_yes"], row["count_no"], row["label"], row["settled"], row["trail_count"])
            for row in rows_of(flow, **choice)
        ]

    assert counts(everything=True) == [(True, 0, 2, "no", False, 0), (False, 0, 0, None, False, 0)]
    assert counts(everything=True, include_demo=True) == [(True, 2, 2, None, False, 1), (False, 5, 0, "yes", True, 1)]
    assert counts(everything=True, include_imported=True) == [(True, 1, 2, "no", False, 0), (False, 0, 0, None, False, 0)]
    assert counts(include_demo=True, include_imported=True) == [(True, 3, 2, "yes", True, 1), (False, 5, 0, "yes", True, 1)]
    assert counts() == [], "what only simulated and imported votes retired is not retired for those who leave them out"
    assert counts(include_demo=True) == [(False, 5, 0, "yes", True, 1)]
    assert only_demo.public_id in {row["subject_id"] for row in rows_of(flow, everything=True)}


def test_a_recount_gives_what_the_consensus_gave() -> None:
    flow = f.workflow(count=4)
    for answers in ("yyyn", "nnni", "yyii", "yyyy"):
        classified(flow, answers)
    stored = rows_of(flow)
    SubjectStatus.objects.update(n_demo=1)  # makes the export count the votes themselves
    assert rows_of(flow) == stored


def test_answers_of_all_versions_have_columns() -> None:
    flow = f.workflow(count=1)
    older = flow.versions.get()
    steps = {"first": "T0", "steps": {"T0": {"type": "single", "question": "?", "answers": [{"key": "yes"}, {"key": "maybe"}]}}}
    flow.versions.create(major=2, minor=0, steps=steps, policy=older.policy, created_at=NOW)
    assert exports.answer_keys(flow) == ["yes", "no", "impossible", "maybe"]


# --- constant work -------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3, 30])
def test_the_same_queries_for_one_as_for_thirty(count: int, django_assert_num_queries: Any) -> None:
    flow = f.workflow(count=2)
    frame = f.cutout()
    for number in range(count):
        classified(flow, "nn", cutout=frame, origin=f"test:{number}")
    with django_assert_num_queries(7):
        assert len(rows_of(flow)) == count


def test_chunks_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    flow = f.workflow(count=1)
    frame = f.cutout()
    made = [classified(flow, "y", cutout=frame, origin=f"test:{number}").public_id for number in range(7)]
    for size in (1, 2, 3, 7, 8):
        monkeypatch.setattr("classify.exports.rows.CHUNK", size)
        assert [row["subject_id"] for row in rows_of(flow)] == made
    rows = list(label_rows(Choice(workflow=flow), limit=3))
    rest = list(label_rows(Choice(workflow=flow), after=rows[-1]["_cursor"], limit=100))
    assert [row["subject_id"] for row in rows + rest] == made


def test_memory_does_not_grow_with_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    flow, frame = f.workflow(count=1), f.cutout()
    subjects = [Subject(public_id=n, kind="pool", origin=f"test:{n}", ready=True, created_at=NOW) for n in range(2000)]
    Subject.objects.bulk_create(subjects)
    subjects[0].frames.create(position=0, cutout=frame)
    SubjectStatus.objects.bulk_create(
        SubjectStatus(workflow=flow, subject=s, state="retired", lot=0.5, shuffle=0.5, pooled_at=NOW, retired_at=NOW) for s in subjects
    )
    monkeypatch.setattr("classify.exports.rows.CHUNK", 100)

    def peak(limit: int) -> int:
        tracemalloc.start()
        for _ in label_rows(Choice(workflow=flow), limit=limit):
            pass
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(200)
    assert peak(2000) < 1.5 * peak(400)


# --- files ---------------------------------------------------------------------------------------


def test_csv_and_json_lines_say_the_same() -> None:
    flow = f.workflow(count=2)
    classified(flow, "yy")
    classified(flow, "in")
    rows = rows_of(flow)
    for row in rows:
        del row["_cursor"]
    assert [json.loads(line) for line in "".join(label_lines(Choice(flow), "jsonl")).splitlines()] == rows
    table = parsed("".join(label_lines(Choice(flow), "csv")))
    assert list(table[0]) == column_names(KEYS)
    assert (table[0]["trails_px"], table[0]["settled"], table[1]["trails_px"], table[1]["label"]) == ("10.0 20.0 90.0 40.0", "true", "", "")
    assert [int(row["count_yes"]) for row in table] == [2, 0]


def test_two_trails_in_one_field() -> None:
    flow = f.workflow(count=2)
    subject = f.subject(workflow=flow)
    for _ in range(2):
        f.vote(subject=subject, workflow=flow, answer="yes", marks=[MARK, (200.0, 100.0, 210.0, 180.0)])
    (row,) = parsed("".join(label_lines(Choice(flow), "csv")))
    assert sorted(row["trails_px"].split("; ")) == ["10.0 20.0 90.0 40.0", "200.0 100.0 210.0 180.0"]
    assert (row["trail_count"], row["trails_markers"], row["trails_frame"]) == ("2", "2; 2", "0; 0")


@pytest.mark.parametrize("name", ["labels.csv", "labels.csv.gz"])
def test_a_file_and_its_manifest(tmp_path: Path, name: str) -> None:
    flow = f.workflow(count=2)
    subject = classified(flow, "nn")
    path = tmp_path / name
    made = write_labels(Choice(flow), "csv", path, now=NOW)
    data = path.read_bytes()
    manifest = json.loads((tmp_path / f"{name}.manifest.json").read_text())
    assert manifest == {
        "file": name,
        "rows": 1,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "schema": "labels-2",
        "format": "csv",
        "workflow": flow.slug,
        "version": "1.0",
        "everything": False,
        "include_demo": False,
        "include_imported": False,
        "made_at": "2026-03-01T12:00:00Z",
        "answers": ["yes", "no", "impossible"],
    }
    text = (gzip.decompress(data) if name.endswith(".gz") else data).decode()
    assert parsed(text)[0]["subject_id"] == str(subject.public_id)
    assert write_labels(Choice(flow), "csv", path, now=NOW + timedelta(days=1)).sha256 == made.sha256
    assert sorted(p.name for p in tmp_path.iterdir()) == [name, f"{name}.manifest.json"]


def test_an_export_that_is_stopped_leaves_the_earlier_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flow = f.workflow(count=1)
    classified(flow, "n")
    path = tmp_path / "labels.csv"
    before = write_labels(Choice(flow), "csv", path, now=NOW)
    classified(flow, "y")
    monkeypatch.setattr("classify.exports.rows.CHUNK", 1)
    real = exports.rows._facts
    calls = []

    def facts(*args: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr("classify.exports.rows._facts", facts)
    with pytest.raises(CommandError, match="Nothing was written"):
        call_command("export", "labels", workflow=flow.slug, output=str(path))
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before.sha256
    assert sorted(p.name for p in tmp_path.iterdir()) == ["labels.csv", "labels.csv.manifest.json"]


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flow = f.workflow(count=2, slug="classify")
    done, open_one = classified(flow, "yy"), classified(flow, "y", kind="demo")
    call_command("export", "labels")
    assert [row["subject_id"] for row in parsed(capsys.readouterr().out)] == [str(done.public_id)]
    call_command("export", "labels", "--all", "--include-demo", "--format", "jsonl")
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["subject_id"], row["count_yes"]) for row in rows] == [(done.public_id, 2), (open_one.public_id, 1)]
    path = tmp_path / "labels.jsonl.gz"
    call_command("export", "labels", "--format", "jsonl", "--output", str(path))
    assert "1 rows" in capsys.readouterr().err
    assert json.loads(gzip.decompress(path.read_bytes()))["subject_id"] == done.public_id
    with pytest.raises(CommandError, match="There is no workflow 'nothing'"):
        call_command("export", "labels", "--workflow", "nothing")
    with pytest.raises(CommandError, match="could not be written: No such file"):
        call_command("export", "labels", "--output", str(tmp_path / "no" / "folder.csv"))
