"""Writes simulated exposures as FITS files that look like HST's drizzled products, and say that they are none."""

import math
from pathlib import Path
from typing import Any

from astropy.io import fits
from astropy.time import Time

from sky.instruments.hst import SIMULATED_CREDIT, SIMULATED_KEYWORD, SIMULATED_LICENCE
from sky.simulate.exposure import SimulatedExposure
from sky.simulate.spec import ZERO_POINTS_AB, SimulationSpec

PIVOT_ANGSTROM = {"F814W": 8045.0, "F606W": 5921.1, "F775W": 7692.4, "F475W": 4746.9}
QUANTIZE_LEVEL = 8.0  # steps of a row's noise; finer than the 16-bit cutouts made from it
DITHER_SEED = 1


def write_fits(exposure: SimulatedExposure, path: Path) -> dict[str, Any]:
    """Write a RICE-compressed file (about 3 MB for 2100 x 2100 px, NaN kept) and return the truth as plain data for JSON.

    The truth is never in the file. An existing file is replaced.
    """
    primary = fits.PrimaryHDU()
    for key, value, comment in _cards(exposure.spec, path.name):
        primary.header[key] = (value, comment)
    header = exposure.wcs.to_header()
    step = exposure.spec.pixel_scale_arcsec / 3600.0
    for key in ("PC1_1", "PC1_2", "PC2_1", "PC2_2", "CDELT1", "CDELT2"):
        header.remove(key, ignore_missing=True)
    header.update({"CD1_1": -step, "CD1_2": 0.0, "CD2_1": 0.0, "CD2_2": step, "WCSNAME": "SIMULATED"})
    header["BUNIT"] = "ELECTRONS/S"
    image = fits.CompImageHDU(
        exposure.pixels,
        header=header,
        name="SCI",
        compression_type="RICE_1",
        quantize_level=QUANTIZE_LEVEL,
        quantize_method=1,
        dither_seed=DITHER_SEED,
    )
    fits.HDUList([primary, image]).writeto(path, overwrite=True)
    return {
        "rootname": exposure.spec.rootname,
        "sky_sigma": exposure.sky_sigma,
        "objects": [item.as_json() for item in exposure.truth],
    }


def _cards(spec: SimulationSpec, name: str) -> list[tuple[str, Any, str]]:
    pivot, zero_point = PIVOT_ANGSTROM[spec.filter], ZERO_POINTS_AB[spec.filter]
    photflam = 10 ** (-0.4 * (zero_point + 5 * math.log10(pivot) + 2.408))
    date, time = Time(spec.start_mjd, format="mjd").isot.split("T")
    cards: list[tuple[str, Any, str]] = [
        (SIMULATED_KEYWORD, True, "SIMULATED by Hunter: not a real observation"),
        ("TELESCOP", "HST", "imitated telescope"),
        ("INSTRUME", "ACS", "imitated instrument"),
        ("DETECTOR", "WFC", "imitated detector"),
        ("ROOTNAME", spec.rootname, "name of the simulated observation"),
        ("SIMVISIT", spec.visit or spec.rootname, "exposures of one visit show the same field"),
        ("FILENAME", name, "name of file"),
        ("OBSTYPE", "IMAGING", "observation type"),
        ("PROPOSID", "0", "no proposal"),
        ("TARGNAME", "SIMULATED-FIELD", "simulated field"),
        ("RA_TARG", spec.ra_deg, "right ascension of the field (deg)"),
        ("DEC_TARG", spec.dec_deg, "declination of the field (deg)"),
        ("DATE-OBS", date, "UT date of start of first member"),
        ("TIME-OBS", time, "UT time of start of first member"),
        ("EXPSTART", spec.start_mjd, "start of first member (MJD UTC)"),
        ("EXPEND", spec.end_mjd, "end of last member (MJD UTC)"),
        ("EXPTIME", spec.exposure_time_s, "sum of members' exposure times (s)"),
        ("EXPFLAG", "NORMAL", "exposure interruption indicator"),
        ("MTFLAG", "", "moving target flag"),
        ("FILTER1", spec.filter if spec.filter == "F606W" else "CLEAR1L", "element in filter wheel 1"),
        ("FILTER2", "CLEAR2L" if spec.filter == "F606W" else spec.filter, "element in filter wheel 2"),
        ("CCDGAIN", 2.0, "commanded gain"),
        ("SUBARRAY", False, "data from a subarray"),
        ("ORIENTAT", 0.0, "position angle of image y axis (deg)"),
        ("PHOTFLAM", photflam, "inverse sensitivity (erg/cm2/A/e-)"),
        ("PHOTPLAM", pivot, "pivot wavelength (A)"),
        ("PHOTZPT", -21.1, "ST magnitude zero point"),
        ("MDRIZSKY", 0.0, "sky subtracted from the members (e-/s)"),
        ("NDRIZIM", spec.members, "number of members"),
        ("CREDIT", SIMULATED_CREDIT, "credit"),
        ("LICENCE", SIMULATED_LICENCE, "licence"),
    ]
    x, y, z = (float(part) for part in spec.hst.position_km(spec.start_mjd))
    cards += [("POSTNSTX", x, "HST at start, geocentric (km)"), ("POSTNSTY", y, ""), ("POSTNSTZ", z, "")]
    members = range(1, spec.members + 1) if spec.members > 1 else range(0)
    return cards + [(f"D{number:03d}DATA", f"{spec.rootname}{chr(96 + number)}_flt.fits[sci,1]", "member") for number in members]
