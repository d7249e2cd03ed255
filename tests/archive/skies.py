"""Small HST-like files for the tests of the archive, made on the spot."""

import gzip
from pathlib import Path

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

SKY, NOISE = 0.05, 0.004  # e-/s


def sky_image(width: int, height: int, *, seed: int = 1) -> NDArray[np.float32]:
    """Noise on a level, and a few bright spots."""
    rng = np.random.default_rng(seed)
    image = rng.normal(SKY, NOISE, size=(height, width)).astype(np.float32)
    for x, y in rng.uniform(10, [width - 10, height - 10], size=(20, 2)).astype(int):
        image[y - 1 : y + 2, x - 1 : x + 2] += 40 * NOISE
    return image


def primary(rootname: str, **cards: object) -> fits.PrimaryHDU:
    """The primary header of an ACS/WFC file."""
    hdu = fits.PrimaryHDU()
    defaults = {
        "TELESCOP": "HST", "INSTRUME": "ACS", "DETECTOR": "WFC", "ROOTNAME": rootname, "FILTER1": "CLEAR1L", "FILTER2": "F814W",
        "EXPSTART": 55685.25, "EXPEND": 55685.258, "EXPTIME": 650.0, "TARGNAME": "ANY", "PROPOSID": 12345, "NEXTEND": 1,
    }  # fmt: skip
    hdu.header.update({**defaults, **cards})
    return hdu


def place(header: fits.Header, *, ra: float, dec: float, scale: float, sip: bool) -> None:
    """Write a TAN WCS (rotated by 30 degrees), with SIP terms of an ACS chip's size if asked for."""
    width, height = header["NAXIS1"], header["NAXIS2"]
    step, turn = scale / 3600.0, np.radians(30.0)
    suffix = "-SIP" if sip else ""
    header.update({"CTYPE1": f"RA---TAN{suffix}", "CTYPE2": f"DEC--TAN{suffix}", "CRVAL1": ra, "CRVAL2": dec, "RADESYS": "ICRS"})
    header.update({"CRPIX1": width / 2, "CRPIX2": height / 2, "CUNIT1": "deg", "CUNIT2": "deg"})
    header.update({"CD1_1": -step * np.cos(turn), "CD1_2": step * np.sin(turn), "CD2_1": step * np.sin(turn), "CD2_2": step * np.cos(turn)})
    if sip:
        header.update({"A_ORDER": 2, "B_ORDER": 2, "A_2_0": 8e-6, "A_1_1": -5e-6, "B_0_2": -7e-6, "B_1_1": 6e-6})


def write_drz(
    path: Path, *, width: int = 300, height: int = 280, scale: float = 0.05, rootname: str = "jbt1a3010", seed: int = 1, **cards: object
) -> Path:
    """Write a one-plane file with SCI and WHT. A name that ends in .gz is compressed."""
    science = fits.ImageHDU(sky_image(width, height, seed=seed), name="SCI", ver=1)
    science.header.update({"PHOTFLAM": 7.07e-20, "PHOTPLAM": 8059.8, "BUNIT": "ELECTRONS/S"})
    place(science.header, ra=150.1, dec=2.2, scale=scale, sip=False)
    weight = fits.ImageHDU(np.ones((height, width), np.float32), name="WHT", ver=1)
    return _write(fits.HDUList([primary(rootname, **cards), science, weight]), path)


def write_flc(path: Path, *, width: int = 400, height: int = 200, rootname: str = "jbt1a3abq") -> Path:
    """Write a two-chip file (SCI, ERR, DQ twice) with SIP distortion, the chips at different places."""
    hdus = [primary(rootname)]
    for version, chip in ((1, 2), (2, 1)):
        science = fits.ImageHDU(1000 * sky_image(width, height, seed=version), name="SCI", ver=version)
        science.header.update({"CCDCHIP": chip, "PHOTFLAM": 7.07e-20, "PHOTPLAM": 8059.8, "BUNIT": "ELECTRONS"})
        place(science.header, ra=150.1, dec=2.2 + 0.003 * version, scale=0.05, sip=True)
        hdus += [science, fits.ImageHDU(np.ones((height, width), np.float32), name="ERR", ver=version)]
        hdus += [fits.ImageHDU(np.zeros((height, width), np.int16), name="DQ", ver=version)]
    return _write(fits.HDUList(hdus), path)


def _write(hdus: fits.HDUList, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gz":
        plain = path.with_suffix("")
        hdus.writeto(plain)
        path.write_bytes(gzip.compress(plain.read_bytes(), 1))
        plain.unlink()
    else:
        hdus.writeto(path, overwrite=True)
    return path
