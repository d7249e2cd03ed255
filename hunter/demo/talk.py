"""A few comments of simulated volunteers, so that Talk is not empty; each names itself as simulated."""

import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import talk.services
from hunter.demo.votes import VOTERS_PER_SUBJECT, demo_subjects, simulated_votes
from talk.viewers import Viewer

_NAMESPACE = uuid.UUID("0c7f7d9e-0c6b-4a53-8c58-8d0f0d4a9b11")
_WORDS = {
    "satellite": "Straight from edge to edge, so not an asteroid: #satellite (simulated volunteer)",
    "arc": "This one bends around a galaxy and has no gaps. #gravitational_lens? #arc (simulated volunteer)",
    "asteroid": "Curved, and broken where the shutter closed: #asteroid (simulated volunteer)",
}
_PER_CLASS = 3


@dataclass(frozen=True)
class SimulatedAccount:
    """Stands in for an account: simulated volunteers have none and may do nothing special."""

    is_authenticated: bool = True

    def has_perm(self, permission: str) -> bool:
        return False


def write_comments(*, now: datetime) -> int:
    """Write up to three comments for each kind of thing; safe to repeat, as each has a fixed request id."""
    written = 0
    left = dict.fromkeys(_WORDS, _PER_CLASS)
    for subject, _cutout, things in demo_subjects():
        klass = next((thing.klass for thing in things if left.get(thing.klass)), None)
        votes = simulated_votes().filter(subject=subject).order_by("volunteer__external_id") if klass else []
        voters = [vote.volunteer for vote in votes]
        if klass is None or len(voters) < VOTERS_PER_SUBJECT:
            continue
        draft = talk.services.Draft(body=_WORDS[klass], request_id=uuid.uuid5(_NAMESPACE, str(subject.public_id)))
        viewer = Viewer(user=SimulatedAccount(), volunteer=voters[subject.public_id % len(voters)])
        with suppress(talk.services.Conflict):  # somebody else has said it
            talk.services.comment_on_subject(viewer=viewer, subject=subject, draft=draft, now=now)
        left[klass] -= 1
        written += 1
    return written
