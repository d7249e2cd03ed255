"""A copy of somebody's data by hand, for a request that came by mail."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.services import audit
from hunter.models import User
from hunter.privacy.bundle import write_bundle
from hunter.privacy.people import person_of
from hunter.privacy.records import personal_records


class Command(BaseCommand):
    help = "Write all data of an account into a zip file, as the page /me/privacy/ does."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="of the account")
        parser.add_argument("--out", type=Path, default=None, help="path of the zip file; by default hunter-data.zip here")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["name"]).first()
        if user is None:
            raise CommandError(f"There is no account {options['name']}.")
        path = options["out"] or Path("hunter-data.zip")
        if path.exists():
            raise CommandError(f"{path} is there already. Name another with --out.")
        with path.open("xb") as handle:
            path.chmod(0o600)
            rows = write_bundle(handle, personal_records(person_of(user)), now=timezone.now())
        audit(actor=None, verb="copy personal data", object_type="user", object_id=str(user.pk), now=timezone.now())
        self.stdout.write(f"{rows} entries in {path}. Send it to nobody but the owner, and delete it here afterwards.")
