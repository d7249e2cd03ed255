"""What every installation needs in its database: roles, workflows, boards."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from classify.seeds import seed_workflows
from hunter.roles import make_roles
from talk.seeds import seed_boards


class Command(BaseCommand):
    help = "Make the roles, the four workflows and the boards of Talk. Safe to repeat; what the team changed stays."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        make_roles()
        seed_workflows(now)
        seed_boards(now)
        self.stdout.write("Roles, workflows and boards are there.")
