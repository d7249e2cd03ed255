"""Takes labels away: `export labels --format csv --output labels.csv.gz`."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from classify.exports import FORMATS, Choice, label_lines, write_labels
from classify.models import Workflow


class Command(BaseCommand):
    help = "Write the labels of a workflow as CSV or JSON Lines, one row per subject, to a file or to standard output."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["labels"], help="what to export")
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
            self._to_stdout(choice, options["format"])
        else:
            self._to_file(choice, options["format"], Path(options["output"]))

    def _workflow(self, slug: str) -> Workflow:
        found = Workflow.objects.select_related("current_version").filter(slug=slug).first()
        if found is None:
            known = ", ".join(Workflow.objects.values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"There is no workflow {slug!r}. Workflows here: {known}.")
        return found

    def _to_stdout(self, choice: Choice, file_format: str) -> None:
        try:
            for text in label_lines(choice, file_format):
                self.stdout.write(text, ending="")
            self.stdout.flush()
        except BrokenPipeError:  # the reader (head, less) has seen enough
            sys.stderr.close()

    def _to_file(self, choice: Choice, file_format: str, path: Path) -> None:
        try:
            manifest = write_labels(choice, file_format, path, now=timezone.now())
        except OSError as error:
            raise CommandError(f"{path} could not be written: {error.strerror or error}. An earlier file of this name is as it was.") from error
        except KeyboardInterrupt:
            raise CommandError(f"Stopped. Nothing was written to {path}.") from None
        self.stderr.write(f"{manifest.rows} rows, {manifest.bytes} bytes, sha256 {manifest.sha256}: {path}")
