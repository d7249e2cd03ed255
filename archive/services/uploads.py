"""Images that come as bytes: a person's upload, or one that the software made (an injected trail)."""

import hashlib
import re
import tempfile
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from archive import originals
from archive.models import Cutout, Exposure
from archive.services.cutouts import cut_exposure
from archive.services.exposures import Original, add_exposure
from sky import instruments

MAX_BYTES = 100_000_000  # as much as the proxy lets through


@dataclass(frozen=True)
class Stored:
    """A stored image: its exposure and its cutouts, in the order of the planes."""

    exposure_id: int
    cutout_ids: tuple[int, ...]


def store_uploaded_image(data: bytes, name: str, now: datetime, *, survey: str = "upload", credit: str = "", licence: str = "") -> Stored:
    """Store an image given as bytes (FITS, PNG or JPEG) and cut it; the same image gives the same exposure again.

    `survey` is 'upload' or 'injected': such exposures are never pooled or listed. `name` is kept as the source. Of a picture only the
    pixels are kept. Raises sky.instruments.Unreadable with a sentence for people when the bytes are no usable image.
    """
    if len(data) > MAX_BYTES:
        raise instruments.Unreadable(f"The file has {len(data):,} bytes; at most {MAX_BYTES:,} are taken. Cut the image into smaller files.")
    data = instruments.pixels_only(data)
    checksum = hashlib.sha256(data).hexdigest()
    exposure = Exposure.objects.filter(survey=survey, checksum=checksum).first()
    if exposure is None:
        exposure = _add(data, name, checksum, now=now, survey=survey, credit=credit, licence=licence)
    report = cut_exposure(exposure.pk, now=now)
    if report and report.error:
        raise instruments.Unreadable(report.error)
    ids = Cutout.objects.filter(plane__exposure=exposure).order_by("plane__index", "id").values_list("pk", flat=True)
    return Stored(exposure.pk, tuple(ids))


def _add(data: bytes, name: str, checksum: str, *, now: datetime, survey: str, credit: str, licence: str) -> Exposure:
    with tempfile.TemporaryDirectory(prefix="hunter-") as folder:
        path = Path(folder) / f"{_safe_stem(name)}.{_ending(data)}"
        path.write_bytes(data)
        record = instruments.read(path)
        original = Original(
            source=f"{survey}: {name}"[:1000],
            checksum=checksum,
            size_bytes=len(data),
            mtime_ns=None,
            store_key=originals.store_original(path, checksum=checksum),
            wcs_key=originals.store_wcs(instruments.wcs_file(path), checksum=checksum),
        )
    # Named after its content: two uploads of one name are two images, and none supersedes an exposure of the survey.
    record = replace(
        record,
        survey=survey,
        observation_id=f"{_safe_stem(name)[:40]}-{checksum[:16]}",
        credit=credit or record.credit,
        licence=licence or record.licence,
    )
    return add_exposure(record, original, now=now)[0]


def _ending(data: bytes) -> str:
    """Return the ending that the content deserves; the one that the sender wrote proves nothing."""
    return "png" if data.startswith(b"\x89PNG") else "fits.gz" if data.startswith(b"\x1f\x8b") else "fits"


def _safe_stem(name: str) -> str:
    """Return a file name without folders, ending and odd characters; never a word that would make it a sidecar."""
    stem = re.sub(r"[^A-Za-z0-9]+", "-", Path(name).name.split(".")[0]).strip("-")
    return stem[:80] or "image"
