"""The progress row of an ingest, so that the dashboard shows it. It is a courtesy: without the row the ingest runs all the same."""

import contextlib
import hashlib
import os
import socket
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop

from core import services
from core.models import Job

KIND = "archive.ingest"
EVERY_S = 1.0  # seconds between two reports
_KEY_LENGTH = 200


def key_of(paths: Iterable[Path]) -> str:
    """Return the paths joined, as text that the database holds; the end of a long one is replaced by its checksum."""
    text = " ".join(str(path.absolute()) for path in paths).encode("utf-8", "backslashreplace").decode()
    if len(text) <= _KEY_LENGTH:
        return text
    return f"{text[: _KEY_LENGTH - 41]}-{hashlib.sha256(text.encode()).hexdigest()[:40]}"


class Progress:
    """Reports a run of the ingest command. Where the same run is open elsewhere, or was taken away, it does nothing."""

    def __init__(self, paths: Iterable[Path], total: int) -> None:
        title, words = (gettext_noop("Bring in %(n)d files"), {"n": total}) if total != 1 else (gettext_noop("Bring in one file"), None)
        job, _ = services.open_job(kind=KIND, key=key_of(paths), title=title, words=words, unit=gettext_noop("files"), now=timezone.now())
        self.job = services.claim_job(job_id=job.pk, worker=f"{socket.gethostname()}:{os.getpid()}", now=timezone.now())
        self.total = total
        self.started = self.reported = time.monotonic()
        try:
            self._report(0)
        except services.Cancelled:  # meant for an earlier run, which died before it saw it
            self.fail("cancelled", cancelled=True)
            self.job = None

    def tell(self, done: int) -> None:
        """Report the number of files done, at most once a second. Raises services.Cancelled where somebody asked for a stop."""
        if time.monotonic() - self.reported >= EVERY_S:
            self._report(done)

    def finish(self, done: int, result: dict[str, Any]) -> None:
        """Close the row as done."""
        with contextlib.suppress(services.Cancelled):  # a stop that was asked for after the last file
            self._report(done)
        if self.job:
            services.finish_job(job=self.job, now=timezone.now(), result=result)

    def fail(self, error: str, *, cancelled: bool = False) -> None:
        """Close the row as failed (or cancelled), with the reason."""
        if self.job:
            state = Job.State.CANCELLED if cancelled else Job.State.FAILED
            services.fail_job(job=self.job, now=timezone.now(), error=error, state=state)

    def _report(self, done: int) -> None:
        if not self.job:
            return
        self.reported = time.monotonic()
        rate = done / max(self.reported - self.started, 1e-3)
        try:
            services.report(job=self.job, now=timezone.now(), done=done, total=self.total, rate=rate)
        except services.Cancelled:
            if Job.objects.filter(pk=self.job.pk, cancel_asked=True).exists():
                raise
            self.job = None  # the site was started anew, or another run of the command took the row over
