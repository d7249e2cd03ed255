"""/science/: labels for everybody; for whoever may export labels, what people said of every subject, and how well, workflow by workflow."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

import classify.selectors
import classify.services
from classify.selectors import science as rows_of
from classify.selectors.science import Row, Sought
from classify.services.states import MAX_NOTE
from classify.tasks import aggregate
from classify.visitors import volunteer_of
from core.plots import TONES
from core.problems import Problem
from core.streaming import csv_lines
from hunter import science_figures, science_known, science_overview
from hunter.science import (
    COLUMNS,
    FIRST,
    REASONS,
    SoughtForm,
    address_with,
    order_of,
    row_columns,
    row_values,
    state_words,
)
from talk.selectors.thumbnails import thumbnails

PER_PAGE, CARDS = 25, 12
CHANGE = "classify.change_subjectstatus"  # as in the admin
DRAWN = {**science_figures.DRAWN, **science_known.DRAWN}
may_look = permission_required("classify.export_labels", raise_exception=True)

# What a person may do with subjects: the service, and what is said of n of them.
DEEDS: dict[str, Callable[..., Any]] = {
    "retire": classify.services.retire_subject,
    "unretire": classify.services.unretire_subject,
    "pause": classify.services.pause_subject,
    "resume": classify.services.resume_subject,
}

# The lists of the disagreement page: {name: (title, what it is, order, which)}.
LISTS: dict[str, tuple[Any, Any, str, Callable[[int], Sought]]] = {
    "split": (
        gettext_lazy("Most divided"),
        gettext_lazy("The votes spread most evenly over the answers."),
        "-entropy",
        lambda fewest: Sought(least_votes=fewest),
    ),
    "limits": (
        gettext_lazy("Near the limit"),
        gettext_lazy("One more vote, or another threshold, and the label would be another."),
        "margin",
        lambda fewest: Sought(least_votes=fewest),
    ),
    "unsure": (
        gettext_lazy("Least sure labels"),
        gettext_lazy("They have a label, but its chance is low, by what is known of those who voted."),
        "chance",
        lambda _fewest: Sought(labelled=True),
    ),
    "methods": (
        gettext_lazy("Methods differ"),
        gettext_lazy("The label of the site is not that of the last run over all votes."),
        "chance",
        lambda _fewest: Sought(differs=True),
    ),
}


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Labels so far as figures, and exports; for scientists, all workflows with their numbers."""
    demo, team = _with_demo(request), request.user.has_perm("classify.export_labels")
    context = science_overview.public(demo=demo) | {"team": team}
    if team:
        context |= {"rows": science_overview.rows(request.user)}
    return render(request, "hunter/science.html", context)


@never_cache
@require_safe
@may_look
def subjects(request: HttpRequest, slug: str) -> HttpResponse:
    """All subjects of a workflow with what people said of them, by filters, in any order."""
    flow = _flow(request, slug)
    labels = flow.words.labels
    form = SoughtForm(request.GET, labels)
    order, sought, kept = order_of(request.GET), form.sought, form.chosen
    page = rows_of.subject_page(flow, sought, order=order, before=request.GET.get("before", ""), after=request.GET.get("after", ""), size=PER_PAGE)
    query = address_with(kept, order=request.GET.get("order", ""))
    context = {
        **_frame(flow, "subjects"),
        "form": form,
        "chosen": kept,
        "total": rows_of.count_subjects(flow, sought),
        **_shown(request, page.rows, labels),
        "heads": _heads(order, kept),
        "newer": _page_link(kept, request, before=page.before),
        "older": _page_link(kept, request, after=page.after),
        "file_query": query,
        "back": request.get_full_path(),
        "may_change": request.user.has_perm(CHANGE),
        "reasons": [(key, REASONS[key]) for key in classify.services.BY_HAND],
        "max_note": MAX_NOTE,
    }
    return render(request, "hunter/science_subjects.html", context, status=400 if form.errors else 200)


@require_safe
@may_look
def subjects_file(request: HttpRequest, slug: str) -> HttpResponse | StreamingHttpResponse:
    """The same list, whole, as CSV; refused where a filter is wrong, since it would hold all subjects."""
    flow = _flow(request, slug)
    labels = flow.words.labels
    form = SoughtForm(request.GET, labels)
    if form.errors:
        reasons = "\n".join(f"{name}: {' '.join(map(str, words))}" for name, words in form.errors.items())
        return HttpResponse(reasons, status=400, content_type="text/plain; charset=utf-8")
    found = rows_of.subject_rows(flow, form.sought, order=order_of(request.GET))
    return _file(f"subjects-{slug}", row_columns(labels), (row_values(row, labels) for row in found))


