"""`manage.py simulate_retirement`: what other policies would have cost, and got wrong, on the votes that are there."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from classify import presets, selectors
from classify.crowd.consensus import Policy, policy_from
from classify.models import Workflow
from classify.services import simulation
from classify.steps import answer_keys

HEAD = ["policy", "order", "votes", "saved %", "wrong %", "95 % interval", "no label %", "recall", "precision", "F1", "ran out %", "admitted %"]


class Command(BaseCommand):
    """Go through stored votes, or those of a file, with other policies. Nothing is changed."""

    help = "Say what other policies of retirement would have cost, and got wrong, on the votes that a workflow has."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("workflow", help="slug of the workflow, whose present policy is compared with")
        parser.add_argument("--policy", action="append", default=[], metavar="FILE", help="JSON of a policy to try; may be given again")
        parser.add_argument("--preset", action="append", default=[], choices=presets.NAMES, help="a ready-made policy to try; may be given again")
        parser.add_argument("--votes", metavar="FILE", help="CSV with the columns subject, person, answer and perhaps truth, in order of arrival")
        parser.add_argument("--no-demo", action="store_true", help="leave simulated and imported people out")
        parser.add_argument("--json", action="store_true", help="print the whole result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        workflow = selectors.any_workflow(options["workflow"])
        if workflow is None or workflow.current_version is None:
            raise CommandError(f"There is no workflow {options['workflow']!r} with a version.")
        tried = _tried(workflow, options)
        try:
            result = self._run(workflow, tried, options)
        except (ValueError, OSError) as error:  # TooFew, BadVotes, a file that cannot be read
            raise CommandError(str(error)) from None
        self.stdout.write(json.dumps(result, indent=1) if options["json"] else _table(result))

    def _run(self, workflow: Workflow, tried: dict[str, Policy], options: dict[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        if options["votes"]:
            with Path(options["votes"]).open(newline="", encoding="utf-8") as file:
                steps = simulation.simulate_file(workflow=workflow, lines=file, tried=tried)
                for done, total, result in steps:
                    self._tell(done, total, result)
            return result
        for done, total, result in simulation.simulate(workflow=workflow, tried=tried, demo=not options["no_demo"]):
            self._tell(done, total, result)
        return result

    def _tell(self, done: int, total: int, result: dict[str, Any]) -> None:
        row = result["rows"][-1]
        self.stderr.write(f"{done} of {total}: {_name(row)}")


def _tried(workflow: Workflow, options: dict[str, Any]) -> dict[str, Policy]:
    version = workflow.current_version
    answers = answer_keys(version.steps) if version else []
    found: dict[str, Policy] = {}
    try:
        for name in options["preset"]:
            found[name] = policy_from(simulation.ready_made(workflow, name), answers)
        for name in options["policy"]:
            found[name] = policy_from(json.loads(Path(name).read_text(encoding="utf-8")), answers)
    except LookupError:
        raise CommandError(f"{name}: no answer of this workflow means that something is there.") from None
    except (OSError, ValueError) as error:  # BadPolicy and JSON that is none, too
        raise CommandError(f"{name}: {error}") from None
    return found


def _table(result: dict[str, Any]) -> str:
    """The result as text in Markdown, one table for each thing it is compared with."""
    about = f"{result['n_votes']} votes of {result['n_people']} people; cost counted on {result['n_subjects']} subjects"
    about += " whose voting has ended." if result["only_ended"] else ", open ones too."
    lines = [about]
    for against, words in (("gold", f"the known answers of {result['n_gold']} subjects"), ("labels", "the label of all votes (no proof)")):
        rows = [row for row in result["rows"] if against in row]
        if rows:
            lines += ["", f"Compared with {words}:", "", _line(HEAD), _line(["---"] * len(HEAD))]
            lines += [_line([_name(row), row["order"], *_numbers(row["labels"], row[against])]) for row in rows]
    return "\n".join(lines)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _name(row: dict[str, Any]) -> str:
    if row["kind"] == "fixed":
        return f"fixed {row['size']:g}, majority"
    return f"P >= {row['size']:g}" if row["kind"] == "frontier" else row["name"] or row["kind"]


def _numbers(cost: dict[str, Any], compared: dict[str, Any]) -> list[str]:
    """Votes of the subjects by which the cost is counted, errors of those that are compared."""
    row = compared | {name: cost[name] for name in ("votes", "saved", "unfinished", "admitted")}

    def share(name: str) -> str:
        value = row[name]
        return "-" if value is None else f"{100 * value:.3f}"

    def plain(name: str) -> str:
        value = row[name]
        return "-" if value is None else f"{value:.3f}"

    interval = f"{share('low')}-{share('high')}"
    return [
        f"{row['votes']:.2f}", share("saved"), share("wrong"), interval, share("unlabelled"), plain("recall"), plain("precision"), plain("f1"),
        share("unfinished"), share("admitted"),
    ]  # fmt: skip
