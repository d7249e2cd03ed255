"""The recipe of a training set: what people said about cutouts becomes one labelled row per cutout. Pure functions of plain data.

Rules, in the words of the recipe:
* a cutout with an agreed or confirmed trail is "yes"; a Yes on which nobody's marks agree stays "yes" without trails, which the trainer leaves out;
* a cutout with nothing but No, or whose finds were all rejected, or in a set of purpose `negative`, is "no"; the latter two are hard negatives;
* where a trail that people agreed on lies on a find that people rejected, the cutout is left out as a conflict;
* cutouts of gold and evaluation sets never enter, of evaluation sets not even others of the same exposure;
* the split is by exposure, by a stable hash, so an exposure never changes sides.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext as _

from ml.detector.samples import split_of
from sky import trails

RECIPE_VERSION = 1
CONFIRMED_WEIGHT = 2.0  # a trail that was marked, found and confirmed counts twice
HARD_NEGATIVE_REPEAT = 3  # times a rejected cutout is shown for once of an ordinary one
SAME_PLACE_PX, SAME_PLACE_SHARE = 10.0, 0.5  # two lines are one trail: about twice the scatter of people's ends
NEEDED = {"yes": 5, "no": 5, "exposures": 3}  # below this nothing useful can be learnt

Row = dict[str, Any]


@dataclass(frozen=True)
class FactTrail:
    """A line people agreed on: class, points [[x, y], ...] in cutout pixels, weight."""

    klass: str
    points: tuple[tuple[float, float], ...]
    weight: float = 1.0


@dataclass(frozen=True)
class Fact:
    """One thing people decided about a cutout, with the revision that says so."""

    cutout_id: int
    exposure_id: int
    source: str  # slug of the workflow, or "review", "negative"
    says: Literal["yes", "no"]
    asked: tuple[str, ...]  # classes it speaks about
    origin: str  # "review find:77 revision 3"
    trails: tuple[FactTrail, ...] = ()
    rejected: tuple[FactTrail, ...] = ()  # places where people saw nothing of the kind


class TooFewLabels(Exception):
    """There is not enough to learn from; the message says how many of what are there and how many are needed."""

    def __init__(self, have: Mapping[str, int]) -> None:
        self.have = dict(have)
        super().__init__(
            _(
                "Too few labels to train on: %(yes)d of %(yes_needed)d cutouts with agreed trails, %(no)d of %(no_needed)d cutouts without a "
                "trail, from %(exposures)d of %(exposures_needed)d exposures. Nothing was started; more votes are needed."
            )
            % {**have, **{f"{name}_needed": n for name, n in NEEDED.items()}}
        )


def build_rows(facts: Iterable[Fact], *, barred_cutouts: frozenset[int], barred_exposures: frozenset[int]) -> tuple[list[Row], int]:
    """Return (rows in order of cutout, number of conflicts left out)."""
    by_cutout: dict[int, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.cutout_id not in barred_cutouts and fact.exposure_id not in barred_exposures:
            by_cutout[fact.cutout_id].append(fact)
    rows = [merge(sorted(by_cutout[cutout_id], key=lambda f: f.origin)) for cutout_id in sorted(by_cutout)]
    kept = [row for row in rows if row is not None]
    return kept, len(rows) - len(kept)


def merge(facts: Sequence[Fact]) -> Row | None:
    """Return the row of one cutout, or None where people contradict each other about one place."""
    found = _distinct([t for f in facts for t in f.trails])
    rejected = [t for f in facts for t in f.rejected]
    if any(same_place(a.points, b.points) for a in found for b in rejected):
        return None
    says = "yes" if found or any(f.says == "yes" for f in facts) else "no"
    first = facts[0]
    return {
        "cutout": first.cutout_id,
        "exposure": first.exposure_id,
        "split": split_of(str(first.exposure_id)),
        "label": says,
        "asked": sorted({klass for f in facts for klass in f.asked} | {t.klass for t in found}),
        "trails": [{"klass": t.klass, "points": [[round(x, 2), round(y, 2)] for x, y in t.points], "weight": round(t.weight, 3)} for t in found],
        "hard": says == "no" and any(f.source in {"review", "negative"} for f in facts),
        "sources": sorted({f.source for f in facts}),
        "origins": [f.origin for f in facts],
    }


def _distinct(found: list[FactTrail]) -> list[FactTrail]:
    """Keep one line per place, the heaviest first (a confirmed curve before two clicked ends)."""
    kept: list[FactTrail] = []
    for trail in sorted(found, key=lambda t: (-t.weight, t.points)):
        if not any(same_place(trail.points, other.points) for other in kept):
            kept.append(trail)
    return kept


def same_place(a: Sequence[Sequence[float]], b: Sequence[Sequence[float]]) -> bool:
    """Say whether two lines mark one trail, whatever they call it."""
    return trails.matches(a, b, tolerance_px=SAME_PLACE_PX, coverage=SAME_PLACE_SHARE)


def counts(rows: Sequence[Row]) -> dict[str, Any]:
    """Return how many rows say what: {"label": {...}, "split": {...}, "source": {...}, "trails": n, "exposures": n, ...}."""
    marked = [r for r in rows if r["trails"]]
    return {
        "label": dict(sorted(Counter(r["label"] for r in rows).items())),
        "split": dict(sorted(Counter(f"{r['split']} {r['label']}" for r in rows).items())),
        "source": dict(sorted(Counter(source for r in rows for source in r["sources"]).items())),
        "class": dict(sorted(Counter(t["klass"] for r in rows for t in r["trails"]).items())),
        "marked": len(marked),
        "unmarked_yes": sum(r["label"] == "yes" and not r["trails"] for r in rows),
        "hard": sum(r["hard"] for r in rows),
        "exposures": len({r["exposure"] for r in rows}),
    }


def check_enough(rows: Sequence[Row]) -> None:
    """Raise TooFewLabels unless something useful can be learnt."""
    have = {
        "yes": sum(bool(r["trails"]) for r in rows),
        "no": sum(r["label"] == "no" for r in rows),
        "exposures": len({r["exposure"] for r in rows}),
    }
    if any(have[name] < needed for name, needed in NEEDED.items()):
        raise TooFewLabels(have)


def recipe(*, seed: int, include_demo: bool) -> dict[str, Any]:
    """Return what was taken and how, as stored with the set and hashed with its rows."""
    return {
        "version": RECIPE_VERSION,
        "seed": seed,
        "demo_votes": include_demo,
        "split": "by exposure: sha256, 15 % test, 15 % val, 70 % train",
        "confirmed_weight": CONFIRMED_WEIGHT,
        "hard_negative_repeat": HARD_NEGATIVE_REPEAT,
        "same_place": {"px": SAME_PLACE_PX, "share": SAME_PLACE_SHARE},
        "yes_without_marks": "left out",
        "left_out": ["gold sets", "evaluation sets and their exposures", "conflicts", "impossible", "no consensus"],
    }


def manifest(rows: Sequence[Row]) -> bytes:
    """Return the rows as canonical JSON Lines: sorted keys, no blanks, in order of cutout."""
    lines = (json.dumps(row, sort_keys=True, separators=(",", ":")) for row in sorted(rows, key=lambda r: r["cutout"]))
    return "".join(f"{line}\n" for line in lines).encode()


def set_hash(rows: Sequence[Row], how: Mapping[str, Any]) -> str:
    """Return the SHA-256 of recipe and rows (64 hexadecimal digits)."""
    digest = hashlib.sha256(json.dumps(how, sort_keys=True, separators=(",", ":")).encode())
    digest.update(b"\n" + manifest(rows))
    return digest.hexdigest()
