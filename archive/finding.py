"""Finds image files in folders. Whether a file really is an image is decided by its content, later."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

ENDINGS = (".fits", ".fit", ".fts", ".fits.gz", ".fit.gz", ".fts.gz", ".fits.fz", ".png", ".jpg", ".jpeg")


class Found(NamedTuple):
    """Files to offer, in the order of their names, how many others lay beside them, and the named paths that are not there."""

    files: list[Path]
    n_ignored: int
    missing: list[Path]


class Missing(Exception):
    """None of the paths that were named exists."""


def find(paths: Iterable[Path]) -> Found:
    """Return the named files, and all files with an image's ending in the named folders and below them.

    A file that was named itself is offered whatever its ending; hidden files and folders are passed by. Each file comes once.
    A named path that does not exist stops nothing; Missing is raised only where that is so of all.
    """
    named = list(dict.fromkeys(path.absolute() for path in paths))
    missing = [path for path in named if not os.path.lexists(path)]
    if missing == named:
        raise Missing(f"There is no file or folder {' or '.join(map(str, missing))}. Nothing was brought in; check the path.")
    files: dict[Path, None] = {}
    n_ignored = 0
    for path in named:
        if path in missing:
            continue
        for file in _below(path) if path.is_dir() else [path]:
            if file == path or file.name.lower().endswith(ENDINGS) or file.is_dir():
                files[file] = None
            else:
                n_ignored += 1
    return Found(list(files), n_ignored, missing)


def _below(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, sorted; links to folders are followed, each real folder is entered once.

    A folder that cannot be read comes as if it were a file, so that it is refused with the reason and not passed over.
    """
    entered: set[tuple[int, int]] = set()
    closed: list[Path] = []
    for root, folders, names in os.walk(folder, followlinks=True, onerror=lambda error: closed.append(Path(error.filename))):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and _is_new(Path(root, name), entered))
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(root, name)
    yield from closed


def _is_new(folder: Path, entered: set[tuple[int, int]]) -> bool:
    status = folder.stat()
    identity = (status.st_dev, status.st_ino)
    if identity in entered:
        return False
    entered.add(identity)
    return True
