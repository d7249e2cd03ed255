"""/stats/: how much was done, by whom, and when it may be done. The page works without scripts; they only save loading it anew."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

import classify.selectors
from classify.effort import FEWEST_WEEKS, End
from classify.spans import UNITS, BadSpan, Span, span_from
from core.figures import PLOT
from core.streaming import csv_lines
from hunter import charts
from hunter.charts import number

ORIGINAL_GINI = (0.835, 0.866)  # Kruk et al. 2022: asteroids with known orbits, and the blind search


@dataclass(frozen=True)
class Asked:
    """What an address asks for. `error`: what of it cannot be, and was left out."""

    span: Span
    first: date
    today: date
    workflow: Any
    demo: bool
    per: str
    days: list[tuple[datetime, int]]
    error: BadSpan | None = None

    @property
    def numbers(self) -> dict[str, Any]:
        return classify.selectors.numbers(self.span, workflow=self.workflow, demo=self.demo, today=self.today)

    def query(self, **changes: str) -> str:
        """The address of the same with other days."""
        kept = {"workflow": self.workflow.slug if self.workflow else "", "demo": "1" if self.demo else ""}
        return urlencode({name: value for name, value in {**kept, **changes}.items() if value})

    @property
    def range(self) -> dict[str, str]:
        return {"since": f"{self.span.since}", "until": f"{self.span.until}", "per": self.span.unit}


def asked_by(request: HttpRequest) -> Asked:
    """Read the address. Raises Http404 for a workflow that there is not."""
    slug, demo, today = request.GET.get("workflow", ""), request.GET.get("demo") == "1", timezone.now().date()
    workflow = classify.selectors.workflow_for(request.user, slug) if slug else None
    if slug and workflow is None:
        raise Http404
    days = classify.selectors.daily_votes(workflow=workflow, demo=demo)
    first, error = days[0][0].date() if days else None, None
    whole = span_from({}, today=today, first=first)
    try:
        span = span_from(request.GET, today=today, first=first)
    except BadSpan as found:
        span, error = whole, found
    return Asked(span, min(whole.since, span.since), today, workflow, demo, request.GET.get("per", ""), days, error)


@require_safe
def stats(request: HttpRequest) -> HttpResponse:
    """The page; for a script that changes the range, its living part."""
    asked = asked_by(request)
    part = "HX-Request" in request.headers
    context = {**_form(asked, request.user), **_figures(asked), "asked": asked}
    response = render(request, "hunter/_stats.html" if part else "hunter/stats.html", context, status=400 if asked.error else 200)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
def data(request: HttpRequest, figure: str) -> StreamingHttpResponse:
    """What a figure shows, as CSV."""
    asked = asked_by(request)
    columns, rows = _table(figure, asked)
    response = StreamingHttpResponse(
        csv_lines(columns, (dict(zip(columns, row, strict=True)) for row in rows)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{figure}.csv"'
    return response


def _table(figure: str, asked: Asked) -> tuple[list[str], Iterable[tuple[Any, ...]]]:
    found, span = asked.numbers, asked.span
    if figure == "classifications":
        return [span.unit, "classifications"], _dated(found["votes"], span)
    if figure == "volunteers":
        return [span.by_day.unit, "volunteers"], _dated(found["volunteers"], span.by_day)
    if figure == "subjects-done":
        return [span.by_day.unit, "subjects_done", "subjects_done_in_all"], _summed(found["done"], found["done_before"], span.by_day)
    if figure == "effort":
        return ["share_of_volunteers", "share_of_classifications"], found["effort"]["curve"]
    raise Http404


def _dated(counts: list[tuple[datetime, int]], span: Span) -> Iterator[tuple[Any, ...]]:
    form = {"hour": "%Y-%m-%dT%H:00Z", "day": "%Y-%m-%d", "month": "%Y-%m"}[span.unit]
    yield from ((at.strftime(form), n) for at, n in counts)


def _summed(counts: list[tuple[datetime, int]], total: int, span: Span) -> Iterator[tuple[Any, ...]]:
    for step, n in _dated(counts, span):
        total += n
        yield step, n, total


def _form(asked: Asked, user: Any) -> dict[str, Any]:
    """What the range and the workflow are chosen with."""
    units = {"": _("as it fits"), "hour": _("hours"), "day": _("days"), "month": _("months")}
    return {
        "flows": [{"slug": flow.slug, "name": flow.words.name} for flow in classify.selectors.worded(classify.selectors.workflows(user))],
        "units": [{"key": key, "label": units[key], "chosen": key == asked.per} for key in ("", *UNITS)],
        "has_simulated": asked.demo or classify.selectors.has_simulated_votes(),
        "presets": [
            {"label": label, "query": asked.query(since=f"{date.fromordinal(asked.today.toordinal() - days + 1)}")}
            for label, days in ((_("a week"), 7), (_("30 days"), 30), (_("a year"), 365))
        ],
        "everything": asked.query(),
        "brush": {"first": asked.first, "last": asked.today, "left": f"{PLOT[0]:.5f}", "right": f"{PLOT[1]:.5f}"},
        "choose": charts.choose(asked.days, asked.span, asked.first, asked.today),
    }


def _figures(asked: Asked) -> dict[str, Any]:
    found, span, titles = asked.numbers, asked.span, charts.titles(asked.span)
    drawn = {
        "classifications": (charts.votes(found["votes"], span), ""),
        "volunteers": (charts.volunteers(found["volunteers"], span.by_day), _("People with at least one answer that stands.")),
        "subjects-done": (charts.done(found["done"], found["done_before"], span.by_day), _("Images that enough people have looked at.")),
        "effort": (charts.effort(found["effort"]), _effort_words(found["effort"])),
    }
    query = asked.query(**asked.range)
    return {
        "headline": _headline(found["totals"], found["workflows"]),
        "figures": [
            {"name": name, "title": titles[name], "svg": svg, "caption": caption, "data_url": f"{reverse('stats_data', args=[name])}?{query}"}
            for name, (svg, caption) in drawn.items()
        ],
        "n_range": sum(n for _at, n in found["votes"]),
        "rows": _rows(found["workflows"]),
        "api_url": f"{reverse('api_stats')}?{query}",
    }


def _headline(totals: dict[str, Any], workflows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    agreement = totals["agreement"]
    return [
        {"label": _("classifications"), "value": totals["classifications"]},
        {"label": _("people who looked"), "value": totals["volunteers"]},
        {"label": _("hours of looking"), "value": round(totals["hours"])},
        {"label": _("subjects done"), "value": sum(row["done"] for row in workflows)},
        {"label": _("agreement on them"), "value": "-" if agreement is None else f"{number(100 * agreement, 0)} %"},
    ]


def _effort_words(found: dict[str, Any]) -> str:
    if found["gini"] is None:
        return _("Not enough yet: it takes five volunteers to draw this.")
    words = {"gini": number(found["gini"], 2), "share": number(100 * found["top_tenth"], 0), "n": number(found["volunteers"])}
    original = {"one": number(ORIGINAL_GINI[0], 3), "two": number(ORIGINAL_GINI[1], 3)}
    return " ".join(
        [
            _("The Gini coefficient of these %(n)s volunteers is %(gini)s; the most active tenth did %(share)s %% of the work.") % words,
            _("In the original project it was %(one)s (asteroids with known orbits) and %(two)s (blind search).") % original,
        ]
    )


def _rows(workflows: list[dict[str, Any]]) -> list[dict[str, str]]:
    names = {flow.slug: flow.words.name for flow in classify.selectors.worded(classify.selectors.workflows())}
    rows = []
    for row in workflows:
        share = _("%(done)s (%(percent)s %%)") % {"done": number(row["done"]), "percent": number(100 * row["done"] / row["subjects"], 0)}
        name = names.get(row["slug"], row["slug"])
        rows.append({"name": name, "subjects": number(row["subjects"]), "done": share, "active": number(row["active"]), "end": _end_words(row)})
    return rows


def _end_words(row: dict[str, Any]) -> str:
    """When a workflow will be done, in words that promise nothing."""
    end: End = row["end"]
    if not row["ends"]:
        return _("goes on")
    if not row["active"]:
        return _("done")
    if end.weeks < FEWEST_WEEKS:
        return _("not enough yet: it takes four whole weeks of answers to say")
    if end.earliest is None:
        return _("not in sight at this pace")
    earliest = date_format(end.earliest, "DATE_FORMAT")
    if end.latest is None:
        return _("not before %(earliest)s") % {"earliest": earliest}
    if end.latest == end.earliest:
        return _("about %(earliest)s") % {"earliest": earliest}
    return _("between %(earliest)s and %(latest)s") % {"earliest": earliest, "latest": date_format(end.latest, "DATE_FORMAT")}
