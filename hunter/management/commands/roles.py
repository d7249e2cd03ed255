"""Make the roles, and give one to a person."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.services import audit
from hunter.roles import ROLES, make_roles


class Command(BaseCommand):
    help = "Make the roles (groups with permissions). With --give ROLE --to NAME, give a role to an account."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--give", choices=sorted(ROLES), metavar="ROLE", help=f"One of: {', '.join(sorted(ROLES))}.")
        parser.add_argument("--to", metavar="NAME", help="Name of the account that gets the role.")

    def handle(self, *args: Any, **options: Any) -> None:
        names = make_roles()
        if bool(options["give"]) != bool(options["to"]):
            raise CommandError("--give and --to go together: ./run manage roles --give scientist --to ada")
        if not options["give"]:
            self.stdout.write("Roles: " + ", ".join(names))
            return
        user = get_user_model().objects.filter(username=options["to"]).first()
        if user is None:
            raise CommandError(f"There is no account named {options['to']!r}. The person signs up first, then gets the role.")
        user.groups.add(Group.objects.get(name=options["give"]))
        if options["give"] == "admin":
            user.is_staff = True
            user.is_superuser = True
            user.save(update_fields=["is_staff", "is_superuser"])
        audit(actor=None, verb="give role", object_type="user", object_id=str(user.pk), detail={"role": options["give"]}, now=timezone.now())
        self.stdout.write(f"{user.get_username()} is now {options['give']}.")
