"""What simulated exposures do not need but the field guide shows: jets and ghosts; and lines drawn over a picture."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from sky.simulate.draw import FloatImage, add_trail

SMOOTH = 4  # lines are drawn so many times larger and made small again


def add_jet(image: FloatImage, rng: np.random.Generator, *, x: float, y: float, length_px: float, angle_deg: float, peak: float) -> None:
    """Add a knotty ray from (x, y), fading outwards; its brightest knot is `peak` high."""
    direction = np.array([math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))])
    points = np.array([x, y]) + np.linspace(0.08, 1.0, 41)[:, None] * length_px * direction
    points += rng.normal(0, 0.25, points.shape)
    knots = 0.35 + 0.65 * np.clip(np.sin(np.linspace(0, 19, 40)) + 0.3, 0, None)
    add_trail(image, points, 2.6, brightness=peak * knots * np.linspace(1.0, 0.35, 40), wings=0.0)


def add_ghost(image: FloatImage, *, x: float, y: float, radius_px: float, hole: float, height: float) -> None:
    """Add a soft disc with a hole (a share of its radius): a star seen out of focus, with the shadow of the small mirror."""
    rows, cols = np.mgrid[: image.shape[0], : image.shape[1]]
    distance = np.hypot(cols - x, rows - y)
    disc = 1.0 / (1.0 + np.exp((distance - radius_px) / 1.5)) - 1.0 / (1.0 + np.exp((distance - hole * radius_px) / 1.5))
    image += (height * disc).astype(np.float32)


def draw_lines(grey: NDArray[np.uint8], lines: Sequence[tuple[NDArray[np.float64], tuple[int, int, int], bool]]) -> NDArray[np.uint8]:
    """Return the picture (H, W, 3) with lines over it, each (points, colour, dashed) with a dark casing; plain ones have round ends."""
    height, width = grey.shape
    cover = Image.new("RGBA", (width * SMOOTH, height * SMOOTH))
    pen = ImageDraw.Draw(cover)
    for points, colour, dashed in lines:
        nodes = [tuple(SMOOTH * (point + 0.5)) for point in np.asarray(points)]
        pieces = [nodes[at : at + 5] for at in range(0, len(nodes) - 1, 9)] if dashed else [nodes]
        for ink, thick in (((0, 0, 0, 190), 4), ((*colour, 255), 2)):
            for piece in pieces:
                pen.line(piece, fill=ink, width=thick * SMOOTH, joint="curve")
            for x, y in () if dashed else (nodes[0], nodes[-1]):
                reach = (thick / 2 + 3) * SMOOTH
                pen.ellipse((x - reach, y - reach, x + reach, y + reach), fill=ink)
    picture = Image.fromarray(grey).convert("RGBA")
    picture.alpha_composite(cover.resize((width, height), Image.Resampling.LANCZOS))
    return np.asarray(picture.convert("RGB"))
