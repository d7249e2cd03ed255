"""The file that a person takes away: one zip, each kind of data as JSON and as CSV, with a page that says what is in it."""

import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import IO, Any

from django.utils.translation import gettext as _

from core.streaming import Records, csv_lines, flat_row, json_array

Tell = Callable[[int], None]


def write_bundle(handle: IO[bytes], kinds: Sequence[Records], *, now: datetime, tell: Tell = lambda n: None) -> int:
    """Write the zip and return the number of rows in it. Rows stream: memory does not grow with them.

    `tell(n)` hears of every n rows written; each row is written twice.
    """
    counts: dict[str, int] = {}
    with zipfile.ZipFile(handle, "w", zipfile.ZIP_DEFLATED) as bundle:
        for kind in kinds:
            rows = _Counted(kind.rows(), tell)
            _write(bundle, f"json/{kind.name}.json", json_array(rows), now)
            _write(bundle, f"csv/{kind.name}.csv", csv_lines(kind.columns, map(flat_row, _Counted(kind.rows(), tell))), now)
            counts[kind.name] = rows.n
        _write(bundle, "README.txt", [readme(counts, now=now)], now)
    return sum(counts.values())


class _Counted:
    """Rows that are counted as they pass."""

    def __init__(self, rows: Iterable[Mapping[str, Any]], tell: Tell) -> None:
        self.rows, self.tell, self.n = rows, tell, 0

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        for row in self.rows:
            yield row
            self.n += 1
            self.tell(1)


def _write(bundle: zipfile.ZipFile, name: str, texts: Iterable[str], now: datetime) -> None:
    entry = zipfile.ZipInfo(name, now.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    with bundle.open(entry, "w", force_zip64=True) as out:
        for text in texts:
            out.write(text.encode())


def readme(counts: Mapping[str, int], *, now: datetime) -> str:
    """Return the page that goes with the data, in the reader's language."""
    words = kinds_of_data()
    lines = "\n".join(f"- {name}: {words.get(name, name)} ({n})" for name, n in counts.items())
    intro = _("Your data at Hunter, as of %(day)s UTC.") % {"day": f"{now:%Y-%m-%d %H:%M}"}
    files = _("Each kind of data is there twice: as JSON (for programs) and as CSV (for a spreadsheet). Times are UTC in ISO 8601.")
    left_out = _(
        "Not in it: your password and secret keys, of which only scrambled forms are stored; and why an image was chosen for you, which would "
        "give away images whose answer is known. Network addresses are not stored; a session keeps a pseudonym that changes daily."
    )
    more = _("What is kept for how long, and how to have it deleted, stands on the page where you got this file.")
    return f"{intro}\n\n{files}\n\n{lines}\n\n{left_out}\n\n{more}\n"


def kinds_of_data() -> dict[str, str]:
    """Return what each file holds, in the reader's language."""
    return {
        "account": _("your account: name, address, language, roles"),
        "former_names": _("names that you had before"),
        "email_addresses": _("your e-mail addresses, and whether they are confirmed"),
        "consents": _("what you agreed to: document, version, date"),
        "sessions": _("where you are signed in"),
        "tokens": _("your API keys, without the keys themselves"),
        "second_factors": _("your passkeys and codes, without their secrets"),
        "other_sign_ins": _("accounts elsewhere with which you sign in here"),
        "letters": _("what you wrote to the team"),
        "pages_written": _("pages that you wrote for the team"),
        "jobs": _("long work that you started"),
        "protocol": _("what you did with special rights"),
        "admin_protocol": _("what you did in the admin"),
        "training_sets": _("training sets that you asked for"),
        "promotions": _("models that you put live"),
        "volunteer": _("the ids under which your answers are stored, and your name for publications"),
        "classifications": _("your answers, with what you marked and how the image was shown"),
        "images_shown": _("images that you were given"),
        "reveals": _("images whose details you opened"),
        "skills": _("how well your answers agree with known ones"),
        "days": _("how many answers you gave each day, and how long they took"),
        "comments": _("what you wrote in Talk, deleted comments included"),
        "discussions": _("discussions that you started"),
        "tags": _("tags that you gave"),
        "collections": _("your favourites and collections, with the images in them"),
    }
