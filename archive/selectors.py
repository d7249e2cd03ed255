"""Reads of exposures and cutouts. Nothing here loads numpy or astropy until pixels or the exact sky are asked for."""

import math
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from archive.models import Cutout, Exposure, IngestRecord, Plane

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

# Images that people or the software bring in for their own use: no part of the survey, never pooled or listed.
PRIVATE_SURVEYS = ("upload", "injected")


class Credit(NamedTuple):
    """What must stand under an image."""

    credit: str
    licence: str


# --- exposures -----------------------------------------------------------------------------------


def exposures() -> QuerySet[Exposure]:
    """Current exposures of the survey, newest first, each with `n_cutouts` and `thumbnail` (a storage key or None)."""
    first = Cutout.objects.filter(plane__exposure=OuterRef("pk")).exclude(thumbnail_key="").order_by("id").values("thumbnail_key")[:1]
    count = Cutout.objects.filter(plane__exposure=OuterRef("pk")).order_by().values("plane__exposure").annotate(n=Count("*")).values("n")
    current = Exposure.objects.filter(superseded_at__isnull=True).exclude(survey__in=PRIVATE_SURVEYS)
    return current.annotate(thumbnail=Subquery(first), n_cutouts=Subquery(count)).defer("headers", "orbit")


def search_exposures(*, text: str = "", instrument: str = "", filter_name: str = "") -> QuerySet[Exposure]:
    """Current exposures whose observation id, target or visit contains the text, of one instrument and filter if given."""
    found = exposures()
    if text:
        found = found.filter(Q(observation_id__icontains=text) | Q(target_name__icontains=text) | Q(visit__iexact=text))
    if instrument:
        found = found.filter(instrument=instrument)
    if filter_name:
        found = found.filter(filter=filter_name)
    return found


def instruments_and_filters() -> tuple[list[str], list[str]]:
    """The instruments and the filters that occur, sorted; two queries."""
    listed = Exposure.objects.filter(superseded_at__isnull=True).exclude(survey__in=PRIVATE_SURVEYS).order_by()
    columns = [listed.exclude(**{name: ""}).values_list(name, flat=True).distinct().order_by(name) for name in ("instrument", "filter")]
    return list(columns[0]), list(columns[1])


def products_of(observation_id: str) -> list[Exposure]:
    """All current products of one observation with their headers, composites first; an empty list if it is unknown."""
    found = Exposure.objects.filter(observation_id=observation_id, superseded_at__isnull=True).exclude(survey__in=PRIVATE_SURVEYS)
    return list(found.prefetch_related("planes").order_by("kind", "product", "survey"))


def exposures_with_parts() -> QuerySet[Exposure]:
    """All exposures of the survey, superseded ones too, with planes and cutouts prefetched."""
    return Exposure.objects.exclude(survey__in=PRIVATE_SURVEYS).prefetch_related("planes__cutouts")


def superseded_deliveries(exposure: Exposure) -> QuerySet[Exposure]:
    """Earlier deliveries of the same product, newest first."""
    same = Exposure.objects.filter(survey=exposure.survey, observation_id=exposure.observation_id, product=exposure.product)
    return same.filter(superseded_at__isnull=False).defer("headers", "orbit")


def failed_exposures() -> QuerySet[Exposure]:
    """Current exposures that could not be cut, newest first."""
    return Exposure.objects.filter(state=Exposure.State.FAILED, superseded_at__isnull=True).defer("headers", "orbit")


def ingest_records(outcome: str = "") -> QuerySet[IngestRecord]:
    """What became of the offered files, newest first."""
    records = IngestRecord.objects.select_related("exposure").defer("exposure__headers", "exposure__orbit")
    return records.filter(outcome=outcome) if outcome else records


def outcome_counts() -> dict[str, int]:
    """Number of files by outcome, with a zero where there is none."""
    counted = dict(IngestRecord.objects.order_by().values_list("outcome").annotate(n=Count("*")))
    return {outcome: counted.get(outcome, 0) for outcome in IngestRecord.Outcome.values}


# --- work to do ----------------------------------------------------------------------------------


def waiting_to_be_cut(now: datetime) -> Q:
    """Exposures nobody has cut yet, or whose worker died (its lease is over)."""
    return Q(state=Exposure.State.NEW) | Q(state=Exposure.State.CUTTING, claimed_until__lt=now)


def waiting_for_pixels(now: datetime) -> Q:
    """Cutouts without a 16-bit image that nobody works on now."""
    return Q(pixels_state=Cutout.State.NEW) | Q(pixels_state=Cutout.State.WORKING, pixels_claimed_until__lt=now)


def exposures_to_cut(now: datetime, limit: int | None = 20) -> list[int]:
    """Ids of exposures to be cut, oldest first."""
    return list(Exposure.objects.filter(waiting_to_be_cut(now)).order_by("id").values_list("pk", flat=True)[:limit])


