"""Pages of the archive, and the images themselves."""

from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_safe

from archive import selectors
from archive.forms import ExposureSearch
from archive.models import Exposure, IngestRecord

PER_PAGE = 12
FILES_PER_PAGE = 50
TYPES = {"jpg": "image/jpeg", "png": "image/png"}


def _etag(request: HttpRequest, key: str) -> str:
    return f'"{key.rsplit("/", 1)[-1]}"'  # the name is random and its content never changes


@require_safe
@condition(etag_func=_etag)
def image(request: HttpRequest, key: str) -> HttpResponseBase:
    """An image from the storage, for ever the same under its key. The address pattern lets nothing but such keys through."""
    try:
        response = FileResponse(default_storage.open(key, "rb"), content_type=TYPES[key.rsplit(".", 1)[-1]])
    except FileNotFoundError as error:
        raise Http404 from error
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@require_safe
def exposure_list(request: HttpRequest) -> HttpResponse:
    """All current exposures, newest first, with a search."""
    instruments, filters = selectors.instruments_and_filters()
    form = ExposureSearch(request.GET or None, instruments=instruments, filters=filters)
    form.is_valid()
    page = Paginator(selectors.search_exposures(**form.criteria()), PER_PAGE).get_page(request.GET.get("page"))
    query = urlencode({name: request.GET[name] for name in form.fields if request.GET.get(name)})
    return render(request, "archive/exposures.html", {"form": form, "page_obj": page, "query": query})


def _products(request: HttpRequest, observation_id: str) -> tuple[Exposure, list[Exposure]]:
    """The asked-for product of an observation (else the first one), and all of them. Raises Http404."""
    products = selectors.products_of(observation_id)
    wanted = request.GET.get("product")
    chosen = [exposure for exposure in products if wanted is None or _product_key(exposure) == wanted]
    if not chosen:
        raise Http404
    return chosen[0], products


def _product_key(exposure: Exposure) -> str:
    return f"{exposure.survey}:{exposure.product}"


def _tab(label: object, query: dict[str, Any], current: bool) -> dict[str, Any]:
    return {"label": label, "href": "?" + urlencode(query), "current": current}


@require_safe
def exposure_page(request: HttpRequest, observation_id: str) -> HttpResponse:
    """One exposure: what is known of it, its planes, and its cutouts."""
    exposure, products = _products(request, observation_id)
    cutouts = list(selectors.cutouts_of(exposure))
    for cutout in cutouts:
        cutout.plane.exposure = exposure
    frames = [{"cutout": cutout, "frame": selectors.frame_payload(cutout)} for cutout in cutouts]
    tabs = [_tab(f"{one.survey} {one.product}", {"product": _product_key(one)}, one is exposure) for one in products]
    context = {"exposure": exposure, "tabs": tabs[1:] and tabs, "tabs_label": _("Products"), "frames": frames}
    return render(request, "archive/exposure.html", {**context, "earlier": list(selectors.superseded_deliveries(exposure)[:20])})


@require_safe
def exposure_headers(request: HttpRequest, observation_id: str) -> HttpResponse:
    """All header cards of one header unit."""
    exposure, _others = _products(request, observation_id)
    try:
        number = int(request.GET.get("unit", 0))
        cards = exposure.headers[number] if number >= 0 else None
    except (ValueError, IndexError):
        cards = None
    if cards is None and exposure.headers:
        raise Http404
    names = {plane.index: plane.name for plane in exposure.planes.all()}
    product = _product_key(exposure)
    tabs = [_tab(names.get(unit, unit), {"product": product, "unit": unit}, unit == number) for unit in range(len(exposure.headers))]
    return render(request, "archive/headers.html", {"exposure": exposure, "cards": cards or [], "tabs": tabs, "tabs_label": _("Header units")})


@require_safe
@login_required
@permission_required("archive.ingest", raise_exception=True)
def ingest_files(request: HttpRequest) -> HttpResponse:
    """What became of every file that was offered, for the team."""
    outcome = request.GET.get("outcome", "")
    outcome = outcome if outcome in IngestRecord.Outcome.values else ""
    page = Paginator(selectors.ingest_records(outcome), FILES_PER_PAGE).get_page(request.GET.get("page"))
    counts = selectors.outcome_counts()
    labels = {"added": _("Added"), "skipped": _("Here already"), "sidecar": _("Sidecars"), "refused": _("Refused")}
    tabs = [{"label": f"{_('All')} ({sum(counts.values())})", "href": "?", "current": not outcome}]
    tabs += [{"label": f"{labels[name]} ({n})", "href": f"?outcome={name}", "current": name == outcome} for name, n in counts.items()]
    context = {"page_obj": page, "tabs": tabs, "tabs_label": _("Outcome"), "failed": list(selectors.failed_exposures()[:50]), "labels": labels}
    return render(request, "archive/files.html", {**context, "query": urlencode({"outcome": outcome}) if outcome else ""})
