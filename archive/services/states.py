"""Who works on what: claims by compare-and-set with a lease, and giving failed work another chance."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from archive import selectors
from archive.models import Cutout, Exposure
from core.services import audit

LEASE = timedelta(minutes=15)  # far longer than the largest mosaic takes
MAX_ATTEMPTS = 5


def claim_exposure(exposure_id: int, *, now: datetime) -> Exposure | None:
    """Claim an exposure for cutting; exactly one claimer gets it, others get None. One that killed its workers too often fails."""
    waiting = Exposure.objects.filter(selectors.waiting_to_be_cut(now), pk=exposure_id)
    worn_out = waiting.filter(attempt__gte=MAX_ATTEMPTS).update(
        state=Exposure.State.FAILED,
        claimed_until=None,
        error=f"The worker died {MAX_ATTEMPTS} times while cutting it (too little memory?). See its log, then choose 'Retry'.",
    )
    if worn_out or not waiting.update(state=Exposure.State.CUTTING, claimed_until=now + LEASE, attempt=F("attempt") + 1, error=""):
        return None
    return Exposure.objects.defer("headers").get(pk=exposure_id)


def finish_exposure(exposure: Exposure, *, warnings: list[str]) -> bool:
    """Mark a claimed exposure as cut; False when the lease was lost to another worker."""
    return _end(exposure, state=Exposure.State.CUT, warnings=warnings, attempt=0)


def fail_exposure(exposure: Exposure, *, error: str) -> bool:
    """Mark a claimed exposure as failed, with the reason."""
    return _end(exposure, state=Exposure.State.FAILED, error=error[:4000])


def _end(exposure: Exposure, **fields: Any) -> bool:
    mine = Exposure.objects.filter(pk=exposure.pk, state=Exposure.State.CUTTING, claimed_until=exposure.claimed_until)
    return bool(mine.update(claimed_until=None, **fields))


def claim_pixels(exposure_id: int, *, now: datetime, cutout_id: int | None = None) -> list[Cutout]:
    """Claim the cutouts of an exposure (or only one of them) that wait for their 16-bit image, plane by plane."""
    waiting = Cutout.objects.filter(selectors.waiting_for_pixels(now))
    wanted = waiting.filter(plane__exposure_id=exposure_id)
    ids = list((wanted if cutout_id is None else wanted.filter(pk=cutout_id)).values_list("pk", flat=True))
    until = now + LEASE
    mine = [pk for pk in ids if waiting.filter(pk=pk).update(pixels_state=Cutout.State.WORKING, pixels_claimed_until=until, error="")]
    return list(Cutout.objects.filter(pk__in=mine).select_related("plane").order_by("plane__index", "id"))


def end_pixels(cutout: Cutout, **fields: Any) -> bool:
    """Store the outcome of a claimed cutout's 16-bit image; False when the lease was lost to another worker."""
    mine = Cutout.objects.filter(pk=cutout.pk, pixels_state=Cutout.State.WORKING, pixels_claimed_until=cutout.pixels_claimed_until)
    return bool(mine.update(pixels_claimed_until=None, **fields))


def cut_again(exposure_ids: Iterable[int], *, now: datetime, actor: Any = None, native: bool | None = None) -> int:
    """Queue exposures for cutting once more: missing cutouts and previews are made, good ones stay. Returns how many were queued."""
    idle = Exposure.objects.filter(pk__in=list(exposure_ids)).exclude(state=Exposure.State.CUTTING, claimed_until__gte=now)
    chosen = list(idle.values_list("pk", flat=True))
    fields: dict[str, Any] = {"state": Exposure.State.NEW, "attempt": 0, "error": "", "claimed_until": None}
    if native is not None:
        fields["native"] = native
    queued = idle.filter(pk__in=chosen).update(**fields)
    for pk in chosen:
        audit(actor=actor, verb="cut again", object_type="exposure", object_id=str(pk), now=now)
    return queued


def retry_failed(exposure_ids: Iterable[int], *, now: datetime, actor: Any = None) -> int:
    """Give failed exposures, and failed 16-bit images of these exposures, another chance. Returns how many rows wait again."""
    chosen = list(exposure_ids)
    exposures = Exposure.objects.filter(pk__in=chosen, state=Exposure.State.FAILED).update(state=Exposure.State.NEW, attempt=0, error="")
    failed = Cutout.objects.filter(plane__exposure_id__in=chosen, pixels_state=Cutout.State.FAILED)
    cutouts = failed.update(pixels_state=Cutout.State.NEW, error="")
    for pk in chosen if exposures or cutouts else []:
        audit(actor=actor, verb="retry", object_type="exposure", object_id=str(pk), now=now)
    return exposures + cutouts
