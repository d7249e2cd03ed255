"""Takes labels or votes away: `export labels --format csv --output labels.csv.gz`."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from classify.exports import FORMATS, Choice, Manifest, label_lines, vote_lines, write_labels, write_votes
from classify.models import Workflow


class Command(BaseCommand):
    help = "Write the labels of a workflow (one row per subject) or its votes (one row each) as CSV or JSON Lines, to a file or to standard output."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["labels", "votes"], help="what to export; votes: all that stand, whatever the switches below say")
        parser.add_argument("--format", choices=FORMATS, default="csv", help="csv (default) or jsonl (JSON Lines)")
        parser.add_argument("--workflow", default="classify", metavar="SLUG", help="the workflow (default: classify)")
        parser.add_argument("--output", default="-", metavar="FILE", help="a file (compressed if it ends in .gz), or - for standard output (default)")
        parser.add_argument("--all", action="store_true", help="also subjects that are still being classified")
        parser.add_argument("--include-demo", action="store_true", help="count the votes of simulated volunteers, too")
        parser.add_argument("--include-imported", action="store_true", help="count imported votes, too")

    def handle(self, *args: Any, **options: Any) -> None:
        choice = Choice(
            workflow=self._workflow(options["workflow"]),
            everything=options["all"],
            include_demo=options["include_demo"],
            include_imported=options["include_imported"],
        )
        if options["output"] == "-":
            self._to_stdout(options["what"], choice, options["format"])
        else:
            self._to_file(options["what"], choice, options["format"], Path(options["output"]))

    def _workflow(self, slug: str) -> Workflow:
        found = Workflow.objects.select_related("current_version").filter(slug=slug).first()
        if found is None:
            known = ", ".join(Workflow.objects.values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"There is no workflow {slug!r}. Workflows here: {known}.")
        return found

    def _to_stdout(self, what: str, choice: Choice, file_format: str) -> None:
        try:
            for text in label_lines(choice, file_format) if what == "labels" else vote_lines(choice.workflow, file_format):
                self.stdout.write(text, ending="")
            self.stdout.flush()
        except BrokenPipeError:  # the reader (head, less) has seen enough
            sys.stderr.close()

    def _to_file(self, what: str, choice: Choice, file_format: str, path: Path) -> None:
        now = timezone.now()
        try:
            manifest: Manifest = (
                write_labels(choice, file_format, path, now=now) if what == "labels" else write_votes(choice.workflow, file_format, path, now=now)
            )
        except OSError as error:
            raise CommandError(f"{path} could not be written: {error.strerror or error}. An earlier file of this name is as it was.") from error
        except KeyboardInterrupt:
            raise CommandError(f"Stopped. Nothing was written to {path}.") from None
        self.stderr.write(f"{manifest.rows} rows, {manifest.bytes} bytes, sha256 {manifest.sha256}: {path}")
