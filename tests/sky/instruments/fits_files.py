"""Small FITS files with the layout of real ones, written on the spot."""

from pathlib import Path

import numpy as np
from astropy.io import fits

PIXELS = np.random.default_rng(1).normal(100.0, 5.0, (96, 128)).astype(np.float32)


def primary(**cards) -> fits.PrimaryHDU:
    hdu = fits.PrimaryHDU()
    base = {"TELESCOP": "HST", "INSTRUME": "ACS", "DETECTOR": "WFC", "ROOTNAME": "j8pu25fvq", "EXPTIME": 507.0}
    for key, value in {**base, **cards}.items():
        hdu.header[key] = value
    return hdu


def wcs_cards(*, ra_deg=150.1, dec_deg=2.2, scale_arcsec=0.05, shape=PIXELS.shape) -> dict:
    step = scale_arcsec / 3600
    return {
        "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": ra_deg, "CRVAL2": dec_deg,
        "CRPIX1": (shape[1] + 1) / 2, "CRPIX2": (shape[0] + 1) / 2,
        "CD1_1": -step, "CD1_2": 0.0, "CD2_1": 0.0, "CD2_2": step,
    }  # fmt: skip


def science(pixels=PIXELS, *, ver=1, name="SCI", **cards) -> fits.ImageHDU:
    hdu = fits.ImageHDU(pixels, name=name, ver=ver)
    hdu.header.update({**wcs_cards(shape=pixels.shape), **cards})
    return hdu


def write(path: Path, *hdus) -> Path:
    fits.HDUList(list(hdus)).writeto(path)
    return path
