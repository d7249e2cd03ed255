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
from hunter.demo.votes import Row, demo_subjects, simulated_votes

TRAINING, SEARCH = "training", "classify"
N_GOLD = {TRAINING: 8, SEARCH: 6}  # half with a trail, half without
N_INJECTED = {TRAINING: 4, SEARCH: 6}  # a small sky has room for few: first for those who learn
RECIPES = {SEARCH: Recipe(snr=(1.5, 6.0), seed=SEED), TRAINING: Recipe(snr=(3.0, 10.0), seed=SEED)}  # easier for newcomers
TRAIL = {
    "en": "There is a trail: a short, slightly curved, broken line. It is broken because the telescope took several exposures.",
    "es": "Hay una traza: una línea corta, un poco curvada y partida. Está partida porque el telescopio hizo varias exposiciones.",
}
NOTHING = {
    "en": "There is no asteroid trail here. Short sharp lines are cosmic rays; a long straight one would be a satellite.",
    "es": "Aquí no hay ninguna traza de asteroide. Las líneas cortas y nítidas son rayos cósmicos; una larga y recta sería un satélite.",
}

ASTEROID = "asteroid"
TRAILS = {ASTEROID, "satellite"}


def add_gold(*, now: datetime) -> int:
    """Give subjects their known answers in Training and in the search, evident and empty ones first; what is there already stays.

    On a very small sky nothing may be beyond doubt: Training then gets the best there is, a trail and an image without one.
    """
    rows, made = demo_subjects(), 0
    kinds = _by_truth(rows)
    for slug, n in N_GOLD.items():
        flow = classify.selectors.any_workflow(slug)
        mine = _known(slug)
        counted = set(simulated_votes().values_list("subject_id", flat=True)) if slug == SEARCH else set()
        taken = _known() | counted  # what is counted stays counted
        for all_of_kind, beyond_doubt in kinds if flow else ():
            there = sum(row[0].pk in mine for row in all_of_kind)
            chosen = [row for row in beyond_doubt if row[0].pk not in taken][: max(0, n // 2 - there)]
            if slug == TRAINING and not (there or chosen):
                chosen = [row for row in all_of_kind if row[0].pk not in taken][:1]
            for row in chosen:
                _add(flow, *row, now=now)
            made += len(chosen)
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


def _by_truth(rows: Sequence[Row]) -> list[tuple[list[Row], list[Row]]]:
    """Return for "there is a trail" and for "there is none" (all such subjects, best first; of these, the ones beyond doubt, in order)."""
    truth = read_truth()
    klasses = {row[0].pk: _klasses(row[0], truth) for row in rows}
    trails = [row for row in rows if any(thing.klass == ASTEROID for thing in row[2])]
    none = [row for row in rows if ASTEROID not in klasses[row[0].pk]]  # on none of its frames
    evident = [row for row in trails if len(row[2]) == 1 and row[2][0].snr > 4]
    empty = [row for row in none if not klasses[row[0].pk] and (row[1].valid_fraction or 1.0) > 0.95]
    trails.sort(key=lambda row: -min(thing.snr for thing in row[2] if thing.klass == ASTEROID))
    none.sort(key=lambda row: len(klasses[row[0].pk]))
    return [(trails, evident), (none, empty)]


def _known(slug: str = "") -> set[int]:
    """Keys of the subjects whose answer is known, in one workflow or in any."""
    sets = classify.selectors.sets_by_purpose("gold")
    return set((sets.filter(slug=f"gold-{slug}") if slug else sets).values_list("members__subject_id", flat=True))


def _without_trails(rows: Sequence[Row]) -> list[Row]:
    """Return the subjects that no asteroid or satellite crosses and whose answer is not a known one, last ones first."""
    truth, known = read_truth(), _known()
    quiet = [row for row in reversed(rows) if row[0].pk not in known and (row[1].valid_fraction or 1.0) > 0.7]
    return [row for row in quiet if not _klasses(row[0], truth) & TRAILS]


def _klasses(subject: Any, truth: dict[str, Any]) -> set[str]:
    """What lies on any frame of a subject."""
    cutouts = classify.selectors.cutouts_of(subject)
    return {thing.klass for cutout in cutouts for thing in things_on(cutout, truth.get(cutout.plane.exposure.observation_id, []))}


def _add(flow: Any, subject: Any, cutout: Any, things: list[SeenThing], *, now: datetime) -> None:
    lines = [thing.points for thing in things if thing.klass == ASTEROID]
    ends = [{"x1": line[0][0], "y1": line[0][1], "x2": line[-1][0], "y2": line[-1][1]} for line in lines]
    words = TRAIL if lines else NOTHING
    trail = "asteroid-interrupted" if len(cutout.plane.exposure.members) > 1 else "asteroid-curved"
    classify.services.add_gold(
        workflow=flow, subject=subject, answer="yes" if lines else "no", marks=ends, explanation=words["en"], explanations={"es": words["es"]},
        guide=trail if lines else "cosmic-ray", source="simulator", now=now,
    )  # fmt: skip
