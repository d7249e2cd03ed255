"""The rows of the label export: one per subject of a workflow, made in chunks, each with the same few queries."""

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import F, QuerySet

import archive.selectors
import classify.selectors
from classify import weighing
from classify.crowd import consensus
from classify.crowd.consensus import Decision, MarkRow, Policy, TrailRow
from classify.models import Classification, Consensus, ConsensusTrail, Mark, Subject, SubjectFrame, SubjectStatus, Volunteer, Workflow

log = logging.getLogger(__name__)

CHUNK = 1000


@dataclass(frozen=True)
class Choice:
    """What is asked for. By default only finished subjects (retired, and their root not classified blind anywhere any more), without
    the votes of simulated volunteers and without imported votes."""

    workflow: Workflow
    everything: bool = False
    include_demo: bool = False
    include_imported: bool = False

    @property
    def kinds(self) -> list[str]:
        """The kinds of volunteers whose votes are in."""
        kinds = [Volunteer.Kind.PERSON, Volunteer.Kind.VISITOR]
        kinds += [Volunteer.Kind.DEMO] if self.include_demo else []
        return [*kinds, *([Volunteer.Kind.IMPORTED] if self.include_imported else [])]

    @property
    def all_votes(self) -> bool:
        return self.include_demo and self.include_imported


def answer_keys(workflow: Workflow) -> list[str]:
    """Return the answer keys of all versions of a workflow, each once, oldest version first."""
    versions = workflow.versions.order_by("major", "minor")
    return list(dict.fromkeys(str(answer["key"]) for version in versions for answer in version.answers))


def label_rows(choice: Choice, *, keys: Sequence[str] | None = None, after: int = 0, limit: int | None = None) -> Iterator[dict[str, Any]]:
    """Yield one row per subject in the order of pooling: name -> value. Lists are lists; times are ISO 8601 text in UTC.

    Subjects made by the software for calibration (kind injected) never appear; nor, unless `everything` is asked for, those that only
    votes left out by the choice have retired. `after`: the `_cursor` of the last row seen.
    Work is done in chunks of 1000 subjects, each with the same few queries, so that memory does not grow and no transaction stays open.
    """
    names = list(keys) if keys is not None else answer_keys(choice.workflow)
    left = limit
    while chunk := _chunk(choice, after):
        after = chunk[-1].pk
        shown = _shown(choice, chunk)
        facts = _facts(choice, shown)
        rows = [facts.row(choice.workflow.slug, status, names) for status in shown]
        kept = [row for status, row in zip(shown, rows, strict=True) if not _retired_by_others(choice, status, row)][:left]
        yield from kept
        if left is not None:
            left -= len(kept)
            if left <= 0:
                return


def _retired_by_others(choice: Choice, status: "_Status", row: Mapping[str, Any]) -> bool:
    """Say whether only votes that were not asked for retired this subject: then, for this choice, it is not retired at all."""
    return bool(status.n_demo and not choice.everything and not choice.all_votes and not row["settled"])


class _Status(NamedTuple):
    """A subject and its state in the workflow: plain values, since models cost more than all the rest."""

    pk: int
    subject_id: int
    public_id: int
    kind: str
    root_id: int | None
    state: str
    retired_at: datetime | None
    reason: str
    revision: int
    n_demo: int

    @property
    def root(self) -> int:
        return self.root_id or self.subject_id


def _chunk(choice: Choice, after: int) -> list[_Status]:
    rows = SubjectStatus.objects.filter(workflow=choice.workflow, pk__gt=after).exclude(subject__kind=Subject.Kind.INJECTED)
    if not choice.everything:
        rows = rows.filter(state=SubjectStatus.State.RETIRED)
    subject = ("subject_id", "subject__public_id", "subject__kind", "subject__root_id")
    values = rows.order_by("pk").values_list("pk", *subject, "state", "retired_at", "reason", "revision", "n_demo")
    return [_Status(*row) for row in values[:CHUNK]]


def _shown(choice: Choice, chunk: Sequence[_Status]) -> list[_Status]:
    """Leave out subjects whose root others still classify blind, unless everything is asked for; the one guard decides."""
    if choice.everything:
        return list(chunk)
    roots = {status.root for status in chunk}
    hidden = set(classify.selectors.hidden_roots(None).filter(pk__in=roots).values_list("pk", flat=True))
    return [status for status in chunk if status.root not in hidden]


# --- what belongs to the subjects of one chunk ---------------------------------------------------

