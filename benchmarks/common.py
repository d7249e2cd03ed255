"""What every benchmark shares: the machine in one line, a clock, a site of its own, and a table of results.

A benchmark is started with ``./run bench NAME`` (or ``python -m benchmarks.NAME`` in the environment of ``./run``).
Figures for the docs: ``--markdown`` prints the same table as Markdown.
"""

import os
import platform
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).resolve().parent.parent


def machine(*packages: str) -> str:
    """Return one line that names the processor, its cores, the memory, Python and the given packages' versions."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    parts = [f"{_processor()}, {cores()} cores", f"{memory_gib:.0f} GiB", f"{platform.system()} {platform.release()}"]
    parts.append(f"Python {platform.python_version()}")
    parts += [f"{name} {version(name)}" for name in packages]
    return "; ".join(parts)


def cores() -> int:
    """Return the number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def peak_memory_mib() -> float:
    """Return the most memory that this process has held so far (resident, MiB)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if platform.system() == "Darwin" else 1024)


def cpu_seconds(*pids: int) -> float:
    """CPU seconds used so far by these processes and all below them, those that have ended included."""
    import psutil

    total = 0.0
    for top in map(psutil.Process, pids):
        for process in [top, *top.children(recursive=True)]:
            times = process.cpu_times()
            total += times.user + times.system + getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    return total


@dataclass
class Lap:
    """Wall and CPU seconds of one timed block; CPU is that of this process, threads included."""

    wall_s: float = 0.0
    cpu_s: float = 0.0


@contextmanager
def timed() -> Iterator[Lap]:
    """Time a block: ``with timed() as lap: ...`` and read ``lap.wall_s`` afterwards."""
    lap = Lap()
    wall, cpu = time.perf_counter(), time.process_time()
    yield lap
    lap.wall_s, lap.cpu_s = time.perf_counter() - wall, time.process_time() - cpu


def best_of(call: Callable[[], object], *, rounds: int = 3) -> Lap:
    """Call ``rounds`` times and return the lap with the least wall time: the cost without the neighbours' noise."""
    laps = []
    for _ in range(rounds):
        with timed() as lap:
            call()
        laps.append(lap)
    return min(laps, key=lambda lap: lap.wall_s)


def percentiles_ms(seconds: Sequence[float], *percents: int) -> list[float]:
    """Return percentiles of some latencies, in milliseconds."""
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return [1000 * cuts[percent - 1] for percent in percents]


def ratio(value: float, base: float) -> str:
    """Return value / base as text: '1.31 x'; a dash without a base."""
    return f"{value / base:.2f} x" if base else "-"


@dataclass
class Table:
    """Rows of results, printed with aligned columns or as Markdown."""

    title: str
    columns: Sequence[str]
    rows: list[list[str]] = field(default_factory=list)

    def add(self, *cells: object) -> None:
        """Add a row; floats are shown with three significant digits."""
        self.rows.append([cell_text(cell) for cell in cells])

    def show(self, *, markdown: bool = False) -> None:
        """Print the table."""
        print(f"\n### {self.title}\n" if markdown else f"\n{self.title}")
        widths = [max(len(str(row[i])) for row in [self.columns, *self.rows]) for i in range(len(self.columns))]
        rule = [("-" * width) for width in widths]
        for row in [self.columns, rule, *self.rows]:
            cells = [cell.ljust(width) if i == 0 else cell.rjust(width) for i, (cell, width) in enumerate(zip(row, widths, strict=True))]
            print("| " + " | ".join(cells) + " |" if markdown else "  " + "  ".join(cells))


def cell_text(value: object) -> str:
    """Return a cell's text: '1,234', '12.3', '0.123', or the text itself."""
    if isinstance(value, float):
        if abs(value) >= 100:
            return f"{value:,.0f}"
        return f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


@contextmanager
def temporary_site(**environment: str) -> Iterator[SimpleNamespace]:
    """Set Django up on an empty database and folder of its own; yields ``home`` (Path).

    DATABASE_URL and HUNTER_BROKER_URL are taken from the environment where set; otherwise SQLite, and a broker that nothing
    connects to. Call it before anything of the project's rooms is imported.
    """
    with tempfile.TemporaryDirectory(prefix="hunter-benchmark-") as folder:
        os.environ.update({"HUNTER_HOME": folder, "HUNTER_SECRET_KEY": "benchmark", "DJANGO_SETTINGS_MODULE": "hunter.settings"})
        os.environ.setdefault("HUNTER_BROKER_URL", "redis://127.0.0.1:1/0")
        os.environ.setdefault("HUNTER_LOG_LEVEL", "WARNING")
        os.environ.setdefault("HUNTER_THROTTLES", "0")  # a benchmark is faster than any person
        os.environ.update(environment)
        import django
        from django.core.management import call_command
        from django.db import connections

        django.setup()
        call_command("migrate", verbosity=0)
        yield SimpleNamespace(home=Path(folder))
        connections.close_all()
