"""`manage.py pool`: make subjects of new cutouts and open them in the workflows that take cutouts."""

import random
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from classify import selectors, services


class Command(BaseCommand):
    """Pool what the archive has and the workflows have not."""

    help = "Make subjects of new cutouts, and open them in the workflows that take cutouts (or in one named with --workflow)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workflow", help="slug of a workflow into which all pool subjects are opened as well")
        parser.add_argument("--limit", type=int, help="at most so many new cutouts")

    def handle(self, *args: Any, **options: Any) -> None:
        now, rng = timezone.now(), random.SystemRandom()
        pairs = services.pool_new(now=now, rng=rng, limit=options["limit"])
        if slug := options["workflow"]:
            workflow = selectors.any_workflow(slug)
            if workflow is None:
                raise CommandError(f"There is no workflow {slug!r}.")
            pairs += services.open_pool(workflow=workflow, now=now, rng=rng)
        self.stdout.write(f"{pairs} subjects opened.")
