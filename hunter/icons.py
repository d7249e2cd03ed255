"""The site's sign as pictures for phones, drawn from the same numbers as static/img/favicon.svg."""

from pathlib import Path

from PIL import Image, ImageDraw

SIZES = {"icon-180": 180, "icon-192": 192, "icon-512": 512, "icon-maskable": 512}
BOX, FINE = 32, 4  # of the drawing; it is drawn so many times too large and then made smaller
GROUND, STARS, TRAIL = "#0a0f17", [(9, 8, 1.4, "#c9d3df"), (25, 23, 1, "#9aa9bc"), (24, 8, 1, "#9aa9bc")], "#f7b543"
CURVE, WIDTH = [(6, 24), (12, 22), (20, 17), (26, 13)], 3.5


def draw(name: str) -> Image.Image:
    """Draw one of SIZES. Round corners only where the phone makes none; a maskable one keeps the sign within the middle 80 %."""
    size = SIZES[name] * FINE
    zoom = (0.8 if name == "icon-maskable" else 1) * size / BOX
    shift = (size - zoom * BOX) / 2
    rounded = name not in {"icon-180", "icon-maskable"}
    image = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((0, 0, size, size), radius=8 * size / BOX if rounded else 0, fill=GROUND)
    for x, y, radius, colour in STARS:
        _dot(pen, x * zoom + shift, y * zoom + shift, radius * zoom, colour)
    for step in range(401):  # a round pen along the curve
        at_x, at_y = _on_curve(step / 400)
        _dot(pen, at_x * zoom + shift, at_y * zoom + shift, WIDTH / 2 * zoom, TRAIL)
    return image.resize((SIZES[name], SIZES[name]), Image.Resampling.LANCZOS).quantize(64)


def write(folder: Path) -> None:
    """Write all of them."""
    for name in SIZES:
        draw(name).save(folder / f"{name}.png", optimize=True)


def _dot(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float, colour: str) -> None:
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def _on_curve(t: float) -> tuple[float, float]:
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    return sum(w * p[0] for w, p in zip(weights, CURVE, strict=True)), sum(w * p[1] for w, p in zip(weights, CURVE, strict=True))
