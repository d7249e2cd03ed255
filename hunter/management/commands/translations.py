"""Bring the translations up to date with the program, or say what they lack."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from hunter import extraction
from hunter.messages import catalogue_files

SHOWN = 20


class Command(BaseCommand):
    help = "Collect the texts of the program into locale/*/LC_MESSAGES/django.po and say what is not translated yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail if a file is not up to date or not complete")

    def handle(self, *args: Any, **options: Any) -> None:
        texts, faults = extraction.extracted(), 0
        for language, path in catalogue_files().items():
            wanted = extraction.updated(path, texts)
            if options["check"]:
                if path.read_bytes() != wanted:
                    self.stdout.write(f"{language}: the file is not that of the program's texts. Run: ./run manage translations")
                    faults += 1
            else:
                path.write_bytes(wanted)
            report = extraction.examine(path)
            faults += not report.complete
            self._say(language, report)
        if options["check"] and faults:
            raise CommandError("Translations are not complete. docs/how-to/translate.md says how to mend that.")

    def _say(self, language: str, report: extraction.Report) -> None:
        counts = {"not translated": report.missing, "uncertain": report.fuzzy, "wrong": report.broken}
        self.stdout.write(f"{language}: " + ", ".join(f"{len(texts)} {what}" for what, texts in counts.items()))
        for what, texts in counts.items():
            for text in texts[:SHOWN]:
                self.stdout.write(f"  {what}: {text}")
            if len(texts) > SHOWN:
                self.stdout.write(f"  ... and {len(texts) - SHOWN} more {what}")