@require_POST
@may_look
def change(request: HttpRequest, slug: str) -> HttpResponse:
    """Retire, open again, pause or resume the ticked subjects, each with an entry in the audit."""
    if not request.user.has_perm(CHANGE):
        raise PermissionDenied
    flow, deed = _flow(request, slug), request.POST.get("do", "")
    numbers = [int(text) for text in request.POST.getlist("subject")[:PER_PAGE] if text.isascii() and text.isdigit() and len(text) <= 18]
    wanted = rows_of.statuses_of(flow, numbers)
    if deed not in DEEDS or not wanted:
        messages.error(request, _("Nothing was changed: tick some subjects and choose what to do."))
    else:
        _carry_out(request, flow, deed, wanted)
    return HttpResponseRedirect(_back(request, slug))


@require_POST
@may_look
def run(request: HttpRequest, slug: str) -> HttpResponse:
    """Label all subjects of a workflow anew from all its votes, as a job."""
    job, created = classify.services.ask_aggregation(workflow=_flow(request, slug), actor=request.user, now=timezone.now())
    if created:
        aggregate.delay(job.pk)
    messages.success(request, _("The run over all votes is under way. It takes seconds to minutes; its result stands here then."))
    return HttpResponseRedirect(reverse("science"))


def _carry_out(request: HttpRequest, flow: Any, deed: str, wanted: Iterable[int]) -> None:
    more = {"reason": request.POST.get("reason", "")} if deed == "retire" else {}
    about = {"workflow": flow.slug, "actor": request.user, "note": request.POST.get("note", "").strip(), **more}
    try:
        n = sum(1 for number in wanted if DEEDS[deed](public_id=number, now=timezone.now(), **about))
    except Problem as problem:
        messages.error(request, str(problem.detail))
        return
    said = {
        "retire": ngettext("%(n)d subject is retired.", "%(n)d subjects are retired.", n),
        "unretire": ngettext("%(n)d subject is asked about again.", "%(n)d subjects are asked about again.", n),
        "pause": ngettext("%(n)d subject pauses.", "%(n)d subjects pause.", n),
        "resume": ngettext("%(n)d subject is asked about again.", "%(n)d subjects are asked about again.", n),
    }
    messages.success(request, said[deed] % {"n": n})


@never_cache
@require_safe
@may_look
def disagreement(request: HttpRequest, slug: str) -> HttpResponse:
    """Where people disagree, by one of several lists, with pictures."""
    flow = _flow(request, slug)
    name = request.GET.get("by", "")
    name = name if name in LISTS else next(iter(LISTS))
    title, words, order, which = LISTS[name]
    policy = science_figures.About(flow, True, {}).policy
    page = rows_of.subject_page(
        flow, which(policy.min_votes), order=order, before=request.GET.get("before", ""), after=request.GET.get("after", ""), size=CARDS
    )
    file_query = {"order": order, "least_votes": f"{policy.min_votes}"} if name in ("split", "limits") else {"order": order}
    context = {
        **_frame(flow, "disagreement"),
        "lists": [{"label": row[0], "href": f"?by={key}", "current": key == name} for key, row in LISTS.items()],
        "name": name,
        "title": title,
        "words": words,
        "aggregation": rows_of.newest_aggregation(flow) if name == "methods" else None,
        **_shown(request, page.rows, flow.words.labels),
        "newer": f"?{address_with({'by': name}, before=page.before)}" if page.before else "",
        "older": f"?{address_with({'by': name}, after=page.after)}" if page.after else "",
        "file_query": address_with(file_query, **({"differs": "on"} if name == "methods" else {})),
    }
    return render(request, "hunter/science_disagreement.html", context)


@require_safe
@may_look
def figures(request: HttpRequest, slug: str) -> HttpResponse:
    """How the votes of a workflow are spread, and how good they are."""
    flow, demo = _flow(request, slug), _with_demo(request)
    about = science_figures.About(flow, demo, flow.words.labels)
    drawn = [found for draw in DRAWN.values() if (found := draw(about)) is not None]
    missing = science_known.FEWEST if len(drawn) < len(DRAWN) else 0
    return render(request, "hunter/science_figures.html", {**_frame(flow, "figures"), "figures": drawn, "demo": demo, "missing": missing})


