"""The front page of science: labels so far for everybody, and the numbers of all workflows for whoever may export labels."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

import classify.selectors
import talk.selectors
from classify.selectors import science_figures as numbers
from classify.selectors.science import newest_aggregations
from classify.services.aggregation import KIND
from core.figures import Series, bar_chart
from core.selectors import open_jobs
from hunter import overview
from hunter.charts import number
from hunter.science import REASONS


def public(*, demo: bool) -> dict[str, Any]:
    """How people answered, how agreement is spread, popular tags."""
    workflows = overview.open_workflows()
    flows = {flow.slug: flow.pk for flow in classify.selectors.workflows()}
    ids = [flows[row["slug"]] for row in workflows]
    labels = numbers.label_counts(ids, settled=True, demo=demo)
    agreements = numbers.agreement_counts(ids, demo=demo)
    return {
        "workflows": workflows,
        "demo": demo,
        "n_demo": classify.selectors.votes_in_total(demo=True) - classify.selectors.votes_in_total(),
        "figures": [
            figure
            for row, pk in zip(workflows, ids, strict=True)
            if pk in labels
            for figure in _label_figures(row, labels[pk], agreements.get(pk, []), demo)
        ],
        "popular_tags": talk.selectors.popular_tags(limit=20),
    }


def _who(demo: bool) -> str:
    return _("Simulated volunteers included.") if demo else _("Without simulated volunteers.")


def _settled(n: int) -> str:
    return ngettext("%(number)s settled subject.", "%(number)s settled subjects.", n) % {"number": number(n)}


def _label_figures(workflow: Mapping[str, Any], labels: dict[str, int], agreements: list[tuple[float, int]], demo: bool) -> list[dict[str, Any]]:
    """Labels and agreement of one workflow's settled subjects."""
    counts = sorted(((n, workflow["labels"].get(label, label) or _("no consensus")) for label, n in labels.items()), reverse=True)
    bins = [0] * 10
    for share, n in agreements:
        bins[min(9, int(10 * share + 1e-9))] += n
    return [
        {
            "title": _("%(name)s: labels") % workflow,
            "svg": bar_chart(
                Series(_("subjects"), [(i, n) for i, (n, _name) in enumerate(counts)], "people"),
                title=_("Settled subjects by label"), x_label=_("label"), y_label=_("subjects"), labels=[name for _n, name in counts], every=1,
            ),
            "caption": _settled(sum(labels.values())) + " " + _who(demo),
        },
        {
            "title": _("%(name)s: agreement") % workflow,
            "svg": bar_chart(
                Series(_("subjects"), list(enumerate(bins)), "people"),
                title=_("Agreement of the votes on settled subjects"), x_label=_("share of the votes for the most frequent answer, from"),
                y_label=_("subjects"), labels=[number(i / 10, 1) for i in range(10)], every=1,
            ),
            "caption": _who(demo),
        },
    ]  # fmt: skip


def rows(user: Any) -> list[dict[str, Any]]:
    """The workflows that this person may use, with subjects by state, labels, votes, people and the last run over all votes."""
    flows = classify.selectors.worded(classify.selectors.workflows(user))
    ids = [flow.pk for flow in flows]
    states, labels, work = numbers.state_counts(ids), numbers.label_counts(ids, settled=False, demo=True), numbers.work_counts(ids)
    runs, running = newest_aggregations(ids), set(open_jobs().filter(kind=KIND).values_list("key", flat=True))
    return [
        _row(flow, states.get(flow.pk, {}), labels.get(flow.pk, {}), work.get(flow.pk, (0, 0)))
        | {"run": runs.get(flow.pk), "running": str(flow.pk) in running}
        for flow in flows
    ]


def _row(flow: Any, states: dict[tuple[str, str], int], labels: dict[str, int], work: tuple[int, int]) -> dict[str, Any]:
    retired = [(reason, n) for (state, reason), n in sorted(states.items(), key=lambda item: -item[1]) if state == "retired"]
    return {
        "slug": flow.slug,
        "name": flow.words.name,
        "subjects": sum(states.values()),
        "open": sum(n for (state, _reason), n in states.items() if state == "active"),
        "paused": sum(n for (state, _reason), n in states.items() if state == "paused"),
        "retired": sum(n for _reason, n in retired),
        "reasons": [{"name": REASONS.get(reason, reason), "n": n, "reason": reason} for reason, n in retired],
        "labels": [{"name": name, "key": key, "n": labels[key]} for key, name in flow.words.labels.items() if key in labels],
        "votes": work[0],
        "people": work[1],
    }
