"""The figures of a workflow for scientists, from all its subjects: each drawn, with its numbers as a table and as a file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from classify import effort
from classify.crowd.consensus import policy_from
from classify.crowd.reliability import wilson
from classify.selectors import science_figures as numbers
from classify.selectors import version_of
from classify.selectors.science_figures import Group
from core.figures import Series, line_chart
from core.plots import Estimated, interval_chart, stacked_chart
from hunter import charts
from hunter.charts import number
from hunter.science import REASONS, STATES

MOST_VOTES = 25  # in figures over votes: beyond, all together
MOST_STEPS = 40  # bars over time


@dataclass(frozen=True)
class Figure:
    """A figure with its numbers: `columns` {name in the file: heading}, `rows` as they stand in the file."""

    name: str
    title: str
    svg: SafeString
    caption: str
    columns: dict[str, str]
    rows: Sequence[Sequence[Any]]

    @property
    def heads(self) -> list[dict[str, Any]]:
        """For the table component."""
        texts = [any(isinstance(row[place], str | date) for row in self.rows) for place in range(len(self.columns))]
        return [{"label": label, "number": not text} for label, text in zip(self.columns.values(), texts, strict=True)]

    @property
    def cells(self) -> list[list[Any]]:
        """The same for people: numbers in the reader's way."""
        return [[_cell(value) for value in row] for row in self.rows]


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return {"text": number(round(value, 4)), "number": True}
    if isinstance(value, int):
        return {"text": number(value), "number": True}
    return {"text": f"{value}" or "–"} if value is not None else {"text": "–", "number": True}


@dataclass(frozen=True)
class About:
    """What is drawn: a workflow, with whose votes, and its answers by the names that people know."""

    workflow: Any
    demo: bool
    labels: dict[str, str]

    @property
    def policy(self) -> Any:
        return policy_from(version_of(self.workflow).policy)

    def named(self, label: str) -> str:
        return self.labels.get(label, label) or _("no label")


# --- subjects ------------------------------------------------------------------------------------


def votes_per_subject(about: About) -> Figure:
    """How many votes subjects have, by state."""
    found = numbers.groups(about.workflow, demo=about.demo)
    sums: dict[tuple[int, str], int] = {}
    for group in found:
        key = (min(group.n_votes, MOST_VOTES), group.state)
        sums[key] = sums.get(key, 0) + group.n
    states = [state for state in ("retired", "active", "paused") if any(key[1] == state for key in sums)]
    most = max((votes for votes, _state in sums), default=0)
    labels = [f"{n}" if n < MOST_VOTES else f"{n}+" for n in range(most + 1)]
    title = _("Votes per subject")
    n_subjects, n_votes = sum(group.n for group in found), sum(group.n * group.n_votes for group in found)
    return Figure(
        "votes-per-subject",
        title,
        stacked_chart(
            [(str(STATES[state]), [sums.get((n, state), 0) for n in range(most + 1)]) for state in states],
            labels=labels, title=title, x_label=_("votes that count"), y_label=_("subjects"),
        ),
        _("%(subjects)s subjects have %(votes)s votes, %(mean)s each.")
        % {"subjects": number(n_subjects), "votes": number(n_votes), "mean": number(n_votes / n_subjects if n_subjects else 0, 2)},
        {"votes": _("Votes"), **{state: str(STATES[state]) for state in states}},
        [[labels[n], *(sums.get((n, state), 0) for state in states)] for n in range(most + 1)],
    )  # fmt: skip


def agreement(about: About) -> Figure:
    """How far people agree on settled subjects."""
    found = numbers.agreements(about.workflow, demo=about.demo)
    bins = [0] * 10
    for share, n in found:
        bins[min(9, int(10 * share + 1e-9))] += n
    title, total = _("Agreement of the votes on settled subjects"), sum(bins)
    unanimous = sum(n for share, n in found if share == 1.0)
    labels = [f"{number(i / 10, 1)} – {number((i + 1) / 10, 1)}" for i in range(10)]
    return Figure(
        "agreement",
        title,
        stacked_chart(
            [(_("subjects"), bins)], labels=[number(i / 10, 1) for i in range(10)], every=1, title=title,
            x_label=_("share of the votes for the most frequent answer, from"), y_label=_("subjects"),
        ),
        _("%(n)s settled subjects; on %(all)s of them everybody says the same.") % {"n": number(total), "all": number(unanimous)},
        {"agreement": _("Agreement"), "subjects": _("Subjects")},
        list(zip(labels, bins, strict=True)),
    )  # fmt: skip


