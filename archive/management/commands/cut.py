"""The task archive.cut_new by hand, for all that waits or for named observations."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from archive import parallel, selectors
from archive.services.cutouts import CutReport, cut_exposure
from archive.services.states import cut_again


def cut_one(exposure_id: int) -> tuple[int, CutReport | None]:
    """Cut one exposure; None where a worker has it already."""
    return exposure_id, cut_exposure(exposure_id, now=timezone.now())


class Command(BaseCommand):
    help = "Cut exposures into cutouts with previews: all that wait, or those of the named observations once more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("observations", nargs="*", metavar="OBSERVATION", help="observation ids; without any, all that wait")
        parser.add_argument("--native", action="store_true", help="with names: add tiles at the pixels' own scale")
        parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes that work side by side (default 1)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["native"] and not options["observations"]:
            raise CommandError("--native needs the names of observations: native tiles of everything are many.")
        ids = self._named(options) if options["observations"] else selectors.exposures_to_cut(timezone.now(), limit=None)
        made = failed = 0
        for number, (exposure_id, report) in enumerate(parallel.run(cut_one, ids, jobs=options["jobs"]), 1):
            if report is None:
                self.stdout.write(f"[{number}/{len(ids)}] exposure {exposure_id}: a worker has it")
                continue
            made += report.made
            failed += bool(report.error)
            text = f"not cut: {report.error}" if report.error else " ".join([f"{report.made} cutouts made, {report.total} in all.", *report.warnings])
            self.stdout.write(f"[{number}/{len(ids)}] exposure {exposure_id}: {text}")
        self.stdout.write(f"{len(ids)} exposures, {made} cutouts made, {failed} failed.")

    def _named(self, options: dict[str, Any]) -> list[int]:
        ids: list[int] = []
        for name in options["observations"]:
            products = selectors.products_of(name)
            if not products:
                raise CommandError(f"There is no observation {name} here. Nothing was cut.")
            ids += [exposure.pk for exposure in products]
        cut_again(ids, now=timezone.now(), native=True if options["native"] else None)
        return ids
