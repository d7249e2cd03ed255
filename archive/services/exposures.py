"""Files come in: each becomes an exposure, a known one, a sidecar or a refusal, and is recorded as such."""

import logging
import math
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import CharField

from archive import originals
from archive.models import Exposure, IngestRecord, Plane
from core import files
from sky import instruments

log = logging.getLogger(__name__)
Outcome = IngestRecord.Outcome
_MJD_ZERO = datetime(1858, 11, 17, tzinfo=UTC)
NO_CREDIT = "source not stated"
_IDENTITY = ("survey", "observation_id", "product")
_TEXTS = (*_IDENTITY, "kind", "visit", "instrument", "detector", "filter", "bunit", "target_name", "proposal_id", "credit", "licence")
_NUMBERS = ("start_mjd", "end_mjd", "exposure_time_s", "ra_deg", "dec_deg", "pixel_scale_arcsec", "photflam", "photplam", "zero_point_ab_mag")


@dataclass(frozen=True)
class Original:
    """What is known of a file beside its content's meaning."""

    source: str
    checksum: str
    size_bytes: int
    mtime_ns: int | None
    store_key: str
    wcs_key: str


@dataclass(frozen=True)
class Report:
    """What became of one offered file: outcome is 'added', 'skipped', 'sidecar' or 'refused'; the reason is for people."""

    path: Path
    outcome: str
    reason: str = ""
    exposure_id: int | None = None
    size_bytes: int = 0
    checksum: str = ""


class Refused(Exception):
    """The archive cannot take a file; the message says why and what to do."""


class CameInTwice(Refused):
    """Another process stored the same product at the same moment."""


def ingest_path(path: Path, *, now: datetime, store: bool = False, native: bool = False) -> Report:
    """Bring one file in (without cutting it), record what became of it, and return that. Safe to repeat.

    `store` copies the original into the storage; `native` asks for tiles at the pixels' own scale. Bad files give a report, never an
    exception; errors of the database or the storage are raised.
    """
    path = Path(path).absolute()
    try:
        path.as_posix().encode()
        report = _offer(path, now=now, store=store, native=native)
    except instruments.Sidecar as error:
        report = Report(path, Outcome.SIDECAR, error.reason)
    except (instruments.Unreadable, Refused) as error:
        report = Report(path, Outcome.REFUSED, str(error))
    except UnicodeEncodeError:
        safe = Path(str(path).encode("utf-8", "backslashreplace").decode())
        report = Report(safe, Outcome.REFUSED, "The name of the file is not valid UTF-8. Rename it.")
    _record(report, now=now)
    return report


def _offer(path: Path, *, now: datetime, store: bool, native: bool) -> Report:
    status = _status(path)
    same = Exposure.objects.filter(source=str(path), size_bytes=status.st_size, source_mtime_ns=status.st_mtime_ns).first()
    checksum = same.checksum if same else _checksum(path)
    known = same or Exposure.objects.filter(checksum=checksum).order_by("-id").first()
    if known:
        return _welcome_back(known, path, status, store=store)
    record = _read(path)
    after = _status(path)
    if (after.st_size, after.st_mtime_ns) != (status.st_size, status.st_mtime_ns):
        raise Refused("The file changed while it was being read (still being copied?). Offer it again when it is complete.")
    original = Original(
        source=str(path),
        checksum=checksum,
        size_bytes=status.st_size,
        mtime_ns=status.st_mtime_ns,
        store_key=originals.store_original(path, checksum=checksum) if store else "",
        wcs_key=originals.store_wcs(instruments.wcs_file(path), checksum=checksum),
    )
    try:
        exposure, old = add_exposure(record, original, now=now, native=native)
    except CameInTwice:
        if twin := Exposure.objects.filter(checksum=checksum).first():
            return _welcome_back(twin, path, status, store=store)
        raise
    reason = f"New delivery of {exposure}; the one of {old.created_at:%Y-%m-%d} is superseded." if old else " ".join(record.warnings)
    return Report(path, Outcome.ADDED, reason, exposure.pk, status.st_size, checksum)


def _status(path: Path) -> Any:
    try:
        status = path.stat()
    except FileNotFoundError as error:
        if path.is_symlink():
            raise Refused(f"The link {path} leads nowhere.") from error
        raise Refused(f"There is no file or folder {path}. Check the path.") from error
    except OSError as error:
        raise Refused(f"The file cannot be opened ({error.strerror}).") from error
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):  # opening a pipe would wait for ever; a folder says so itself
        raise Refused("This is not a regular file (but a pipe, a socket or a device).")
    return status


def _checksum(path: Path) -> str:
    try:
        return files.sha256_of(path)
    except OSError as error:
        raise Refused(f"The file cannot be read ({error.strerror}).") from error


def _read(path: Path) -> instruments.ExposureRecord:
    try:
        return instruments.read(path)
    except instruments.Unreadable:
        raise
    except MemoryError as error:
        raise Refused("The file needs more memory than there is.") from error
    except Exception as error:  # a file can break the libraries in ways that nobody foresaw; it must not stop the others
        log.exception("%s could not be read", path)
        raise Refused(f"The file cannot be read as an image ({type(error).__name__}: {error}).") from error


