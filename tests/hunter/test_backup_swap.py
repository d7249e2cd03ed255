"""The last step of a restore happens whole or not at all, wherever it is cut off."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hunter.backup import swap
from tests.conftest import ROOT, child_environment

OLD, NEW = "old", "new"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A database with a log, a secret, and what is to take their places."""
    for name in ("hunter.sqlite3", "secret_key"):
        (tmp_path / name).write_text(OLD)
        (tmp_path / f"{name}.restoring").write_text(NEW)
    (tmp_path / "hunter.sqlite3-wal").write_text(OLD)
    return tmp_path


def plan(home: Path) -> dict[str, object]:
    """What commit() writes down."""
    moves = [[str(home / f"{name}.restoring"), str(home / name)] for name in ("hunter.sqlite3", "secret_key")]
    return {"remove": [str(home / "hunter.sqlite3-wal")], "moves": moves}


def state(home: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in home.iterdir() if path.suffix != ".json"}


DONE = {"hunter.sqlite3": NEW, "secret_key": NEW}


def test_commit_puts_everything_in_place(home: Path) -> None:
    moves = [(home / f"{name}.restoring", home / name) for name in ("hunter.sqlite3", "secret_key")]

    swap.commit(home, moves=moves, remove=[home / "hunter.sqlite3-wal"])

    assert state(home) == DONE
    assert not (home / swap.JOURNAL).exists()


def test_without_a_plan_nothing_happens(home: Path) -> None:
    before = state(home)
    (home / "restore.new").write_text(json.dumps(plan(home)))  # cut off before the plan had its name

    assert swap.finish(home) is False
    assert {name: text for name, text in state(home).items() if name != "restore.new"} == before


@pytest.mark.parametrize("done", range(4))
def test_plan_that_was_cut_off_is_carried_out_to_its_end(home: Path, done: int) -> None:
    """Killed after `done` steps of: log removed, database moved, secret moved."""
    (home / swap.JOURNAL).write_text(json.dumps(plan(home)))
    if done > 0:
        (home / "hunter.sqlite3-wal").unlink()
    for name in ("hunter.sqlite3", "secret_key")[: max(0, done - 1)]:
        (home / f"{name}.restoring").replace(home / name)

    assert swap.finish(home) is True
    assert state(home) == DONE
    assert swap.finish(home) is False


def test_every_process_carries_it_out_before_it_opens_the_database(home: Path) -> None:
    (home / swap.JOURNAL).write_text(json.dumps(plan(home)))
    environment = child_environment(HUNTER_HOME=str(home), DATABASE_URL=f"sqlite:///{home}/hunter.sqlite3", DJANGO_SETTINGS_MODULE="hunter.settings")

    subprocess.run([sys.executable, "-c", "import hunter.settings"], cwd=ROOT, env=environment, check=True)

    assert state(home) == DONE


def test_two_processes_that_start_at_once_do_not_meet(home: Path) -> None:
    """The second would else remove the log that the first one's database has begun."""
    (home / swap.JOURNAL).write_text(json.dumps(plan(home)))
    code = "import runpy, sys, pathlib; print(runpy.run_path(sys.argv[1])['finish'](pathlib.Path(sys.argv[2])))"
    command = [sys.executable, "-c", code, str(ROOT / "hunter/backup/swap.py"), str(home)]

    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(6)]

    assert sorted(process.communicate()[0].strip() for process in started) == ["False"] * 5 + ["True"]
    assert state(home) == DONE
