"""Search the cutouts that a model has not seen."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ml import selectors, services
from ml.management.commands._follow import carry_out


class Command(BaseCommand):
    help = "Search every cutout that the live model (or the one named) has not seen yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--wait", action="store_true", help="Show the progress until the scan is done.")
        parser.add_argument("--here", action="store_true", help="Scan in this process instead of in workers.")
        parser.add_argument("--model", metavar="NAME", help="Another model than the live one; its finds are kept apart from the review.")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["model"]
        model = selectors.model_by_name(name) if name else selectors.live_model()
        if model is None:
            raise CommandError(f"There is no model named {name!r}." if name else "No model is live yet. Train one first: ./run manage train --wait")
        try:
            run = services.open_scan(model=model, now=timezone.now())
        except services.NothingToScan as nothing:
            self.stdout.write(str(nothing))
            return
        carry_out(run, here=options["here"], wait=options["wait"], out=self.stdout)
