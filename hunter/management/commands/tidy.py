"""The task hunter.tidy by hand."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from hunter import tidying


class Command(BaseCommand):
    help = "Delete what is kept no longer: expired sessions, old finished work, files that no row names. Runs by itself once a day."

    def handle(self, *args: Any, **options: Any) -> None:
        for what, n in tidying.tidy(now=timezone.now()).items():
            self.stdout.write(f"{what}: {n}")
