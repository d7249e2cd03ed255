"""Simulated volunteers vote through the same service as people."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import numpy as np

import classify.selectors
import classify.services
from hunter.demo.people import PEOPLE, SeenThing, SimulatedVolunteer, vote
from hunter.demo.sky import SEED, read_truth, things_on

VOTERS_PER_SUBJECT = 10
LEFT_FOR_PEOPLE = 5  # each fifth subject is left open, so that whoever starts the site has something to classify
CUTOUTS_PER_EXPOSURE = 4
_NAMESPACE = uuid.UUID("6a0d1f0e-6b6e-4b5c-9d43-2f2b8e6a6d10")

Row = tuple[Any, Any, list[SeenThing]]  # subject, first cutout, true things on it


def demo_subjects() -> list[Row]:
    """Return the subjects of the sample sky, ordered by exposure and place."""
    truth = read_truth()
    rows = []
    for subject, cutout in classify.selectors.subjects_with_cutouts("classify", survey="sim"):
        things = list(things_on(cutout, truth.get(cutout.plane.exposure.observation_id, [])))
        rows.append((subject, cutout, things))
    return sorted(rows, key=lambda row: (row[1].plane.exposure.observation_id, row[1].y0, row[1].x0))


def cast_votes(*, now: datetime, say: Callable[[int, int], None]) -> int:
    """Let simulated volunteers vote on most of the sample sky, each subject by its own dice: who has voted stays, and a larger sky only adds."""
    people = {person.name: classify.services.new_demo_volunteer(name=person.name, now=now) for person in PEOPLE}
    rows, voted, stored = demo_subjects(), _voted(), 0
    for number, (name, (subject, cutout, things)) in enumerate(zip(_names(rows), rows, strict=True)):
        say(number, len(rows))
        for who in _missing(name, voted[subject.pk]):
            rng = np.random.default_rng([SEED, *f"{name}/{who.name}".encode()])
            answer, marks = vote(who, things, valid_fraction=cutout.valid_fraction or 1.0, rng=rng)
            body = {
                "id": str(uuid.uuid5(_NAMESPACE, f"{subject.public_id}/{who.name}")),
                "workflow": "classify",
                "subject": subject.public_id,
                "answer": answer,
                "marks": [{"frame": 0, **mark} for mark in marks],
                "viewer": {"demo": True},
                "started_at": (now - timedelta(seconds=15)).isoformat(),
                "finished_at": now.isoformat(),
            }
            classify.services.record_classification(volunteer=people[who.name], body=body, now=now)
            stored += 1
    say(len(rows), len(rows))
    return stored


def _voted() -> defaultdict[int, set[str]]:
    """{subject's key: names of the simulated volunteers who have voted on it}."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for subject_id, name in simulated_votes().values_list("subject_id", "volunteer__external_id"):
        found[subject_id].add(name)
    return found


def simulated_votes() -> Any:
    """The standing votes of simulated volunteers in the search."""
    return classify.selectors.standing_votes("classify", demo=True).filter(volunteer__source="demo")


def _names(rows: Iterable[Row]) -> Iterator[str]:
    """What a subject is called whatever else there is: 'sim0012/3', the fourth of its exposure."""
    for exposure, members in groupby(rows, key=lambda row: row[1].plane.exposure.observation_id):
        yield from (f"{exposure}/{index}" for index, _row in enumerate(members))


def _missing(name: str, voted: Collection[str]) -> Iterator[SimulatedVolunteer]:
    """Yield who has still to vote on the subject of this name."""
    rng = np.random.default_rng([SEED, *name.encode()])
    exposure, index = (int(part.lstrip("simv")) for part in name.split("/"))
    is_open = (CUTOUTS_PER_EXPOSURE * (exposure - 1) + index) % LEFT_FOR_PEOPLE == 0
    n_voters = int(rng.integers(0, 4)) if is_open else VOTERS_PER_SUBJECT
    others = [PEOPLE[person] for person in rng.permutation(len(PEOPLE)) if PEOPLE[person].name not in voted]
    yield from others[: max(0, n_voters - len(voted))]
