"""Votes set aside because they look like those of programs or came too fast: /dashboard/votes/, where the team says whether they count."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

import classify.selectors
import classify.services
from classify.services.flagged import KIND
from classify.tasks import decide_flagged
from core.figures import Series, bar_chart
from core.problems import Problem
from core.selectors import jobs_of

PER_PAGE = 10
TAKES_BACK = {"count": "uncount", "leave_out": "ask_again"}
SAID = {
    "count": gettext_lazy("count"),
    "leave_out": gettext_lazy("stay out"),
    "uncount": gettext_lazy("wait again, taken out of the tally"),
    "ask_again": gettext_lazy("wait again"),
}


@require_safe
@permission_required("classify.review_votes", raise_exception=True)
def votes(request: HttpRequest) -> HttpResponse:
    """Who has votes that wait, what is known of them, and what was decided lately. For htmx the lists alone, while a decision runs."""
    page = Paginator(classify.selectors.flagged_volunteers(), PER_PAGE).get_page(request.GET.get("page"))
    decisions = _decisions()
    context = {"page_obj": page, "rows": _rows(list(page)), "decisions": decisions, "any_open": any(row["job"].is_open for row in decisions)}
    return render(request, "hunter/_flagged.html" if request.headers.get("HX-Request") else "hunter/flagged.html", context)


@require_POST
@permission_required("classify.review_votes", raise_exception=True)
def decide(request: HttpRequest, public_id: str) -> HttpResponse:
    """Count a volunteer's waiting votes, leave them out, or take such a decision back."""
    try:
        job, _created = classify.services.ask_decision(
            public_id=public_id, decision=request.POST.get("decision", ""), actor=request.user, now=timezone.now()
        )
    except Problem as problem:
        messages.error(request, str(problem.detail))
    else:
        decide_flagged.delay(job.pk)
        messages.success(request, _("The decision is stored and is being carried out. It can be taken back below."))
    return redirect("flagged_votes")


def _rows(page: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    ids = [row["volunteer"] for row in page]
    people, said, minutes = classify.selectors.volunteers_by_id(ids), classify.selectors.agreement(ids), classify.selectors.pace(ids)
    rows = []
    for row in page:
        known, same = said.get(row["volunteer"], (0, 0))
        per_minute = minutes.get(row["volunteer"], [])
        rows.append(
            row
            | {
                "volunteer": people[row["volunteer"]],
                "name": _name(people[row["volunteer"]]),
                "known": known,
                "same": same,
                "percent": round(100 * same / known) if known else None,
                "most": max((n for _minute, n in per_minute), default=0),
                "pace": _figure(per_minute) if len(per_minute) > 1 else "",  # one minute is told by "most"
            }
        )
    return rows


def _name(volunteer: Any) -> str:
    """The name of the account; else the public id."""
    if volunteer is None:
        return _("somebody who has left")
    return str(volunteer.user.get_username()) if volunteer.user else _("visitor %(id)s") % {"id": volunteer.public_id}


def _figure(per_minute: Sequence[tuple[Any, int]]) -> SafeString:
    """Votes in each minute with any; people go up to about forty."""
    points = [(float(at), float(n)) for at, (_minute, n) in enumerate(per_minute)]
    title, labels = _("Votes per minute, minutes without any left out"), [f"{minute:%H:%M}" for minute, _n in per_minute]
    return bar_chart(Series(title, points, "people"), title=title, x_label=_("time (UTC)"), y_label=_("votes"), labels=labels)


def _decisions() -> list[dict[str, Any]]:
    """The latest decisions, each volunteer's newest first; only that one can be taken back."""
    jobs = list(jobs_of(KIND, 20))
    people = classify.selectors.volunteers_by_id([job.params["volunteer"] for job in jobs])
    rows, seen = [], set()
    for job in jobs:
        newest = job.key not in seen
        seen.add(job.key)
        back = TAKES_BACK.get(job.params["decision"], "") if newest and not job.is_open else ""
        rows.append(
            {
                "job": job,
                "volunteer": people.get(job.params["volunteer"]),
                "name": _name(people.get(job.params["volunteer"])),
                "said": SAID[job.params["decision"]],
                "back": back,
            }
        )
    return rows
