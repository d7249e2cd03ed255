"""What the rooms upstream say, in this room's words: facts about cutouts, who may see what, and the requests to `classify`.

The one place that knows how `classify` hands out labels: everything else here works with `ml.labels.Fact`.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Exists, OuterRef, QuerySet

from archive import selectors as archive
from classify import selectors as classify
from classify import services as requests
from ml.detector.config import DetectorConfig
from ml.labels import CONFIRMED_WEIGHT, Fact, FactTrail, same_place
from ml.models import Detection

SEARCH = "search"  # the purpose of the workflow whose labels the detector is judged and fed by
TEAM = "core.view_dashboard"  # who may see what is still hidden from the others

Row = dict[str, Any]


# --- labels ------------------------------------------------------------------------------------------------------------------


def facts(*, now: datetime, include_demo: bool) -> Iterator[Fact]:
    """Yield what people have settled about cutouts with pixels, older than the undo window."""
    exposure_of = dict(archive.cutouts_with_pixels().values_list("pk", "plane__exposure_id"))
    for workflow, klass in classify.teaching().items():
        for row in _rows(workflow, now, include_demo):
            if row["cutout_id"] in exposure_of and (fact := _from_label(row, workflow, klass)):
                yield fact
    for row in classify.review_outcomes(now=now):
        if row["cutout_id"] in exposure_of and (include_demo or not row["n_demo"]) and (fact := _from_review(row)):
            yield fact
    for cutout_id, exposure_id in sorted(classify.cutouts_in_sets("negative")):
        if cutout_id in exposure_of:
            yield Fact(cutout_id, exposure_id, "negative", "no", ("asteroid",), f"negative set cutout:{cutout_id}")


def _rows(workflow: str, now: datetime, include_demo: bool) -> Iterator[Row]:
    try:
        yield from classify.consensus_rows(workflow, now=now, demo=include_demo)
    except ObjectDoesNotExist:  # this installation does not ask that question
        return


def _from_label(row: Row, workflow: str, klass: str) -> Fact | None:
    """Return what a settled label says: yes with the agreed trails, or no; None for anything else (who cannot tell says nothing)."""
    if not row["positive"] and not row["negative"]:
        return None
    weight = float(row["agreement"] or 0.0)
    trails = tuple(FactTrail(klass, _ends(t), weight) for t in row["trails"]) if row["positive"] else ()
    says = "yes" if row["positive"] else "no"
    return Fact(row["cutout_id"], row["exposure_id"], workflow, says, (klass,), _origin(workflow, row), trails)  # type: ignore[arg-type]


def _from_review(row: Row) -> Fact | None:
    """Return what the review of a find says: a trail of the confirmed class, or a place without one; None where it is undecided."""
    places = tuple(FactTrail(s["klass"], tuple((x, y) for x, y in s["points"])) for s in row["suggestions"])
    asked = tuple(sorted({place.klass for place in places}))
    origin = _origin("review", row)
    if row["confirmed"] and row["label"] in DetectorConfig.classes:
        trails = _confirmed(row, places)
        return Fact(row["cutout_id"], row["exposure_id"], "review", "yes", (row["label"],), origin, trails)
    if row["label"] and not row["positive"]:
        return Fact(row["cutout_id"], row["exposure_id"], "review", "no", asked, origin, rejected=places)
    return None


def _confirmed(row: Row, places: tuple[FactTrail, ...]) -> tuple[FactTrail, ...]:
    """The suggested line where people kept it, and what else they agreed on; the class is theirs."""
    weight = CONFIRMED_WEIGHT * float(row["agreement"] or 0.0)
    marked = [FactTrail(row["label"], _ends(t), weight) for t in row["trails"]]
    kept = [FactTrail(row["label"], place.points, weight) for place in places if row["kept"] or not marked]
    return (*kept, *(m for m in marked if not any(same_place(m.points, k.points) for k in kept)))


def _ends(trail: Mapping[str, float]) -> tuple[tuple[float, float], ...]:
    return ((trail["x1"], trail["y1"]), (trail["x2"], trail["y2"]))


def _origin(workflow: str, row: Row) -> str:
    frame = f" frame {row['frame']}" if row["frame"] else ""
    return f"{workflow} subject {row['subject_id']} ({row['origin']}){frame} revision {row['revision']}"


def barred() -> tuple[frozenset[int], frozenset[int]]:
    """Return (cutouts, exposures) that never enter a training set: gold and evaluation cutouts, exposures of evaluation cutouts."""
    evaluation = classify.cutouts_in_sets("evaluation")
    cutouts = classify.cutouts_in_sets("gold", "evaluation")
    return frozenset(cutout for cutout, _ in cutouts), frozenset(exposure for _, exposure in evaluation)


def _search() -> str:
    """Return the slug of the workflow that searches; empty if this installation has none."""
    flow = classify.workflow_with(SEARCH)
    return flow.slug if flow else ""


def review_slug() -> str:
    """Return the slug of the open workflow into which finds are put; empty if there is none."""
    flow = classify.workflow_with("review")
    return flow.slug if flow and flow.live else ""


def settled_enough(*, now: datetime, quiet_s: float, plenty: int) -> bool:
    """Say whether images and labels have stopped pouring in, or whether there are so many labels that it does not matter."""
    search = _search()
    newest = classify.newest_decision_at(search) if search else None
    if newest is None:
        return False
    pending = archive.pending()
    quiet = not pending["pixels_waiting"] and not pending["exposures_waiting"] and newest < now - timedelta(seconds=quiet_s)
    return quiet or classify.labels(search, demo=True).count() >= plenty


def agreed_trails(cutout_ids: Iterable[int]) -> dict[int, list[tuple[tuple[float, float], ...]]]:
    """Return the lines that people have settled on, by cutout: trails of positive labels of the search."""
    found: dict[int, list[tuple[tuple[float, float], ...]]] = {}
    for row in classify.consensus_rows(search, cutout_ids=cutout_ids) if (search := _search()) else ():
        if row["positive"]:
            found.setdefault(row["cutout_id"], []).extend(_ends(trail) for trail in row["trails"])
    return found


# --- requests ----------------------------------------------------------------------------------------------------------------


def tell(scores: Mapping[int, float], *, model: str, now: datetime) -> list[int]:
    """Hand the model's best score of each cutout to its subject; return the cutouts whose subject is there already."""
    flow = classify.workflow_with(SEARCH)
    positive = flow.current_version.policy.get("positive", []) if flow and flow.current_version else []
    if flow is None or not positive:
        return []
    subjects = classify.subjects_of_cutouts(scores)
    chances = {subject.pk: {positive[0]: scores[cutout_id]} for cutout_id, subject in subjects.items()}
    requests.set_machine_opinions(workflow=flow.slug, model=model, probabilities=chances, now=now)
    return list(subjects)


