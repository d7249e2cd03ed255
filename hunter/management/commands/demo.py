"""Fill the embedded site: accounts, a simulated sky, simulated volunteers."""

import os
import random
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rest_framework.exceptions import APIException

import archive.selectors
import archive.services
import classify.services
from hunter.demo import accounts, gold, sky, talk, votes
from talk.services import TalkError


class Command(BaseCommand):
    help = "Make the demo accounts and the sample sky (embedded default only). Safe to repeat, with more exposures too; goes on where it stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--exposures", type=int, default=sky.N_EXPOSURES, help="Number of simulated exposures.")
        parser.add_argument("--size", type=int, default=sky.SIZE_PX, help="Size of an exposure in pixels.")
        parser.add_argument("--accounts-only", action="store_true", help="Only the accounts.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = accounts.make_accounts()
        except accounts.NotADemoSite as error:
            raise CommandError(str(error)) from None
        if not options["accounts_only"]:
            self._sky(options["exposures"], options["size"])
        for name, password in made:
            self.stdout.write(f"{name} / {password}")

    def _sky(self, count: int, size: int) -> None:
        now = timezone.now()
        processes = max(1, min(4, os.cpu_count() or 1))
        paths = sky.make_files(count=count, size=size, processes=processes, say=self._progress("simulating exposures"))
        say = self._progress("cutting exposures")
        for number, path in enumerate(paths):
            say(number, len(paths))
            report = archive.services.ingest_path(path, now=now)
            if report.outcome == "refused":
                raise CommandError(f"{path.name}: {report.reason}")
        for number, exposure_id in enumerate(archive.selectors.exposures_to_cut(now, limit=None)):
            say(number, len(paths))
            archive.services.cut_exposure(exposure_id, now=timezone.now())
        say(len(paths), len(paths))
        classify.services.pool_new(now=timezone.now(), rng=random.Random())
        classified = self._progress("simulated volunteers classify")
        for part in (gold.add_gold, gold.add_injected, partial(votes.cast_votes, say=classified), talk.write_comments):
            try:
                part(now=timezone.now())
            except (ValueError, APIException, TalkError) as error:  # the team has changed a workflow or closed it: the site still starts
                self.stderr.write(f"The sample sky is not complete: {error}")

    def _progress(self, what: str) -> Callable[[int, int], None]:
        """Return a reporter: a line that grows on a terminal, a line each quarter elsewhere."""
        told: set[int] = set()

        def say(done: int, total: int) -> None:
            quarter = 4 * done // max(1, total)
            if sys.stdout.isatty():
                self.stdout.write(f"\r  {what}: {done} of {total} ", ending="\n" if done == total else "")
            elif quarter not in told:
                self.stdout.write(f"  {what}: {done} of {total}")
            told.add(quarter)
            self.stdout.flush()

        return say
