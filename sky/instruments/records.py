"""What an image file tells about itself, whatever telescope wrote it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from astropy.wcs import WCS

Card = list[Any]  # [keyword, value, comment]; value is str, int, float, bool or None

MIN_SIDE_PX = 64
MAX_SIDE_PX = 65_000
MAX_PIXELS = 400_000_000  # 1.6 GB as float32; the largest HST mosaics stay below


class Unreadable(Exception):
    """The file cannot become an exposure; ``reason`` says in plain words what is wrong and what to do."""

    def __init__(self, reason: str) -> None:
        """Keep ``reason``, a sentence or two for people."""
        super().__init__(reason)
        self.reason = reason


class Sidecar(Unreadable):
    """The file belongs to another one (a mask, a weight map, a support file) and is no image of its own."""


@dataclass(frozen=True)
class PlaneRecord:
    """One science image (chip) of an exposure. ``index`` is its HDU number (0 for plain images).

    ``footprint`` holds the sky places [ra_deg, dec_deg] of the outer corners of the pixels, in the order top left,
    top right, bottom right, bottom left of the array. Scale, place, footprint and WCS are None without WCS.
    """

    index: int
    name: str
    width: int
    height: int
    pixel_scale_arcsec: float | None = None
    ra_deg: float | None = None
    dec_deg: float | None = None
    footprint: list[list[float]] | None = None
    wcs: "WCS | None" = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class ExposureRecord:
    """One file: who took it, when, where, through what, under which licence, and its science planes.

    Times are MJD (UTC). For a composite they span the gaps between its members, and ``exposure_time_s`` is the
    sum. ``zero_point_ab_mag`` is the AB magnitude of one electron per second. ``headers`` keeps all cards of all HDUs.
    ``orbit`` holds the spacecraft's position keywords, where known. ``warnings`` are sentences for people.
    """

    survey: str
    observation_id: str
    product: str
    kind: str  # 'single' or 'composite'
    planes: tuple[PlaneRecord, ...]
    members: tuple[str, ...] = ()
    visit: str = ""
    instrument: str = ""
    detector: str = ""
    filter: str = ""
    filters_raw: dict[str, str] = field(default_factory=dict)
    start_mjd: float | None = None
    end_mjd: float | None = None
    exposure_time_s: float | None = None
    ra_deg: float | None = None
    dec_deg: float | None = None
    pixel_scale_arcsec: float | None = None
    zero_point_ab_mag: float | None = None
    photflam: float | None = None
    photplam: float | None = None
    bunit: str = ""
    target_name: str = ""
    proposal_id: str = ""
    credit: str = ""
    licence: str = ""
    headers: list[list[Card]] = field(default_factory=list, repr=False)
    orbit: dict[str, Any] = field(default_factory=dict)
    simulated: bool = False
    warnings: tuple[str, ...] = ()


def check_size(width: int, height: int, what: str) -> None:
    """Raise Unreadable for an image too large to load; called before any pixel is read or room made for it."""
    if max(width, height) > MAX_SIDE_PX or width * height > MAX_PIXELS:
        raise Unreadable(
            f"{what} claims to be {width:,} x {height:,} px; more than {MAX_PIXELS // 1_000_000:,} million pixels"
            " are not loaded. If the size is right, cut the image into smaller files."
        )


def too_small(width: int, height: int) -> bool:
    """Say whether an image is too small to hold a trail that people can see."""
    return min(width, height) < MIN_SIDE_PX
