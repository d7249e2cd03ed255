"""How fast exposures become cutouts, against the bare cost of reading them with astropy and encoding the same images.

    ./run bench ingest [--frames 4] [--jobs 2] [--markdown]

Two kinds of synthetic frames: HST-like drizzled ones (4200 x 4200 float32, 0.05", four binned cutouts each) and frames of the
sample sky's size (2100 x 2100 float32, 0.1", four cutouts each). Files lie in a temporary folder and are in the page cache, so
that disks are left out. "Bare" reads each frame with astropy, cuts its four boxes with numpy slices (binned where we bin),
stretches with one asinh and encodes a JPEG (for the second table a 16-bit PNG), without checksum, checks, sky statistics, WCS or
database. CPU time is shown too, as it does not depend on what else the machine does.
"""

import argparse
import io
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from PIL import Image

from benchmarks.common import Lap, Table, cores, machine, peak_memory_mib, ratio, temporary_site, timed

KINDS = {"HST-like 4200 px": (4200, 0.05), "sample sky 2100 px": (2100, 0.1)}


def write_frame(path: Path, side: int, scale: float, seed: int) -> None:
    """Write one drizzled-looking file: SCI with noise, stars and a WCS (no WHT, CTX: they are not read)."""
    rng = np.random.default_rng(seed)
    image = rng.normal(0.05, 0.004, (side, side)).astype(np.float32)
    for x, y in rng.integers(20, side - 20, (2000, 2)):
        image[y - 2 : y + 3, x - 2 : x + 3] += 0.3
    primary = fits.PrimaryHDU()
    primary.header.update({"TELESCOP": "HST", "INSTRUME": "ACS", "DETECTOR": "WFC", "ROOTNAME": path.name[:9], "FILTER1": "F814W"})
    primary.header.update({"EXPSTART": 55685.0, "EXPEND": 55685.01, "EXPTIME": 650.0})
    science = fits.ImageHDU(image, name="SCI")
    science.header.update({"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 150.1, "CRVAL2": 2.2, "CRPIX1": side / 2, "CRPIX2": side / 2})
    science.header.update({"CD1_1": -scale / 3600, "CD2_2": scale / 3600, "PHOTFLAM": 7.07e-20, "PHOTPLAM": 8059.8})
    fits.HDUList([primary, science]).writeto(path)


def bare(path: Path, *, encode: bool) -> None:
    """Read with astropy, cut, stretch, encode: the least that any program must do."""
    with fits.open(path, memmap=False) as hdus:
        image = hdus[1].data.astype(np.float32)
    factor = 2 if image.shape[0] > 3000 else 1
    half = image.shape[0] // 2
    for y in (0, half):
        for x in (0, half):
            part = image[y : y + half, x : x + half]
            if factor == 2:
                part = (part[::2, ::2] + part[1::2, ::2] + part[::2, 1::2] + part[1::2, 1::2]) / 4
            scaled = (part - 0.05) / 0.004
            buffer = io.BytesIO()
            if encode:
                Image.fromarray(np.clip(8 * scaled + 800, 1, 65535).astype(np.uint16)).save(buffer, "PNG", compress_level=1)
            else:
                Image.fromarray((60 * np.arcsinh(np.clip(scaled, -2, 60) + 2)).clip(0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=80)


def measure(call: Callable[[], Any]) -> Lap:
    """Return wall and CPU seconds of a call."""
    with timed() as lap:
        call()
    return lap


def over(call: Callable[[Any], Any], items: list[Any], jobs: int) -> None:
    """Call for each item, in `jobs` processes."""
    from archive import parallel

    for _ in parallel.run(call, items, jobs=jobs):
        pass


def run(kind: str, folder: Path, frames: int, jobs: int, tables: tuple[Table, Table]) -> None:
    """Measure one kind of frames and add the rows."""
    from archive import selectors
    from archive.management.commands.encode import encode_one
    from archive.management.commands.ingest import bring_in

    side, scale = KINDS[kind]
    paths = [folder / f"j{side:04d}{number:04d}_drz.fits" for number in range(frames * (jobs + 1))]
    for number, path in enumerate(paths):
        write_frame(path, side, scale, seed=side + number)
    megabytes = frames * paths[0].stat().st_size / 1e6
    ingest = partial(bring_in, store=False, native=False, cut=True)
    row = partial(add_row, frames=frames, megabytes=megabytes)
    read_jpeg = measure(lambda: [bare(path, encode=False) for path in paths[:frames]])
    row(tables[0], f"{kind}: bare astropy + JPEG", read_jpeg, base=read_jpeg)
    row(tables[0], f"{kind}: ingest + cut", measure(lambda: over(ingest, paths[:frames], 1)), base=read_jpeg)
    read_png = measure(lambda: [bare(path, encode=True) for path in paths[:frames]])
    ids = selectors.exposures_to_encode(_now(), limit=None)
    row(tables[1], f"{kind}: bare astropy + PNG", read_png, base=read_png)
    row(tables[1], f"{kind}: encode", measure(lambda: over(encode_one, ids, 1)), base=read_png)
    if jobs > 1:
        many = measure(lambda: over(ingest, paths[frames:], jobs))
        label = f"{kind}: ingest + cut, {jobs} processes, their start included"
        add_row(tables[0], label, many, frames=frames * jobs, megabytes=megabytes * jobs, processes=jobs)
    for path in paths:
        path.unlink()


def _now() -> Any:
    from django.utils import timezone

    return timezone.now()


def add_row(table: Table, label: str, lap: Lap, *, frames: int, megabytes: float, base: Lap | None = None, processes: int = 1) -> None:
    """Add the rates by the clock, and (of one process) the CPU time per frame, also as a multiple of the bare cost."""
    rates = (frames / lap.wall_s, megabytes / lap.wall_s, frames / lap.wall_s / processes, 4 * frames / lap.wall_s)
    table.add(label, *rates, *((1000 * lap.cpu_s / frames, ratio(lap.cpu_s, base.cpu_s)) if base else ("-", "-")))


def main() -> None:
    """Run all and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=6, help="frames per kind and process (default 6)")
    parser.add_argument("--jobs", type=int, default=cores(), help="processes in the parallel rows (default: all cores)")
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    columns = ["", "frames/s", "MB/s", "frames/s/core", "cutouts/s", "CPU ms/frame", "CPU / bare"]
    tables = (Table("Ingest and cut (preview JPEG)", columns), Table("16-bit images (PNG level 1)", columns))
    with temporary_site(), tempfile.TemporaryDirectory(prefix="hunter-frames-") as folder:
        for kind in KINDS:
            run(kind, Path(folder), options.frames, options.jobs, tables)
    print(machine("astropy", "numpy", "pillow", "Django"))
    print(f"{options.frames} frames per row and process; 4 cutouts per exposure; peak memory of the first process {peak_memory_mib():.0f} MiB")
    for table in tables:
        table.show(markdown=options.markdown)


if __name__ == "__main__":
    main()