# --- the blind rule ----------------------------------------------------------------------------------------------------------


def visible(detections: QuerySet[Detection], *, user: Any) -> QuerySet[Detection]:
    """Leave out detections on cutouts whose subject is still asked about in a blind workflow; the team sees all."""
    if user.has_perm(TEAM):
        return detections
    hidden = classify.hidden_roots(getattr(user, "volunteer", None))
    return detections.filter(~Exists(hidden.filter(frames__cutout_id=OuterRef("cutout_id"))))


def pictures(detections: QuerySet[Detection], *, user: Any, limit: int) -> list[Row]:
    """Return up to `limit` of these detections as pictures that this person may see, one per cutout."""
    chosen: dict[int, Detection] = {}
    for detection in visible(detections, user=user)[: 5 * limit]:
        chosen.setdefault(detection.cutout_id, detection)
    cutouts = {cutout.pk: cutout for cutout in archive.cutouts_ready().filter(pk__in=list(chosen)[:limit])}
    subjects = classify.subjects_of_cutouts(cutouts)
    return [_picture(chosen[pk], cutouts[pk], subjects.get(pk)) for pk in chosen if pk in cutouts]


def _picture(detection: Detection, cutout: Any, subject: Any) -> Row:
    return {
        "klass": detection.klass,
        "score": detection.score,
        "subject": subject.public_id if subject else None,
        "frame": {**archive.frame_payload(cutout), "preview": archive.thumbnail_url(cutout)},
        "trails": [{"kind": "machine", "points": detection.points}],
    }
