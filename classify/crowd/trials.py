"""Policies side by side on votes that are there: what each would have cost, and what it would have called wrongly.

A policy sees the votes in the order in which they came (or in turns, as a queue hands subjects out) and stops where it would have
stopped. Its label is compared with known answers where there are any, and with the label that all votes together give (pooled Dawid and
Skene, `classify.crowd.dawid_skene`). Agreement with the latter is no proof: both are made of the same votes.

Subjects with a known answer are judged by what the other votes taught of the crowd, so that no truth helps to find itself; without enough
other votes all are gone through together, and the truth teaches nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from classify.crowd import fractions, learning, online, policies
from classify.crowd.consensus import BAYES, Policy
from classify.crowd.dawid_skene import dawid_skene
from classify.crowd.online import Skill
from classify.crowd.reliability import wilson
from classify.crowd.replay import Learning, in_turns, replay
from classify.crowd.table import VoteTable, arrival, counts, first_votes

FIXED = (3, 5, 7, 10)
CERTAINTIES = (0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995)
PRESENT, TRIAL, FIXED_COUNT, FRONTIER = "present", "trial", "fixed", "frontier"
ARRIVAL, TURNS = "arrival", "turns"
LABELS, GOLD = "labels", "gold"  # what a policy is compared with
FEWEST = 20  # subjects that must be there to compare
NO_LABEL = -1
_BATCH = 20_000
_NEVER = 1 << 60

Mask = NDArray[np.bool_]
Codes = NDArray[np.integer]


class TooFew(ValueError):
    """There are not enough subjects with votes to say anything: only `n`."""

    def __init__(self, n: int) -> None:
        super().__init__(f"{n} subjects with votes; at least {FEWEST} are needed.")
        self.n = n


@dataclass(frozen=True)
class Tried:
    """One policy to go through the votes with, and the order they come in. `size`: the fixed count, or the certainty of the frontier."""

    kind: str
    policy: Policy
    name: str = ""
    order: str = ARRIVAL
    size: float = 0.0


@dataclass(frozen=True, eq=False)
class Votes:
    """The votes, in order of arrival. `known` (S,): code of the known answer or -1; `ended` (S,): nobody is asked any more."""

    answers: Sequence[str]
    table: VoteTable
    known: Codes
    ended: Mask


class Ended(NamedTuple):
    """How it went: votes taken (S,), label (S,; -1: none), P of the label (S,; NaN where the policy does not say) and who is unfinished."""

    n_votes: NDArray[np.int64]
    label: NDArray[np.int64]
    chance: NDArray[np.float64]
    unfinished: Mask


class Row(NamedTuple):
    """What a policy cost and got wrong on `n` subjects. Shares from 0 to 1; `low` and `high` are the 95 % interval (Wilson) of `wrong`.

    `saved`: of all the votes that came. `wrong`: another label than the truth; `unlabelled`: none. `admitted`: the error that the policy's
    own chances admit (None where it has none). Recall, precision and F1 are of the positive answers together (None without any).
    """

    n: int
    votes: float
    saved: float
    wrong: float
    low: float
    high: float
    unlabelled: float
    unfinished: float
    admitted: float | None
    recall: float | None
    precision: float | None
    f1: float | None


def to_try(present: Policy, trials: Mapping[str, Policy]) -> list[Tried]:
    """List what is compared: the present policy and each trial in both orders, fixed counts by majority, and more and more certainty."""
    named = [(PRESENT, "", present), *((TRIAL, name, policy) for name, policy in trials.items())]
    found = [Tried(kind, policy, name, order) for kind, name, policy in named for order in (ARRIVAL, TURNS)]
    found += [Tried(FIXED_COUNT, Policy(count=n, min_votes=1), size=n) for n in FIXED]
    base = next(iter(trials.values()), present)
    most = base.count if base.count and base.ends.rule == "consensus" else max(base.count, 15)
    least = min(base.min_votes, most)
    ends = {"rule": "consensus", "markers": min(base.ends.markers, most)}
    for sure in CERTAINTIES:
        policy = replace(base, rule=BAYES, count=most, min_votes=least, certainty=0.5, labels=(), retirement={**ends, "default_sure": sure})
        found.append(Tried(FRONTIER, policy, size=sure))
    return found


@dataclass(frozen=True, eq=False)
class Bench:
    """What the policies are tried on. Raises TooFew (`of`) when there is not enough."""

    votes: Votes
    positive: tuple[str, ...] = ()  # the answers whose recall and precision are counted
    tick: Callable[[], None] | None = None  # called now and then, so that long work shows that it lives

    @cached_property
    def is_joint(self) -> bool:
        """Whether known subjects stand in for others, because those are too few."""
        return int((self._voted & (self.votes.known < 0)).sum()) < FEWEST

    @cached_property
    def _voted(self) -> Mask:
        return np.bincount(self.votes.table.subject, minlength=self.votes.table.n_subjects) > 0

    @cached_property
    def main(self) -> VoteTable:
        """The votes by which the cost is counted."""
        table = self.votes.table
        return table if self.is_joint else table.take(self.votes.known[table.subject] < 0)

    @cached_property
    def among(self) -> Mask:
        """The subjects by which the cost is counted: those that nobody is asked about any more, if there are enough of them."""
        there = self._voted if self.is_joint else self._voted & (self.votes.known < 0)
        ended = there & self.votes.ended
        return ended if int(ended.sum()) >= FEWEST else there

    @cached_property
    def labels(self) -> Codes:
        """What all votes together say."""
        return np.asarray(dawid_skene(self.main).posterior.argmax(axis=1))

    @cached_property
    def gold(self) -> Mask:
        """The subjects with a known answer, if there are enough of them; else none."""
        known = self._voted & (self.votes.known >= 0)
        return known if int(known.sum()) >= FEWEST else np.zeros_like(known)

    @cached_property
    def gold_table(self) -> VoteTable:
        """The votes on known subjects."""
        return self.votes.table.take(self.gold[self.votes.table.subject])

    @cached_property
    def skill(self) -> Skill:
        """What the votes on other subjects teach of the crowd."""
        return learning.learn(online.start(self.main.n_people, self.main.n_answers), self.main)

    def check(self) -> None:
        """Raise TooFew when there is nothing to compare."""
        if int(self.among.sum()) < FEWEST:
            raise TooFew(int(self.among.sum()))

    def compare(self, tried: Tried) -> tuple[dict[str, Row], Ended]:
        """Try one policy: {compared with: what it cost and got wrong}, and how it went."""
        answers = self.votes.answers
        positive = np.array([code for code, answer in enumerate(answers) if answer in self.positive], dtype=np.int64)
        ended = _go(tried, self.main, answers, tick=self.tick)
        rows = {LABELS: row_of(ended, self.labels, self.among, self.main, positive)}
        if self.gold.any():
            known = ended if self.is_joint else _go(tried, self.gold_table, answers, self.skill, self.tick)
            rows[GOLD] = row_of(known, self.votes.known, self.gold, self.gold_table, positive)
        return rows, ended


def _go(tried: Tried, table: VoteTable, answers: Sequence[str], skill: Skill | None = None, tick: Callable[[], None] | None = None) -> Ended:
    """Go through the votes with a policy; with `skill` that is all that is known of the crowd, and nothing is learnt."""
    if tried.kind == FIXED_COUNT:
        return _fixed(table, int(tried.size))
    rows = in_turns(table) if tried.order == TURNS else table
    how = Learning(first=_NEVER) if skill else Learning(first=200)
    result = replay(rows, tried.policy.ends, answers, learning=how, batch=min(_BATCH, max(200, len(rows) // 50)), skill=skill, tick=tick)
    tally = counts(rows.take(arrival(rows) < result.n_votes[rows.subject]))
    label = _labels(tried.policy, tally, result.posterior, answers)
    chance = np.where(label >= 0, np.take_along_axis(result.posterior, np.maximum(label, 0)[:, None], axis=1)[:, 0], np.nan)
    chance = chance if tried.policy.rule == BAYES else np.full(len(label), np.nan)
    return Ended(result.n_votes.astype(np.int64), label, chance, result.code == policies.NOT_YET)


def _fixed(table: VoteTable, n: int) -> Ended:
    """Ask `n` people each; the most frequent answer holds (of equals the first)."""
    tally = counts(first_votes(table, n))
    total = tally.sum(axis=1)
    return Ended(total.astype(np.int64), tally.argmax(axis=1).astype(np.int64), np.full(len(total), np.nan), total < n)


def _labels(policy: Policy, tally: NDArray[np.int32], posterior: NDArray[np.float64], answers: Sequence[str]) -> NDArray[np.int64]:
    """What `classify.crowd.consensus.decide` would call each subject."""
    if policy.rule != BAYES:
        return fractions.labels(tally, policy, answers).astype(np.int64)
    enough = (tally.sum(axis=1) >= policy.min_votes) & (posterior.max(axis=1) > policy.certainty)
    return np.where(enough, posterior.argmax(axis=1), NO_LABEL).astype(np.int64)


def row_of(ended: Ended, truth: Codes, among: Mask, table: VoteTable, positive: Codes) -> Row:
    """Compare with the truth, on some of the subjects."""
    n = int(among.sum())
    label, true, taken = ended.label[among], truth[among], ended.n_votes[among]
    came = np.bincount(table.subject, minlength=table.n_subjects)[among]
    wrong = int(((label != true) & (label != NO_LABEL)).sum())
    chance = ended.chance[among]
    admitted = float(1 - np.nanmean(chance)) if np.isfinite(chance).any() else None
    low, high = wilson(wrong, n)
    return Row(
        n, float(taken.mean()), float(1 - taken.sum() / came.sum()), wrong / n, low, high, float((label == NO_LABEL).mean()),
        float(ended.unfinished[among].mean()), admitted, *_found(label, true, positive),
    )  # fmt: skip


def _found(label: Codes, true: Codes, positive: Codes) -> tuple[float | None, float | None, float | None]:
    """Recall, precision and F1 of the positive answers; None where nothing is or was said to be positive."""
    is_true, is_said = np.isin(true, positive), np.isin(label, positive)
    both, n_true, n_said = int((is_true & is_said).sum()), int(is_true.sum()), int(is_said.sum())
    if not len(positive) or not n_true:
        return None, None, None
    return both / n_true, both / n_said if n_said else None, 2 * both / (n_true + n_said)


def histogram(ended: Ended, among: Mask) -> list[int]:
    """How many subjects took 0, 1, 2, ... votes."""
    return [int(n) for n in np.bincount(ended.n_votes[among])]


def run(
    votes: Votes, present: Policy, trials: Mapping[str, Policy], tick: Callable[[], None] | None = None
) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Yield (done, of all, result so far) after each policy; the last result is whole, and plain JSON. Raises TooFew."""
    positive = next((policy.positive for policy in (*trials.values(), present) if policy.positive), ())
    bench, tried = Bench(votes, positive, tick), to_try(present, trials)
    bench.check()
    result: dict[str, Any] = {**_about(bench), "rows": [], "histograms": []}
    for done, each in enumerate(tried, 1):
        rows, ended = bench.compare(each)
        result["rows"].append({"kind": each.kind, "name": each.name, "order": each.order, "size": each.size, **_plain(rows)})
        if each.kind in {PRESENT, TRIAL} and each.order == ARRIVAL:
            result["histograms"].append({"kind": each.kind, "name": each.name, "subjects": histogram(ended, bench.among)})
        yield done, len(tried), result


def _plain(rows: Mapping[str, Row]) -> dict[str, dict[str, float | None]]:
    return {against: {name: None if value is None else round(value, 6) for name, value in row._asdict().items()} for against, row in rows.items()}


def _about(bench: Bench) -> dict[str, Any]:
    there, table = bench.among, bench.main
    return {
        "n_votes": len(table),
        "n_people": len(np.unique(table.person)),
        "n_subjects": int(there.sum()),
        "only_ended": bool((bench.votes.ended | ~there).all()),
        "n_gold": int(bench.gold.sum()),
        "is_joint": bench.is_joint,
        "positive": list(bench.positive),
    }
