"""FITS images of a telescope that Hunter does not know by name: the standard keywords, and no more."""

import hashlib
from pathlib import Path
from typing import Any

from sky.instruments import planes
from sky.instruments.records import ExposureRecord


def claims(primary: Any) -> bool:
    """Take any FITS file: this adapter stands last."""
    return True


def describe(path: Path, hdus: Any) -> ExposureRecord:
    """Return the record of an opened FITS file; what the header does not say stays empty."""
    found, left_out = planes.describe_planes(hdus)
    header = {**hdus[found[0].index].header, **hdus[0].header}
    headers = [planes.cards(hdu.header) for hdu in hdus]
    digest = hashlib.sha256(repr(headers).encode()).hexdigest()[:8]
    start = _number(header.get("MJD-OBS"))
    exposure_s = _number(header.get("EXPTIME", header.get("EXPOSURE")))
    return ExposureRecord(
        survey=str(header.get("TELESCOP", "")).strip() or "fits",
        observation_id=f"{path.name.split('.')[0]}-{digest}",
        product="",
        kind="single",
        planes=found,
        instrument=str(header.get("INSTRUME", "")).strip(),
        detector=str(header.get("DETECTOR", "")).strip(),
        filter=str(header.get("FILTER", "")).strip(),
        start_mjd=start,
        end_mjd=None if start is None or exposure_s is None else start + exposure_s / 86400.0,
        exposure_time_s=exposure_s,
        ra_deg=found[0].ra_deg,
        dec_deg=found[0].dec_deg,
        pixel_scale_arcsec=found[0].pixel_scale_arcsec,
        bunit=str(header.get("BUNIT", "")).strip(),
        target_name=str(header.get("OBJECT", "")).strip(),
        headers=headers,
        warnings=(*left_out, "The telescope is not known to Hunter: only standard keywords were read."),
    )


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
