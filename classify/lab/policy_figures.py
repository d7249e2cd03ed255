"""What a trial of a policy is shown as: a table, three figures, and the same as CSV."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from classify.changes import changes
from classify.crowd.consensus import BadPolicy
from core.figures import Series, bar_chart, line_chart
from core.models import Job

GOLD, LABELS = "gold", "labels"
NUMBERS = ("n", "votes", "saved", "wrong", "low", "high", "unlabelled", "unfinished", "admitted", "recall", "precision", "f1")
Row = Mapping[str, Any]


def shown(job: Job, flow: Any, against: str) -> dict[str, Any]:
    """What the page of a trial shows; `against`: what the policies are compared with, if there is a choice."""
    result = job.result
    context: dict[str, Any] = {"differs": _differs(job, flow), "too_few": result.get("too_few") is not None, "result": result}
    if not result.get("rows"):
        return context
    against = against if against in {GOLD, LABELS} and against in result["rows"][0] else GOLD if GOLD in result["rows"][0] else LABELS
    rows = [row for row in result["rows"] if against in row]
    return context | {
        "against": against,
        "other": next((other for other in (GOLD, LABELS) if other != against and other in result["rows"][0]), ""),
        "n_compared": _number(rows[0][against]["n"]),
        "n_votes": _number(result["n_votes"]), "n_people": _number(result["n_people"]), "n_subjects": _number(result["n_subjects"]),
        "rows": [{"name": name_of(row), "order": _order(row), "kind": row["kind"], **_cells(row[LABELS], row[against])} for row in rows],
        "has_positive": bool(result["positive"]),
        "figures": _figures(job, rows, against),
        "table_url": reverse("policies_data", args=[job.pk, "table"]),
    }  # fmt: skip


def _differs(job: Job, flow: Any) -> list[str]:
    """How the policy that was tried differs from the one that holds now, in sentences."""
    version = flow.current_version if flow else None
    if version is None:
        return []
    try:
        return changes(version.steps, version.policy, version.steps, {**version.policy, **job.params["policy"]}).rules
    except BadPolicy:
        return []


def name_of(row: Row) -> str:
    """What a policy is called."""
    if row["kind"] == "fixed":
        return _("%(n)d votes, majority") % {"n": row["size"]}
    if row["kind"] == "frontier":
        return _("sure at %(chance)s %%") % {"chance": _number(100 * row["size"], 2)}
    return _("now") if row["kind"] == "present" else _("tried")


def _order(row: Row) -> str:
    return _("in turns") if row["order"] == "turns" else _("as they came")


def _fixed(value: float, digits: int) -> str:
    """Rounded (Django cuts), in the reader's way."""
    return str(number_format(round(value, digits), digits, force_grouping=True))


def _number(value: float, digits: int = 0) -> str:
    """The same without noughts at the end."""
    text = _fixed(value, digits)
    return text if not digits else text.rstrip("0").rstrip(".,")


def _cells(cost: Row, compared: Row) -> dict[str, str]:
    """The numbers of a row as text: votes from the subjects by which the cost is counted, errors from those that are compared."""

    def percent(value: float | None, digits: int = 2) -> str:
        return "-" if value is None else _fixed(100 * value, digits)

    def share(value: float | None) -> str:
        return "-" if value is None else _fixed(value, 3)

    return {
        "votes": _fixed(cost["votes"], 2),
        "saved": percent(cost["saved"], 0),
        "wrong": percent(compared["wrong"]),
        "interval": f"{percent(compared['low'])}–{percent(compared['high'])}",
        "unlabelled": percent(compared["unlabelled"]),
        "unfinished": percent(cost["unfinished"], 1),
        "admitted": percent(cost["admitted"]),
        **{name: share(compared[name]) for name in ("recall", "precision", "f1")},
    }


# --- figures -------------------------------------------------------------------------------------


def _figures(job: Job, rows: Sequence[Row], against: str) -> list[dict[str, Any]]:
    drawn = [
        ("error", _("Wrong labels and votes"), _curve(rows, against, lambda row: 100 * row["wrong"], _("wrong labels, %")),
         _("Down and left is better. Each point of the line asks for more certainty than the one before.")),
    ]  # fmt: skip
    if any(row[against]["f1"] is not None for row in rows):
        drawn.append(
            ("f1", _("F1 of the positive answers and votes"), _curve(rows, against, lambda row: row["f1"], "F1"),
             _("Up and left is better. F1 is low where finds are missed, and where empty images are taken for finds."))
        )  # fmt: skip
    for histogram in job.result["histograms"]:
        name = name_of({**histogram, "size": 0})
        title = _("How many votes a subject takes: %(policy)s") % {"policy": name}
        drawn.append((f"votes-{histogram['kind']}", title, _bars(histogram["subjects"], title), ""))
    return [
        {"title": title, "svg": svg, "caption": caption, "data_url": reverse("policies_data", args=[job.pk, name])}
        for name, title, svg, caption in drawn
    ]


def _curve(rows: Sequence[Row], against: str, value: Callable[[Row], float | None], y_label: str) -> Any:
    """A value against the votes per subject: the frontier, fixed counts, and single policies as points."""
    looks = [("frontier", _("ever more certain"), "people"), ("fixed", _("3, 5, 7, 10 votes, majority"), "plain"), ("present", _("now"), "known")]
    series = []
    for kind, name, look in [*looks, ("trial", _("tried"), "truth")]:
        points = [
            (row[LABELS]["votes"], float(y))
            for row in rows
            if row["kind"] == kind and row["order"] == "arrival" and (y := value(row[against])) is not None
        ]
        if points:
            series.append(Series(name, sorted(points), look))
    return line_chart(series, title=_("Against votes per subject"), x_label=_("votes per subject"), y_label=y_label, markers=True)


def _bars(subjects: Sequence[int], title: str) -> Any:
    points = [(float(n), float(count)) for n, count in enumerate(subjects)]
    labels = [str(n) for n in range(len(subjects))]
    return bar_chart(Series(title, points, "people"), title=title, x_label=_("votes"), y_label=_("subjects"), labels=labels)


# --- CSV -----------------------------------------------------------------------------------------


def table(name: str, result: Mapping[str, Any]) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
    """A table's columns and rows by its name: `table`, `error`, `f1`, `votes-present`, `votes-trial`. Raises Http404."""
    rows = result.get("rows", ())
    if name == "table" and rows:
        return ["policy", "size", "order", "compared_with", *NUMBERS], _long(rows)
    if name in {"error", "f1"} and rows:
        column = {"error": "wrong", "f1": "f1"}[name]
        lines = (
            (row["kind"], row["size"], kind, row[LABELS]["votes"], row[kind][column]) for row, kind in _compared(rows) if row["order"] == "arrival"
        )
        return ["policy", "size", "compared_with", "votes", column], lines
    for histogram in result.get("histograms", ()):
        if name == f"votes-{histogram['kind']}":
            return ["votes", "subjects"], iter(enumerate(histogram["subjects"]))
    raise Http404


def _compared(rows: Sequence[Row]) -> Iterator[tuple[Row, str]]:
    yield from ((row, kind) for row in rows for kind in (GOLD, LABELS) if kind in row)


def _long(rows: Sequence[Row]) -> Iterator[tuple[Any, ...]]:
    for row, kind in _compared(rows):
        yield row["kind"], row["size"], row["order"], kind, *(row[kind][name] for name in NUMBERS)
