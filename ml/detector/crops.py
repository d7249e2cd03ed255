"""Cuts training crops: the batch of step n is a function of the seed and n alone, so a resumed run sees what it would have seen."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ml.detector import targets
from ml.detector.config import DetectorConfig
from ml.detector.samples import Image, ImageCache, LabelledTrail, Points, Sample
from ml.detector.trace import trace
from sky import trails
from sky.simulate import inject_trail

TRAIL_FREE_MARGIN_PX = 8.0
BRIGHT_SIGMA, MOST_BRIGHT = 15.0, 2000


class Batch(NamedTuple):
    """B crops and what should be found in them."""

    image: Tensor  # (B, 1, S, S) sky sigmas, NaN = no data
    ridge: Tensor  # (B, K, h, w)
    weight: Tensor  # (B, K, h, w)
    orientation: Tensor  # (B, 2, h, w)
    asked: Tensor  # (B, K)


class NothingToLearn(Exception):
    """No sample can be used for training; the message says what is missing."""


class CropSampler:
    """Draws batches from the training samples.

    Used are: "yes" with marks (its other regions count as sky), "no", and "unknown" only if the config says so. A "yes"
    without marks is left out, since nobody said where the trail is.
    """

    def __init__(self, config: DetectorConfig, samples: Sequence[Sample]) -> None:
        """Choose the usable samples; raises NothingToLearn when there is none."""
        self.config = config
        self.cache = ImageCache(config.cache_mb)
        labels = {"no", "unknown"} if config.inject_into_unknown else {"no"}
        mine = sorted((s for s in samples if s.split == "train"), key=lambda s: s.key)
        self.positive = [s for s in mine if s.label == "yes" and s.trails]
        self.negative = [s for s in mine if s.label in labels and not s.trails]
        if not self.positive and not self.negative:
            raise NothingToLearn("The training split holds neither a cutout with marked trails nor a cutout without any.")
        self._traced: dict[str, tuple[LabelledTrail, ...]] = {}
        self._bright: dict[str, Points] = {}

    def batch(self, step: int) -> Batch:
        """Return the batch of a step, the same whenever it is asked for."""
        c = self.config
        rng = np.random.default_rng([c.seed, step])
        chosen = [self._draw_sample(rng) for _ in range(min(c.images_per_step, c.batch))]
        crops = [self._crop(chosen[i % len(chosen)], rng) for i in range(c.batch)]
        drawn = [targets.draw(found, (c.crop, c.crop), c, asked) for _, found, asked in crops]
        return Batch(
            torch.from_numpy(np.stack([pixels for pixels, _, _ in crops])[:, None]),
            torch.from_numpy(np.stack([t.ridge for t in drawn])),
            torch.from_numpy(np.stack([t.weight for t in drawn])),
            torch.from_numpy(np.stack([t.orientation for t in drawn])),
            torch.from_numpy(np.stack([t.asked for t in drawn])),
        )

    def _draw_sample(self, rng: np.random.Generator) -> Sample:
        """Half of the images show a trail, where there are both kinds."""
        u, pick = rng.random(), int(rng.integers(2**31))
        pool = self.positive if (u < 0.5 and self.positive) or not self.negative else self.negative
        return pool[pick % len(pool)]

    def _crop(self, sample: Sample, rng: np.random.Generator) -> tuple[Image, list[LabelledTrail], tuple[str, ...]]:
        c = self.config
        pixels = self.cache.get(sample)
        known = self._trails_of(sample)
        on_trail, on_bright = rng.random(2) < (c.on_trail_share, c.on_bright_share)
        about = _middle_of(known, rng) if known and on_trail else self._bright_place(sample, rng) if on_bright else None
        x0, y0 = _corner(pixels.shape, c.crop, about, rng)
        crop = _window(pixels, x0, y0, c.crop)
        found = [_shifted(t, x0, y0) for t in known]
        found = [t for t in found if _touches(t.points, c.crop)]
        asked = sample.asked
        if not found and rng.random() < c.inject_share:
            for _ in range(int(rng.choice([1, 2, 3], p=[0.6, 0.3, 0.1]))):
                crop, trail = _inject(crop, rng, c)
                found += [trail] if trail else []
        crop *= math.exp(rng.normal(0, c.gain_jitter))
        return *_turn(crop, found, int(rng.integers(8))), asked

    def _bright_place(self, sample: Sample, rng: np.random.Generator) -> Points | None:
        """Return a bright pixel: stars' spikes and long cosmic rays are what the network must learn not to take for trails."""
        if sample.key not in self._bright:
            y, x = np.nonzero(self.cache.get(sample) > BRIGHT_SIGMA)
            every = len(x) // MOST_BRIGHT + 1
            self._bright[sample.key] = np.column_stack([x, y])[::every].astype(float)
        places = self._bright[sample.key]
        return np.asarray(places[int(rng.integers(len(places)))]) if len(places) else None

    def _trails_of(self, sample: Sample) -> tuple[LabelledTrail, ...]:
        """Two-point marks are bent onto the light once per run."""
        if sample.key not in self._traced:
            self._traced[sample.key] = bend_marks(sample, self.cache) if self.config.trace_labels else sample.trails
        return self._traced[sample.key]


