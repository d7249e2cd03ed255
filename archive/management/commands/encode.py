"""The task archive.encode_new by hand."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from archive import parallel, selectors
from archive.services.encoding import encode_exposure
from archive.services.states import retry_failed


def encode_one(exposure_id: int) -> tuple[int, int]:
    """Make the missing 16-bit images of one exposure; return its id and their number."""
    return exposure_id, encode_exposure(exposure_id, now=timezone.now())


class Command(BaseCommand):
    help = "Make the 16-bit images of all cutouts that lack one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--retry", action="store_true", help="also try those that failed before")
        parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes that work side by side (default 1)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["retry"]:
            retry_failed(selectors.exposures_with_failed_pixels(), now=timezone.now())
        ids = selectors.exposures_to_encode(timezone.now(), limit=None)
        made = 0
        for number, (exposure_id, n_images) in enumerate(parallel.run(encode_one, ids, jobs=options["jobs"]), 1):
            made += n_images
            self.stdout.write(f"[{number}/{len(ids)}] exposure {exposure_id}: {n_images} images")
        failed = selectors.pending()["pixels_failed"]
        self.stdout.write(f"{len(ids)} exposures, {made} images made." + (f" {failed} failed: see the admin, or try --retry." if failed else ""))
