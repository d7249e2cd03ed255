"""The task ml.tick by hand."""

from typing import Any

from django.core.management.base import BaseCommand

from ml import tasks


class Command(BaseCommand):
    help = "Open the trainings and scans that are due, ask people about new finds, hand over the model's opinions."

    def handle(self, *args: Any, **options: Any) -> None:
        done = tasks.tick()
        self.stdout.write(f"{done['runs']} runs opened, {done['asked']} finds asked, {done['told']} opinions told.")
