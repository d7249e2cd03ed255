"""No vote is lost, none counts twice, and retirement is exact, whoever votes at the same time; on both databases."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, child_environment

STORM = Path(__file__).with_name("storm.py")
COUNT, SUBJECTS, PROCESSES, EACH = 10, 2, 2, 7
Call = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with all tables and no rows."""
    path = tmp_path_factory.mktemp("sqlite") / "empty.sqlite3"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": f"sqlite:///{path}"}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    return path


@pytest.fixture(params=["postgresql", "sqlite"])
def call(request: pytest.FixtureRequest, transactional_db: None, migrated: Path, tmp_path: Path) -> Call:
    """Return a starter of storm.py on an empty database with the settings of the product."""
    environment = child_environment(PYTHONPATH=str(ROOT))
    if request.param == "sqlite":
        shutil.copy(migrated, tmp_path / "storm.sqlite3")
        environment |= {"DATABASE_URL": f"sqlite:///{tmp_path / 'storm.sqlite3'}"}

    def start(*arguments: Any) -> "subprocess.Popen[str]":
        words = [arguments[0], *map(json.dumps, arguments[1:])]
        return subprocess.Popen(
            [sys.executable, str(STORM), *words], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    return start


def answer_of(process: "subprocess.Popen[str]") -> Any:
    """The JSON a process printed; fails with its errors."""
    out, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return json.loads(out)


def storm(call: Call, *, wild: bool) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Let 14 volunteers in two processes of four threads vote on two subjects; return what they said and what is stored."""
    who = answer_of(call("prepare", COUNT, SUBJECTS, PROCESSES * EACH))
    voters = [who["volunteers"][n * EACH : (n + 1) * EACH] for n in range(PROCESSES)]
    running = [call("vote", {"volunteers": group, "subjects": who["subjects"], "seed": n, "wild": wild}) for n, group in enumerate(voters)]
    said: dict[str, str] = {}
    for process in running:
        said |= answer_of(process)
    return {pair: answer for pair, answer in said.items() if answer}, answer_of(call("check"))


def hold_together(said: dict[str, str], stored: list[dict[str, Any]]) -> None:
    """Tally, consensus and totals are what the standing votes say, and those are what people said last."""
    assert {pair: answer for row in stored for pair, answer in row["standing"].items()} == said
    for row in stored:
        tally = dict(Counter(row["standing"].values()))
        assert row["tally"] == row["counts"] == tally
        assert row["n_votes"] == sum(tally.values())
        assert row["columns"] == row["standing"]
        assert row["same_labels"]
        assert row["log_posterior_is_exact"]
        assert row["revisions_agree"]
        assert row["total_of_all"] == len(said)
        assert row["settled"] == (row["state"] == "retired") == (row["n_votes"] >= COUNT)
        best, n = max(tally.items(), key=lambda item: item[1])
        assert row["label"] == (best if n > row["n_votes"] / 2 else "")
        assert row["markers"] == ([tally["yes"]] if tally.get("yes", 0) >= 2 else [])


def test_the_tenth_vote_and_no_other_retires(call: Call):
    said, stored = storm(call, wild=False)
    assert len(said) == SUBJECTS * PROCESSES * EACH
    hold_together(said, stored)
    assert [row["late"] for row in stored] == [PROCESSES * EACH - COUNT] * SUBJECTS


def test_votes_undone_and_revised_at_the_same_time_add_up(call: Call):
    said, stored = storm(call, wild=True)
    hold_together(said, stored)


def test_no_more_people_are_asked_than_still_count(call: Call):
    count, n_subjects = 3, 8
    who = answer_of(call("prepare", count, n_subjects, PROCESSES * EACH))
    askers = [who["volunteers"][n * EACH : (n + 1) * EACH] for n in range(PROCESSES)]
    running = [call("ask", {"volunteers": group, "n": 4, "seed": n}) for n, group in enumerate(askers)]
    got = [n for process in running for n in answer_of(process)]
    rows = answer_of(call("held"))
    assert [votes + leases for votes, leases in rows] == [count] * n_subjects  # all that is wanted, and no more
    assert 0 in got  # the last ones came too late
