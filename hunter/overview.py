"""What the joining pages show: numbers, pictures and figures gathered from the rooms' selectors."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

import archive.selectors
import classify.selectors
import ml.selectors
from core.figures import Series, bar_chart, row_chart

DAYS = 30
SEARCH, REVIEW, TRAINING = "search", "review", "training"  # purposes; in training answers are known, and nothing is ever settled


def open_workflows(user: Any = None) -> list[dict[str, Any]]:
    """The workflows that a person may use, with their progress; those without any subject are left out."""
    rows = []
    for workflow in classify.selectors.worded(classify.selectors.workflows(user)):
        state = classify.selectors.progress(workflow)
        if state["subjects"]:
            rows.append(
                {
                    "slug": workflow.slug,
                    "purpose": workflow.purpose,
                    "name": workflow.words.name,
                    "question": workflow.words.question,
                    "labels": workflow.words.labels,
                    "done": state["retired"],
                    "total": state["subjects"],
                    "retires": bool(state["retired"]) or workflow.purpose != TRAINING,
                    "votes": state["votes"],
                }
            )
    return rows


def stats() -> dict[str, int]:
    """The counters of the home page. Votes and people are real ones; simulated volunteers are not counted."""
    rows = {flow.slug: classify.selectors.progress(flow) for flow in classify.selectors.workflows() if flow.takes_cutouts or flow.purpose == REVIEW}
    return {
        "classifications": classify.selectors.votes_in_total(),
        "volunteers": classify.selectors.active_volunteers(),
        "subjects": sum(row["active"] for row in rows.values()),
        "retired": sum(row["retired"] for row in rows.values()),
        "finds_confirmed": sum(row["confirmed"] for row in classify.selectors.review_outcomes()),
    }


def recent_finds(limit: int) -> list[dict[str, Any]]:
    """The newest settled subjects with a trail that people agree on: id, preview, size, trail points, label."""
    workflow = next((row for row in classify.selectors.workflows() if row.purpose == SEARCH), None)
    if workflow is None:
        return []
    positive = classify.selectors.version_of(workflow).policy.get("positive", [])
    rows = classify.selectors.labels(workflow.slug, demo=True).filter(label__in=positive, trails__position=0, trails__frame=0)
    rows = rows.prefetch_related("trails").order_by("-decided_at", "-id")[:limit]
    found = list(rows)
    cutouts = classify.selectors.first_cutouts([row.subject_id for row in found])
    return [_card(row, cutouts[row.subject_id]) for row in found if row.subject_id in cutouts]


def _card(row: Any, cutout: Any) -> dict[str, Any]:
    trail = row.trails.all()[0]
    frame = archive.selectors.frame_payload(cutout)
    return {
        "id": row.subject.public_id,
        "preview": frame["preview"],
        "thumbnail": archive.selectors.thumbnail_url(cutout),
        "width": frame["width"],
        "height": frame["height"],
        "credit": frame["credit"],
        "licence": frame["licence"],
        "points": [(trail.x1, trail.y1), (trail.x2, trail.y2)],
        "label": _marked_by(trail.n_markers, simulated=bool(row.n_demo)),
    }


def _marked_by(n: int, *, simulated: bool) -> str:
    if simulated:
        return ngettext("marked by %(n)d simulated volunteer", "marked by %(n)d simulated volunteers", n) % {"n": n}
    return ngettext("marked by %(n)d person", "marked by %(n)d people", n) % {"n": n}


def hero() -> dict[str, Any] | None:
    """The picture on the home page: the longest trail among the newest finds, or None."""
    finds = recent_finds(24)
    return max(finds, key=lambda find: _length(find["points"]), default=None)


def _length(points: list[tuple[float, float]]) -> float:
    (x1, y1), (x2, y2) = points
    return float((x2 - x1) ** 2 + (y2 - y1) ** 2)


def dashboard(*, now: datetime, demo: bool) -> dict[str, Any]:
    """Everything on the dashboard but the running jobs; figures count simulated volunteers only if asked (`demo`)."""
    workflows = open_workflows()
    pending = archive.selectors.pending()
    waiting = next((row["total"] - row["done"] for row in workflows if row["purpose"] == REVIEW), 0)
    since = (now - timedelta(days=DAYS - 1)).date()
    days = [since + timedelta(days=i) for i in range(DAYS)]
    people, everybody = (dict(classify.selectors.votes_per_day(since=since, demo=demo)) for demo in (False, True))
    n_demo = sum(everybody.values()) - sum(people.values())
    counts = stats()
    return {
        "now": now,
        "headline": [
            {"label": _("votes of people"), "value": counts["classifications"]},
            {"label": _("votes of simulated volunteers"), "value": n_demo},
            {"label": _("subjects settled"), "value": counts["retired"]},
            {"label": _("finds waiting for review"), "value": waiting},
            {"label": _("finds confirmed"), "value": counts["finds_confirmed"]},
        ],
        "votes_chart": bar_chart(
            Series(_("votes"), [(i, (everybody if demo else people).get(day, 0)) for i, day in enumerate(days)], "people"),
            title=_("Votes per day"),
            x_label=_("day (UTC)"),
            y_label=_("votes"),
            labels=[f"{day:%m-%d}" for day in days],
            every=7,
        ),
        "votes_caption": _("Standing votes per day (UTC).") + " " + _who(demo),
        "demo": demo,
        "n_demo": n_demo,
        "states_chart": _states_chart({row["slug"]: row["name"] for row in workflows}),
        "workflows": workflows,
        **_models(),
        "images": [
            {"label": _("exposures"), "value": pending["exposures"]},
            {"label": _("cutouts"), "value": pending["cutouts"]},
            {"label": _("exposures waiting to be cut"), "value": pending["exposures_waiting"]},
            {"label": _("exposures that failed"), "value": pending["exposures_failed"]},
            {"label": _("16-bit images waiting"), "value": pending["pixels_waiting"]},
        ],
    }


_STATES = {"active": gettext_noop("active"), "retired": gettext_noop("retired"), "paused": gettext_noop("paused")}


def _states_chart(names: dict[str, str]) -> Any:
    looks = {"retired": "people", "active": "plain"}
    rows = [
        (f"{names.get(row['workflow'], row['name'])}: {_(_STATES.get(row['state'], row['state']))}", row["n"], looks.get(row["state"], "rejected"))
        for row in classify.selectors.subjects_by_state()
    ]
    return row_chart(rows, title=_("Subjects by workflow and state"))


def _models() -> dict[str, Any]:
    rows = []
    for model in ml.selectors.models()[:8]:
        metrics = ml.selectors.headline_of(model)
        rows.append(
            [
                {"text": model.name, "href": f"/ml/models/{model.name}/"},
                _("live") if model.state == "live" else _(model.get_state_display()),
                *({"text": _number(metrics.get(name)), "number": True} for name in ("precision", "recall", "ap")),
                {"text": f"{model.created_at:%Y-%m-%d %H:%M}"},
            ]
        )
    columns = [(_("Model"), False), (_("State"), False), (_("Precision"), True), (_("Recall"), True), (_("AP"), True), (_("Made (UTC)"), False)]
    return {"model_rows": rows, "model_columns": [{"label": label, "number": number} for label, number in columns]}


def _number(value: Any) -> str:
    return "–" if value is None else number_format(value, decimal_pos=2)


def _who(demo: bool) -> str:
    return _("Simulated volunteers included.") if demo else _("Without simulated volunteers.")
