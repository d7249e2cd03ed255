"""`manage.py draw_guide`: draw the pictures of the field guide and the tutorials."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from PIL import Image

QUALITY, MOST_BYTES = 82, 12_000
FOLDER = Path(settings.BASE_DIR) / "static" / "img" / "guide"


class Command(BaseCommand):
    """Draw all, or those that are named."""

    help = "Draw the pictures of the field guide and the tutorials with the simulator, the same each time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", help="names of pictures; all if none is given")
        parser.add_argument("--folder", type=Path, default=FOLDER, help="where they are written")

    def handle(self, *args: Any, **options: Any) -> None:
        from sky.simulate.guide import SCENES  # noqa: PLC0415 - the web process never needs the simulator

        folder: Path = options["folder"]
        folder.mkdir(parents=True, exist_ok=True)
        for name in options["names"] or SCENES:
            size = save(Image.fromarray(SCENES[name]()), folder / f"{name}.jpg")
            self.stdout.write(f"{name}.jpg: {size:,} bytes")


def save(picture: Image.Image, path: Path) -> int:
    """Write a small JPEG, at a lower quality where it would be too large for a page; return its size."""
    for quality in range(QUALITY, 30, -4):
        picture.save(path, "JPEG", quality=quality, optimize=True)
        if path.stat().st_size <= MOST_BYTES:
            break
    return path.stat().st_size
