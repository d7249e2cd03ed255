"""A volunteer's own record on subjects with a known answer. Only for themselves: callers ask for the volunteer who is looking."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch

from classify import feedback
from classify.crowd import consensus
from classify.crowd.consensus import Policy
from classify.models import Classification, GoldKey, Mark, Subject, Volunteer, Workflow
from core.bands import Share, share_of

MOST = 2000  # newest votes that are looked at
STEP = 10  # votes behind each point over time
FEWEST_STEPS = 2


@dataclass(frozen=True)
class Told:
    """One vote on a known answer, and what became of it."""

    at: datetime
    outcome: str
    right: bool
    positive: bool  # there was something to be seen
    located: bool | None = None  # one of its marks lies on a true line; None: where that is is not known
    magnitude: float | None = None
    snr: float | None = None

    @property
    def seen(self) -> bool:
        """Whether what was there was seen: a right answer about a line at another place, or about none, shows nothing of that."""
        return self.right and self.located is not False


@dataclass(frozen=True)
class Record:
    """How well somebody sees in one workflow."""

    workflow: Workflow
    told: Sequence[Told] = field(repr=False)

    @property
    def all(self) -> Share:
        return _share(self.told)

    @property
    def answered(self) -> Share:
        """Right answers where something was, wherever it was marked."""
        return _share(row for row in self.told if row.positive)

    @property
    def seen(self) -> Share:
        """Of what was there: the right answer and, where its place is known, a mark on it."""
        return _seen(row for row in self.told if row.positive)

    @property
    def empty(self) -> Share:
        """Of images with nothing of the kind."""
        return _share(row for row in self.told if not row.positive)

    @property
    def placed(self) -> Share:
        """Of what was seen at a known place: all ends in their places."""
        rows = [row for row in self.told if row.positive and row.right and row.located]
        return share_of(sum(row.outcome == feedback.RIGHT for row in rows), len(rows))

    @property
    def injected(self) -> int:
        return sum(row.magnitude is not None or row.snr is not None for row in self.told)

    @property
    def outcomes(self) -> list[tuple[str, int]]:
        """(outcome, how often), in the order of `feedback.OUTCOMES`."""
        counts = Counter(row.outcome for row in self.told)
        return [(outcome, counts[outcome]) for outcome in feedback.OUTCOMES if counts[outcome]]

    @property
    def by_magnitude(self) -> list[tuple[float, Share]]:
        """(middle of a bin of one magnitude, share seen) of injected trails, brightest first."""
        return _binned((row.magnitude, row) for row in self.told if row.magnitude is not None)

    @property
    def over_time(self) -> list[tuple[float, Share]]:
        """(number of the last vote, share right) of each ten votes on known answers, oldest first; what is left over joins the last ten."""
        steps = len(self.told) // STEP
        if steps < FEWEST_STEPS:
            return []
        edges = [step * STEP for step in range(steps)] + [len(self.told)]
        return [(float(end), _share(self.told[start:end])) for start, end in pairwise(edges)]


def record_of(volunteer: Volunteer | None) -> list[Record]:
    """The records of a volunteer, by the workflows' order; none for nobody. Four queries, however much there is."""
    if volunteer is None:
        return []
    known = GoldKey.objects.filter(workflow=OuterRef("workflow_id"), subject=OuterRef("subject_id"))
    votes = Classification.objects.filter(Exists(known), volunteer=volunteer, superseded_by__isnull=True).exclude(answer="")
    rows = votes.select_related("subject", "version", "workflow").prefetch_related(Prefetch("marks", Mark.objects.order_by("position")))
    newest = list(rows.order_by("-created_at", "-pk")[:MOST])
    keys = _keys(newest)
    told: dict[Workflow, list[Told]] = {}
    policies: dict[int, Policy] = {}
    for vote in reversed(newest):
        policy = policies.setdefault(vote.version_id, consensus.policy_from(vote.version.policy))
        told.setdefault(vote.workflow, []).append(_told(vote, keys[vote.workflow_id, vote.subject_id], policy))
    return [Record(flow, told[flow]) for flow in sorted(told, key=lambda flow: (flow.position, flow.slug))]


def _keys(votes: Iterable[Classification]) -> dict[tuple[int, int], GoldKey]:
    places = {(vote.workflow_id, vote.subject_id) for vote in votes}
    rows = GoldKey.objects.filter(workflow__in={flow for flow, _ in places}, subject__in={subject for _, subject in places})
    return {(row.workflow_id, row.subject_id): row for row in rows}


def _told(vote: Classification, key: GoldKey, policy: Policy) -> Told:
    judged = feedback.judge_marks(key, list(vote.marks.all()), policy)
    made: dict[str, Any] = vote.subject.metadata.get("injection", {}) if vote.subject.kind == Subject.Kind.INJECTED else {}
    return Told(
        at=vote.created_at,
        outcome=feedback.outcome_of(vote.answer, key, judged, policy),
        right=vote.answer == key.answer,
        positive=key.answer in policy.positive,
        located=judged.found > 0 if judged.truths else None,
        magnitude=made.get("magnitude"),
        snr=made.get("snr"),
    )


def _share(rows: Iterable[Told]) -> Share:
    right = [row.right for row in rows]
    return share_of(sum(right), len(right))


def _seen(rows: Iterable[Told]) -> Share:
    seen = [row.seen for row in rows]
    return share_of(sum(seen), len(seen))


def _binned(pairs: Iterable[tuple[float | None, Told]]) -> list[tuple[float, Share]]:
    bins: dict[int, list[Told]] = {}
    for value, row in pairs:
        bins.setdefault(int(value or 0.0), []).append(row)
    return [(number + 0.5, _seen(rows)) for number, rows in sorted(bins.items())]