@require_safe
@may_look
def figure_file(request: HttpRequest, slug: str, figure: str) -> StreamingHttpResponse:
    """The numbers of one figure, as CSV."""
    flow = _flow(request, slug)
    draw = DRAWN.get(figure)
    found = draw(science_figures.About(flow, _with_demo(request), flow.words.labels)) if draw else None
    if found is None:
        raise Http404
    names = list(found.columns)
    return _file(f"{slug}-{figure}", names, (dict(zip(names, row, strict=True)) for row in found.rows))


# --- parts ---------------------------------------------------------------------------------------


def _flow(request: HttpRequest, slug: str) -> Any:
    """The workflow with its words; 404 where there is none, or it is a draft of others."""
    found = classify.selectors.workflow_for(request.user, slug)
    if found is None:
        raise Http404
    return classify.selectors.worded([found])[0]


def _frame(flow: Any, current: str) -> dict[str, Any]:
    """What all pages of a workflow show: its name, and the tabs."""
    names = {"subjects": _("Subjects"), "disagreement": _("Disagreement"), "figures": _("Figures")}
    tabs = [{"label": label, "href": reverse(f"science_{name}", args=[flow.slug]), "current": name == current} for name, label in names.items()]
    return {"workflow": flow, "tabs": tabs}


def _shown(request: HttpRequest, found: list[Row], labels: Mapping[str, str]) -> dict[str, Any]:
    """Rows with pictures and words. Whoever sees them here knows what others said: their own votes on these are no longer blind."""
    if found:
        volunteer = volunteer_of(request, create=True)
        classify.services.reveal_shown(volunteer=volunteer, root_ids=[row.root_id or row.subject_id for row in found], now=timezone.now())
    pictures = thumbnails(row.subject_id for row in found)
    return {"rows": [_with_words(row, labels) | {"thumbnail": pictures.get(row.subject_id)} for row in found], "pictures": pictures.values()}


def _with_words(row: Row, labels: Mapping[str, str]) -> dict[str, Any]:
    answers = {**labels, **{key: key for key in row.tally if key not in labels}}
    votes = [{"label": name, "n": row.tally.get(key, 0), "tone": min(place, TONES - 1)} for place, (key, name) in enumerate(answers.items())]
    return {
        "row": row,
        "label": labels.get(row.label, row.label),
        "batch_label": labels.get(row.batch_label, row.batch_label),
        "state": state_words(row.state, row.reason),
        "votes": votes,
        "bar": list(_bar(votes)),
        "chances": [{"label": name, "chance": row.posterior[key]} for key, name in labels.items() if key in row.posterior],
    }


def _bar(votes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The votes as parts of a bar 100 wide."""
    total, before = sum(vote["n"] for vote in votes), 0
    for vote in votes:
        if vote["n"]:
            yield {"x": round(100 * before / total, 2), "width": round(100 * vote["n"] / total, 2), "tone": vote["tone"]}
            before += vote["n"]


def _heads(order: str, kept: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The columns that sort: where each leads, and which way it sorts now."""
    heads = {}
    for name, label in COLUMNS.items():
        here = order.removeprefix("-") == name
        turned = order.removeprefix("-") if order.startswith("-") else f"-{order}"
        sort = ("descending" if order.startswith("-") else "ascending") if here else ""
        heads[name] = {"label": label, "sort": sort, "href": f"?{address_with(kept, order=turned if here else FIRST[name])}"}
    return heads


def _page_link(kept: Mapping[str, str], request: HttpRequest, **key: str) -> str:
    return f"?{address_with(kept, order=request.GET.get('order', ''), **key)}" if any(key.values()) else ""


def _back(request: HttpRequest, slug: str) -> str:
    """The list as it was, if the address given is one of it."""
    here, asked = reverse("science_subjects", args=[slug]), request.POST.get("back", "")
    return asked if asked == here or asked.startswith(f"{here}?") else here


def _file(name: str, columns: list[str], rows: Iterable[Mapping[str, Any]]) -> StreamingHttpResponse:
    response = StreamingHttpResponse(csv_lines(columns, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{timezone.now():%Y%m%d}.csv"'
    return response


def _with_demo(request: HttpRequest) -> bool:
    """Figures leave simulated volunteers out unless the address says ?demo=1."""
    return request.GET.get("demo") == "1"