def exposures_to_encode(now: datetime, limit: int | None = 20) -> list[int]:
    """Ids of exposures with cutouts whose 16-bit image is to be made, oldest first."""
    waiting = Cutout.objects.filter(waiting_for_pixels(now), plane__exposure=OuterRef("pk"))
    ready = Exposure.objects.filter(Exists(waiting), state=Exposure.State.CUT)
    return list(ready.order_by("id").values_list("pk", flat=True)[:limit])


def exposures_with_failed_pixels() -> list[int]:
    """Ids of exposures with cutouts whose 16-bit image could not be made."""
    failed = Cutout.objects.filter(pixels_state=Cutout.State.FAILED).order_by()
    return list(failed.values_list("plane__exposure_id", flat=True).distinct())


# --- cutouts -------------------------------------------------------------------------------------


def cutouts_of(exposure: Exposure) -> QuerySet[Cutout]:
    """All cutouts of one exposure, plane by plane."""
    return Cutout.objects.filter(plane__exposure=exposure).select_related("plane").order_by("plane__index", "id")


def cutouts_ready() -> QuerySet[Cutout]:
    """Cutouts that can be shown: of current exposures of the survey, with a preview; plane and exposure come along."""
    shown = _placed().filter(plane__exposure__superseded_at__isnull=True).exclude(preview_key="")
    shown = shown.exclude(plane__exposure__survey__in=PRIVATE_SURVEYS)
    return shown.order_by("id")


def cutouts_by_visit(cutouts: QuerySet[Cutout]) -> list[list[Cutout]]:
    """Return these cutouts together with the others of their visit: a list for each (survey, visit, product); alone without a visit.

    Those of a visit of which an exposure is still to be cut wait: they are left out. Only what grouping needs is loaded.
    """
    part = Exposure.objects.filter(superseded_at__isnull=True).exclude(visit="").filter(Q(state=Exposure.State.NEW) | Q(state=Exposure.State.CUTTING))
    same = {name: OuterRef(f"plane__exposure__{name}") for name in ("survey", "visit", "product")}
    names = ("plane", "plane__exposure", *(f"plane__exposure__{name}" for name in same))
    rows = cutouts.filter(~Exists(part.filter(**same))).only("footprint", "pixel_scale_arcsec", *names)
    found: dict[tuple[Any, ...], list[Cutout]] = {}
    for row in rows:
        exposure = row.plane.exposure
        key = (exposure.survey, exposure.visit, exposure.product) if exposure.visit else (row.pk,)
        found.setdefault(key, []).append(row)
    return list(found.values())


def new_cutouts_after(cutout_id: int) -> QuerySet[Cutout]:
    """Ready cutouts with a higher id. Ids of open transactions may still come in below: lag the cursor, or use an anti-join."""
    return cutouts_ready().filter(pk__gt=cutout_id)


def cutouts_with_pixels() -> QuerySet[Cutout]:
    """Ready cutouts whose 16-bit image is there too: what a detector can be trained on and run over."""
    return cutouts_ready().filter(pixels_state=Cutout.State.READY)


def withdrawn_cutouts() -> QuerySet[Cutout]:
    """Cutouts of exposures that a later delivery has superseded."""
    return Cutout.objects.filter(plane__exposure__superseded_at__isnull=False).order_by("id")


def get_cutout(cutout_id: int) -> Cutout:
    """One cutout with its plane and exposure. Raises Cutout.DoesNotExist."""
    return _placed().get(pk=cutout_id)


def _placed() -> QuerySet[Cutout]:
    """Cutouts with plane and exposure, without the long header cards."""
    return Cutout.objects.select_related("plane__exposure").defer("plane__exposure__headers", "plane__exposure__orbit")


def plane_ids_of(exposure_id: int) -> list[int]:
    """Ids of the planes of an exposure in the order of the file."""
    return list(Plane.objects.filter(exposure_id=exposure_id).order_by("index").values_list("pk", flat=True))


# --- what a page or a player needs of one cutout -------------------------------------------------


def image_url(key: str) -> str:
    """The address of a stored image; '' for no key."""
    return reverse("archive-image", args=[key]) if key else ""


def preview_url(cutout: Cutout) -> str:
    """Address of the 8-bit preview."""
    return image_url(cutout.preview_key)


def thumbnail_url(cutout: Cutout) -> str:
    """Address of the small preview for lists."""
    return image_url(cutout.thumbnail_key or cutout.preview_key)


def pixels_url(cutout: Cutout) -> str:
    """Address of the 16-bit PNG; '' until it is made."""
    return image_url(cutout.pixels_key)


def credit_of(cutout: Cutout) -> Credit:
    """Credit and licence of a cutout's exposure."""
    return Credit(cutout.plane.exposure.credit, cutout.plane.exposure.licence)