def retirement(about: About) -> Figure:
    """When subjects retired, and why."""
    found = numbers.retired_by_day(about.workflow, demo=about.demo)
    reasons = [reason for reason in REASONS if any(row[1] == reason for row in found)]
    first, last = (found[0][0], found[-1][0]) if found else (date(1970, 1, 1), date(1970, 1, 1))
    days = next(step for step in (1, 7, 28, 91, 364, 3640) if (last - first).days / step < MOST_STEPS)
    steps = range((last - first).days // days + 1) if found else range(0)
    sums: dict[tuple[int, str], int] = {}
    for day, reason, n in found:
        key = ((day - first).days // days, reason)
        sums[key] = sums.get(key, 0) + n
    title, starts = _("Retired subjects over time, by reason"), [first + timedelta(days=days * i) for i in steps]
    return Figure(
        "retirement",
        title,
        stacked_chart(
            [(str(REASONS[reason]), [sums.get((i, reason), 0) for i in steps]) for reason in reasons],
            labels=[f"{day:%Y-%m-%d}" for day in starts], every=max(1, -(-len(starts) // 5)), title=title,
            x_label=_("day (UTC)") if days == 1 else _("%(n)d days from (UTC)") % {"n": days}, y_label=_("subjects"),
        ),
        _("By their state today: what was opened again is not among them."),
        {"from": _("From"), **{reason: str(REASONS[reason]) for reason in reasons}},
        [[day, *(sums.get((i, reason), 0) for reason in reasons)] for i, day in zip(steps, starts, strict=True)],
    )  # fmt: skip


def completeness(about: About) -> Figure:
    """The share of all subjects that are retired with at most so many votes, and their share of all votes."""
    found = numbers.groups(about.workflow, demo=about.demo)
    total, votes = sum(group.n for group in found), sum(group.n * group.n_votes for group in found)
    rows = []
    for most in range(max((group.n_votes for group in found if group.state == "retired"), default=0) + 1):
        done = [group for group in found if group.state == "retired" and group.n_votes <= most]
        rows.append((most, sum(g.n for g in done) / total if total else 0.0, sum(g.n * g.n_votes for g in done) / votes if votes else 0.0))
    title = _("Completeness against votes")
    return Figure(
        "completeness",
        title,
        line_chart(
            [Series(_("of the subjects"), [row[:2] for row in rows], "people"), Series(_("of the votes"), [(n, v) for n, _s, v in rows], "plain")],
            title=title, x_label=_("retired with at most so many votes"), y_label=_("share of all"), y_range=(0, 1), markers=len(rows) <= 40,
        ),
        _("The curve ends where the workflow is now; the rest is still open."),
        {"votes": _("Votes"), "subjects": _("Share of the subjects"), "share_of_votes": _("Share of the votes")},
        rows,
    )  # fmt: skip


def shared_effort(about: About) -> Figure:
    """The Lorenz curve of the votes of this workflow."""
    counts = numbers.effort_of(about.workflow, demo=about.demo)
    gini, top, curve = effort.gini(counts), effort.share_of_top_tenth(counts), effort.lorenz(counts)
    if gini is None or top is None:
        caption = _("Not enough yet: it takes five volunteers to draw this.")
    else:
        words = {"gini": number(gini, 3), "share": number(100 * top, 0), "n": number(len(counts))}
        caption = _("The Gini coefficient of these %(n)s volunteers is %(gini)s; the most active tenth did %(share)s %% of the work.") % words
    columns = {"share_of_volunteers": _("Share of the volunteers"), "share_of_classifications": _("Share of the classifications")}
    return Figure("effort", charts.titles()["effort"], charts.effort({"curve": curve}), caption, columns, curve)


# --- the whole pool ------------------------------------------------------------------------------


def estimates(about: About) -> Figure | None:
    """How many subjects of each label there are, from the audit arm, beside what the subjects retired so far say."""
    found, p = numbers.groups(about.workflow, demo=about.demo), about.workflow.audit_fraction
    total, audit = sum_of(found), [group for group in found if group.audit]
    if not (0 < p <= 1 and any(group.state == "retired" for group in audit)):
        return None
    # What is open is a class of its own: which subjects end first depends on their label, so those that are done are no fair sample.
    rows, drawn, arm = [], [], sum_of(audit)
    for label in [*about.labels, *sorted({group.label for group in found if group.state == "retired"} - set(about.labels)), None]:
        name = str(STATES["active"]) if label is None else about.named(label)
        counted, ones = _of_class(found, label), _of_class(audit, label)
        value, (low, high) = total * ones / arm, (total * end for end in wilson(ones, arm))
        rows.append([name, counted, round(value, 1), round(low, 1), round(high, 1), ones])
        drawn.append(Estimated(name, value, low, high, counted, f"{number(round(value))} ({number(round(low))}–{number(round(high))})"))
    title = _("Subjects of each label in the whole pool")
    caption = _(
        "What all subjects would be, were all as far as the audit arm is: %(done)s of its %(arm)s subjects are finished. It is a random sample of "
        "%(share)s %%. Which subjects end first may depend on their label, so the shares among the finished alone say nothing of the pool."
    ) % {"done": number(arm - _of_class(audit, None)), "arm": number(arm), "share": number(round(100 * p, 2))}
    columns = {"label": _("Label"), "counted": _("Counted so far"), "estimate": _("Estimate"), "low": _("Low end of 95 %"),
               "high": _("High end of 95 %"), "audit_subjects": _("Audit subjects")}  # fmt: skip
    names = (_("estimate from the audit arm, 95 %"), _("counted so far"))
    return Figure("estimates", title, interval_chart(drawn, title=title, x_label=_("subjects"), names=names), caption, columns, rows)


def _of_class(groups: Sequence[Group], label: str | None) -> int:
    """How many are retired with this label; None: how many are not retired."""
    return sum(group.n for group in groups if (group.state == "retired" and group.label == label) or (label is None and group.state != "retired"))


def sum_of(groups: Sequence[Group]) -> int:
    return sum(group.n for group in groups)


DRAWN: dict[str, Callable[[About], Figure | None]] = {
    "votes-per-subject": votes_per_subject,
    "agreement": agreement,
    "retirement": retirement,
    "completeness": completeness,
    "estimates": estimates,
    "effort": shared_effort,
}
