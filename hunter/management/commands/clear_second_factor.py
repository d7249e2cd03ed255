"""For somebody who has lost the app or passkey and the recovery codes."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from core.services import audit
from hunter.accounts.services import end_sessions


class Command(BaseCommand):
    help = "Take the second factor off an account and end its sessions. First make sure, by another way than mail, that it is the owner who asks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="Name of the account.")

    @transaction.atomic
    def handle(self, *args: Any, name: str, **options: Any) -> None:
        user = get_user_model().objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no account named {name!r}.")
        factors, _ = Authenticator.objects.filter(user=user).delete()
        end_sessions(user)
        audit(actor=None, verb="clear second factor", object_type="user", object_id=str(user.pk), now=timezone.now())
        self.stdout.write(f"{factors} second factors of {name} were taken off and the sessions ended. The next sign-in needs the password only.")