def _welcome_back(known: Exposure, path: Path, status: Any, *, store: bool) -> Report:
    """A file that is here already: renew the link if the old one is broken, copy the original if that was asked for."""
    reason = f"Already here as {known}."
    if known.superseded_at:
        reason = f"Already here: an earlier delivery of {known}, since superseded."
    if str(path) == known.source and known.source_mtime_ns != status.st_mtime_ns:
        Exposure.objects.filter(pk=known.pk).update(source_mtime_ns=status.st_mtime_ns)
    elif str(path) != known.source and not originals.is_same_file(Path(known.source), known):
        Exposure.objects.filter(pk=known.pk).update(source=str(path), source_mtime_ns=status.st_mtime_ns)
        reason += " Its original is now linked at this place."
    if store and not known.store_key:
        key = originals.store_original(path, checksum=known.checksum)
        Exposure.objects.filter(pk=known.pk).update(store_key=key)
        reason += " Its original is now copied to the storage."
    return Report(path, Outcome.SKIPPED, reason, known.pk, known.size_bytes, known.checksum)


def add_exposure(record: instruments.ExposureRecord, original: Original, *, now: datetime, native: bool = False) -> tuple[Exposure, Exposure | None]:
    """Store an exposure and its planes in one transaction; return it and the delivery that it supersedes, if any.

    Raises CameInTwice where the same product comes in twice at the same moment.
    """
    fields = _fields(record)
    try:
        with transaction.atomic():
            old = Exposure.objects.select_for_update().filter(superseded_at__isnull=True, **{name: fields[name] for name in _IDENTITY}).first()
            if old:
                Exposure.objects.filter(pk=old.pk).update(superseded_at=now)
            exposure = Exposure.objects.create(
                **fields,
                supersedes=old,
                native=native,
                source=original.source,
                source_mtime_ns=original.mtime_ns,
                store_key=original.store_key,
                wcs_key=original.wcs_key,
                checksum=original.checksum,
                size_bytes=original.size_bytes,
                created_at=now,
            )
            Plane.objects.bulk_create(_plane(exposure, plane) for plane in record.planes)
    except IntegrityError as error:
        raise CameInTwice("The same exposure came in twice at the same moment. Offer the file again.") from error
    return exposure, old


def _fields(record: instruments.ExposureRecord) -> dict[str, Any]:
    """Turn a record into fields of the row: texts that fit, no NUL (which PostgreSQL does not hold), times with a zone."""
    fields: dict[str, Any] = {name: _fit(name, getattr(record, name)) for name in _TEXTS}
    fields["credit"] = fields["credit"] or NO_CREDIT
    fields |= {name: _finite(getattr(record, name)) for name in _NUMBERS}
    fields |= {"start": utc(record.start_mjd), "end": utc(record.end_mjd), "simulated": record.simulated}
    for name in ("filters_raw", "headers", "orbit", "members", "warnings"):
        fields[name] = _without_nul(getattr(record, name))
    return fields


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _fit(name: str, value: str) -> str:
    field = Exposure._meta.get_field(name)
    value = value.replace("\x00", "")
    limit = field.max_length if isinstance(field, CharField) else None
    if limit is None or len(value) <= limit:
        return value
    if name == "observation_id":
        raise Refused(f"The name of the observation is longer than {limit} characters. Give the file a shorter name.")
    return value[:limit]


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(inner) for key, inner in value.items()}
    if isinstance(value, Iterable):
        return [_without_nul(inner) for inner in value]
    return value


def utc(mjd: float | None) -> datetime | None:
    """Return an MJD (UTC) as an aware time to the microsecond; None for none, or one outside the calendar."""
    try:
        return None if mjd is None else _MJD_ZERO + timedelta(days=mjd)
    except (OverflowError, ValueError):
        return None


def _plane(exposure: Exposure, plane: instruments.PlaneRecord) -> Plane:
    return Plane(
        exposure=exposure,
        index=plane.index,
        name=plane.name[:20],
        width=plane.width,
        height=plane.height,
        has_wcs=plane.wcs is not None,
        pixel_scale_arcsec=plane.pixel_scale_arcsec,
        ra_deg=plane.ra_deg,
        dec_deg=plane.dec_deg,
        footprint=plane.footprint,
    )


def _record(report: Report, *, now: datetime) -> None:
    """Keep what became of the file: one row per path, the newest outcome. A file that came in once stays 'added' when offered again."""
    path = str(report.path)
    if len(path) > 1000:
        path = f"...{path[-990:]}"
    if report.outcome == Outcome.SKIPPED and IngestRecord.objects.filter(path=path, checksum=report.checksum, outcome=Outcome.ADDED).exists():
        return
    IngestRecord.objects.update_or_create(
        path=path,
        defaults={
            "checksum": report.checksum,
            "outcome": report.outcome,
            "reason": report.reason.replace("\x00", ""),
            "exposure_id": report.exposure_id,
            "at": now,
        },
    )
