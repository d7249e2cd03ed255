"""What a policy would have cost, and got wrong, on votes that are there.

The votes are gone through in the order of the table. A subject takes its votes until the policy ends it; later ones are not looked at,
so that the answer holds for any policy that would have stopped sooner. Skill and prior are learnt on the way as the product's
task learns them (`online.learn`), from the votes taken so far and never from the truth. Where a subject's votes ran out before its
policy ended it, that is counted as `unfinished`: the policy would have cost more than can be known.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from classify.crowd import online, policies
from classify.crowd.learning import UNKNOWN, learn
from classify.crowd.online import Skill
from classify.crowd.policies import NOT_YET, Retirement
from classify.crowd.table import Codes, Floats, VoteTable, arrival


@dataclass(frozen=True)
class Learning:
    """How the crowd is learnt on the way; the defaults are the product's.

    `prior`: what is believed before anything is learnt (empty: flat). Skill is learnt again whenever the votes have grown by `growth`,
    from `first` votes on, until the prior rests or in so many `passes`, from subjects with at least `least` votes (fewer where the
    policy may end one sooner: who ended must be no special sample of them). `rescore`: open subjects' votes are then weighed anew
    (a vote else keeps what it added). `settled_only`: learn from ended subjects alone; `keep_prior`: believe the first prior for ever;
    these three only to see what they do.
    """

    prior: tuple[float, ...] = ()
    weight: float = online.POOLED_WEIGHT
    temper: float = online.TEMPER
    first: int = 2_000
    growth: float = 0.2
    passes: int = 20
    least: int = 3
    rescore: bool = False
    settled_only: bool = False
    keep_prior: bool = False


class Course:
    """The state of all subjects while votes come in. `bonus` (S, K): evidence besides the votes, such as the detector's; not learnt from.
    `skill`: what is known of the crowd before the first vote."""

    def __init__(
        self,
        *,
        n_subjects: int,
        n_people: int,
        answers: Sequence[str],
        policy: Retirement,
        learning: Learning,
        known: NDArray[np.integer] | None = None,
        bonus: Floats | None = None,
        skill: Skill | None = None,
    ) -> None:
        policies.check(policy, answers)
        shape = (n_subjects, len(answers))
        self.answers, self.policy, self.learning = tuple(answers), policy, learning
        self.truth = np.full(n_subjects, UNKNOWN) if known is None else np.asarray(known)
        self.bonus = np.zeros(shape) if bonus is None else bonus
        self.skill = skill or online.start(n_people, len(answers), prior=learning.prior, weight=learning.weight, temper=learning.temper)
        self.vectors = online.vectors(self.skill)
        self.evidence = np.zeros(shape)  # as the votes were weighed when they came, or when they were weighed anew
        self.tally = np.zeros(shape, dtype=np.int32)
        self.code = np.zeros(n_subjects, dtype=np.int8)  # why it ended (policies.REASONS); 0: open
        self.at_end = np.zeros(shape)  # posterior when it ended
        self._votes: list[tuple[Codes, Codes, NDArray[np.int8]]] = []
        self._next = learning.first
        self.n_votes = 0

    def is_open(self, subjects: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Say which of these subjects still take votes."""
        return np.asarray(self.code[subjects] == NOT_YET)

    def posterior(self, subjects: NDArray[np.integer] | slice = slice(None)) -> Floats:
        """Return what is believed of these subjects now, (n, K)."""
        return online.posteriors(self.evidence[subjects] + self.bonus[subjects], self.skill.prior)

    def take(self, subject: Codes, person: Codes, answer: NDArray[np.int8]) -> None:
        """Take one vote on each of these subjects, which are open and named once; end those for which it is enough."""
        self.evidence[subject] += self.vectors[person, answer]
        self.tally[subject, answer] += 1
        self._votes.append((subject, person, answer))
        self.n_votes += len(subject)
        self._settle(subject)

    def _settle(self, subject: NDArray[np.integer]) -> None:
        posterior = self.posterior(subject)
        marked = [self.answers.index(key) for key in self.policy.positive]
        tally = self.tally[subject]
        code = policies.decide_all(self.policy, self.answers, tally=tally, posterior=posterior, n_markers=tally[:, marked].sum(axis=1))
        ended = subject[code != NOT_YET]
        self.code[ended] = code[code != NOT_YET]
        self.at_end[ended] = posterior[code != NOT_YET]

    def table(self) -> VoteTable:
        """Return the votes taken so far."""
        subject, person, answer = (np.concatenate([votes[column] for votes in self._votes]) for column in range(3))
        self._votes = [(subject, person, answer)]
        return VoteTable(subject, person, answer, len(self.code), len(self.vectors), len(self.answers))

    def learn(self, *, if_due: bool = True) -> None:
        """Learn skill and prior anew where enough votes have come since the last time (or at once)."""
        if not self.n_votes or (if_due and self.n_votes < self._next):
            return
        self._next = int(self.n_votes * (1 + self.learning.growth)) + 1
        table = self.table()
        self.skill = learn(
            self.skill,
            table,
            known=self.truth,
            least=min(self.learning.least, policies.fewest(self.policy)),
            among=self.code != NOT_YET if self.learning.settled_only else None,
            passes=self.learning.passes,
            keep_prior=self.learning.keep_prior,
        )
        self.vectors = online.vectors(self.skill)
        if self.learning.rescore:
            rows = np.flatnonzero((self.code == NOT_YET) & (self.tally.sum(axis=1) > 0))
            self.evidence[rows] = online.evidence_of(table, self.vectors)[rows]
            self._settle(rows)

    def result(self) -> "Result":
        """Return how it went; open subjects answer with what is believed of them now."""
        still = self.code == NOT_YET
        at_end = np.where(still[:, None], self.posterior(), self.at_end)
        return Result(self.tally.sum(axis=1), self.code, at_end, self.skill)


