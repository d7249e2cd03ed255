"""Brings exposures in: files and folders of HST FITS, PNG and JPEG."""

import time
from argparse import ArgumentParser
from collections import Counter
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from archive import finding, parallel
from archive.progress import Progress
from archive.services.cutouts import CutReport, cut_exposure
from archive.services.exposures import Report, ingest_path
from core.services import Cancelled

WORDS = {"added": "new exposures", "skipped": "already here", "sidecar": "sidecars (masks, maps, support files)", "refused": "refused"}

STOPS: dict[type[BaseException], tuple[str, str]] = {  # what is said here, and on the dashboard
    KeyboardInterrupt: ("Stopped.", "interrupted"),
    Cancelled: ("Stopped from the dashboard.", "cancelled"),
    BrokenProcessPool: ("A process was killed from outside (too little memory for --jobs?).", "a process was killed from outside"),
}


@dataclass(frozen=True)
class Done:
    """What became of one file, and of its cutting if that was tried."""

    report: Report
    cut: CutReport | None


def bring_in(path: Path, *, store: bool, native: bool, cut: bool) -> Done:
    """Ingest one file and cut its exposure (a known one too, where an earlier run was stopped before cutting it)."""
    report = ingest_path(path, now=timezone.now(), store=store, native=native)
    wanted = cut and report.exposure_id is not None
    return Done(report, cut_exposure(report.exposure_id, now=timezone.now()) if wanted and report.exposure_id else None)


class Command(BaseCommand):
    help = (
        "Bring HST FITS files (_drz, _drc, _flt, _flc; also .gz) and plain images (PNG, JPEG) in, and cut them into cutouts."
        " A path that does not exist is reported, the others are brought in, and the exit code is then 1."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files, or folders that are searched with all below them")
        parser.add_argument("--store", action="store_true", help="copy each original into the storage (needed when several machines share the work)")
        parser.add_argument("--native", action="store_true", help="cut into tiles at the pixels' own scale, unbinned")
        parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes that work side by side (default 1)")
        parser.add_argument("--no-cut", action="store_true", help="leave the cutting to the workers")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = finding.find(options["paths"])
        except finding.Missing as error:
            raise CommandError(str(error)) from error
        if not found.files:
            raise CommandError("No image file was found there. Hunter reads FITS (.fits, .fits.gz, .fits.fz), PNG and JPEG files.")
        call = partial(bring_in, store=options["store"], native=options["native"], cut=not options["no_cut"])
        offered = found.files + found.missing
        tally = Tally(self, len(offered), found.n_ignored)
        progress = Progress(options["paths"], len(offered))
        try:
            for done in parallel.run(call, offered, jobs=options["jobs"]):
                tally.add(done)
                progress.tell(tally.n_done)
        except (BrokenProcessPool, KeyboardInterrupt, Cancelled) as error:
            why, short = STOPS[type(error)]
            progress.fail(short, cancelled=isinstance(error, Cancelled))
            tally.show()
            raise CommandError(f"{why} Nothing was lost: the same command goes on where this one stopped.", returncode=130) from error
        except BaseException as error:
            progress.fail(f"{type(error).__name__}: {error}")
            raise
        tally.show()
        if not (tally.outcomes["added"] or tally.outcomes["skipped"]):
            progress.fail("No file was a usable image.")
            raise CommandError(f"None of the {len(offered)} files is a usable image; the reasons stand above.")
        progress.finish(tally.n_done, dict(tally.outcomes))
        if found.missing:
            raise CommandError(f"{len(found.missing)} of the paths do not exist; everything else was looked at. Check them above.")


class Tally:
    """Writes a line per file with the count and the rate, and the table at the end."""

    def __init__(self, command: BaseCommand, total: int, n_ignored: int) -> None:
        self.command, self.total, self.n_ignored = command, total, n_ignored
        self.outcomes: Counter[str] = Counter()
        self.n_done = self.n_bytes = self.n_cutouts = self.n_failed = 0
        self.started = time.monotonic()

    def add(self, done: Done) -> None:
        """Count a file and write its line."""
        report, cut = done.report, done.cut
        self.n_done += 1
        self.outcomes[report.outcome] += 1
        self.n_bytes += report.size_bytes
        details = [report.reason] if report.reason else []
        if cut:
            self.n_cutouts += cut.made
            self.n_failed += bool(cut.error)
            details.insert(0, f"not cut: {cut.error}" if cut.error else f"{cut.made} cutouts")
            details += cut.warnings
        place = f"[{self.n_done:>{len(str(self.total))}}/{self.total}]"
        rate = self.n_done / max(time.monotonic() - self.started, 1e-3)
        self.command.stdout.write(f"{place} {report.outcome:<8} {report.path.name}: {' '.join(details)} ({rate:.1f} files/s)")

    def show(self) -> None:
        """Write the summary."""
        seconds = max(time.monotonic() - self.started, 1e-3)
        rows = [(WORDS[outcome], self.outcomes[outcome]) for outcome in WORDS]
        rows += [("other files passed by", self.n_ignored), ("cutouts made", self.n_cutouts), ("exposures that could not be cut", self.n_failed)]
        self.command.stdout.write("")
        for label, number in rows:
            self.command.stdout.write(f"  {label:<40}{number:>10,}")
        rate = f"{self.n_done} files, {self.n_bytes / 1e6:,.1f} MB of images in {seconds:.1f} s"
        self.command.stdout.write(f"  {rate} ({self.n_done / seconds:.1f} files/s, {self.n_bytes / 1e6 / seconds:,.1f} MB/s)")