def bend_marks(sample: Sample, cache: ImageCache) -> tuple[LabelledTrail, ...]:
    """Replace two-point marks of a sample by the ridge between them, where one stands out."""
    if all(len(t.points) != 2 for t in sample.trails):
        return sample.trails
    pixels = cache.get(sample).astype(np.float32)
    return tuple(LabelledTrail(t.klass, trace(pixels, t.points[0], t.points[1]), t.weight) if len(t.points) == 2 else t for t in sample.trails)


def _inject(crop: Image, rng: np.random.Generator, config: DetectorConfig) -> tuple[Image, LabelledTrail | None]:
    klass = "satellite" if rng.random() < config.inject_satellite_share else "asteroid"
    if klass not in config.classes:
        return crop, None
    low, high = config.inject_snr
    snr = math.exp(rng.uniform(math.log(low), math.log(high)))
    made = inject_trail(crop, rng, klass=klass, snr=snr)
    if len(made.polyline) < 2 or trails.length(made.polyline) < config.min_length:
        return crop, None
    return made.image, LabelledTrail(klass, made.polyline)


def _middle_of(known: Sequence[LabelledTrail], rng: np.random.Generator) -> Points:
    """Return a place on one of the trails."""
    points = trails.resample(known[int(rng.integers(len(known)))].points, 4.0)
    return np.asarray(points[int(rng.integers(len(points)))])


def _corner(shape: tuple[int, ...], side: int, about: Points | None, rng: np.random.Generator) -> tuple[int, int]:
    """Return the corner (x0, y0) of a crop, around a place or anywhere; it lies inside the image where the image is large enough."""
    height, width = shape[0], shape[1]
    if about is None:
        x, y = rng.uniform(0, max(width - side, 0) + 1), rng.uniform(0, max(height - side, 0) + 1)
    else:
        x, y = about - side * rng.uniform(0.15, 0.85, size=2)
    return int(np.clip(x, 0, max(width - side, 0))), int(np.clip(y, 0, max(height - side, 0)))


def _window(pixels: NDArray[np.float16], x0: int, y0: int, side: int) -> Image:
    """Return (side, side) float32; what lies outside the image has no data."""
    crop = np.full((side, side), np.nan, np.float32)
    part = pixels[y0 : y0 + side, x0 : x0 + side]
    crop[: part.shape[0], : part.shape[1]] = part
    return crop


def _shifted(trail: LabelledTrail, x0: int, y0: int) -> LabelledTrail:
    return LabelledTrail(trail.klass, trail.points - [x0, y0], trail.weight)


def _touches(points: Points, side: int) -> bool:
    """Say whether a trail passes the crop or so near that its light does."""
    inside = trails.resample(points, 4.0)
    return bool(((inside > -TRAIL_FREE_MARGIN_PX) & (inside < side + TRAIL_FREE_MARGIN_PX)).all(axis=1).any())


def _turn(crop: Image, found: list[LabelledTrail], turn: int) -> tuple[Image, list[LabelledTrail]]:
    """Apply one of the eight flips and quarter turns of the square (0-7) to pixels and points alike."""
    last = crop.shape[0] - 1
    moved = [t.points.copy() for t in found]
    if turn & 1:
        crop, moved = crop[:, ::-1], [np.column_stack([last - p[:, 0], p[:, 1]]) for p in moved]
    if turn & 2:
        crop, moved = crop[::-1], [np.column_stack([p[:, 0], last - p[:, 1]]) for p in moved]
    if turn & 4:
        crop, moved = crop.T, [p[:, ::-1] for p in moved]
    turned = [LabelledTrail(t.klass, p, t.weight) for t, p in zip(found, moved, strict=True)]
    return np.ascontiguousarray(crop), turned
