"""Drives `./run` itself, as a person does, on its embedded default: SQLite and the Valkey from the wheel."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.conftest import wait_until

ROOT = Path(__file__).resolve().parent.parent.parent
RUN = [sys.executable, str(ROOT / "run")]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep these tests in one process, as they share one site."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.xdist_group("smoke"))


class Run:
    """One `./run` with a HUNTER_HOME of its own."""

    def __init__(self, home: Path, **environment: str) -> None:
        """Start it; its output goes to a file beside its home."""
        ours = ("HUNTER_", "DJANGO_", "PORT", "PYTEST_", "TORCH_")
        clean = {n: v for n, v in os.environ.items() if n != "DATABASE_URL" and not n.startswith(ours)}
        torch = {n: v for n, v in os.environ.items() if n.startswith("TORCH_")}  # it decides what .venv holds
        self.home, self.env = home, {**clean, **torch, "HUNTER_HOME": str(home), **environment}
        self.out = home.with_suffix(".out")
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(RUN, env=self.env, stdout=out, stderr=out, stdin=subprocess.DEVNULL, cwd="/")

    def state(self) -> dict[str, Any]:
        """Return what it wrote down about itself; {} before that."""
        try:
            state = json.loads((self.home / "run.json").read_text())
        except (OSError, ValueError):
            return {}
        return state if state["pid"] == self.process.pid else {}

    def wait_until_ready(self) -> str:
        """Return the address once it is ready."""
        wait_until(lambda: "url" in self.state() or self.process.poll() is not None, what="./run to be ready", seconds=500)
        assert self.process.poll() is None, self.out.read_text()
        return str(self.state()["url"])

    def healthy(self) -> bool:
        """Tell whether /healthz answers 200."""
        try:
            with urlopen(str(self.state()["url"]) + "healthz", timeout=10) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def call(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run another `./run` with the same home, to its end."""
        return subprocess.run([*RUN, *arguments], env={**self.env, **environment}, capture_output=True, text=True, cwd="/", timeout=300)

    def pids(self) -> set[int]:
        """Return all living processes that have this home in their environment or as working folder, `./run` itself included."""
        needle, found = f"HUNTER_HOME={self.home}".encode() + b"\0", set()
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    # Valkey writes its title over its environment, but works in HUNTER_HOME/broker.
                    if needle in (folder / "environ").read_bytes() + b"\0" or (folder / "cwd").readlink().is_relative_to(self.home):
                        found.add(int(folder.name))
                except OSError:
                    continue
        return found

    def wait_until_gone(self) -> None:
        """Return when none of its processes is left."""
        self.process.wait(60)
        wait_until(lambda: not self.pids(), what="all processes to be gone")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """The site as a new user gets it, sample sky and demo accounts included; its training is cut short."""
    run = Run(tmp_path_factory.mktemp("site") / "home", HUNTER_ML_STEPS="20")
    try:
        run.wait_until_ready()
        yield run
    finally:
        run.process.terminate()
        run.wait_until_gone()


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The first start with HUNTER_HOST set (which makes no sample sky), over again."""
    run = Run(tmp_path_factory.mktemp("first") / "home", HUNTER_HOST="127.0.0.1")
    run.wait_until_ready()
    run.process.terminate()
    run.wait_until_gone()
    return run


@pytest.fixture
def start(tmp_path: Path, first: Run) -> Iterator[Callable[[], Run]]:
    """Return a starter of such sites, all with one home, in which the first start has left what it made; ended after the test."""
    runs: list[Run] = []
    shutil.copytree(first.home, tmp_path / "home")

    def begin() -> Run:
        runs.append(Run(tmp_path / "home", HUNTER_HOST="127.0.0.1"))
        runs[-1].wait_until_ready()
        return runs[-1]

    yield begin
    for run in runs:
        run.process.terminate()
    for run in runs:
        run.wait_until_gone()
