"""The last step of a restore on a disk: some files take the place of others, all or none, whenever the power goes.

Standard library only: the settings call `finish` before anything else opens the database.
"""

import fcntl
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

JOURNAL = "restore.json"


def commit(home: Path, *, moves: Iterable[tuple[Path, Path]], remove: Iterable[Path] = ()) -> None:
    """Write down what is to happen, then do it. From the first line on the disk the restore has happened."""
    plan = {"remove": [str(path) for path in remove], "moves": [[str(new), str(place)] for new, place in moves]}
    journal = home / JOURNAL
    new = journal.with_suffix(".new")
    with new.open("w") as out:
        json.dump(plan, out)
        out.flush()
        os.fsync(out.fileno())
    new.replace(journal)
    sync_folder(home)
    finish(home)


def finish(home: Path) -> bool:
    """Carry out a written plan; True where there was one. Safe to repeat and to be cut off anywhere."""
    journal = home / JOURNAL
    try:
        with journal.open() as held:
            fcntl.flock(held, fcntl.LOCK_EX)  # of two processes that start at once, one does it and the other waits
            return journal.exists() and _carry_out(json.load(held), journal)
    except FileNotFoundError:
        return False


def _carry_out(plan: dict[str, Any], journal: Path) -> bool:
    for name in plan["remove"]:
        Path(name).unlink(missing_ok=True)
    for name, place in plan["moves"]:
        if Path(name).exists():
            Path(name).replace(place)
            sync_folder(Path(place).parent)
    journal.unlink(missing_ok=True)
    return True


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
