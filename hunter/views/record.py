"""How well I see: one's own record on images whose answer is known. Nobody else's is ever shown."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

import classify.selectors
from classify.visitors import volunteer_of
from core.bands import Share, share_chart
from hunter.views.learning import training_url

FEW = 10  # known images, below which an interval says little
OUTCOMES: dict[str, Any] = {
    "right": gettext_lazy("Right in everything"),
    "unmarked": gettext_lazy("Right, but an end was not marked"),
    "ends_off": gettext_lazy("Right, but the ends lie elsewhere"),
    "elsewhere": gettext_lazy("Right, but the trail is at another place"),
    "missed": gettext_lazy("Something was there, and was missed"),
    "false_alarm": gettext_lazy("Nothing was there, and something was seen"),
    "other": gettext_lazy("Another answer"),
}


@never_cache
@require_safe
def record(request: HttpRequest) -> HttpResponse:
    """My record, by workflow, with figures; visitors have one, too."""
    records = classify.selectors.record_of(volunteer_of(request, create=False))
    words = classify.selectors.words_by_workflow(found.workflow for found in records)
    shown = [_shown(found, words.get(found.workflow.pk)) for found in records]
    return render(request, "hunter/record.html", {"records": shown, "training_url": training_url()})


def _shown(found: Any, words: Any) -> dict[str, Any]:
    total = len(found.told)
    return {
        "slug": found.workflow.slug,
        "name": words.name if words else found.workflow.name,
        "total": total,
        "headline": _headline(found),
        "outcomes": [{"label": OUTCOMES[name], "n": n, "total": total, "percent": round(100 * n / total)} for name, n in found.outcomes],
        "injected": found.injected,
        "by_magnitude": _by_magnitude(found.by_magnitude),
        "over_time": _over_time(found.over_time),
        "magnitudes": [_row(number_format(middle - 0.5, 0) + " – " + number_format(middle + 0.5, 0), share) for middle, share in found.by_magnitude],
        "next": _try_next(found),
    }


def _headline(found: Any) -> list[dict[str, Any]]:
    parts = [
        (_("Right answers"), found.all),
        (_("Right answers where a trail was"), found.answered),
        (_("Trails found at their place"), found.seen),
        (_("Empty images left empty"), found.empty),
        (_("Ends in their places"), found.placed),
    ]
    return [_row(label, share) for label, share in parts if share.n]


def _row(label: str, share: Share) -> dict[str, Any]:
    return {"label": label, "k": share.k, "n": share.n, "percent": _percent(share.share), "low": _percent(share.low), "high": _percent(share.high)}


def _percent(share: float) -> int:
    return round(100 * share)


def _read(share: Share) -> str:
    values = {"percent": _percent(share.share), "k": share.k, "n": share.n, "low": _percent(share.low), "high": _percent(share.high)}
    return _("%(percent)s %% (%(k)s of %(n)s; between %(low)s and %(high)s %%)") % values


def _by_magnitude(points: list[tuple[float, Share]]) -> Any:
    if not points:
        return None
    return share_chart(
        points, title=_("Injected trails seen, by magnitude"), x_label=_("magnitude (AB), fainter to the right"), y_label=_("seen, %"),
        x_ticks=[float(tick) for tick in range(int(points[0][0]), int(points[-1][0]) + 2)],
        read=lambda x, share: _("Magnitude %(low)s to %(high)s:") % {"low": number_format(x - 0.5, 0), "high": number_format(x + 0.5, 0)}
        + f" {_read(share)}",
    )  # fmt: skip


def _over_time(points: list[tuple[float, Share]]) -> Any:
    if not points:
        return None
    return share_chart(
        points, title=_("Right answers over time"), x_label=_("known images seen"), y_label=_("right, %"), joined=True,
        read=lambda x, share: _("Up to known image %(n)s:") % {"n": number_format(x, 0)} + f" {_read(share)}",
    )  # fmt: skip


def _try_next(found: Any) -> dict[str, str]:
    """One kind hint: what this record says to try."""
    here = reverse("classify", args=[found.workflow.slug])
    if len(found.told) < FEW:
        n = FEW - len(found.told)
        say = ngettext(
            "%(n)d more known image, and the intervals begin to tell something.",
            "%(n)d more known images, and the intervals begin to tell something.",
            n,
        )
        return {"text": say % {"n": n}, "href": here, "action": _("Look at more")}
    if _is_low(found.empty, 0.8):
        text = _("You sometimes see a trail where none is. Cosmic rays and spikes are the usual reason: the field guide shows how to tell.")
        return {"text": text, "href": reverse("field_guide"), "action": _("Open the field guide")}
    if _is_low(found.answered, 0.8):
        text = _("Some trails escape you. Zoom in, and turn contrast up before you answer No: faint ones come out of the dark.")
        return {"text": text, "href": here, "action": _("Try it")}
    if _is_low(found.seen, 0.8):
        text = _("You rightly say that something is there, but often mark nothing, or another place. A trail counts as seen where you mark it.")
        return {"text": text, "href": reverse("field_guide"), "action": _("Open the field guide")}
    if _is_low(found.placed, 0.7):
        text = _("You see the trails. Zoom in before you mark, and follow each on both sides until it fades: the ends tell where it was going.")
        return {"text": text, "href": here, "action": _("Try it")}
    text = _("You see well. Images that nobody has searched yet are waiting for eyes like yours.")
    return {"text": text, "href": reverse("classify_index"), "action": _("Choose where to look")}


def _is_low(share: Share, limit: float) -> bool:
    """Enough were seen to say so, and fewer than the limit were right."""
    return share.n >= FEW // 2 and share.share < limit
