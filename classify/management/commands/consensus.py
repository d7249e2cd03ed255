"""`manage.py consensus`: one label for each subject from all votes at once, from the database or from an export of votes."""

import gzip
import json
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from classify import selectors
from classify.crowd import consensus
from classify.crowd.table import MAX_ANSWERS, MIN_ANSWERS
from classify.exports import BadVotes, Read, manifest_path, read_votes
from classify.models import AggregatedLabel, Aggregation, Consensus
from classify.services import aggregation


class Command(BaseCommand):
    """Run a method over all votes now, and say what came out."""

    help = "Label all subjects of a workflow from all votes at once; or compute the same from an export of votes, without the database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("workflow", nargs="?", help="slug of the workflow")
        parser.add_argument("--method", choices=[aggregation.METHOD], default=aggregation.METHOD)
        parser.add_argument("--from", dest="file", type=Path, metavar="VOTES", help="a file of `export votes` (CSV); nothing is stored")
        parser.add_argument("--answers", help="keys in the order in which they are asked, with commas; else as the manifest beside the file says")
        parser.add_argument("--json", action="store_true", help="print one object of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["workflow"]) == bool(options["file"]):
            raise CommandError("Name a workflow, or a file of votes with --from.")
        file, answers = options["file"], options["answers"]
        found = _of_file(file, answers, self.stderr.write) if file else _of_workflow(options["workflow"])
        if options["json"]:
            self.stdout.write(json.dumps(found))
            return
        for label, n in found["labels"].items():
            self.stdout.write(f"{label:<20} {n:>10,}")
        if "differ" in found:
            self.stdout.write(f"{found['differ']:,} differ from the label that stands now, {found['without']:,} have none now.")
        self.stdout.write(f"{found['n_votes']:,} votes, {found['n_subjects']:,} subjects, {found['n_volunteers']:,} people: {found['seconds']:.1f} s")
        self.stdout.write(f"votes_sha256 {found['votes_sha256']}\nlabels_sha256 {found['labels_sha256']}")


def _of_workflow(slug: str) -> dict[str, Any]:
    workflow = selectors.any_workflow(slug)
    if workflow is None:
        raise CommandError(f"There is no workflow {slug!r}.")
    try:
        run = aggregation.aggregate(workflow=workflow, now=timezone.now())
    except LookupError as error:
        raise CommandError(str(error)) from None
    names = ("n_votes", "n_subjects", "n_volunteers", "seconds", "votes_sha256", "labels_sha256", "software")
    return {"method": run.method, **run.result, **{name: getattr(run, name) for name in names}, **_beside_live(run)}


def _beside_live(run: Aggregation) -> dict[str, int]:
    rows = Consensus.objects.filter(workflow_id=run.workflow_id, method__in=consensus.RULES)
    live = dict(rows.exclude(label="").values_list("subject_id", "label"))
    labels = AggregatedLabel.objects.filter(aggregation=run).values_list("subject_id", "label")
    both = [(live[subject], label) for subject, label in labels.iterator(chunk_size=5000) if subject in live]
    return {"differ": sum(one != other for one, other in both), "without": run.n_subjects - len(both)}


def _of_file(path: Path, answers: str | None, tell: Callable[[str], object]) -> dict[str, Any]:
    from classify.crowd import batch  # noqa: PLC0415 - scipy stays out of the web process

    started = time.perf_counter()
    keys = answers.split(",") if answers is not None else _answers_beside(path)
    if not MIN_ANSWERS <= len(set(keys)) == len(keys) <= MAX_ANSWERS or "" in keys:
        raise CommandError(f"The answers ({', '.join(keys)}) must be {MIN_ANSWERS} to {MAX_ANSWERS} different ones.")
    votes = _read(path, keys)
    if votes.foreign:
        others = ", ".join(f"{word!r} (line {line})" for word, line in list(votes.foreign.items())[:MAX_ANSWERS])
        if answers is not None:
            raise CommandError(f"{path}: {others}: not among the answers {', '.join(keys)}.")
        tell(f"Left out, since the manifest does not name it among the answers: {others}.")
    if not len(votes.table):
        raise CommandError(f"{path} holds no vote that counts with the answers {', '.join(keys)}.")
    labels = batch.label_all(votes.table, votes.known)
    same: dict[str, Any] = {"answers": votes.answers, "public_ids": votes.public_ids}
    return {
        "method": aggregation.METHOD,
        **aggregation.result_of(votes.answers, labels),
        "n_votes": len(votes.table),
        "n_subjects": len(votes.public_ids),
        "n_volunteers": len(votes.names),
        "seconds": round(time.perf_counter() - started, 3),
        "votes_sha256": batch.votes_sha256(votes.table, **same, names=votes.names, known=votes.known),
        "labels_sha256": batch.labels_sha256(labels, **same),
        "software": aggregation.software(),
    }


def _read(path: Path, answers: list[str]) -> Read:
    try:
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
            return read_votes(lines, answers)
    except (EOFError, zlib.error):
        raise CommandError(f"{path}: the file is damaged or not whole.") from None
    except (BadVotes, OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path}: {error}") from None


def _answers_beside(path: Path) -> list[str]:
    try:
        return [str(key) for key in json.loads(manifest_path(path).read_text())["answers"]]
    except (OSError, ValueError, KeyError, TypeError):
        raise CommandError(f"Which answers are asked, in which order? There is no manifest beside {path}; say it with --answers.") from None
