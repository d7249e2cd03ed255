"""Pixels and places: one tested function for each step between the conventions in use.

Inside the house (x, y) are 0-based pixel centres, x along a row, y along the rows of the array, row 0
at the top of the screen; nothing is ever flipped. The whole story: docs/reference/conventions.md.
All functions take and return numbers or numpy arrays alike.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", float, NDArray[np.float64])


def to_edge(x: Number) -> Number:
    """Turn a pixel-centre coordinate into an edge-based one (screen, COCO, YOLO, Panoptes): + 0.5."""
    return x + 0.5


def from_edge(x: Number) -> Number:
    """Turn an edge-based coordinate (screen, COCO, YOLO, Panoptes) into a pixel-centre one: - 0.5."""
    return x - 0.5


def to_fits(x: Number) -> Number:
    """Turn a 0-based pixel-centre coordinate into a FITS or DS9 one (first centre at 1): + 1."""
    return x + 1.0


def from_fits(x: Number) -> Number:
    """Turn a FITS or DS9 coordinate (first centre at 1) into a 0-based pixel-centre one: - 1."""
    return x - 1.0


def cutout_to_plane(x: Number, y: Number, *, x0: int, y0: int, bin: int) -> tuple[Number, Number]:
    """Return plane pixel centres of a place in a cutout whose box starts at (x0, y0), binned ``bin``-fold.

    x_plane = x0 + bin * (x + 0.5) - 0.5, and the same for y.
    """
    return x0 + bin * (x + 0.5) - 0.5, y0 + bin * (y + 0.5) - 0.5


def plane_to_cutout(x: Number, y: Number, *, x0: int, y0: int, bin: int) -> tuple[Number, Number]:
    """Return cutout pixel centres of a place in the plane: the exact reverse of `cutout_to_plane`."""
    return (x - x0 + 0.5) / bin - 0.5, (y - y0 + 0.5) / bin - 0.5
