"""`./run backup` beside the running site, `./run restore` only without it, and logs that are rotated while they are written."""

import os
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.smoke.conftest import ROOT, Run

NAMES = "from hunter.models import User; print(sorted(User.objects.values_list('username', flat=True)))"


def people(run: Run) -> str:
    return run.call("manage", "shell", "-v", "0", "-c", NAMES).stdout.splitlines()[-1]


def test_backup_beside_the_site_and_restore_without_it(start: Callable[[], Run], tmp_path: Path) -> None:
    run, archive = start(), str(tmp_path / "a.tar")
    run.call("manage", "shell", "-v", "0", "-c", "from hunter.models import User; User.objects.create(username='kept')")

    made = run.call("backup", archive)
    assert (made.returncode, Path(archive).stat().st_mode & 0o777) == (0, 0o600), made.stderr
    run.call("manage", "shell", "-v", "0", "-c", "from hunter.models import User; User.objects.create(username='later')")
    for command in (["restore", archive], ["manage", "restore", archive]):
        refused = run.call(*command)
        assert refused.returncode == 1
        assert "already running" in refused.stderr
    assert people(run) == "['kept', 'later']"
    key = (run.home / "secret_key").read_text()

    run.process.terminate()
    run.wait_until_gone()
    (run.home / "secret_key").write_text("x" * 60)
    done = run.call("restore", archive)

    assert done.returncode == 0, done.stderr
    assert "Restored" in done.stdout
    assert (run.home / "secret_key").read_text() == key
    assert start().healthy()
    assert people(run) == "['kept']"


@pytest.fixture
def rotate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    monkeypatch.setenv("HUNTER_HOME", str(tmp_path))
    (tmp_path / "log").mkdir()
    return runpy.run_path(str(ROOT / "run"), run_name="run")["rotate"]  # type: ignore[no-any-return]


def test_big_log_is_put_aside_while_it_is_written(rotate: Callable[[], None], tmp_path: Path) -> None:
    log, small = tmp_path / "log" / "web.log", tmp_path / "log" / "beat.log"
    small.write_text("little\n")
    code = "import sys; print('x' * 11_000_000, flush=True); sys.stdin.readline(); print('and on', flush=True)"
    with log.open("ab") as out:  # as ./run opens it for what it starts
        writer = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=out, text=True)
    while log.stat().st_size < 11_000_000:
        assert writer.poll() is None

    rotate()
    writer.communicate("\n")

    assert log.read_text() == "and on\n"
    (aside,) = (tmp_path / "log").glob("web.log.*")
    assert aside.stat().st_size == 11_000_001
    assert small.read_text() == "little\n"


def test_what_was_put_aside_goes_after_30_days(rotate: Callable[[], None], tmp_path: Path) -> None:
    old, young = tmp_path / "log" / "web.log.1", tmp_path / "log" / "web.log.2"
    for path, days in ((old, 31), (young, 29)):
        path.touch()
        then = path.stat().st_mtime - 86400 * days
        os.utime(path, (then, then))

    rotate()

    assert not old.exists()
    assert young.exists()
