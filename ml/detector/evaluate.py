"""How good is it: precision, recall, average precision and end errors on images it has not learnt from.

The rule ("frag"): a find is right when at least 60 % of it lies within 8 px of one true trail and it is at least 20 % as
long; further fragments of a trail already found are neither right nor wrong. Trails may be labelled curved or by two ends.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ml.detector.crops import bend_marks
from ml.detector.decode import Candidate
from ml.detector.predict import Detector
from ml.detector.samples import Image, ImageCache, LabelledTrail, Points, Sample
from ml.detector.trace import measure
from sky import trails

TOLERANCE_PX = 8.0
ON_TRAIL_SHARE, LENGTH_SHARE = 0.6, 0.2
EVIDENT_CONTRAST = 2.0  # sky sigmas over three pixels across: a ridge of about 2.5 sigma
CURVE_POINTS = 40
Find = tuple[float, str, Points]  # score, class, points


@dataclass(frozen=True)
class Judged:
    """One find held against the truth of its image."""

    score: float
    trail: int | None  # number of the true trail it lies on
    again: bool  # a better find lies on the same trail


@dataclass(frozen=True)
class ImageResult:
    """All finds of one image and what became of its trails."""

    judged: tuple[Judged, ...]  # best first
    contrasts: tuple[float, ...]  # of its trails, sky sigmas; infinite where it was not measured
    end_errors_px: tuple[float, ...]  # of the best find on each found trail: the larger of its two ends


def judge(finds: Sequence[Find], truth: Sequence[LabelledTrail], contrasts: Sequence[float] | None = None) -> ImageResult:
    """Hold the finds of one image against its trails, best score first."""
    judged: list[Judged] = []
    taken: set[int] = set()
    ends: list[float] = []
    for score, klass, points in sorted(finds, key=lambda f: -f[0]):
        number = next((i for i, t in enumerate(truth) if t.klass == klass and lies_on(points, t.points)), None)
        judged.append(Judged(score, number, number in taken))
        if number is not None and number not in taken:
            taken.add(number)
            ends.append(trails.end_distance(points, truth[number].points))
    return ImageResult(tuple(judged), tuple(contrasts or [math.inf] * len(truth)), tuple(ends))


def lies_on(points: Points, trail: Points) -> bool:
    """Say whether a find is (part of) a trail, by the rule at the top of the file."""
    # Length against length: near a short find the tolerance alone would cover much of a trail.
    long_enough = trails.length(points) >= LENGTH_SHARE * trails.length(trail)
    return long_enough and trails.covered(points, trail, tolerance_px=TOLERANCE_PX) >= ON_TRAIL_SHARE


def measures(results: Sequence[ImageResult], *, from_contrast: float = 0.0) -> dict[str, Any]:
    """Return AP, the best-F1 point, the precision-recall curve and more, as plain JSON values.

    Trails fainter than `from_contrast` count neither as missed nor, where found, as right or wrong.
    """
    finds = sorted((j for r in results for j in _counted(r, from_contrast)), key=lambda j: -j.score)
    n_trails = sum(c >= from_contrast for r in results for c in r.contrasts)
    right = np.array([j.trail is not None for j in finds], dtype=bool)
    hits, wrong = np.cumsum(right), np.cumsum(~right)
    recall, precision = hits / max(n_trails, 1), hits / np.maximum(hits + wrong, 1)
    f1 = 2 * recall * precision / np.maximum(recall + precision, 1e-9)
    best = int(f1.argmax()) if len(f1) else -1
    ends = [e for r in results for e in r.end_errors_px]
    return {
        "cutouts": len(results),
        "trails": n_trails,
        "finds": len(finds),
        "ap": _average_precision(right, precision, n_trails),
        "precision": float(precision[best]) if finds else None,
        "recall": float(recall[best]) if finds else 0.0,
        "f1": float(f1[best]) if finds else 0.0,
        "threshold": _below([j.score for j in finds], best) if finds else 0.5,
        "false_per_cutout": float(wrong[best] / max(len(results), 1)) if finds else 0.0,
        "end_error_median_px": float(np.median(ends)) if ends else None,
        "curve": _curve(recall, precision, [j.score for j in finds]),
    }


def at_threshold(results: Sequence[ImageResult], threshold: float, *, from_contrast: float = 0.0) -> dict[str, Any]:
    """Return precision, recall and false finds per cutout where only scores from `threshold` up count."""
    finds = [j for r in results for j in _counted(r, from_contrast) if j.score >= threshold]
    hits, n_trails = sum(j.trail is not None for j in finds), sum(c >= from_contrast for r in results for c in r.contrasts)
    return {
        "threshold": threshold,
        "trails": n_trails,
        "precision": hits / len(finds) if finds else None,
        "recall": hits / n_trails if n_trails else None,
        "false_per_cutout": (len(finds) - hits) / max(len(results), 1),
    }


def _counted(result: ImageResult, from_contrast: float) -> list[Judged]:
    return [j for j in result.judged if not j.again and (j.trail is None or result.contrasts[j.trail] >= from_contrast)]


def _below(scores: Sequence[float], last: int) -> float:
    """Return a threshold half way between the last accepted score and the next, so that it does not hang on one find."""
    return (scores[last] + scores[last + 1]) / 2 if last + 1 < len(scores) else scores[last] * 0.95


def _average_precision(right: np.ndarray[Any, Any], precision: np.ndarray[Any, Any], n_trails: int) -> float | None:
    """Return the area under the curve of best precision at each recall or beyond; None without a trail."""
    if n_trails == 0:
        return None
    if len(right) == 0:
        return 0.0
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(envelope[right].sum() / n_trails)


def _curve(recall: np.ndarray[Any, Any], precision: np.ndarray[Any, Any], score: Sequence[float]) -> list[list[float]]:
    """Return at most CURVE_POINTS rows of recall, precision, score."""
    if not score:
        return []
    at = np.unique(np.linspace(0, len(score) - 1, min(CURVE_POINTS, len(score))).round().astype(int))
    return [[round(float(recall[i]), 4), round(float(precision[i]), 4), round(float(score[i]), 4)] for i in at]


def judgeable(samples: Sequence[Sample], klass: str) -> list[Sample]:
    """Return the samples whose truth about a class is known: "no", or "yes" with marks; in order of key."""
    usable = (s for s in samples if s.label == "no" or (s.label == "yes" and s.trails))
    return sorted((s for s in usable if klass in s.asked), key=lambda s: s.key)


@dataclass(frozen=True, eq=False)
class Searched:
    """One image after the detector, with its truth."""

    sample: Sample
    image: Image
    candidates: list[Candidate]
    truth: tuple[LabelledTrail, ...]  # marks bent onto the light
    contrasts: tuple[float, ...]  # of the trails, sky sigmas

    def judge(self, finds: Sequence[Find], klass: str) -> ImageResult:
        """Hold finds of one class against the truth of that class."""
        mine = [(t, c) for t, c in zip(self.truth, self.contrasts, strict=True) if t.klass == klass]
        return judge([f for f in finds if f[1] == klass], [t for t, _ in mine], [c for _, c in mine])


def search(detector: Detector, samples: Sequence[Sample], between: Callable[[int], None] = lambda done: None) -> Iterator[Searched]:
    """Yield each sample with what was found in it; `between` is told how many are done."""
    cache = ImageCache(0)
    for number, sample in enumerate(samples):
        between(number)
        truth = bend_marks(sample, cache) if detector.config.trace_labels else sample.trails
        image = sample.image()
        yield Searched(sample, image, detector.candidates(image), truth, tuple(measure(image, t.points).contrast for t in truth))


def evaluate(
    detector: Detector,
    samples: Sequence[Sample],
    *,
    baseline: Callable[[Image], list[Find]] | None = None,
    between: Callable[[int], None] = lambda done: None,
) -> dict[str, Any]:
    """Return the measures per class, at its own best threshold and at the detector's, as JSON values.

    "evident" leaves out trails below EVIDENT_CONTRAST. `baseline`, an image -> finds function, is measured on the same
    images for comparison (first class).
    """
    classes = detector.config.classes
    results: dict[str, list[ImageResult]] = {klass: [] for klass in classes}
    plain: list[ImageResult] = []
    known = {s.key for klass in classes for s in judgeable(samples, klass)}
    for searched in search(detector, sorted((s for s in samples if s.key in known), key=lambda s: s.key), between):
        finds = [(detector.calibration.score(c), c.klass, c.points) for c in searched.candidates]
        for klass in set(classes) & set(searched.sample.asked):
            results[klass].append(searched.judge(finds, klass))
        if baseline is not None and classes[0] in searched.sample.asked:
            plain.append(searched.judge(baseline(searched.image), classes[0]))
    report = {klass: _report(found, detector.threshold) for klass, found in results.items() if found}
    return report | ({"baseline": measures(plain)} if baseline is not None else {})


def _report(results: Sequence[ImageResult], threshold: float) -> dict[str, Any]:
    evident = measures(results, from_contrast=EVIDENT_CONTRAST)
    del evident["curve"]
    live = {"live": at_threshold(results, threshold), "live_evident": at_threshold(results, threshold, from_contrast=EVIDENT_CONTRAST)}
    return measures(results) | {"evident": evident} | live


def summary(report: Mapping[str, Any], klass: str = "asteroid") -> dict[str, float]:
    """Return the handful of numbers that fit into a progress line."""
    mine = report.get(klass, {})
    wanted = ("ap", "precision", "recall", "end_error_median_px", "false_per_cutout")
    return {name: round(float(mine[name]), 4) for name in wanted if mine.get(name) is not None}
