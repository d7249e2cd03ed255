"""The classify page in a real Chromium: until the first image, from Done to the next one, bytes, requests, shifts of the layout.

    ./run bench classify_page [--rounds 5] [--answers 12] [--subjects 48] [--markdown]

The site is the embedded default: SQLite, gunicorn with two processes as `./run` starts it, compressed static files. The images come through
the real ingest (2100 x 2100 px frames, four cutouts each, preview JPEG and 16-bit PNG). Each opening is one of a new browser without
cache or service worker. "Painted" is the page's own mark, set a frame after the decoded image was put on the screen. Before each Done the
browser waits until nothing is on its way, so that the queue is full: what is measured is the page, not how fast somebody can outrun a line.
The slow line has 150 ms of latency and 1.6 Mbit/s in both directions. The bare limit, in the same run, is a page with nothing but an image
of the same kind.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import common

LINES: dict[str, dict[str, float] | None] = {"this machine": None, "150 ms, 1.6 Mbit/s": {"latency": 150, "throughput": 1.6e6 / 8}}
QUIET_S, LOST_S = 0.4, 30
PATIENCE_S = 60
WATCH = """
window.shifts = { loading: 0, answering: 0 };
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) shifts[performance.getEntriesByName("hunter:done").length ? "answering" : "loading"] += entry.value;
}).observe({ type: "layout-shift", buffered: true });
if (location.pathname.startsWith("/bare/")) {
  addEventListener("load", () => requestAnimationFrame(() => setTimeout(() => performance.mark("hunter:painted"))));
}
"""
BODIES = """() => performance.getEntries().filter((entry) => entry.encodedBodySize && !/[.](jpg|png)$/.test(entry.name))
  .reduce((sum, entry) => sum + entry.encodedBodySize, 0)"""
MARKS = "(name) => performance.getEntriesByName(name).map((mark) => mark.startTime)"


@dataclass
class Traffic:
    """What went over the line since `clear`: (address, kind, bytes on the wire), in the order of asking."""

    asked: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    pending: dict[str, float] = field(default_factory=dict)
    last: float = 0.0

    def watch(self, session: Any) -> None:
        """Listen to the browser."""
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.responseReceived", lambda told: self.kinds.__setitem__(told["requestId"], told["response"]["mimeType"]))
        session.on("Network.loadingFinished", lambda told: self._over(told["requestId"], int(told["encodedDataLength"])))
        session.on("Network.loadingFailed", lambda told: self._over(told["requestId"], 0))
        session.send("Network.enable")

    def _sent(self, told: Any) -> None:
        if not told["request"]["url"].startswith(("data:", "blob:")):
            self.asked[told["requestId"]] = told["request"]["url"]
            self.pending[told["requestId"]] = self.last = time.monotonic()

    def _over(self, request: str, size: int) -> None:
        if request in self.asked and request not in self.sizes:
            self.sizes[request] = size
            self.pending.pop(request, None)
            self.last = time.monotonic()

    def clear(self) -> None:
        """Begin anew, while nothing is on its way."""
        self.asked.clear(), self.kinds.clear(), self.sizes.clear()

    def is_quiet(self) -> bool:
        """Has nothing been on its way for a moment? The browser tells no end of some: scripts of workers."""
        now = time.monotonic()
        return now - self.last > QUIET_S and all(now - since > LOST_S for since in self.pending.values())

    def is_image(self, request: str) -> bool:
        return "/px/" in self.asked[request]

    def requests(self) -> int:
        """Those that went over the line; the browser answers some itself."""
        return sum(size > 0 for size in self.sizes.values())

    def bytes(self, *, images: bool) -> int:
        return sum(size for request, size in self.sizes.items() if self.is_image(request) == images)

    def place_of_first_image(self) -> int:
        """1: the first request after the HTML."""
        return next((place for place, request in enumerate(self.asked) if self.is_image(request)), 0)


def prepare(subjects: int, home: Path) -> list[str]:
    """Fill the site; returns the addresses of some previews."""
    from astropy.io import fits
    from django.core.management import call_command
    from django.utils import timezone

    from archive import selectors
    from archive.management.commands.encode import encode_one
    from archive.management.commands.ingest import bring_in
    from archive.models import Cutout
    from benchmarks.ingest import write_frame

    call_command("setup_site", verbosity=0)
    for number in range(-(-subjects // 4)):
        path = home / f"j{number:05d}010_drz.fits"
        write_frame(path, 2100, 0.1, seed=number)
        with fits.open(path, mode="update") as hdus:  # fields and days of their own: else they would be frames of one visit
            hdus[0].header["EXPSTART"], hdus[0].header["EXPEND"] = 55685.0 + number, 55685.01 + number
            hdus[1].header["CRVAL2"] = 2.2 + number
        bring_in(path, store=False, native=False, cut=True)
    for exposure in selectors.exposures_to_encode(timezone.now(), limit=None):
        encode_one(exposure)
    call_command("pool", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    return list(Cutout.objects.values_list("preview_key", flat=True)[:20])


@contextmanager
def server() -> Iterator[str]:
    """Start gunicorn as `./run` does; yields its address."""
    from tests.conftest import wait_until
    from tests.services import free_port

    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "benchmarks.bare:application", "-b", f"127.0.0.1:{port}"]
    process = subprocess.Popen([*command, "-w", "2", "--threads", "4", "-k", "gthread", "--log-level", "warning"], cwd=common.ROOT)
    try:
        wait_until(lambda: _answers(port), what="gunicorn", seconds=60)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    from urllib.error import URLError
    from urllib.request import urlopen

    try:
        return bool(urlopen(f"http://127.0.0.1:{port}/robots.txt", timeout=5).status == 200)
    except (URLError, OSError):
        return False


class Visit:
    """A new browser on a line."""

    def __init__(self, browser: Any, line: dict[str, float] | None) -> None:
        self.context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB", service_workers="block")
        self.page = self.context.new_page()
        self.page.add_init_script(WATCH)
        self.traffic, session = Traffic(), self.context.new_cdp_session(self.page)
        self.traffic.watch(session)
        if line:
            speed = {"downloadThroughput": line["throughput"], "uploadThroughput": line["throughput"], "latency": line["latency"]}
            session.send("Network.emulateNetworkConditions", {"offline": False, **speed})

    def marks(self, name: str) -> list[float]:
        return list(self.page.evaluate(MARKS, name))

    def wait_for_mark(self, name: str, number: int) -> float:
        """Milliseconds from the beginning of the navigation to the mark of that number."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if len(marks := self.marks(name)) >= number:
                return float(marks[number - 1])
            self.page.wait_for_timeout(5)
        raise SystemExit(f"The page did not set {name} a {number}th time within {PATIENCE_S} s.")

    def open(self, url: str) -> float:
        self.page.goto(url, wait_until="commit")
        return self.wait_for_mark("hunter:painted", 1)

    def wait_for_quiet(self) -> None:
        """Until nothing has been on its way for a moment."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            self.page.wait_for_timeout(50)
            if self.traffic.is_quiet():
                return
        raise SystemExit(f"The line did not become quiet within {PATIENCE_S} s: {[self.traffic.asked[key] for key in self.traffic.pending]}")

    def answer(self) -> float:
        """One No; milliseconds from Done to the next subject painted."""
        self.wait_for_quiet()
        done, painted = len(self.marks("hunter:done")), len(self.marks("hunter:painted"))
        self.page.keyboard.press("n")
        self.page.keyboard.press("Enter")
        return self.wait_for_mark("hunter:painted", painted + 1) - self.wait_for_mark("hunter:done", done + 1)


def measure(browser: Any, url: str, previews: list[str], line: str, options: argparse.Namespace, tables: tuple[common.Table, ...]) -> None:
    """All figures of one line."""
    opening, bare, weights, places, shifts = [], [], [], [], []
    for number in range(options.rounds):
        visit = Visit(browser, LINES[line])
        bare.append(visit.open(f"{url}/bare/{previews[number % len(previews)]}"))
        visit.context.close()
        visit = Visit(browser, LINES[line])
        opening.append(visit.open(f"{url}/classify/classify/"))
        visit.wait_for_quiet()
        weights.append((visit.page.evaluate(BODIES) / 1000, visit.traffic.bytes(images=False) / 1000))
        places.append(visit.traffic.place_of_first_image())
        shifts.append(visit.page.evaluate("shifts.loading"))
        if number < options.rounds - 1:
            visit.context.close()
    visit.page.keyboard.press("Escape")  # the tutorial of the first visit
    visit.page.wait_for_timeout(300)
    visit.traffic.clear()
    laps = [visit.answer() for _ in range(options.answers)]
    visit.wait_for_quiet()
    found, base = statistics.median(opening), statistics.median(bare)
    tables[0].add(line, base, found, common.ratio(found, base), max(places), *map(statistics.median, zip(*weights, strict=True)), max(shifts))
    per = [
        count / options.answers
        for count in (visit.traffic.requests(), visit.traffic.bytes(images=True) / 1000, visit.traffic.bytes(images=False) / 1000)
    ]
    tables[1].add(line, *common.percentiles_ms([lap / 1000 for lap in laps], 50, 95), *per, visit.page.evaluate("shifts.answering"))
    visit.context.close()


OPENING = (
    "line", "bare page ms", "classify page ms", "ratio", "place of the first image after the HTML", "kB without images, compressed",
    "with headers of HTTP/1.1", "layout shift",
)  # fmt: skip
ANSWERING = ("line", "Done to painted p50 ms", "p95", "requests/subject", "image kB/subject", "other kB/subject", "layout shift in all")


def main() -> None:
    """Fill a site, measure it on each line, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="openings per line (default 5)")
    parser.add_argument("--answers", type=int, default=12, help="answers per line (default 12; at least 2)")
    parser.add_argument("--subjects", type=int, default=48, help="subjects of the site (default 48)")
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    from tests import services
    from tests.browser.conftest import ARGS, NONE, find

    if (path := find()) is None:
        raise SystemExit(NONE)
    os.environ["HUNTER_BROKER_URL"] = services.start_redis()
    os.environ.pop("DATABASE_URL", None)
    tables = (
        common.Table(f"Opening the classify page, median of {options.rounds}", OPENING),
        common.Table("From one subject to the next", ANSWERING),
    )
    try:
        with common.temporary_site() as site, tempfile.TemporaryDirectory(prefix="hunter-profile-"):
            previews = prepare(options.subjects, site.home)
            with server() as url, sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=path, args=ARGS)
                version = browser.version
                for line in LINES:
                    measure(browser, url, previews, line, options, tables)
                browser.close()
    finally:
        services.stop_all()
    print(common.machine("Django", "gunicorn", "playwright") + f"; Chromium {version}")
    for table in tables:
        table.show(markdown=options.markdown)


if __name__ == "__main__":
    main()
