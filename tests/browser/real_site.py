"""A site of real gunicorn processes on a port of its own, on this test's database: it can be killed and started again."""

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.conftest import ROOT, child_environment, end_group, wait_until
from tests.services import free_port


class RealSite:
    """`url` stays the same over restarts."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.port, self.log, self.environment = free_port(), folder / "site.log", environment
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [sys.executable, "-m", "gunicorn", "hunter.wsgi:application", "-b", f"127.0.0.1:{self.port}", "-w", "1", "--threads", "6"]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [*command, "-k", "gthread"], cwd=ROOT, env=child_environment(**self.environment), stdout=out, stderr=out, start_new_session=True
            )
        wait_until(self.answers, what="the site")

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/robots.txt")
            return connection.getresponse().status == 200
        return False

    def kill(self) -> None:
        """kill -9: nobody can say goodbye."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def serving(folder: Path, **environment: str) -> Iterator[RealSite]:
    """Run such a site."""
    site = RealSite(folder, **environment)
    site.start()
    try:
        yield site
    finally:
        if site.process is not None:
            end_group(site.process)
