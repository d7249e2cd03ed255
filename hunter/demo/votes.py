"""Simulated volunteers vote through the same service as people."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np

import classify.selectors
import classify.services
from hunter.demo.people import PEOPLE, SeenThing, vote
from hunter.demo.sky import SEED, read_truth, things_on

VOTERS_PER_SUBJECT = 10
LEFT_FOR_PEOPLE = 5  # each fifth subject is left open, so that whoever starts the site has something to classify
_NAMESPACE = uuid.UUID("6a0d1f0e-6b6e-4b5c-9d43-2f2b8e6a6d10")


def demo_subjects() -> list[tuple[Any, Any, list[SeenThing]]]:
    """Return (subject, cutout, true things on it) of the sample sky, in a fixed order."""
    truth = read_truth()
    rows = []
    for subject, cutout in classify.selectors.subjects_with_cutouts("classify", survey="sim"):
        things = list(things_on(cutout, truth.get(cutout.plane.exposure.observation_id, [])))
        rows.append((subject, cutout, things))
    return sorted(rows, key=lambda row: (row[1].plane.exposure.observation_id, row[1].y0, row[1].x0))


def cast_votes(*, now: datetime, say: Callable[[int, int], None]) -> int:
    """Let every simulated volunteer vote on most of the sample sky; the same votes each time, so that repeating adds nothing."""
    people = {person.name: classify.services.new_demo_volunteer(name=person.name, now=now) for person in PEOPLE}
    rows = demo_subjects()
    stored = 0
    for number, (subject, cutout, things) in enumerate(rows):
        say(number, len(rows))
        rng = np.random.default_rng([SEED, number])
        n_voters = VOTERS_PER_SUBJECT if number % LEFT_FOR_PEOPLE else int(rng.integers(0, 4))
        for person in rng.permutation(len(PEOPLE))[:n_voters]:
            who = PEOPLE[int(person)]
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
