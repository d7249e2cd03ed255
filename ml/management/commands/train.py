"""Learn from what people have decided until now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ml import services
from ml.labels import TooFewLabels
from ml.management.commands._follow import carry_out


class Command(BaseCommand):
    help = "Freeze the labels of this moment and train a detector on them. Nothing is started when there is nothing new to learn."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--wait", action="store_true", help="Show the progress until the model is there.")
        parser.add_argument("--here", action="store_true", help="Train in this process instead of in a worker.")
        parser.add_argument("--steps", type=int, default=0, metavar="N", help="Optimiser steps (default: HUNTER_ML_STEPS, else the recipe's own).")
        parser.add_argument("--seed", type=int, default=services.DEFAULT_SEED, metavar="N", help="Another seed trains another model.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run = services.start_training(actor=None, now=timezone.now(), steps=options["steps"], seed=options["seed"])
        except services.NothingNew as nothing:
            self.stdout.write(str(nothing))
            return
        except TooFewLabels as too_few:
            raise CommandError(str(too_few)) from None
        self.stdout.write(f"Run {run.pk} learns from {run.training_set}.")
        carry_out(run, here=options["here"], wait=options["wait"], out=self.stdout)
