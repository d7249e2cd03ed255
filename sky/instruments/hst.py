"""Hubble Space Telescope FITS: `_drz`, `_drc`, `_flt`, `_flc`, and the simulator's files, which look like them.

Keywords as in the ACS and WFC3 Data Handbooks (STScI). Composites name their members in D001DATA... or in the `_asn` file.
"""

import math
import re
import warnings
from pathlib import Path
from typing import Any

from astropy.io import fits

from sky.instruments import planes
from sky.instruments.plain import HST_CREDIT, HST_LICENCE
from sky.instruments.records import ExposureRecord, PlaneRecord

SIMULATED_KEYWORD = "SIMULATD"
SIMULATED_CREDIT, SIMULATED_LICENCE = "Simulated by Hunter", "CC0-1.0"
COMPOSITES = {"drz", "drc", "mos", "crj", "crc"}
PRODUCT = re.compile(r"_(drz|drc|flt|flc|crj|crc|c0m|mos|raw)(?:_sci)?(?:[._]|$)", re.IGNORECASE)
MEMBER = re.compile(r"(_(flt|flc|crj|crc|raw|c0m|drz|drc|sci\d|single)\b|\.fits|\[).*$|_(flt|flc|crj|crc|raw|c0m)_.*$", re.IGNORECASE)
FILE_NAME = re.compile(r"_(flt|flc|drz|drc|raw)\.(fits?|fts)(\.(gz|fz))?$", re.IGNORECASE)
ROOTNAME = re.compile(r"[a-z0-9_]{3,}")
ORBIT_KEYS = re.compile(
    r"^(POSTNST[XYZ]|VELOCST[XYZ]|PSTRTIME|PSTPTIME|EPCHTIME|SEMILREC|ECCENTRY|ECCENTX2|ECBDX3|ECBDX4D3|ESQDX5D2|MEANANOM|"
    r"FDMEANAN|SDMEANAN|ARGPERIG|RCARGPER|RASCASCN|RCASCNRV|COSINCLI|SINEINCL|CIRVELOC|HSTHORB|TIMEFFEC)$"
)


def claims(primary: Any) -> bool:
    """Say whether this primary header was written for HST (or by the simulator)."""
    return str(primary.get("TELESCOP", "")).strip().upper() == "HST" or bool(primary.get(SIMULATED_KEYWORD))


def describe(path: Path, hdus: Any) -> ExposureRecord:
    """Return the record of an opened HST file."""
    found, left_out = planes.describe_planes(hdus)
    header = _Lookup(hdus[0].header, hdus[found[0].index].header)
    simulated = bool(header.get(SIMULATED_KEYWORD))
    product = _product(path, header)
    members = _members(path, header)
    filters = _filters(header)
    photflam, photplam = header.number("PHOTFLAM"), header.number("PHOTPLAM")
    return ExposureRecord(
        survey="sim" if simulated else "HST",
        observation_id=_observation_id(path, header),
        product=product,
        kind="composite" if product in COMPOSITES or members else "single",
        planes=found,
        members=members,
        visit=(header.text("SIMVISIT") or header.text("ROOTNAME")).lower() if simulated else header.text("ROOTNAME").lower()[:6],
        instrument=header.text("INSTRUME"),
        detector=header.text("DETECTOR"),
        filter=resolve_filter(filters),
        filters_raw=filters,
        start_mjd=header.number("EXPSTART"),
        end_mjd=header.number("EXPEND"),
        exposure_time_s=header.number("EXPTIME"),
        **_pointing(found, header),
        zero_point_ab_mag=zero_point_ab(photflam, photplam),
        photflam=photflam,
        photplam=photplam,
        bunit=header.text("BUNIT"),
        target_name=header.text("TARGNAME"),
        proposal_id=header.text("PROPOSID"),
        credit=SIMULATED_CREDIT if simulated else HST_CREDIT,
        licence=SIMULATED_LICENCE if simulated else HST_LICENCE,
        headers=[planes.cards(hdu.header) for hdu in hdus],
        orbit=_orbit(path, header),
        simulated=simulated,
        warnings=(*left_out, *_caveats(header, filters)),
    )


class _Lookup:
    """Keywords of the primary header, else of the first science header; blank counts as absent."""

    def __init__(self, *headers: Any) -> None:
        self.headers = headers

    def get(self, key: str) -> Any:
        for header in self.headers:
            try:
                value = header.get(key)
            except fits.VerifyError:  # one broken card is no reason to refuse the file
                continue
            if value is not None and not isinstance(value, fits.card.Undefined) and str(value).strip():
                return value
        return None

    def text(self, key: str) -> str:
        value = self.get(key)
        return "" if value is None else str(value).strip()

    def number(self, key: str) -> float | None:
        try:
            value = float(self.get(key))
        except (TypeError, ValueError):
            return None
        return value if math.isfinite(value) else None


def resolve_filter(filters: dict[str, str]) -> str:
    """Return the one filter in the light path: FILTER1 + FILTER2 without the clear positions; 'CLEAR' if none is left."""
    real = [name for name in filters.values() if not name.startswith(("CLEAR", "N/A", "BLANK"))]
    return "+".join(real) if real else "CLEAR" if filters else ""


