"""Draw the icons of the installable site anew."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from hunter import icons


class Command(BaseCommand):
    """Writes static/img/icon-*.png; they are part of the source tree."""

    help = "Draw the icons of the installable site (static/img/icon-*.png) from the numbers of its sign."

    def handle(self, *args: Any, **options: Any) -> None:
        folder = settings.BASE_DIR / "static" / "img"
        icons.write(folder)
        self.stdout.write(f"{len(icons.SIZES)} icons in {folder}")
