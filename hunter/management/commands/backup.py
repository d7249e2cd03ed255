"""Write one archive of everything that cannot be made again."""

import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext_noop

from core import services
from core.models import Job
from core.services import Cancelled
from hunter.backup.container import BackupError
from hunter.backup.restoring import in_words, progress
from hunter.backup.saving import Say, save

KIND = "backup"
EVERY_S = 5.0


class Command(BaseCommand):
    help = "Write rows, files and secrets into one archive (mode 0600), while the site runs. `-` writes it to standard output."
    requires_system_checks: list[str] = []  # a page that is broken is no reason to go without a backup

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", help="Default: HUNTER_HOME/backups/hunter-<time>.tar")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        target = options["file"] or str(Path(settings.HOME) / "backups" / f"hunter-{now:%Y%m%d-%H%M%S}.tar")
        job = self._open(target)
        try:
            made = save(target, now=now, say=self._say(job), own_job=job.pk)
        except (BackupError, OSError, Cancelled) as error:
            words = in_words(error) or str(error)
            services.fail_job(job=job, now=timezone.now(), error=words)
            raise CommandError(words) from None
        result = {"file": target, "bytes": made["size"], "rows": sum(t["rows"] for t in made["tables"].values()), "files": made["files"]["n"]}
        services.finish_job(job=job, now=timezone.now(), result=result)
        sys.stderr.write(f"{target}: {result['rows']} rows, {result['files']} files, {made['size'] / 1e6:,.1f} MB.\n")

    def _open(self, target: str) -> Job:
        now = timezone.now()
        row, _ = services.open_job(kind=KIND, key="site", title=gettext_noop("Backup"), unit=gettext_noop("rows"), now=now)
        job = services.claim_job(job_id=row.pk, worker=target, now=now)
        if job is None:
            raise CommandError("A backup is being made already (the dashboard shows it). If that one was killed, try again in two minutes.")
        return job

    def _say(self, job: Job) -> Say:
        """Lines for the screen, and now and then the sign of life that keeps the row."""
        told, lines = time.monotonic(), progress(lambda line: print(line, file=sys.stderr, flush=True))

        def say(what: str, done: int, total: int | None) -> None:
            nonlocal told
            lines(what, done, total)
            if time.monotonic() - told > EVERY_S:
                told = time.monotonic()
                services.report(job=job, now=timezone.now(), done=done, phase=what)

        return say
