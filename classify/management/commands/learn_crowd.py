"""`manage.py learn_crowd`: learn now what the votes tell of the people, and find trails by density."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from classify import selectors, services, tasks


class Command(BaseCommand):
    """What the beat does every few minutes and every hour, at once."""

    help = "Learn skill and prior of a workflow's crowd from all its votes, and find the trails of all subjects whose marks have changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("workflow", nargs="?", help="slug of the workflow; without it, of those whose votes have grown enough")

    def handle(self, *args: Any, **options: Any) -> None:
        flows = services.crowds_due(now=timezone.now())
        if slug := options["workflow"]:
            workflow = selectors.any_workflow(slug)
            if workflow is None or workflow.current_version is None:
                raise CommandError(f"There is no workflow {slug!r} with a version.")
            flows = [workflow]
        for flow in flows:
            state = services.learn_crowd(workflow=flow, now=timezone.now())
            prior = ", ".join(f"{answer} {chance:.4f}" for answer, chance in zip(state.answers, state.prior, strict=True))
            self.stdout.write(f"{flow.slug}: {state.n_votes:,} votes; prior {prior}; exponent {state.temper:.2f}")
        self.stdout.write(f"Trails of {tasks.cluster_marks():,} subjects found by density.")
