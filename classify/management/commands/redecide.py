"""`manage.py redecide`: let the current policy decide about the votes that are there."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from classify import selectors, services, tasks


class Command(BaseCommand):
    """Decide anew about the open subjects of a workflow, as a job whose progress the dashboard shows."""

    help = "Let the current policy of a workflow decide about its open subjects now, not with their next votes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("workflow", help="slug of the workflow")
        parser.add_argument("--reopen", action="store_true", help="also open subjects again that votes retired under another policy")
        parser.add_argument("--dry-run", action="store_true", help="say how many would end and open again, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        workflow = selectors.any_workflow(options["workflow"])
        if workflow is None or workflow.current_version is None:
            raise CommandError(f"There is no workflow {options['workflow']!r} with a version.")
        if options["dry_run"]:
            found = services.foresee(workflow_id=workflow.pk, reopen=options["reopen"])
            self.stdout.write(f"{found.looked} subjects looked at: {found.ended} would end, {found.reopened} would open again.")
            return
        job, created = services.ask_redecision(workflow=workflow, reopen=options["reopen"], actor=None, now=timezone.now())
        if not created:
            raise CommandError(
                _(
                    "This is being done already; the dashboard shows it and can stop it. If its worker was killed, it goes on by itself: within "
                    "two minutes while the site runs, else after the next start. Nothing was lost."
                )
            )
        tasks.redecide(job.pk)
        job.refresh_from_db()
        done = job.result
        self.stdout.write(f"{job.done} subjects looked at: {done.get('ended', 0)} ended, {done.get('reopened', 0)} opened again ({job.state}).")
