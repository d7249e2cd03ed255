"""`manage.py retire`: change the state of subjects by hand."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from classify import services
from core.problems import Problem


class Command(BaseCommand):
    """Retire subjects of a workflow, or take that back, or pause and resume."""

    help = "Retire subjects of a workflow with a reason; --back asks about them again, --pause and --resume stop and go on without a label."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("workflow", help="slug of the workflow")
        parser.add_argument("subjects", nargs="+", type=int, help="public numbers of the subjects")
        parser.add_argument("--reason", default="human", help="flagged, nothing_here, human (if not given) or other")
        parser.add_argument("--note", default="", help="why, in your own words (at most 500 characters): kept in the audit trail")
        parser.add_argument("--by", help="username of who decides, for the audit trail")
        action = parser.add_mutually_exclusive_group()
        action.add_argument("--back", action="store_true", help="ask about retired subjects again")
        action.add_argument("--pause", action="store_true", help="stop asking for a while")
        action.add_argument("--resume", action="store_true", help="go on asking about paused subjects")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = None
        if options["by"]:
            actor = get_user_model().objects.filter(username=options["by"]).first()
            if actor is None:
                raise CommandError(f"There is no account {options['by']!r}.")
        for public_id in options["subjects"]:
            try:
                status = self._change(public_id, options, actor)
            except Problem as problem:
                raise CommandError(str(problem.detail)) from None
            self.stdout.write(f"{public_id}: {status.state}")

    def _change(self, public_id: int, options: dict[str, Any], actor: Any) -> Any:
        common = {"workflow": options["workflow"], "public_id": public_id, "actor": actor, "note": options["note"], "now": timezone.now()}
        if options["back"]:
            return services.unretire_subject(**common)
        if options["pause"]:
            return services.pause_subject(**common)
        if options["resume"]:
            return services.resume_subject(**common)
        return services.retire_subject(reason=options["reason"], **common)