def frame_payload(cutout: Cutout) -> dict[str, Any]:
    """One frame as the classify page and the API get it. `pixels` is null until the 16-bit image is made."""
    credit, licence = credit_of(cutout)
    return {
        "preview": preview_url(cutout),
        "pixels": pixels_url(cutout) or None,
        "width": cutout.width,
        "height": cutout.height,
        "wcs": linear_wcs(cutout),
        "credit": credit,
        "licence": licence,
    }


def linear_wcs(cutout: Cutout) -> dict[str, Any] | None:
    """Return a tangent-plane approximation for display, from the stored corners: good to a few pixels at the edges of a distorted chip.

    `crval` (RA, Dec of the centre, degrees ICRS), `crpix` (its 0-based pixel), `cd` ([[dxi/dx, dxi/dy], [deta/dx, deta/dy]],
    degrees per cutout pixel, no rotation hidden elsewhere). None without coordinates. Measurements use `sky_of`.
    """
    if cutout.footprint is None or cutout.ra_deg is None or cutout.dec_deg is None:
        return None
    corners = [_tangent(ra, dec, cutout.ra_deg, cutout.dec_deg) for ra, dec in cutout.footprint]
    (tl, tr, br, bl), w, h = corners, cutout.width, cutout.height
    cd = [[(tr[i] + br[i] - tl[i] - bl[i]) / (2 * w), (bl[i] + br[i] - tl[i] - tr[i]) / (2 * h)] for i in (0, 1)]
    return {"crval": [cutout.ra_deg, cutout.dec_deg], "crpix": [(w - 1) / 2, (h - 1) / 2], "cd": cd}


def _tangent(ra: float, dec: float, ra0: float, dec0: float) -> tuple[float, float]:
    """Project a place onto the plane that touches the sky at (ra0, dec0) (gnomonic); all in degrees."""
    a, d, d0 = math.radians(ra - ra0), math.radians(dec), math.radians(dec0)
    scale = math.sin(d) * math.sin(d0) + math.cos(d) * math.cos(d0) * math.cos(a)
    xi = math.cos(d) * math.sin(a) / scale
    eta = (math.sin(d) * math.cos(d0) - math.cos(d) * math.sin(d0) * math.cos(a)) / scale
    return math.degrees(xi), math.degrees(eta)


# --- pixels and the exact sky (these load numpy and astropy) -------------------------------------


def open_plane_pixels(plane_id: int) -> AbstractContextManager["NDArray[np.float32]"]:
    """Open a plane: `with open_plane_pixels(id) as pixels:` gives float32 (H, W) in the file's unit, NaN = no data, on any machine."""
    from archive import pixels  # noqa: PLC0415 - astropy stays out of the web process until it is needed

    return pixels.open_plane_pixels(plane_id)


def pixels_in_sigma(cutout_id: int) -> "NDArray[np.float32]":
    """Return a cutout (H, W) in sky sigmas above the sky, NaN = no data. Raises Cutout.DoesNotExist, FileNotFoundError."""
    from archive import pixels  # noqa: PLC0415

    return pixels.pixels_in_sigma(Cutout.objects.get(pk=cutout_id))


def registration(cutout_id: int, first_id: int) -> tuple[list[float], float] | None:
    """Return ([a, b, c, d, e, f], miss in px): pixel (x, y) of a cutout lies at (a x + c y + e, b x + d y + f) of the first one.

    By the full WCS of both, fitted; None where there is none.
    """
    from archive import pixels  # noqa: PLC0415

    rows = _placed().in_bulk([cutout_id, first_id])
    return pixels.map_to(rows[cutout_id], rows[first_id])


def sky_of(cutout_id: int, x: "ArrayLike", y: "ArrayLike") -> tuple["NDArray[np.float64]", "NDArray[np.float64]"] | None:
    """Return (ra_deg, dec_deg), ICRS, of places in a cutout by the full WCS with all distortions; None without one."""
    from archive import pixels  # noqa: PLC0415

    return pixels.cutout_to_sky(get_cutout(cutout_id), x, y)


def pending() -> dict[str, int]:
    """How much waits or failed: exposures to cut, cutouts to encode, failed ones; for dashboards."""
    by_state = dict(Exposure.objects.order_by().values_list("state").annotate(n=Count("*")))
    by_pixels = dict(Cutout.objects.order_by().values_list("pixels_state").annotate(n=Count("*")))
    return {
        "exposures": sum(by_state.values()),
        "exposures_waiting": by_state.get("new", 0) + by_state.get("cutting", 0),
        "exposures_failed": by_state.get("failed", 0),
        "cutouts": sum(by_pixels.values()),
        "pixels_waiting": by_pixels.get("new", 0) + by_pixels.get("working", 0),
        "pixels_failed": by_pixels.get("failed", 0),
    }