class Result(NamedTuple):
    """Votes (S,), the code of the reason (S,; 0 where the votes ran out), the posterior at the end (S, K) and the skill learnt."""

    n_votes: NDArray[np.int32]
    code: NDArray[np.int8]
    posterior: Floats
    skill: Skill

    @property
    def answer(self) -> NDArray[np.intp]:
        """The most probable answer of each subject at its end."""
        return np.asarray(self.posterior.argmax(axis=1))


def replay(
    table: VoteTable,
    policy: Retirement,
    answers: Sequence[str],
    *,
    learning: Learning | None = None,
    known: NDArray[np.integer] | None = None,
    bonus: Floats | None = None,
    skill: Skill | None = None,
    batch: int = 20_000,
    tick: Callable[[], None] | None = None,
) -> Result:
    """Go through the votes in their order; skill may be learnt after each `batch` of rows.

    `known` int (S,): truths that skill is learnt from, -1 elsewhere; `skill`: what is known of the crowd before the first vote.
    `tick` is called after each batch. Raises BadRetirement for a policy that makes no sense.
    """
    course = Course(
        n_subjects=table.n_subjects,
        n_people=table.n_people,
        answers=answers,
        policy=policy,
        learning=learning or Learning(),
        known=known,
        bonus=bonus,
        skill=skill,
    )
    for start in range(0, len(table), batch):
        for turn in _turns(table.take(slice(start, start + batch)), course):
            course.take(turn.subject, turn.person, turn.answer)
        course.learn()
        if tick:
            tick()
    return course.result()


def _turns(rows: VoteTable, course: Course) -> Iterator[VoteTable]:
    """Yield the votes of a batch so that each part has a subject once: all first ones, all second ones of those still open, and so on."""
    rows = rows.take(course.is_open(rows.subject))
    turn = arrival(rows)
    order = np.argsort(turn, kind="stable")
    for part in np.split(order, np.cumsum(np.bincount(turn))[:-1]):
        left = part[course.is_open(rows.subject[part])]
        if len(left):
            yield rows.take(left)


def in_turns(table: VoteTable, *, at_once: int = 0) -> VoteTable:
    """Return the votes as a queue would have asked for them that hands subjects out in turn: every subject's first vote, then the second.

    `at_once`: only so many subjects are open together (0: all); the next ones start when these have had all their votes.
    """
    wave = table.subject // at_once if at_once else np.zeros(len(table), dtype=np.int64)
    return table.take(np.lexsort((np.arange(len(table)), arrival(table), wave)))


class Figures(NamedTuple):
    """What it cost and what was wrong. Shares from 0 to 1; recall, precision and f1 are those of one answer; `claimed` is the error that
    the posteriors admit."""

    votes: float
    error: float
    claimed: float
    recall: float
    precision: float
    f1: float
    unfinished: float


def figures(result: Result, truth: NDArray[np.integer], *, of: int, among: NDArray[np.bool_] | None = None) -> Figures:
    """Compare a replay with the truth, for the answer `of`; `among`: only these subjects (all that are not known beforehand, say)."""
    chosen = np.ones(len(truth), dtype=bool) if among is None else among
    true, said = truth[chosen] == of, result.answer[chosen] == of
    both = float((true & said).sum())
    return Figures(
        votes=float(result.n_votes[chosen].mean()),
        error=float((result.answer[chosen] != truth[chosen]).mean()),
        claimed=float(1 - result.posterior[chosen].max(axis=1).mean()),
        recall=both / max(1, int(true.sum())),
        precision=both / max(1, int(said.sum())),
        f1=2 * both / max(1, int(true.sum() + said.sum())),
        unfinished=float((result.code[chosen] == NOT_YET).mean()),
    )


def frontier(
    table: VoteTable,
    policy: Retirement,
    answers: Sequence[str],
    truth: NDArray[np.integer],
    *,
    of: int,
    certainties: Iterable[float],
    learning: Learning | None = None,
) -> list[tuple[float, Figures]]:
    """Replay with the certainty asked of every answer set to each of these in turn: (certainty, what it cost and got wrong)."""
    tried = [(sure, replace(policy, rule="consensus", default_sure=sure, sure={})) for sure in certainties]
    return [(sure, figures(replay(table, each, answers, learning=learning), truth, of=of)) for sure, each in tried]