_FRAME = {
    "observation_id": "cutout__plane__exposure__observation_id",
    "instrument": "cutout__plane__exposure__instrument",
    "filter": "cutout__plane__exposure__filter",
    "start_mjd": "cutout__plane__exposure__start_mjd",
    "plane": "cutout__plane__index",
    "cutout_x0": "cutout__x0",
    "cutout_y0": "cutout__y0",
    "cutout_width": "cutout__box_width",
    "cutout_height": "cutout__box_height",
    "cutout_bin": "cutout__bin",
    "ra_deg": "cutout__ra_deg",
    "dec_deg": "cutout__dec_deg",
}


class _Opinion(NamedTuple):
    """What the votes say of one subject."""

    counts: Mapping[str, int]
    decision: Decision
    settled: bool
    trails: Sequence[TrailRow]
    policy: str
    posterior: Mapping[str, float]
    trails_by: str = ""


@dataclass
class _Facts:
    """All that the rows of one chunk need, fetched with a constant number of queries."""

    frames: dict[int, dict[int, dict[str, Any]]] = field(default_factory=dict)  # subject -> position -> values
    opinions: dict[int, _Opinion] = field(default_factory=dict)

    def row(self, workflow: str, status: _Status, keys: Sequence[str]) -> dict[str, Any]:
        """Return the row of one subject."""
        frames = self.frames.get(status.subject_id, {})
        first = frames[min(frames)] if frames else {}
        opinion = self.opinions.get(status.subject_id, _NOTHING)
        total = sum(opinion.counts.values())
        counts = {key: opinion.counts.get(key, 0) for key in keys}
        return {
            "_cursor": status.pk,
            "subject_id": status.public_id,
            "workflow": workflow,
            "kind": status.kind,
            **{name: first.get(name) for name in _FRAME},
            "n_votes": total,
            **{f"count_{key}": n for key, n in counts.items()},
            **{f"fraction_{key}": round(n / total, 6) if total else None for key, n in counts.items()},
            **{f"posterior_{key}": _rounded(opinion.posterior.get(key)) for key in keys},
            "label": opinion.decision.label or None,
            "agreement": _rounded(opinion.decision.agreement),
            "settled": opinion.settled,
            "state": status.state,
            "retired_at": _time(status.retired_at),
            "reason": status.reason or None,
            **_trail_columns(opinion.trails, frames),
            "trails_by": opinion.trails_by or None,
            "policy": opinion.policy or None,
            "revision": status.revision,
        }


_NOTHING = _Opinion({}, Decision("", {}, None, False, ""), False, (), "", {})


def _facts(choice: Choice, statuses: Sequence[_Status]) -> _Facts:
    ids = [status.subject_id for status in statuses]
    facts = _Facts()
    frames: dict[int, dict[int, dict[str, Any]]] = defaultdict(dict)
    rows = SubjectFrame.objects.filter(subject_id__in=ids).order_by()
    columns = {name: F(path) for name, path in _FRAME.items()}
    for values in rows.values("subject_id", "position", "cutout_id", **columns):
        frames[values["subject_id"]][values["position"]] = dict(values)
    facts.frames = frames
    mixed = [] if choice.all_votes else [status for status in statuses if status.n_demo]
    aside = {status.subject_id for status in mixed}
    facts.opinions = _stored(choice, [pk for pk in ids if pk not in aside]) | _recounted(choice, mixed)
    return facts


def _stored(choice: Choice, ids: Sequence[int]) -> dict[int, _Opinion]:
    """The consensus as it stands, where every counted vote is asked for."""
    trails: dict[int, list[TrailRow]] = defaultdict(list)
    marked = ConsensusTrail.objects.filter(consensus__workflow=choice.workflow, consensus__subject_id__in=ids, consensus__method__in=consensus.RULES)
    columns = ("consensus__subject_id", "frame", "x1", "y1", "x2", "y2", "scatter_px", "n_markers")
    for subject, *trail in marked.order_by("consensus_id", "position").values_list(*columns):
        trails[subject].append(TrailRow(*trail))
    rows = Consensus.objects.filter(workflow=choice.workflow, subject_id__in=ids, method__in=consensus.RULES)
    columns = ("subject_id", "counts", "label", "agreement", "settled", "policy", "posterior", "trails_by")
    return {
        subject: _Opinion(counts, Decision(label, {}, agreement, False, ""), settled, trails.get(subject, ()), policy, posterior, by)
        for subject, counts, label, agreement, settled, policy, posterior, by in rows.values_list(*columns)
    }


