"""How large previews are in which format, and what is left of a faint trail in them.

    ./run bench previews [--files FILE ...] [--markdown]

Images of about 1,024 px: one of the simulator's, and the first cutouts of the files that are named (real frames: FITS, PNG or JPEG). Into each
we draw many lines of 60 px whose ridge stands 1.5 sigma above the noise of one pixel, encode it, decode it, and measure each line as an
eye does: its mean over its flanks, in units of the scatter of that measure where no line is. 1.00 x: as well as before encoding.
"""

import argparse
import io
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import map_coordinates

from benchmarks.common import Table, best_of, machine
from sky import stretch

SIDE, LINES, EMPTY, LENGTH, RIDGE_SIGMA, WIDTH_PX = 1024, 100, 4000, 60.0, 1.5, 1.0
SLOW_LINE = 1.6e6  # bits a second: a phone on a slow network
FORMATS: list[tuple[str, dict[str, Any]]] = [
    *(("JPEG", {"quality": quality}) for quality in (90, 85, 80, 75, 60)),
    ("JPEG", {"quality": 80, "progressive": True}),
    *(("WEBP", {"quality": quality}) for quality in (85, 80, 75, 70)),
]
Image64 = NDArray[np.float64]


def simulated() -> Image64:
    """One exposure of the sample sky, in sigmas of its noise."""
    from sky.simulate import sample_sky, simulate_exposure

    return in_sigmas(simulate_exposure(sample_sky(1, 1, size=SIDE)[0], 1).pixels)


def real(path: Path) -> Image64:
    """The first cutout of a file, as it would be cut, in sigmas of its noise."""
    from sky import cutouts, instruments

    record = instruments.read(path)
    plane = record.planes[0]
    box = cutouts.plan(plane.width, plane.height, plane.pixel_scale_arcsec or record.pixel_scale_arcsec)[0]
    return in_sigmas(cutouts.cut(instruments.read_plane(path, plane.index), box))


def in_sigmas(image: NDArray[np.float32]) -> Image64:
    """Sky sigmas above the sky; no data is taken for sky."""
    sky = stretch.measure_sky(image)
    return np.nan_to_num((image.astype(float) - sky.level) / sky.sigma)


def coordinates(shape: tuple[int, ...], n: int, rng: np.random.Generator) -> tuple[Image64, Image64]:
    """Where n random lines lie, and bands beside them: (lines, offsets across, steps along) as rows and columns."""
    height, width = shape
    x, y, angle = rng.uniform(50, width - 50, n), rng.uniform(50, height - 50, n), rng.uniform(0, np.pi, n)
    along, across = np.arange(-LENGTH / 2, LENGTH / 2), np.array([-9.0, -8, -7, -6, -5, -1, 0, 1, 5, 6, 7, 8, 9])
    cos, sin = (part[:, None, None] for part in (np.cos(angle), np.sin(angle)))
    columns = x[:, None, None] + along * cos - across[:, None] * sin
    return y[:, None, None] + along * sin + across[:, None] * cos, columns


def heights(grey: NDArray[np.uint8], places: tuple[Image64, Image64]) -> Image64:
    """How far the middle of each line stands above its flanks, in grey levels."""
    bands = map_coordinates(grey.astype(float), places, order=1, mode="nearest").mean(axis=2)
    return np.asarray(bands[:, 5:8].mean(axis=1) - np.median(np.delete(bands, [5, 6, 7], axis=1), axis=1))


def draw(image: Image64, places: tuple[Image64, Image64]) -> Image64:
    """The image with a ridge along each line."""
    rows, columns = (part[:, 6] for part in places)
    light, y, x = np.zeros_like(image), *np.indices(image.shape)
    for (first_y, last_y), (first_x, last_x) in zip(rows[:, [0, -1]], columns[:, [0, -1]], strict=True):
        angle = np.arctan2(last_y - first_y, last_x - first_x)
        along = (x - first_x) * np.cos(angle) + (y - first_y) * np.sin(angle)
        away = (y - first_y) * np.cos(angle) - (x - first_x) * np.sin(angle)
        light += np.exp(-(away**2) / (2 * WIDTH_PX**2)) * ((along >= 0) & (along <= LENGTH))
    return image + RIDGE_SIGMA * light


def visibility(lit: NDArray[np.uint8], lines: tuple[Image64, Image64], empty: tuple[Image64, Image64]) -> float:
    """Typical height of the lines over the scatter of the same measure where none is."""
    nothing = heights(lit, empty)
    return float(np.median(heights(lit, lines)) / (1.4826 * np.median(np.abs(nothing - np.median(nothing)))))


def rows_of(image: Image64) -> list[list[float]]:
    """For every format: kB, seconds on a slow line, PSNR, visibility against the unencoded image, ms to encode and to decode."""
    rng = np.random.default_rng(1)
    lines, empty, one = coordinates(image.shape, LINES, rng), coordinates(image.shape, EMPTY, rng), stretch.Sky(0.0, 1.0)
    plain, lit = stretch.preview_u8(image, one), stretch.preview_u8(draw(image, lines), one)
    before, found = visibility(lit, lines, empty), []
    for kind, options in FORMATS:
        data, shown = encode(plain, kind, options), decode(encode(lit, kind, options))
        error = np.mean((decode(data).astype(float) - plain) ** 2)
        times = (best_of(partial(encode, plain, kind, options)), best_of(partial(decode, data)))
        kilobytes, psnr = len(data) / 1e3, 10 * np.log10(255**2 / error)
        found.append([kilobytes, 8e3 * kilobytes / SLOW_LINE, psnr, visibility(shown, lines, empty) / before, *(1e3 * lap.cpu_s for lap in times)])
    return found


def encode(grey: NDArray[np.uint8], kind: str, options: dict[str, Any]) -> bytes:
    """The bytes of one format."""
    buffer = io.BytesIO()
    Image.fromarray(grey).save(buffer, kind, **options)
    return buffer.getvalue()


def decode(data: bytes) -> NDArray[np.uint8]:
    """The grey image again."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("L"))


def main() -> None:
    """Average over the images and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=Path, nargs="*", default=[], help="real frames")
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    sources = {"Simulated": [simulated()]}
    if options.files:
        sources["Real"] = [real(path) for path in options.files]
    print(machine("numpy", "pillow"))
    for name, images in sources.items():
        table = Table(f"{name}: {len(images)} previews", ["format", "kB", "s at 1.6 Mbit/s", "PSNR dB", "faint line", "encode ms", "decode ms"])
        for (kind, how), row in zip(FORMATS, np.mean([rows_of(image) for image in images], axis=0), strict=True):
            table.add(f"{kind} {how['quality']}" + (", progressive" if "progressive" in how else ""), *(float(value) for value in row))
        table.show(markdown=options.markdown)


if __name__ == "__main__":
    main()
