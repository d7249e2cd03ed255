"""The figures of a workflow for scientists that hold the crowd against known answers: calibration, confusion, recall."""

from collections.abc import Callable, Sequence

import numpy as np
from django.utils.translation import gettext as _

from classify.crowd import known, reliability
from classify.selectors import science_figures as numbers
from core.bands import Share, share_chart
from core.figures import Series, line_chart
from core.plots import grid_chart
from hunter.charts import number
from hunter.science_figures import MOST_VOTES, About, Figure, sum_of

CHANCES = (0.0, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, 1.0)  # edges of the bins of the calibration: fine where chances are
FEWEST = 20  # subjects with a known answer, below which these figures say nothing


def _learning(about: About) -> known.Learning:
    """How votes are weighed in this workflow now."""
    crowd = getattr(about.workflow, "crowd", None)
    return known.Learning(crowd.weight, crowd.temper) if crowd else known.Learning()


def _typical_votes(about: About) -> int:
    """So many votes a subject has here when it is finished by votes, on average; the limit of the workflow before that."""
    groups = numbers.groups(about.workflow, demo=about.demo)
    done = [group for group in groups if group.reason in ("classification_count", "consensus")]
    return round(sum(g.n * g.n_votes for g in done) / sum_of(done)) if done else about.policy.count or 10


def _positive(about: About, answers: Sequence[str]) -> list[int]:
    return [answers.index(answer) for answer in about.policy.positive if answer in answers]


def calibrated(about: About) -> Figure | None:
    """Whether what had a chance of 0.9 is true nine times in ten, on subjects whose answer is known."""
    said, n = numbers.known_votes(about.workflow, demo=about.demo), _typical_votes(about)
    positive, here = _positive(about, said.answers), known.enough(said.table, n)
    if here.sum() < FEWEST or not positive:
        return None
    chances = known.chances(said.table, said.truth, n_votes=n, learning=_learning(about))[here][:, positive].sum(axis=1)
    bins = reliability.reliability(np.clip(chances, 0, 1), np.isin(said.truth[here], positive), bins=CHANCES)
    words = {"n": number(n), "subjects": number(int(here.sum())), "error": number(reliability.expected_calibration_error(bins), 3)}
    title = _("Calibration on known answers")

    def read(x: float, share: Share) -> str:
        return _("chance %(chance)s %%: true for %(k)s of %(n)s") % {"chance": number(x, 1), "k": number(share.k), "n": number(share.n)}

    points = [(100 * row.predicted, Share(round(row.n * row.observed), row.n, row.observed_low, row.observed_high)) for row in bins]
    return Figure(
        "calibration",
        title,
        share_chart(
            points, title=title, x_label=_("chance of a positive answer, %"), y_label=_("how often it was true, %"),
            read=read, x_ticks=(0, 20, 40, 60, 80, 100), reference=((0, 0), (100, 100)),
        ),
        _("%(subjects)s known subjects after their first %(n)s votes, skill learnt on the others. Mean distance from the line: %(error)s.") % words,
        {"chance_from": _("Chance from"), "chance_to": _("Chance to"), "subjects": _("Subjects"), "mean_chance": _("Mean chance"),
         "observed": _("True"), "observed_low": _("True, low end"), "observed_high": _("True, high end")},
        bins,
    )  # fmt: skip


def confusion(about: About) -> Figure | None:
    """What people said of subjects whose answer is known, vote by vote."""
    said = numbers.known_votes(about.workflow, demo=about.demo)
    if len(said.truth) < FEWEST or not len(said.table):
        return None
    n, here = _typical_votes(about), [i for i in range(len(said.answers)) if (said.truth == i).any()]
    counts, names = known.said_of(said.table, said.truth), [about.named(answer) for answer in said.answers]
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    right, title = int(np.trace(counts)), _("What people say of known subjects")
    cells = [[(float(shares[i, j]), f"{number(100 * shares[i, j], 1)} % ({number(int(counts[i, j]))})") for j in range(len(names))] for i in here]
    chances = known.chances(said.table, said.truth, n_votes=n, learning=_learning(about))
    hit = int((chances.argmax(axis=1) == said.truth).sum())
    words = {"right": number(100 * right / counts.sum(), 1), "votes": number(int(counts.sum())), "n": number(n)}
    words |= {"hit": number(100 * hit / len(said.truth), 1)}
    return Figure(
        "confusion",
        title,
        grid_chart(
            cells, rows=[names[i] for i in here], columns=names, title=title, row_label=_("known answer"), column_label=_("what people said")
        ),
        _("%(right)s %% of %(votes)s votes are right. The likeliest answer after the first %(n)s votes is right for %(hit)s %% of the subjects.")
        % words,
        {"truth": _("Known answer"), **{f"said_{key}": name for key, name in zip(said.answers, names, strict=True)},
         **{f"share_{key}": _("share %(answer)s") % {"answer": name} for key, name in zip(said.answers, names, strict=True)}},
        [[names[i], *(int(n) for n in counts[i]), *(float(share) for share in shares[i])] for i in here],
    )  # fmt: skip


def recall(about: About) -> Figure | None:
    """How many of the known positive subjects are found, by number of votes."""
    said = numbers.known_votes(about.workflow, demo=about.demo)
    positive, most = _positive(about, said.answers), min(MOST_VOTES, numbers.MOST_KNOWN_VOTES)
    rows = known.recall(said.table, said.truth, positive, most=most, learning=_learning(about)) if positive and len(said.truth) else []
    if len(rows) < 2:
        return None
    title = _("Known positive subjects that are found")
    by_chance = [(row.votes, row.by_chance / row.subjects) for row in rows]
    by_majority = [(row.votes, row.by_majority / row.subjects) for row in rows]
    return Figure(
        "recall",
        title,
        line_chart(
            [Series(_("by the chance"), by_chance, "people"), Series(_("by majority"), by_majority, "plain")],
            title=title, x_label=_("votes on each"), y_label=_("share that is found"), y_range=(0, 1), markers=True,
        ),
        _("Of those with so many votes: %(n)s at first. By majority: more than half of the votes.") % {"n": number(rows[0].subjects)},
        {"votes": _("Votes"), "found_by_majority": _("Found by majority"), "found_by_chance": _("Found by the chance"), "subjects": _("Subjects")},
        [list(row) for row in rows],
    )  # fmt: skip


DRAWN: dict[str, Callable[[About], Figure | None]] = {"calibration": calibrated, "confusion": confusion, "recall": recall}
