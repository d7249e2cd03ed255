"""Marks of simulated volunteers on frames whose trails are known: density clustering beside linking within a tolerance.

    python -m benchmarks.marks [--frames 300] [--markdown]

A frame is right when it has exactly the trails it should, each end within 15 px of the truth.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.common import Table, machine
from classify.crowd import consensus, marks
from classify.crowd.consensus import MarkRow, Policy, TrailRow
from sky import trails

SIZE_PX = 1024
RIGHT_PX = 15.0

Segments = list[tuple[float, float, float, float]]


@dataclass(frozen=True)
class Scene:
    """How a frame's trails lie and how people mark them."""

    name: str
    kind: str = "one"
    n_people: int = 10
    jitter_px: float = 5.0  # of each end, each way
    swapped: float = 0.5
    outliers: float = 0.0  # this share of the people marks something else
    missed: float = 0.0  # a person misses a trail with this chance
    findable: bool = True  # False: what was marked cannot make a trail, and must not


SCENES = (
    Scene("one trail", swapped=0.0),
    Scene("one trail, 3 of 10 swap ends", swapped=0.3),
    Scene("two crossing trails", "crossing"),
    Scene("two crossing trails, each missed by 3 of 10", "crossing", missed=0.3),
    Scene("two parallel trails 30 px apart", "parallel"),
    Scene("one trail, 20 % outliers", outliers=0.2),
    Scene("one trail, 40 % outliers", outliers=0.4),
    Scene("only two markers", n_people=2),
    Scene("only two markers, one elsewhere: no trail", n_people=2, outliers=0.5, findable=False),
    Scene("three markers", n_people=3),
    Scene("careless ends (12 px)", jitter_px=12.0),
    Scene("careless ends (12 px), five markers", jitter_px=12.0, n_people=5),
    Scene("nobody agrees: no trail", outliers=1.0, findable=False),
)


def truth(kind: str, rng: np.random.Generator) -> Segments:
    """Return the true trails of a frame, 60 to 300 px long, away from its edges."""
    length, angle = rng.uniform(60, 300), rng.uniform(0, 2 * np.pi)
    middle = rng.uniform(250, SIZE_PX - 250, 2)
    along = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-along[1], along[0]])

    def line(centre: np.ndarray, way: np.ndarray, long: float) -> tuple[float, float, float, float]:
        a, b = centre - way * long / 2, centre + way * long / 2
        return float(a[0]), float(a[1]), float(b[0]), float(b[1])

    one = line(middle, along, length)
    other = {
        "crossing": lambda: [line(middle, along * np.cos(1.0) + across * np.sin(1.0), max(80.0, length))],
        "parallel": lambda: [line(middle + 30 * across, along, length)],
    }
    return [one, *other.get(kind, list)()]


def drawn(scene: Scene, lines: Segments, rng: np.random.Generator) -> Iterator[MarkRow]:
    """Yield what each person marks."""
    n_elsewhere = round(scene.outliers * scene.n_people)
    for person in range(scene.n_people):
        seen = [line for line in lines if rng.random() >= scene.missed]
        targets = truth("one", rng) if person < n_elsewhere else seen
        for target in targets:
            ends = np.array(target) + rng.normal(0, scene.jitter_px, 4)
            yield MarkRow(person, 0, *(float(x) for x in (ends[[2, 3, 0, 1]] if rng.random() < scene.swapped else ends)))


def is_right(found: list[TrailRow], lines: Segments) -> bool:
    """Say whether these are the true trails, all and no others."""
    if len(found) != len(lines):
        return False
    gaps = [[trails.end_distance([row[:2], row[2:]], [(t.x1, t.y1), (t.x2, t.y2)]) for t in found] for row in lines]
    return all(min(gap) <= RIGHT_PX for gap in gaps) and len({int(np.argmin(gap)) for gap in gaps}) == len(lines)


def score(scene: Scene, call: Callable[[list[MarkRow]], list[TrailRow]], n_frames: int) -> tuple[float, float, float]:
    """Return the share of frames that are right, trails too many per frame, and milliseconds a frame."""
    rng = np.random.default_rng(1)
    right = too_many = spent = 0.0
    for _ in range(n_frames):
        lines = truth(scene.kind, rng)
        rows = list(drawn(scene, lines, rng))
        expected = lines if scene.findable else []
        start = time.perf_counter()
        found = call(rows)
        spent += time.perf_counter() - start
        right += is_right(found, expected)
        too_many += max(0, len(found) - len(expected))
    return right / n_frames, too_many / n_frames, 1000 * spent / n_frames


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    print(machine("numpy", "scikit-learn"))
    marks.cluster(list(drawn(SCENES[0], truth("one", rng := np.random.default_rng(0)), rng)))
    columns = ["scene", "density: right %", "linked: right %", "density: too many", "linked: too many", "density: ms", "linked: ms"]
    table = Table(f"Frames with exactly the right trails ({options.frames} each)", columns)
    for scene in SCENES:
        dense = score(scene, marks.cluster, options.frames)
        linked = score(scene, lambda rows: consensus.cluster_marks(rows, Policy()), options.frames)
        table.add(scene.name, *(f"{100 * value:.1f}" for value in (dense[0], linked[0])), dense[1], linked[1], dense[2], linked[2])
    table.show(markdown=options.markdown)


if __name__ == "__main__":
    main()
