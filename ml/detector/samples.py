"""What people and simulations say about a cutout, in the form the trainer reads. Frame: cutout pixels, 0-based centres."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]
Points = NDArray[np.float64]
Label = Literal["yes", "no", "unknown"]
Split = Literal["train", "val", "test"]


@dataclass(frozen=True, eq=False)
class LabelledTrail:
    """A trail that people marked (two points: its ends) or that is known exactly (more points, along the trail)."""

    klass: str
    points: Points  # (n, 2) x, y
    weight: float = 1.0


@dataclass(frozen=True, eq=False)
class Sample:
    """One cutout with its label.

    `image` returns float32 (H, W) in units of the sky sigma above the sky, NaN where there is no data; it is called
    again whenever the cache has dropped the pixels, so it must return the same array each time.
    `asked` names the classes that the label speaks about: a "no" to the asteroid question says nothing about satellites.
    """

    key: str
    group: str  # the exposure: its cutouts never straddle the split
    image: Callable[[], Image]
    trails: tuple[LabelledTrail, ...]
    label: Label
    split: Split
    asked: tuple[str, ...] = ("asteroid", "satellite")


def split_of(group: str, salt: str = "", *, val: float = 0.15, test: float = 0.15) -> Split:
    """Put a group into a split by a stable hash, the same on each machine and each day."""
    digest = hashlib.sha256(f"{salt}/{group}".encode()).digest()
    u = int.from_bytes(digest[:8], "big") / 2**64
    if u < test:
        return "test"
    return "val" if u < test + val else "train"


def fingerprint(samples: Iterable[Sample]) -> str:
    """Hash keys, groups, labels, splits and trails (not pixels), whatever their order (64 hex digits)."""
    lines = []
    for s in samples:
        trails = [(t.klass, np.round(t.points, 3).tolist(), round(t.weight, 6)) for t in s.trails]
        lines.append(repr((s.key, s.group, s.label, s.split, s.asked, trails)))
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


class ImageCache:
    """Decoded images as 16-bit floats, the least recently used dropped first.

    Images are rounded to 16 bits even when they are not kept, so what is learnt does not depend on the size of the cache.
    """

    def __init__(self, limit_mb: int) -> None:
        """Keep at most `limit_mb` MiB (at least the newest image)."""
        self._limit = limit_mb * 2**20
        self._size = 0
        self._kept: OrderedDict[str, NDArray[np.float16]] = OrderedDict()

    def get(self, sample: Sample) -> NDArray[np.float16]:
        """Return the pixels (H, W) of a sample, decoding them if need be."""
        if sample.key in self._kept:
            self._kept.move_to_end(sample.key)
            return self._kept[sample.key]
        pixels = np.clip(sample.image(), -60000, 60000).astype(np.float16)  # clip keeps NaN
        self._kept[sample.key] = pixels
        self._size += pixels.nbytes
        while self._size > self._limit and len(self._kept) > 1:
            self._size -= self._kept.popitem(last=False)[1].nbytes
        return pixels
