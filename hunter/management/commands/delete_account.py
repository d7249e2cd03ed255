"""The end of an account by hand, for a request that came by mail."""

import os
import socket
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from hunter.models import User
from hunter.privacy import closing
from hunter.privacy.forms import KEEP, REMOVE
from hunter.roles import LastAdmin


class Command(BaseCommand):
    help = "Delete an account as its owner can on /me/privacy/: the person goes, the votes stay. Asks before it does."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="of the account")
        parser.add_argument("--comments", choices=[KEEP, REMOVE], required=True, help="what becomes of the comments in Talk")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["name"]).first()
        if user is None:
            raise CommandError(f"There is no account {options['name']}.")
        if not options["yes"] and input(f"Type {user.get_username()} to delete this account for good: ") != user.get_username():
            raise CommandError("That is not the name. Nothing was deleted.")
        try:
            job = closing.close(user=user, keep_comments=options["comments"] == KEEP, now=timezone.now(), by_team=True)
        except LastAdmin as error:
            raise CommandError(str(error)) from error
        outcome = closing.carry_out(job_id=job.pk, worker=f"{socket.gethostname()}:{os.getpid()}", clock=timezone.now)
        if outcome != "done":
            raise CommandError(f"The account is closed, but its deletion stopped ({outcome}). A worker tries again; or start this command again.")
        self.stdout.write("Deleted. Backups and old logs follow as they are overwritten.")
