"""How long work in a Celery worker hears that it should stop.

A worker that is told to end (SIGTERM) waits for its running task, and the task runs in a forked child that hears nothing. One byte of
memory, shared since before the fork, tells it; a SIGTERM to the child itself (a whole process group was ended) says the same.
"""

import mmap
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import Celery, bootsteps

_ENDING = mmap.mmap(-1, 1)  # anonymous and shared: the parent writes, its children read


class TellRunningTasks(bootsteps.StartStopStep):
    """Stops before the pool does, and by that lets the running task write its checkpoint at once."""

    requires = {"celery.worker.components:Pool"}

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)

    def start(self, parent: Any) -> None:
        _ENDING[0] = 0

    def stop(self, parent: Any) -> None:
        _ENDING[0] = 1

    terminate = stop


def install(app: Celery) -> None:
    """Add the step to the workers of an app; call it where the tasks are defined, so before any fork."""
    app.steps["worker"].add(TellRunningTasks)


def ending() -> bool:
    """Say whether this worker has been told to end."""
    return bool(_ENDING[0])


@contextmanager
def hearing_terminate() -> Iterator[None]:
    """Turn a SIGTERM to this very process into `ending()` while the block runs; the old handler runs too where there was one."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)

    def hear(number: int, frame: Any) -> None:
        _ENDING[0] = 1
        if callable(before):
            before(number, frame)

    signal.signal(signal.SIGTERM, hear)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def worker_name() -> str:
    """Return host and process id: who holds a claim."""
    return f"{socket.gethostname()}:{os.getpid()}"