def _recounted(choice: Choice, statuses: Sequence[_Status]) -> dict[int, _Opinion]:
    """Where some of the votes are not asked for, decide again without them, by the same rule.

    Such a label is settled only if the remaining votes would have retired the subject.
    """
    version = choice.workflow.current_version
    if not statuses or version is None:
        return {}
    policy = consensus.policy_from(version.policy)
    ids = [status.subject_id for status in statuses]
    tallies: dict[int, dict[str, int]] = {pk: {} for pk in ids}
    evidence: dict[int, dict[str, float]] = {pk: {} for pk in ids}
    for subject, answer, vector in _asked_votes(choice, ids).order_by().values_list("subject_id", "answer", "log_likelihood"):
        tallies[subject][answer] = tallies[subject].get(answer, 0) + 1
        evidence[subject] = consensus.add_vector(evidence[subject], vector, 1)
    marks = _marks(choice, ids, policy)
    opinions = {}
    for status in statuses:
        tally, lines = tallies[status.subject_id], marks[status.subject_id]
        posterior = weighing.posterior_from(choice.workflow, evidence[status.subject_id])
        decision = consensus.decide(tally, policy, posterior, n_markers=len({line.person for line in lines}))
        settled = status.state == SubjectStatus.State.RETIRED and decision.retire
        name, trails = f"{version.label} {policy.rule}", consensus.cluster_marks(lines, policy)
        by = Consensus.TrailsBy.LINKED if lines else ""
        opinions[status.subject_id] = _Opinion(tally, decision, settled, trails, name, posterior if tally else {}, by)
    return opinions


def _asked_votes(choice: Choice, ids: Sequence[int]) -> QuerySet[Classification]:
    """Standing, counted votes of the kinds of volunteers that are asked for."""
    votes = Classification.objects.filter(workflow=choice.workflow, subject_id__in=ids, counted=True, superseded_by__isnull=True)
    return votes.filter(volunteer__kind__in=choice.kinds).exclude(answer="")


def _marks(choice: Choice, ids: Sequence[int], policy: Policy) -> dict[int, list[MarkRow]]:
    marks: dict[int, list[MarkRow]] = defaultdict(list)
    votes = _asked_votes(choice, ids).filter(answer__in=policy.positive).values("pk")
    rows = Mark.objects.filter(classification__in=votes).order_by("classification_id", "position")
    columns = ("classification__subject_id", "classification__volunteer_id", "frame", "x1", "y1", "x2", "y2")
    for subject, person, frame, x1, y1, x2, y2 in rows.values_list(*columns):
        marks[subject].append(MarkRow(person, frame, x1, y1, x2, y2))
    return marks


# --- values --------------------------------------------------------------------------------------


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 6)


def _time(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None


def _trail_columns(trails: Sequence[TrailRow], frames: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    """Trails as parallel lists. `trails_deg` is empty unless the ends of every trail have sky coordinates."""
    by_frame = {frame: [trail for trail in trails if trail.frame == frame] for frame in dict.fromkeys(trail.frame for trail in trails)}
    degrees = {id(trail): ends for frame, group in by_frame.items() for trail, ends in _degrees(group, frames.get(frame))}
    return {
        "trail_count": len(trails),
        "trails_frame": [trail.frame for trail in trails],
        "trails_px": [[round(value, 2) for value in (trail.x1, trail.y1, trail.x2, trail.y2)] for trail in trails],
        "trails_deg": [degrees[id(trail)] for trail in trails] if len(degrees) == len(trails) else [],
        "trails_scatter_px": [round(trail.scatter_px, 2) for trail in trails],
        "trails_markers": [trail.n_markers for trail in trails],
    }


def _degrees(trails: Sequence[TrailRow], frame: Mapping[str, Any] | None) -> list[tuple[TrailRow, list[float]]]:
    """The ends of trails on one frame on the sky (ra1, dec1, ra2, dec2) by the full WCS, to 1e-8 degrees; nothing without one."""
    if frame is None or frame["ra_deg"] is None:
        return []
    x, y = [[t.x1, t.x2] for t in trails], [[t.y1, t.y2] for t in trails]
    try:
        sky = archive.selectors.sky_of(frame["cutout_id"], x, y)
    except OSError as error:
        log.warning("labels: no sky coordinates for cutout %s: %s", frame["cutout_id"], error)
        return []
    if sky is None:
        return []
    ra, dec = (values.round(8).tolist() for values in sky)
    return [(trail, [ra[n][0], dec[n][0], ra[n][1], dec[n][1]]) for n, trail in enumerate(trails)]
