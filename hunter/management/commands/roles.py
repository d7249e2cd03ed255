"""Make the roles; give one to a person, take one away, or list who has which."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from hunter.roles import ROLES, LastAdmin, make_roles, roles_of, set_roles


class Command(BaseCommand):
    help = "Make the roles (groups with permissions). --give ROLE --to NAME and --take ROLE --from NAME change one; --list shows who has which."

    def add_arguments(self, parser: CommandParser) -> None:
        known = f"One of: {', '.join(sorted(ROLES))}."
        parser.add_argument("--give", choices=sorted(ROLES), metavar="ROLE", help=known)
        parser.add_argument("--to", metavar="NAME", help="Name of the account that gets the role.")
        parser.add_argument("--take", choices=sorted(ROLES), metavar="ROLE", help=known)
        parser.add_argument("--from", dest="source", metavar="NAME", help="Name of the account that loses the role.")
        parser.add_argument("--list", action="store_true", help="Show the accounts that have a role.")

    def handle(self, *args: Any, give: str = "", to: str = "", take: str = "", source: str = "", **options: Any) -> None:
        names = make_roles()
        if bool(give) != bool(to) or bool(take) != bool(source):
            raise CommandError("--give and --to go together, and --take and --from: ./run manage roles --give scientist --to ada")
        if give:
            self._change(to, {*roles_of(self._account(to)), give}, f"{to} is now {give}.")
        if take:
            self._change(source, set(roles_of(self._account(source))) - {take}, f"{source} is no longer {take}.")
        if options.get("list"):
            for user in get_user_model().objects.filter(groups__isnull=False).distinct().order_by("username"):
                self.stdout.write(f"{user.get_username()}: {', '.join(roles_of(user))}")
        elif not give and not take:
            self.stdout.write("Roles: " + ", ".join(names))

    def _account(self, name: str) -> Any:
        user = get_user_model().objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no account named {name!r}. The person signs up first, then gets the role.")
        return user

    def _change(self, name: str, roles: set[str], said: str) -> None:
        try:
            set_roles(user=self._account(name), roles=roles, actor=None, now=timezone.now())
        except LastAdmin as error:
            raise CommandError(str(error)) from None
        self.stdout.write(said)
