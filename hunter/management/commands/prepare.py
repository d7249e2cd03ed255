"""Bring the database, the static files and, where allowed, the sample sky to where this version wants them."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Everything that a start needs before the processes: migrate, collectstatic, setup_site, demo, requeue_orphans. Safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--requeue", action="store_true", help="also give back what a killed site left half done; only while no worker runs")

    def handle(self, *args: Any, **options: Any) -> None:
        self._call("migrate", interactive=False, verbosity=1)
        self._call("collectstatic", interactive=False, verbosity=0)
        self._call("setup_site")
        if settings.DEMO:
            self._call("demo")
        if options["requeue"]:
            self._call("requeue_orphans")

    def _call(self, name: str, **options: Any) -> None:
        self.stdout.write(name)
        self.stdout.flush()
        call_command(name, stdout=self.stdout, stderr=self.stderr, **options)
