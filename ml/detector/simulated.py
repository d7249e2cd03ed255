"""Samples from simulated skies: for the command line and for tests, where there are no people's labels."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from ml.detector.samples import Image, Label, LabelledTrail, Sample, split_of
from sky import cutouts, stretch
from sky.simulate import SimulatedExposure, inject_trail, sample_sky, simulate_exposure, truth_in_box


def plain_field(rng: np.random.Generator, side: int) -> Image:
    """Return a quick (side, side) field in sky sigmas: noise, stars, round galaxies, cosmic rays, no trail."""
    image = rng.standard_normal((side, side), dtype=np.float32)
    area = (side / 512) ** 2
    for _ in range(rng.poisson(40 * area)):
        _blob(image, rng, width=rng.uniform(0.8, 1.1), peak=float(np.exp(rng.uniform(1.0, 6.0))), squash=1.0)
    for _ in range(rng.poisson(25 * area)):
        _blob(image, rng, width=rng.uniform(2.0, 9.0), peak=float(np.exp(rng.uniform(0.5, 3.0))), squash=rng.uniform(0.25, 1.0))
    for _ in range(rng.poisson(30 * area)):
        x, y, angle, n = *rng.uniform(0, side - 1, 2), rng.uniform(0, np.pi), int(rng.geometric(0.2))
        steps = np.arange(n)
        xs, ys = (x + steps * np.cos(angle)).astype(int), (y + steps * np.sin(angle)).astype(int)
        inside = (xs >= 0) & (xs < side) & (ys >= 0) & (ys < side)
        image[ys[inside], xs[inside]] += float(np.exp(rng.uniform(1.5, 4.5)))
    return image


def _blob(image: Image, rng: np.random.Generator, *, width: float, peak: float, squash: float) -> None:
    """Add one elliptical Gaussian at a random place."""
    side = image.shape[0]
    x, y, angle = rng.uniform(0, side), rng.uniform(0, side), rng.uniform(0, np.pi)
    reach = int(5 * width) + 1
    rows = slice(max(int(y) - reach, 0), min(int(y) + reach + 1, side))
    cols = slice(max(int(x) - reach, 0), min(int(x) + reach + 1, side))
    v, u = np.mgrid[rows, cols].astype(np.float32)
    along, across = (u - x) * np.cos(angle) + (v - y) * np.sin(angle), -(u - x) * np.sin(angle) + (v - y) * np.cos(angle)
    image[rows, cols] += np.float32(peak) * np.exp(-0.5 * ((along / width) ** 2 + (across / (width * squash)) ** 2)).astype(np.float32)


def plain_samples(n: int, *, side: int = 512, seed: int = 0, trail_share: float = 0.5, snr: tuple[float, float] = (1.5, 12.0)) -> list[Sample]:
    """Return n samples on plain fields, the trails known exactly; drawn anew when their pixels are asked for."""
    return [_plain_sample(i, side, seed, trail_share, snr) for i in range(n)]


def _plain_sample(number: int, side: int, seed: int, trail_share: float, snr: tuple[float, float]) -> Sample:
    @lru_cache(maxsize=1)
    def make() -> tuple[Image, tuple[LabelledTrail, ...]]:
        rng = np.random.default_rng([seed, number])
        image = plain_field(rng, side)
        if rng.random() >= trail_share:
            return image, ()
        made = inject_trail(image, rng, snr=float(np.exp(rng.uniform(*np.log(snr)))))
        return made.image, (LabelledTrail(made.klass, made.polyline),)

    trails, group = make()[1], f"plain-{seed}-{number}"
    return Sample(group, group, lambda: make()[0], trails, "yes" if trails else "no", split_of(group))


def simulated_samples(n: int, folder: Path, *, seed: int = 1, size: int = 2100, said: Callable[[str], None] = lambda line: None) -> list[Sample]:
    """Return the cutouts of n simulated exposures, kept in `folder`, labelled as people who see well would.

    A trail too faint or short to be seen is not labelled, and a cutout without a labelled trail is a "no".
    """
    folder.mkdir(parents=True, exist_ok=True)
    found: list[Sample] = []
    for number, spec in enumerate(sample_sky(n, seed, size=size)):
        said(f"exposure {number + 1} of {n}")
        found += _samples_of(simulate_exposure(spec, seed + number), folder, f"{seed}-{size}-{spec.rootname}")
    return found


def as_marked(samples: Sequence[Sample], *, scatter_px: float = 2.0, seed: int = 5) -> list[Sample]:
    """Return the samples as the asteroid workflow would leave them: two marked ends, satellites not asked about."""
    return [_as_marked(s, np.random.default_rng([seed, number]), scatter_px) for number, s in enumerate(samples)]


def _as_marked(sample: Sample, rng: np.random.Generator, scatter_px: float) -> Sample:
    asteroids = [t for t in sample.trails if t.klass == "asteroid"]
    marks = tuple(LabelledTrail(t.klass, t.points[[0, -1]] + rng.normal(0, scatter_px, (2, 2))) for t in asteroids)
    return replace(sample, trails=marks, label="yes" if marks else "no", asked=("asteroid",))


def _samples_of(exposure: SimulatedExposure, folder: Path, name: str) -> list[Sample]:
    height, width = exposure.pixels.shape
    samples = []
    for number, box in enumerate(cutouts.plan(width, height, exposure.spec.pixel_scale_arcsec)):
        pixels = cutouts.cut(exposure.pixels, box)
        path = folder / f"{name}-{number}.npy"
        np.save(path, stretch.encode_u16(pixels, stretch.measure_sky(pixels)))
        seen = [t for t in truth_in_box(exposure.truth, box) if t.seen and t.klass in ("asteroid", "satellite")]
        trails = tuple(LabelledTrail(t.klass, t.points) for t in seen)
        label: Label = "yes" if trails else "no"
        samples.append(Sample(path.stem, name, partial(_read, path), trails, label, split_of(name)))
    return samples


def _read(path: Path) -> Image:
    return stretch.decode_u16(np.load(path))
