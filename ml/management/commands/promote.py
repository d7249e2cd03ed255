"""Put a model live."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ml import selectors, services
from ml.management.commands._actor import actor_named


class Command(BaseCommand):
    help = "Put a model live. From then on new cutouts are searched with it; `rollback` undoes it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="Name of the model, e.g. trailnet-2-5f0c1a9b.")
        parser.add_argument("--by", metavar="NAME", help="Account of the person who decides, for the record; it needs the permission ml.promote.")

    def handle(self, *args: Any, **options: Any) -> None:
        model = selectors.model_by_name(options["name"])
        if model is None:
            raise CommandError(f"There is no model named {options['name']!r}.")
        actor = actor_named(get_user_model(), options["by"]) if options["by"] else None
        try:
            services.promote(model=model, actor=actor, now=timezone.now())
        except services.NotPossible as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{model.name} is live.")
