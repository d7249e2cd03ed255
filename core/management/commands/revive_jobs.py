"""The task core.revive_jobs by hand."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from core import services
from core.tasks import send


class Command(BaseCommand):
    help = "Send again the jobs whose worker died or whose message was lost."

    def handle(self, *args: Any, **options: Any) -> None:
        jobs = services.revive_jobs(now=timezone.now(), send=send)
        self.stdout.write(f"{len(jobs)} jobs sent again.")
