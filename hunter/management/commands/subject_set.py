"""`manage.py subject_set`: make or fill a set of subjects, and let workflows ask about it."""

import random
import sys
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

import classify.selectors
import classify.services
from classify.purposes import CHOSEN_BY_HAND
from classify.selectors.lab import set_by_slug, sets_for
from classify.services.workflows import LabError
from hunter import subject_sets
from talk.idlists import read_file
from talk.viewers import Viewer

_RNG = random.SystemRandom()


class Command(BaseCommand):
    """Safe to repeat: who is in the set stays, and what is open in a workflow keeps its state."""

    help = "Make a set of subjects, or put more into it, and open them in the workflows that use it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="of the set, made if there is none")
        parser.add_argument("--name", help="what people call it (the slug); for a set that there is, its new name")
        parser.add_argument("--purpose", choices=CHOSEN_BY_HAND, help="what a new set is for (serve)")
        source = parser.add_mutually_exclusive_group()
        source.add_argument("--ids", metavar="FILE", help="numbers or addresses of subjects, or a CSV file with a column subject_id; - reads them")
        source.add_argument("--tag", help="all subjects with this tag, those too that are still being classified")
        source.add_argument("--collection", metavar="ID", help="all subjects of a public collection, or of one of --by's")
        source.add_argument("--answer", metavar="WORKFLOW:ANSWER", help="all subjects with this settled answer, such as classify:yes")
        parser.add_argument("--leave-out", action="store_true", help="leave out entries of --ids that are no subject")
        parser.add_argument("--workflow", action="append", default=[], metavar="SLUG", help="let this workflow use the set; may be repeated")
        parser.add_argument("--by", help="username of who decides, for the audit trail")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._handle(options)
        except LabError as error:
            raise CommandError(str(error)) from None

    def _handle(self, options: dict[str, Any]) -> None:
        """Look at everything first, then write: what is wrong leaves nothing half done."""
        actor, flows = self._actor(options["by"]), [self._workflow(slug) for slug in options["workflow"]]
        named, found = self._named(options, actor), self._known(options)
        by: dict[str, Any] = {"actor": actor, "now": timezone.now()}
        if found is None:
            about = {"slug": options["slug"], "name": options["name"] or options["slug"], "purpose": options["purpose"] or CHOSEN_BY_HAND[0]}
            found = classify.services.create_set(**about, **by)
        elif options["name"]:
            classify.services.rename_set(subject_set=found, name=options["name"], **by)
        filled = classify.services.fill_set(subject_set=found, subject_ids=named.roots, rng=_RNG, **by)
        opened = filled.opened + sum(self._use(flow, found.slug, by) for flow in flows)
        size = set_by_slug(found.slug).size
        if named.unknown:
            self.stderr.write(f"{len(named.unknown)} entries are no subjects here and were left out.")
        self.stdout.write(f"{found.slug}: {filled.added} subjects added, {size} in all; {opened} opened in workflows.")

    def _actor(self, name: str | None) -> Any:
        found = get_user_model().objects.filter(username=name).first() if name else None
        if name and found is None:
            raise CommandError(f"There is no account {name!r}.")
        return found

    def _workflow(self, slug: str) -> Any:
        found = classify.selectors.any_workflow(slug)
        if found is None:
            raise CommandError(f"There is no workflow {slug!r}.")
        return found

    def _known(self, options: dict[str, Any]) -> Any:
        """The set that there is, or None."""
        slug, purpose, found = options["slug"], options["purpose"], set_by_slug(options["slug"])
        if found is None and (subject_sets.slug_of(slug) != slug or slug in subject_sets.RESERVED):
            raise CommandError(f"{slug!r} is no address for a set: small letters, digits and hyphens, at most 50, and not the word new.")
        if len(options["name"] or "") > subject_sets.MAX_NAME:
            raise CommandError(f"A name has at most {subject_sets.MAX_NAME} characters.")
        if found and purpose and found.purpose != purpose:
            raise CommandError(f"The set {slug} is there already, with the purpose {found.purpose}, which stays.")
        return found

    def _named(self, options: dict[str, Any], actor: Any) -> subject_sets.Named:
        if options["ids"]:
            try:
                return subject_sets.of_list(read_file(_text(options["ids"])), leave_out=options["leave_out"])
            except subject_sets.UnknownSubjects as error:
                lines = [f"line {entry.line}: {entry.text or '(empty)'}" for entry in error.entries[:100]]
                more = [f"and {len(error.entries) - 100} more"] if len(error.entries) > 100 else []
                raise CommandError("\n".join(["These are no subjects here (--leave-out leaves them out):", *lines, *more])) from None
        if options["tag"]:
            return subject_sets.of_tag(options["tag"])
        if options["collection"]:
            volunteer = classify.services.person_of(actor, now=timezone.now(), create=False) if actor else None
            return subject_sets.of_collection(Viewer(user=actor, volunteer=volunteer), options["collection"])
        return subject_sets.of_answer(options["answer"]) if options["answer"] else subject_sets.Named([])

    def _use(self, workflow: Any, slug: str, by: dict[str, Any]) -> int:
        slugs = [row.slug for row in sets_for(workflow) if row.chosen]
        return classify.services.choose_sets(workflow=workflow, slugs=[*slugs, slug], rng=_RNG, **by)


def _text(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{name} cannot be read: {error}") from None
