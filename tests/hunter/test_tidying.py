"""What is kept no longer goes, and only that."""

import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone

from core import files
from core.models import Heartbeat, Job
from hunter import tidying
from ml.models import Run
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_storage() -> None:
    """Files of other tests are none of these tests' business."""
    for folder in tidying.IMAGES:
        shutil.rmtree(default_storage.path(folder), ignore_errors=True)


def aged(key: str, hours: float) -> str:
    """A stored file as if written so long ago."""
    then = timezone.now().timestamp() - 3600 * hours
    os.utime(default_storage.path(key), (then, then))
    return key


def job(age: timedelta, **fields: object) -> Job:
    values = {"kind": "any", "key": "any", "title": "any", "state": "done", "created_at": NOW, "finished_at": NOW - age}
    return Job.objects.create(**{**values, **fields})


def test_expired_sessions_go() -> None:
    Session.objects.create(session_key="old", session_data="", expire_date=NOW - timedelta(seconds=1))
    Session.objects.create(session_key="new", session_data="", expire_date=NOW + timedelta(seconds=1))

    assert tidying.expired_sessions(NOW) == 1
    assert Session.objects.get().session_key == "new"


def test_finished_work_goes_after_90_days() -> None:
    old, kept = timedelta(days=91), timedelta(days=89)
    job(old)
    kept_rows = [job(kept), job(old, state="running", finished_at=None), job(old, kind="backup")]
    named = job(old)
    Run.objects.create(job=named, kind="scan", created_at=NOW)
    newest = job(old)

    assert tidying.old_jobs(NOW) == 1
    assert set(Job.objects.values_list("pk", flat=True)) == {row.pk for row in [*kept_rows, named, newest]}


def test_files_without_a_row_go_after_a_day() -> None:
    cutout = factories.cutout()
    named = {aged(key, 100) for key in (cutout.preview_key, cutout.pixels_key)}
    orphan, young = aged(files.put(b"x", files.new_key("jpg")), 25), files.put(b"x", files.new_key("jpg"))
    other = aged(files.put(b"x", files.new_key("pt", prefix="ml")), 100)
    probe = aged(files.put(b"x", "health/killed.txt"), 25)

    assert tidying.orphan_files(timezone.now()) == 2

    assert {key for key in (orphan, probe, young, other, *named) if default_storage.exists(key)} == {young, other, *named}


def test_no_file_goes_while_a_backup_runs() -> None:
    orphan = aged(files.put(b"x", files.new_key("jpg")), 25)
    job(timedelta(0), kind="backup", state="running")

    assert tidying.orphan_files(timezone.now()) == 0
    assert default_storage.exists(orphan)


def test_many_files_are_asked_about_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidying, "AT_ONCE", 2)
    keys = [aged(files.put(b"x", files.new_key("jpg")), 25) for _ in range(5)]

    assert tidying.orphan_files(timezone.now()) == 5
    assert not any(default_storage.exists(key) for key in keys)


def test_every_stored_image_of_a_row_is_known_by_its_field() -> None:
    """Who stores a key elsewhere would lose the file after a day."""
    cutout = factories.cutout()

    assert tidying.named_keys([cutout.preview_key, cutout.pixels_key, "px/00/other.jpg"]) == {cutout.preview_key, cutout.pixels_key}


def test_signs_of_queues_that_are_gone_go() -> None:
    Heartbeat.objects.create(queue="gone", worker="x", at=NOW - timedelta(days=8))
    Heartbeat.objects.create(queue="ml", worker="x", at=NOW)

    assert tidying.old_heartbeats(NOW) == 1
    assert Heartbeat.objects.get().queue == "ml"


def test_one_that_fails_keeps_nobody_else_from_tidying(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(now: object) -> int:
        raise OSError("the storage is away")

    monkeypatch.setitem(tidying.TIDY, "files without a row", fail)
    Session.objects.create(session_key="old", session_data="", expire_date=timezone.now() - timedelta(days=1))

    call_command("tidy")

    said = capsys.readouterr().out
    assert "expired sessions: 1" in said
    assert "files without a row" not in said


def test_task_is_that_of_the_command(settings: object) -> None:
    from hunter.tasks import tidy

    assert set(tidy()) == set(tidying.TIDY)
    assert Path(settings.HOME).exists()  # type: ignore[attr-defined]
