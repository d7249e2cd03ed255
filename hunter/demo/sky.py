"""The sample sky: simulated exposures as FITS files that go through the same ingest as any other file.

The truth stays in a file beside them (`sample/truth.json`), outside the database, for the simulated volunteers and the gold keys.
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from django.conf import settings

from hunter.demo.people import SeenThing
from sky.conventions import plane_to_cutout
from sky.trails import clip, length

SEED = 20260101
N_EXPOSURES = 40
VISIT_FROM = 8  # a sample sky of so many exposures also has a visit: three more of one field, to blink
N_VISIT = 3
SIZE_PX = 2100
MIN_VISIBLE_PX = 12.0


def folder() -> Path:
    return Path(settings.HOME) / "sample"


def make_files(*, count: int, size: int, processes: int, say: Callable[[int, int], None]) -> list[Path]:
    """Simulate the exposures that are missing and return all files. `say(done, total)` reports progress; safe to repeat."""
    folder().mkdir(parents=True, exist_ok=True)
    names = [f"sim{index + 1:04d}" for index in range(count)]
    names += [f"simv{number + 1:02d}" for number in range(N_VISIT)] if count >= VISIT_FROM else []
    paths = [folder() / f"{name}_drc.fits.fz" for name in names]
    missing = [index for index, path in enumerate(paths) if not (path.exists() and truth_file(path).exists())]
    say(len(paths) - len(missing), len(paths))
    with ProcessPoolExecutor(max_workers=processes, mp_context=get_context("spawn")) as pool:
        work = [pool.submit(make_file, index, count, size, str(paths[index])) for index in missing]
        for number, future in enumerate(as_completed(work), start=len(paths) - len(missing) + 1):
            future.result()
            say(number, len(paths))
    return paths


def make_file(index: int, count: int, size: int, path: str) -> None:
    """Simulate one exposure and write it and its truth; runs in a process of its own. From `count` on come those of the visit."""
    from sky.simulate import sample_sky, sample_visit, simulate_exposure, write_fits  # noqa: PLC0415 - the web process never needs the simulator

    specs = sample_sky(count, SEED, size=size) + sample_visit(SEED, size=size, exposures=N_VISIT)
    exposure = simulate_exposure(specs[index], SEED + min(index, count))
    partial = Path(path).with_name("." + Path(path).name)
    write_fits(exposure, partial)
    truth_file(Path(path)).write_text(json.dumps([thing.as_json() for thing in exposure.truth]))
    partial.replace(path)


def truth_file(path: Path) -> Path:
    return path.with_name(path.name.split("_")[0] + "_truth.json")


def read_truth() -> dict[str, list[dict[str, Any]]]:
    """Return {observation id: true objects in plane pixels}."""
    return {path.name.removesuffix("_truth.json"): json.loads(path.read_text()) for path in sorted(folder().glob("*_truth.json"))}


def things_on(box: Any, truth: list[dict[str, Any]]) -> Iterator[SeenThing]:
    """Yield the true objects as they lie on a cutout (anything with x0, y0, bin, width, height), in cutout pixels."""
    for thing in truth:
        points = [plane_to_cutout(x, y, x0=box.x0, y0=box.y0, bin=box.bin) for x, y in thing["points"]]
        inside = clip(points, width=box.width, height=box.height)
        if len(inside) > 1 and length(inside) >= MIN_VISIBLE_PX:
            yield SeenThing(thing["klass"], tuple((float(x), float(y)) for x, y in inside), thing["snr"])
