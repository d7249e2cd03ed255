"""Pictures of tutorials and field guide: those drawn by the simulator that come with the software, and those that the team uploaded."""

import re
from dataclasses import dataclass
from typing import Any

from django.templatetags.static import static
from django.utils.translation import gettext_lazy

from archive import selectors as archive

SIDE_PX = 240
_OURS = "img/guide/"
_STORED = re.compile(r"px/[0-9a-f]{2}/[0-9a-f]{40}\.(?:jpg|png)")
DRAWN: dict[str, Any] = {  # by name of the file (manage.py draw_guide), with what is to be seen on it
    "asteroid-trail": gettext_lazy("Dark sky with a few stars, and a thin straight line with soft edges across the middle."),
    "asteroid-curved": gettext_lazy("A thin line bent like a shallow bow, evenly bright from end to end."),
    "asteroid-s-shaped": gettext_lazy("A thin line that swings to one side and then to the other, like a lying S."),
    "asteroid-interrupted": gettext_lazy("Four dashes of the same length in a row on one slightly bent line."),
    "asteroid-pieces": gettext_lazy("Three pieces of a line, far apart and unlike in brightness, that continue each other."),
    "satellite-trail": gettext_lazy("A broad, bright, straight line from one edge of the image to the other."),
    "cosmic-ray": gettext_lazy("Many short, sharp white dashes and dots, one pixel wide, in all directions."),
    "diffraction-spike": gettext_lazy("A bright star with four straight rays that make a cross and fade outwards."),
    "edge-on-galaxy": gettext_lazy("A long needle of light, thick and bright in the middle, that ends in two points."),
    "galaxy-jet": gettext_lazy("A round bright galaxy with one thin, knotty ray coming out of its centre."),
    "gravitational-arc": gettext_lazy("A broad arc of light bent around a small group of galaxies."),
    "ghost": gettext_lazy("A bright star, and in line with it two pale rings with dark holes."),
    "chip-edge": gettext_lazy("Below, the image ends in black; above the border runs a band of rougher noise."),
    "mark-ends": gettext_lazy("A curved trail with an amber line between its two ends, each marked by a dot."),
    "satellite-ends": gettext_lazy("A trail across the whole image with an amber line along it, marked where it enters and leaves."),
    "suggested": gettext_lazy("A trail with a dashed cyan line along it: what the machine suggests."),
    "faint": gettext_lazy("The same sky twice: at the left a trail is hardly to be seen, at the right, with more contrast, clearly."),
    "look-alikes": gettext_lazy("Four small images: a satellite's trail, cosmic rays, a star with spikes, and an arc around galaxies."),
}


@dataclass(frozen=True)
class Picture:
    """Where a picture lies, and its words for those who do not see it."""

    url: str
    alt: str
    side: int | None = None  # px; those of the software are square


def picture_of(image: str, alt: str = "") -> Picture | None:
    """Return the picture that a page or entry names: a file of the software, or the key of an uploaded one; None for anything else."""
    name = image.removeprefix(_OURS).removesuffix(".jpg")
    if image == f"{_OURS}{name}.jpg" and name in DRAWN:
        return Picture(static(image), str(DRAWN[name]), SIDE_PX)
    return Picture(archive.image_url(image), alt) if _STORED.fullmatch(image) else None


def entry_picture(slug: str, image_key: str, title: str) -> Picture | None:
    """Return the picture of an entry of the field guide: the team's, else the one that comes with the software, if it has one."""
    return picture_of(image_key or f"{_OURS}{slug}.jpg", title)
