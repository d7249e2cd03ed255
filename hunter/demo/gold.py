"""Known answers of the sample sky: evident trails and empty images by the simulator's truth, and trails injected into empty ones."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import archive.services
import classify.selectors
import classify.services
from classify.injecting import Recipe
from hunter.demo.people import SeenThing
from hunter.demo.sky import SEED, read_truth, things_on
from hunter.demo.votes import demo_subjects

TRAINING, SEARCH = "training", "classify"
N_GOLD = {TRAINING: 8, SEARCH: 6}  # half with a trail, half without
N_INJECTED = {SEARCH: 6, TRAINING: 4}
RECIPES = {SEARCH: Recipe(snr=(1.5, 6.0), seed=SEED), TRAINING: Recipe(snr=(3.0, 10.0), seed=SEED)}  # easier for newcomers
TRAIL = {
    "en": "There is a trail: a short, slightly curved, broken line. It is broken because the telescope took several exposures.",
    "es": "Hay una traza: una línea corta, un poco curvada y partida. Está partida porque el telescopio hizo varias exposiciones.",
}
NOTHING = {
    "en": "There is no trail here. What looks like short sharp lines are cosmic rays that hit the camera.",
    "es": "Aquí no hay ninguna traza. Lo que parecen líneas cortas y nítidas son rayos cósmicos que chocaron con la cámara.",
}

TRAILS = {"asteroid", "satellite"}
Row = tuple[Any, Any, list[SeenThing]]  # subject, first cutout, true things on it


def add_gold(*, now: datetime) -> int:
    """Give evident and empty subjects their known answers in Training and in the search; safe to repeat."""
    evident, empty = _beyond_doubt(demo_subjects())
    made = 0
    for slug, n in N_GOLD.items():
        rows, evident, empty = evident[: n // 2] + empty[: n // 2], evident[n // 2 :], empty[n // 2 :]
        flow = classify.selectors.any_workflow(slug)
        if flow is not None:
            made += sum(_add(flow, *row, now=now) for row in rows)
    return made


def add_injected(*, now: datetime) -> int:
    """Inject trails into subjects without one, of which no answer is known; safe to repeat. Their 16-bit images are made first."""
    rows_left, made = _without_trails(demo_subjects()), 0
    for slug, n in N_INJECTED.items():
        rows, rows_left = rows_left[:n], rows_left[n:]
        flow = classify.selectors.any_workflow(slug)
        if flow is None:
            continue
        for _subject, cutout, _things in rows:
            archive.services.encode_cutout(cutout.pk, now=now)
        order = classify.services.InjectionOrder(flow, n, RECIPES[slug])
        made += classify.services.inject(order=order, parents=[subject.pk for subject, _cutout, _things in rows], now=now)
    return made


def _beyond_doubt(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Return the subjects with one evident trail, and those with nothing that could be taken for one, on any of their frames."""
    evident = [row for row in rows if len(row[2]) == 1 and row[2][0].klass == "asteroid" and row[2][0].snr > 4]
    empty = [row for row in rows if not row[2] and (row[1].valid_fraction or 1.0) > 0.95]
    truth = read_truth()
    return evident, [row for row in empty if not _klasses(row[0], truth)]


def _without_trails(rows: Sequence[Row]) -> list[Row]:
    """Return the subjects that no asteroid or satellite crosses, last ones first: gold is taken from the front."""
    truth = read_truth()
    kept = {subject.pk for known in _beyond_doubt(rows)[1][: sum(N_GOLD.values()) // 2] for subject in known[:1]}
    quiet = [row for row in rows if row[0].pk not in kept and not {thing.klass for thing in row[2]} & TRAILS]
    return [row for row in reversed(quiet) if (row[1].valid_fraction or 1.0) > 0.7 and not _klasses(row[0], truth) & TRAILS]


def _klasses(subject: Any, truth: dict[str, Any]) -> set[str]:
    """What lies on any frame of a subject."""
    cutouts = classify.selectors.cutouts_of(subject)
    return {thing.klass for cutout in cutouts for thing in things_on(cutout, truth.get(cutout.plane.exposure.observation_id, []))}


def _add(flow: Any, subject: Any, cutout: Any, things: list[SeenThing], *, now: datetime) -> bool:
    ends = [{"x1": t.points[0][0], "y1": t.points[0][1], "x2": t.points[-1][0], "y2": t.points[-1][1]} for t in things]
    words = TRAIL if things else NOTHING
    trail = "asteroid-interrupted" if len(cutout.plane.exposure.members) > 1 else "asteroid-curved"
    classify.services.add_gold(
        workflow=flow, subject=subject, answer="yes" if things else "no", marks=ends, explanation=words["en"], explanations={"es": words["es"]},
        guide=trail if things else "cosmic-ray", source="simulator", now=now,
    )  # fmt: skip
    return True
