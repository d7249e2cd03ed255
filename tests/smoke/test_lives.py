"""The lives and deaths of `./run` and of what it started."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import wait_until
from tests.smoke.conftest import ROOT, Run


def process_named(run: Run, *words: str) -> int:
    """Return the oldest process of this site with all these words in its command line."""
    for pid in sorted(run.pids()):
        line = Path(f"/proc/{pid}/cmdline").read_bytes().decode().replace("\0", " ")
        if all(word in line for word in words):
            return pid
    return 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly(start: Callable[[], Run], how: signal.Signals) -> None:
    run = start()

    run.process.send_signal(how)

    assert run.process.wait(60) == 0
    run.wait_until_gone()
    assert "Hunter has stopped" in run.out.read_text()


def test_killed_it_leaves_nothing_and_starts_again(start: Callable[[], Run]) -> None:
    run = start()
    run.process.kill()
    run.wait_until_gone()

    assert start().healthy()


def test_killed_processes_are_started_again(start: Callable[[], Run]) -> None:
    run = start()
    for words in [("gunicorn",), ("valkey-server",), ("celery", "default@"), ("celery", "ml@"), ("celery", "beat")]:
        first = process_named(run, *words)
        assert first, words

        os.kill(first, signal.SIGKILL)

        wait_until(lambda: process_named(run, *words) not in {0, first}, what=f"{words} to come back")  # noqa: B023
        wait_until(run.healthy, what="a healthy site")


def test_no_demo_accounts_where_a_host_is_named(first: Run, start: Callable[[], Run]) -> None:
    run = start()

    for each in (first, run):
        assert not (each.home / "demo_accounts.txt").exists()
        assert " / " not in each.out.read_text()
    assert run.call("manage", "demo").returncode != 0


def test_taken_port_is_refused_by_name(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        run = Run(tmp_path / "home", PORT=str(taken.getsockname()[1]))

        assert run.process.wait(300) == 1
        assert f"port {taken.getsockname()[1]}" in run.out.read_text()
        assert "Traceback" not in run.out.read_text()
    run.wait_until_gone()


def test_command_without_a_site_has_a_broker_of_its_own(tmp_path: Path) -> None:
    environment = {"HUNTER_HOME": str(tmp_path), "HUNTER_HOST": "127.0.0.1", "PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    code = "from django.core.cache import cache; cache.set('a', 'sky'); print(cache.get('a'))"

    done = subprocess.run([ROOT / "run", "manage", "shell", "-v", "0", "-c", code], env=environment, capture_output=True, text=True, cwd="/")

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "sky"
    assert not (tmp_path / "run.json").exists()


@pytest.mark.parametrize("version", [(3, 10, 14), (3, 14, 0)])
def test_other_pythons_are_refused_by_name(version: tuple[int, int, int]) -> None:
    code = f"import runpy, sys; sys.version_info = {version}; sys.argv = ['run']; runpy.run_path('run', run_name='__main__')"

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 1
    assert "3.11, 3.12 or 3.13" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("arguments", "code", "said"), [(["help"], 0, "./run test"), (["hlep"], 1, "There is no `./run hlep`")])
def test_help(arguments: list[str], code: int, said: str) -> None:
    done = subprocess.run([ROOT / "run", *arguments], capture_output=True, text=True)

    assert done.returncode == code
    assert said in done.stdout + done.stderr