def zero_point_ab(photflam: float | None, photplam: float | None) -> float | None:
    """Return the AB magnitude of 1 e-/s from PHOTFLAM (erg/cm2/A per e-) and PHOTPLAM (A); None when unknown.

    AB = -2.5 log10(PHOTFLAM) - 5 log10(PHOTPLAM) - 2.408 (ACS Data Handbook 5.1).
    """
    if not photflam or not photplam or photflam <= 0 or photplam <= 0:
        return None
    return -2.5 * math.log10(photflam) - 5.0 * math.log10(photplam) - 2.408


def _filters(header: _Lookup) -> dict[str, str]:
    keys = ("FILTER", "FILTER1", "FILTER2", "FILTNAM1", "FILTNAM2")
    return {key: header.text(key).upper() for key in keys if header.text(key)}


def _product(path: Path, header: _Lookup) -> str:
    own = _is_archive_file(path, header)
    for name in (path.name, header.text("FILENAME") if own else ""):
        if found := PRODUCT.search(name):
            return found[1].lower()
    return ""


def _observation_id(path: Path, header: _Lookup) -> str:
    """Return the rootname if the file is the archive's own, renamed or not; a file made from it goes by its own name.

    High-level products keep the rootname of one of many exposures, so they go by their names too.
    """
    renamed = FILE_NAME.search(path.name) and not path.name.lower().startswith("hlsp_")
    if _rootname(header) and (renamed or _is_archive_file(path, header)):
        return _rootname(header)
    return re.sub(r"\.(fits?|fz|gz)(\.|$)", ".", path.name, flags=re.IGNORECASE).split(".fits")[0].strip(".").removesuffix(".fz")


def _rootname(header: _Lookup) -> str:
    """Return ROOTNAME in lower case; '' where it is no plausible name (it is made part of file names)."""
    root = header.text("ROOTNAME").lower()
    return root if ROOTNAME.fullmatch(root) else ""


def _is_archive_file(path: Path, header: _Lookup) -> bool:
    """Say whether the file name carries the rootname (Hubble Advanced Products leave out its last letter)."""
    root, name = _rootname(header), path.name.lower()
    return bool(root) and (name.startswith(root) or root[:8] in name.split("_"))


def _members(path: Path, header: _Lookup) -> tuple[str, ...]:
    """Return the rootnames of the exposures in a composite, in order, each once."""
    names = []
    for number in range(1, 1000):
        name = header.text(f"D{number:03d}DATA")
        if not name:
            break
        names.append(MEMBER.sub("", name.lower()))
    return tuple(dict.fromkeys(names)) or _association(path, header)


def _association(path: Path, header: _Lookup) -> tuple[str, ...]:
    """Return the members that the `_asn` file beside a composite lists; none when it is not there."""
    name = header.text("ASN_TAB")
    if _product(path, header) not in COMPOSITES or not re.fullmatch(r"[a-z0-9_]+(\.fits)?", name, re.IGNORECASE):
        return ()
    table = path.with_name(name)
    if not table.is_file():
        return ()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rows = fits.getdata(table, 1)
        return tuple(str(row["MEMNAME"]).lower() for row in rows if str(row["MEMTYPE"]).startswith(("EXP", "DTH-EXP")))
    except (OSError, KeyError, TypeError, ValueError):
        return ()


def _pointing(found: tuple[PlaneRecord, ...], header: _Lookup) -> dict[str, float | None]:
    """Return centre and pixel scale: of the planes where they have a WCS, else of the target."""
    placed = [plane for plane in found if plane.ra_deg is not None and plane.dec_deg is not None]
    if not placed:
        return {"ra_deg": header.number("RA_TARG"), "dec_deg": header.number("DEC_TARG"), "pixel_scale_arcsec": None}
    vectors = [_unit(plane.ra_deg or 0.0, plane.dec_deg or 0.0) for plane in placed]
    x, y, z = (sum(part) for part in zip(*vectors, strict=True))
    return {
        "ra_deg": math.degrees(math.atan2(y, x)) % 360.0,
        "dec_deg": math.degrees(math.atan2(z, math.hypot(x, y))),
        "pixel_scale_arcsec": placed[0].pixel_scale_arcsec,
    }


def _unit(ra_deg: float, dec_deg: float) -> tuple[float, float, float]:
    ra, dec = math.radians(ra_deg), math.radians(dec_deg)
    return math.cos(dec) * math.cos(ra), math.cos(dec) * math.sin(ra), math.sin(dec)


def _orbit(path: Path, header: _Lookup) -> dict[str, Any]:
    """Return the spacecraft position keywords, from the support file `<rootname>_spt.fits` beside the image if there is one."""
    own = [card for source in header.headers for card in planes.cards(source)]
    root = _rootname(header)
    support = path.with_name(f"{root}_spt.fits")
    if root and support.is_file():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                own = planes.cards(fits.getheader(support, 0)) + own
        except OSError:
            return {}
    orbit: dict[str, Any] = {}
    for key, value, _ in own:
        if ORBIT_KEYS.match(key) and value is not None:
            orbit.setdefault(key, value)
    return orbit


def _caveats(header: _Lookup, filters: dict[str, str]) -> list[str]:
    caveats = []
    if header.text("MTFLAG").upper() in {"T", "TRUE"}:
        caveats.append("HST followed a moving target, so the stars are trails.")
    if header.text("EXPFLAG").upper() not in {"", "NORMAL"}:
        caveats.append(f"The exposure was not normal (EXPFLAG {header.text('EXPFLAG')}).")
    if any(re.match(r"(G\d|PR\d)", name) for name in filters.values()):
        caveats.append("A grism or prism was in the light path, so the stars are spectra.")
    return caveats
