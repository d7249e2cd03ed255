"""Bring the database, the static files, the translations and, where allowed, the sample sky to where this version wants them."""

import hashlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand

from hunter.messages import compile_messages

# Parts of other packages that no page loads; django-htmx's extensions import a bare name that no hashed file can have.
UNUSED_STATIC = ["django_htmx/ext/*", "*-4.js", "*-4.min.js", "rest_framework/*"]


class Command(BaseCommand):
    help = "Everything that a start needs before the processes: migrate, collectstatic, setup_site, demo, requeue_orphans. Safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--requeue", action="store_true", help="also give back what a killed site left half done; only while no worker runs")
        parser.add_argument("--static-only", action="store_true", help="only static files and translations, which need neither database nor broker")

    def handle(self, *args: Any, **options: Any) -> None:
        self._collect_static()
        compile_messages(settings.LOCALE_HOME)
        if options["static_only"]:
            return
        self._call("migrate", interactive=False, verbosity=1)
        self._call("setup_site")
        if settings.DEMO:
            self._call("demo")
        if options["requeue"]:
            self._call("requeue_orphans")

    def _call(self, name: str, **options: Any) -> None:
        self.stdout.write(name)
        self.stdout.flush()
        call_command(name, stdout=self.stdout, stderr=self.stderr, **options)

    def _collect_static(self) -> None:
        """Hashing and compressing take half a minute on a small machine, so do it only where a file changed."""
        stamp, now = Path(settings.STATIC_ROOT) / "stamp.txt", _static_state()
        if not stamp.exists() or stamp.read_text() != now:
            self._call("collectstatic", interactive=False, verbosity=0, ignore_patterns=UNUSED_STATIC)
            stamp.write_text(now)


def _static_state() -> str:
    """Return a digest of names, sizes and change times of all source files."""
    state = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list(UNUSED_STATIC):
            facts = Path(storage.path(name)).stat()
            state.update(f"{name} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return state.hexdigest()
