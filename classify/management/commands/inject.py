"""`manage.py inject`: draw trails of known length, bend and brightness into real images without one."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from classify import injecting, selectors, services


class Command(BaseCommand):
    """Make subjects with injected trails; safe to repeat, and goes on where it was interrupted."""

    help = "Draw known trails into real, trail-free images, as subjects whose answer is known, until a workflow has so many."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workflow", default="classify", help="slug of the workflow in which they are shown")
        parser.add_argument("--n", type=int, default=50, help="how many there shall be in all (50)")
        parser.add_argument("--from", dest="source", choices=services.INJECTION_SOURCES, default="settled",
                            help="parents: settled as empty by people, members of --set, or any still being asked about")  # fmt: skip
        parser.add_argument("--set", default="", help="slug of a subject set without trails, for --from set")
        parser.add_argument("--labels-of", default="", help="slug of the workflow whose labels are meant (--workflow's own)")
        parser.add_argument("--kind", choices=injecting.KINDS, default=injecting.ASTEROID, help="what is drawn (asteroid)")
        parser.add_argument("--answer", default="", help="the known answer (the workflow's first positive one)")
        parser.add_argument("--snr", type=float, nargs=2, default=(1.2, 8.0), metavar=("LOW", "HIGH"), help="ridge in sky sigmas (1.2 8)")
        parser.add_argument("--magnitude", type=float, nargs=2, metavar=("BRIGHT", "FAINT"), help="AB magnitudes instead, where there is photometry")
        parser.add_argument("--length", type=float, nargs=2, default=(4.0, 30.0), metavar=("LOW", "HIGH"), help="seconds of arc (4 30)")
        parser.add_argument("--curvature", type=float, default=0.16, help="largest height of the bow over its chord (0.16)")
        parser.add_argument("--seed", type=int, default=1, help="the same seed draws the same trails")

    def handle(self, *args: Any, **options: Any) -> None:
        flow = self._workflow(options["workflow"])
        labels = self._workflow(options["labels_of"]) if options["labels_of"] else flow
        if (options["source"] == "set") != bool(options["set"]):
            raise CommandError("--from set and --set go together.")
        parents = services.clean_parents(workflow=labels, source=options["source"], subject_set=options["set"])
        order = services.InjectionOrder(flow, options["n"], self._recipe(options), options["answer"])
        try:
            made = services.inject(order=order, parents=parents.values_list("pk", flat=True), now=timezone.now(), say=self._say)
        except ValueError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{made} injected subjects made in {flow.slug}.")
        if not made:
            self.stdout.write("There are as many already, or no image without a trail has room for one. --from any takes unsettled ones.")

    def _recipe(self, options: dict[str, Any]) -> injecting.Recipe:
        for name in ("snr", "length"):
            low, high = options[name]
            if not 0 < low <= high:
                raise CommandError(f"--{name} is a range of positive numbers, the lower one first.")
        magnitude = tuple(options["magnitude"]) if options["magnitude"] else None
        return injecting.Recipe(options["kind"], tuple(options["snr"]), magnitude, tuple(options["length"]), options["curvature"], options["seed"])

    def _workflow(self, slug: str) -> Any:
        found = selectors.any_workflow(slug)
        if found is None or found.current_version is None:
            raise CommandError(f"There is no workflow {slug!r} with a version.")
        return found

    def _say(self, done: int, total: int) -> None:
        if sys.stdout.isatty():
            self.stdout.write(f"\r  injecting: {done} of {total} ", ending="")
            self.stdout.flush()
        elif done == total or done % 50 == 0:
            self.stdout.write(f"  injecting: {done} of {total}")
