"""What every installation needs in its database: roles, workflows, boards, pages."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from classify.seeds import seed_workflows
from hunter.pages.services import seed_pages
from hunter.roles import make_roles
from talk.seeds import seed_boards


class Command(BaseCommand):
    help = "Make the roles, the four workflows, the boards of Talk and the pages about the project. Safe to repeat; what the team changed stays."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        make_roles()
        seed_workflows(now)
        seed_boards(now)
        seed_pages(now)
        self.stdout.write("Roles, workflows, boards and pages are there.")
