"""`manage.py recount`: hold the totals against the votes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from classify import services
from classify.models import Workflow
from classify.services import Difference


class Command(BaseCommand):
    """Say which totals are not what the votes say, and put them right if asked."""

    help = "Compare the totals per hour and per volunteer and day with the votes; --repair puts right what differs. People may go on voting."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="put right what differs")

    def handle(self, *args: Any, **options: Any) -> None:
        names, n = dict(Workflow.objects.values_list("pk", "slug")), 0
        for n, found in enumerate(services.differences(repair=options["repair"]), start=1):  # noqa: B007 - counted
            self.stdout.write(_line(found, names))
        if n and not options["repair"]:
            raise CommandError(f"{n} totals are not what the votes say. Run it with --repair to put them right.")
        self.stdout.write(f"{n} totals put right." if n else "All totals are what the votes say.")


def _line(found: Difference, names: dict[int, str]) -> str:
    kept, true = (_sums(sums) for sums in (found.kept, found.true))
    return f"{_place(found, names)}: kept {kept}, true {true}"


def _place(found: Difference, names: dict[int, str]) -> str:
    if found.of_day:
        volunteer, flow, day = found.key  # type: ignore[misc]
        return f"{day} {names.get(flow, flow)} volunteer {volunteer}"
    flow, hour, shard, demo = found.key  # type: ignore[misc]
    return f"{hour:%Y-%m-%d %H}h {names.get(flow, flow)} shard {shard}{' (demo)' if demo else ''}"


def _sums(sums: tuple[float, ...]) -> str:
    if len(sums) == 1:
        return f"{sums[0]:g}"
    return f"{sums[0]:g} votes, {sums[1]:g} on known answers, {sums[2]:g} s"
