"""Put the model live again that was live before."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ml import services
from ml.management.commands._actor import actor_named


class Command(BaseCommand):
    help = "Put the model live again that was live before the present one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--by", metavar="NAME", help="Account of the person who decides, for the record; it needs the permission ml.promote.")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = actor_named(get_user_model(), options["by"]) if options["by"] else None
        try:
            promotion = services.roll_back(actor=actor, now=timezone.now())
        except services.NotPossible as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{promotion.model.name} is live again.")
