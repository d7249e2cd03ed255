"""/me/figures/ and /me/certificate/: one's own work in figures, and a page that shows it to others.

A certificate is stored nowhere: its numbers stand in its own signed link, so it shows what was true on the day it was made.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

import classify.selectors
from classify.spans import Span, span_from
from classify.visitors import volunteer_of
from core import signed
from core.streaming import csv_lines
from core.throttles import spend_request
from hunter import charts
from hunter.charts import number

_PURPOSE = "certificate"
_FOR_EVER = timedelta(days=100 * 365)  # what is on paper stays true


class CertificateForm(forms.Form):
    """Whose name stands on it, and of which days it speaks."""

    name = forms.CharField(
        label=gettext_lazy("Name on the certificate"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=gettext_lazy("As you want it to be read. It is not stored; it stands in the link of the certificate."),
        error_messages={"required": gettext_lazy("Write the name that shall stand on it.")},
    )
    since = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    until = forms.DateField(label=gettext_lazy("To"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        if not name.isprintable():
            raise forms.ValidationError(_("This holds signs that cannot be printed. Please type the name by hand."))
        return name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("since") and data.get("until") and data["since"] > data["until"]:
            self.add_error("since", _("The range ends before it begins."))
        return data


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """My answers per day or month, and the hours they took, by workflow."""
    volunteer = volunteer_of(request)
    work = classify.selectors.own_work(volunteer) if volunteer else []
    if volunteer is None or not work:
        return render(request, "hunter/figures_me.html", {"work": []})
    span = _span(work)
    names = {flow.pk: flow.words.name for flow in classify.selectors.worded(classify.selectors.workflows_by_id([row["workflow_id"] for row in work]))}
    context = {
        "headline": [
            {"label": _("answers that stand"), "value": sum(row["n"] for row in work)},
            {"label": _("hours of looking"), "value": number(_hours(work), 1)},
            {"label": _("days with answers"), "value": sum(n > 0 for _at, n in classify.selectors.own_days(volunteer, _by_day(span)))},
        ],
        "title": charts.titles(span)["classifications"],
        "svg": charts.votes(classify.selectors.own_days(volunteer, span), span),
        "data_url": reverse("my_figures_data"),
        "work": [
            {"name": names.get(row["workflow_id"], ""), "n": number(row["n"]), "hours": number(row["seconds"] / 3600, 1), "days": number(row["days"])}
            for row in work
        ],
    }
    return render(request, "hunter/figures_me.html", context)


@require_safe
def figures_data(request: HttpRequest) -> StreamingHttpResponse:
    """My answers per day as CSV."""
    volunteer = volunteer_of(request)
    work = classify.selectors.own_work(volunteer) if volunteer else []
    counts = classify.selectors.own_days(volunteer, _by_day(_span(work))) if volunteer and work else []
    rows = ({"day": f"{at:%Y-%m-%d}", "classifications": n} for at, n in counts if n)
    response = StreamingHttpResponse(csv_lines(["day", "classifications"], rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="my-figures.csv"'
    return response


def _span(work: list[dict[str, Any]]) -> Span:
    return span_from({}, today=timezone.now().date(), first=min(row["first"] for row in work))


def _by_day(span: Span) -> Span:
    return Span(span.since, span.until, "day")


def _hours(work: list[dict[str, Any]]) -> float:
    return float(sum(row["seconds"] for row in work) / 3600)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def certificate(request: HttpRequest) -> HttpResponse:
    """The form; sent, it leads to the certificate that it asks for."""
    volunteer, today = volunteer_of(request), timezone.now().date()
    work = classify.selectors.own_work(volunteer) if volunteer else []
    if request.method != "POST":
        first = min((row["first"] for row in work), default=today)
        name = (volunteer.credit_name if volunteer else "") or request.user.get_username()
        return _form(request, CertificateForm(initial={"name": name, "since": first, "until": today}), work)
    spend_request("writes", request)
    form = CertificateForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        work = classify.selectors.own_work(volunteer, since=data["since"], until=data["until"]) if volunteer else []
        if work:
            return redirect("certificate", token=_token(data, work, min(data["until"], today)))
        form.add_error(None, _("There is no answer of yours in these days."))
    return _form(request, form, work, status=400)


def _form(request: HttpRequest, form: CertificateForm, work: list[dict[str, Any]], status: int = 200) -> HttpResponse:
    return render(request, "hunter/certificate_form.html", {"form": form, "has_work": bool(work) or status != 200}, status=status)


def _token(data: dict[str, Any], work: list[dict[str, Any]], until: date) -> str:
    seconds, n = sum(row["seconds"] for row in work), sum(row["n"] for row in work)
    said = [data["name"], f"{data['since']}", f"{until}", n, round(seconds), timezone.now().date().isoformat()]
    return signed.sign(said, purpose=_PURPOSE)


@require_safe
def show_certificate(request: HttpRequest, token: str) -> HttpResponse:
    """A certificate, to whoever has its link: what it says is what this site found on the day it was made."""
    try:
        name, since, until, n, seconds, made = signed.read(token, purpose=_PURPOSE, max_age=_FOR_EVER)
    except (signed.Forged, signed.Expired):
        raise Http404(_("This is no certificate of this site. If you typed the link, compare it sign by sign.")) from None
    context = {
        "name": name,
        "since": _day(since),
        "until": _day(until),
        "made": _day(made),
        "headline": [{"label": _("images judged"), "value": n}, {"label": _("hours of looking"), "value": number(seconds / 3600, 1)}],
        "host": request.get_host(),
        "link": request.build_absolute_uri(),
    }
    response = render(request, "hunter/certificate.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


def _day(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), time(), UTC)
