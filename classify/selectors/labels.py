"""What the votes say, for exports, the detector, and pages. All read-only."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, QuerySet
from django.db.models.functions import Coalesce

from classify.crowd import consensus
from classify.models import Classification, Consensus, SubjectStatus, Workflow

_CHUNK = 500


def labels(workflow: str | None = None, *, settled: bool = True, demo: bool = False) -> QuerySet[Consensus]:
    """Consensus rows of people's votes with workflow and subject, by id. `settled`: of retired subjects only.

    Rows that demo or imported volunteers had a part in stay out unless `demo`.
    """
    rows = Consensus.objects.filter(method__in=consensus.RULES).select_related("workflow", "subject__root").order_by("pk")
    if workflow:
        rows = rows.filter(workflow__slug=workflow)
    if settled:
        rows = rows.filter(settled=True)
    return rows if demo else rows.filter(n_demo=0)


def retirements(workflow: str | None = None) -> QuerySet[SubjectStatus]:
    """States of subjects in workflows: retired or not, when and why."""
    rows = SubjectStatus.objects.select_related("workflow").order_by("pk")
    return rows.filter(workflow__slug=workflow) if workflow else rows


def standing_votes(workflow: str | None = None, *, demo: bool = False) -> QuerySet[Classification]:
    """Votes that stand, with volunteer, subject and workflow, in the order they came."""
    rows = Classification.objects.filter(superseded_by__isnull=True).exclude(answer="").select_related("workflow", "subject", "volunteer", "version")
    if workflow:
        rows = rows.filter(workflow__slug=workflow)
    return (rows if demo else rows.exclude(volunteer__kind__in=["demo", "imported"])).order_by("created_at", "id")


def consensus_rows(
    workflow: str, *, now: datetime | None = None, demo: bool = True, cutout_ids: Iterable[int] | None = None
) -> Iterator[dict[str, Any]]:
    """Settled labels for learning, with trails: one dict for each frame that the label speaks of, in constant memory.

    That nothing was seen is said of every frame; a trail, of the frames on which it was marked (of the first, where nobody marked it).

    With `now`, only what is older than the undo window; with `cutout_ids`, only of these cutouts.
    Keys: subject (public id), subject_id, origin, cutout_id,
    exposure_id, frame (its position), label, positive, counts, n_votes, n_demo, agreement, posterior, revision, decided_at,
    trails [{"frame", "x1", "y1", "x2", "y2", "scatter_px", "n_markers"}] on this frame, in its pixels.
    """
    flow = Workflow.objects.select_related("current_version").get(slug=workflow)
    if flow.current_version is None:
        return
    positive, negative = (flow.current_version.policy.get(name, []) for name in ("positive", "negative"))
    rows = labels(workflow, demo=demo).prefetch_related("trails")
    if now:
        rows = rows.filter(decided_at__lt=now - timedelta(seconds=flow.undo_seconds))
    if cutout_ids is not None:
        rows = rows.filter(subject__frames__cutout_id__in=list(cutout_ids))
    rows = rows.annotate(
        cutout_id=F("subject__frames__cutout_id"),
        exposure_id=F("subject__frames__cutout__plane__exposure_id"),
        position=Coalesce(F("subject__frames__position"), 0),
    ).order_by("pk", "position")
    for row in rows.iterator(chunk_size=_CHUNK):
        trails = list(row.trails.all())
        here = [trail for trail in trails if trail.frame == row.position]
        if row.label in positive and not here and (trails or row.position):
            continue
        yield {
            "subject": row.subject.public_id, "subject_id": row.subject_id, "origin": row.subject.origin, "cutout_id": row.cutout_id,
            "exposure_id": row.exposure_id, "frame": row.position, "label": row.label, "positive": row.label in positive,
            "negative": row.label in negative, "counts": row.counts,
            "n_votes": row.n_votes, "n_demo": row.n_demo, "agreement": row.agreement, "posterior": row.posterior, "revision": row.revision,
            "decided_at": row.decided_at, "trails": [_trail(trail) for trail in here],
        }  # fmt: skip


def _trail(trail: Any) -> dict[str, Any]:
    return {name: getattr(trail, name) for name in ("frame", "x1", "y1", "x2", "y2", "scatter_px", "n_markers")}


def review_outcomes(workflow: str = "", *, now: datetime | None = None, demo: bool = True) -> Iterator[dict[str, Any]]:
    """What people said about the machine's finds, once settled: the rows of `consensus_rows` with more.

    `workflow`: its slug; else the one whose purpose is to review.

    `confirmed`: the label is one of the positive answers and a kept or clustered mark lies on the find; `kept`: how many people kept
    the suggested trail; `suggestions`: the suggested trails.
    """
    wanted = {"slug": workflow} if workflow else {"purpose": Workflow.Purpose.REVIEW}
    flow = Workflow.objects.select_related("current_version").filter(**wanted).first()
    if flow is None or flow.current_version is None:
        return
    policy = consensus.policy_from(flow.current_version.policy)
    kept = _kept(flow)
    subjects = dict(labels(flow.slug, demo=True).values_list("subject_id", "subject__suggestions"))
    for row in consensus_rows(flow.slug, now=now, demo=demo):
        suggestions = subjects.get(row["subject_id"], [])
        n_kept = kept.get(row["subject_id"], 0)
        on_it = n_kept > 0 or any(_covers(trail, suggestions, policy) for trail in row["trails"])
        yield {**row, "suggestions": suggestions, "kept": n_kept, "confirmed": row["positive"] and on_it}


def _kept(flow: Workflow) -> dict[int, int]:
    """{subject: people whose standing, counted vote kept a suggested trail}."""
    votes = Classification.objects.filter(workflow=flow, superseded_by__isnull=True, counted=True, marks__suggestion__gt="")
    rows = votes.order_by().values_list("subject_id").annotate(n=Count("pk", distinct=True))
    return dict(rows)


def _covers(trail: dict[str, Any], suggestions: list[dict[str, Any]], policy: consensus.Policy) -> bool:
    mark = (trail["x1"], trail["y1"], trail["x2"], trail["y2"])
    return any(consensus.lies_on(mark, suggestion["points"], policy) for suggestion in suggestions)


def newest_decision_at(workflow: str) -> datetime | None:
    """When the consensus of a workflow last changed; None while there is none."""
    newest = Consensus.objects.filter(workflow__slug=workflow).order_by("-decided_at").values_list("decided_at", flat=True)
    return newest.first()
