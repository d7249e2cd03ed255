"""A generated crowd whose truth is known: what the methods are measured on.

Assumptions, not the figures of a real project. Effort is long-tailed; each person has a confusion matrix of their own; hard
subjects mislead everybody in the same direction, so that errors are correlated, as on faint trails (the weakness of every method
that takes votes as independent: Dawid & Skene 1979, Applied Statistics 28, 20). Three answers: 0 is the common one, 1 the rare one
that is looked for, 2 the one of those who cannot tell.
"""

from dataclasses import dataclass
from math import floor

import numpy as np
from numpy.typing import NDArray

from classify.crowd.table import Codes, Floats, VoteTable, vote_table

N_ANSWERS = 3
EFFORT_SIGMA = 1.8  # of the logarithm of how much somebody takes part
LARGEST_SHARE = 0.025  # nobody takes part more than this, before shares are made to sum to one
# Beta(a, b) of the chance to be right, and of the share of the errors that go to the first of the other two answers.
RIGHT = ((40.0, 2.0), (9.0, 2.2), (6.0, 2.5))
FIRST_ERROR = ((5.0, 3.0), (6.0, 1.5), (6.0, 1.5))
HARD = (0.7, 9.0)  # Beta(a, b) of the share of the votes on a subject that are misled
MISLED = np.array([[0.45, 0.45, 0.10], [0.70, 0.25, 0.05], [0.70, 0.15, 0.15]])  # what misled people answer, by truth


@dataclass(frozen=True, eq=False)
class Crowd:
    """A table of votes and what lies behind it.

    `truth` int8 (S,); `confusion` float64 (P, K, K), [p, t, a] = P(p answers a | truth t, not misled); `difficulty` float64 (S,).
    """

    table: VoteTable
    truth: NDArray[np.int8]
    confusion: Floats
    difficulty: Floats


def crowd(
    n_subjects: int = 150_000,
    n_people: int = 11_482,
    votes_per_subject: float = 13.4,
    prior: tuple[float, float, float] = (0.93, 0.02, 0.05),
    spammers: float = 0.03,
    difficulty: bool = True,
    seed: int = 1,
) -> Crowd:
    """Return a crowd with three answers; the same seed gives the same crowd.

    `votes_per_subject` is the mean of a Poisson number clipped to 0.75 and 1.5 times itself, before somebody drawn twice for one subject
    is counted once; `prior` the shares of the truths; `spammers` the share of people who answer without looking. Raises ValueError where
    a size or a share makes no sense.
    """
    if n_subjects < 1 or n_people < 1 or votes_per_subject <= 0 or not 0 <= spammers <= 1:
        raise ValueError("n_subjects, n_people and votes_per_subject: above 0; spammers: from 0 to 1.")
    if len(prior) != N_ANSWERS or min(prior) < 0 or abs(sum(prior) - 1) > 1e-9:
        raise ValueError(f"prior: {N_ANSWERS} shares that sum to 1.")
    # A stream of its own for each part: more people do not make other subjects.
    of_truth, of_people, of_pairs, of_answers = (np.random.default_rng(part) for part in np.random.SeedSequence(seed).spawn(4))
    truth = of_truth.choice(N_ANSWERS, size=n_subjects, p=prior).astype(np.int8)
    hard = of_truth.beta(*HARD, n_subjects) if difficulty else np.zeros(n_subjects)
    confusion = _people(of_people, n_people, spammers)
    subject, person = _pairs(of_pairs, n_subjects, _shares(of_people, n_people), votes_per_subject)
    answer = _answers(of_answers, truth[subject], hard[subject], confusion, person)
    table = vote_table(subject, person, answer, n_subjects=n_subjects, n_people=n_people, n_answers=N_ANSWERS)
    return Crowd(table, truth, confusion, hard)


def _people(rng: np.random.Generator, n_people: int, spammers: float) -> Floats:
    """Return a confusion matrix for each person, (P, 3, 3)."""
    confusion = np.empty((n_people, N_ANSWERS, N_ANSWERS))
    for truth in range(N_ANSWERS):
        first, second = (other for other in range(N_ANSWERS) if other != truth)
        right = rng.beta(*RIGHT[truth], n_people)
        split = rng.beta(*FIRST_ERROR[truth], n_people)
        confusion[:, truth, truth] = right
        confusion[:, truth, first] = (1 - right) * split
        confusion[:, truth, second] = (1 - right) * (1 - split)
    careless = rng.random(n_people) < spammers
    confusion[careless] = rng.dirichlet(np.ones(N_ANSWERS), careless.sum())[:, None, :]
    return confusion


def _shares(rng: np.random.Generator, n_people: int) -> Floats:
    """Return the share of all votes that each person casts, (P,)."""
    effort = rng.lognormal(0.0, EFFORT_SIGMA, n_people)
    capped = np.minimum(effort / effort.sum(), LARGEST_SHARE)
    return np.asarray(capped / capped.sum())


def _pairs(rng: np.random.Generator, n_subjects: int, shares: Floats, mean: float) -> tuple[Codes, Codes]:
    """Return who votes on what in which order: subject (n,), person (n,), no pair twice."""
    n_votes = np.clip(rng.poisson(mean, n_subjects), max(1, floor(0.75 * mean)), max(1, floor(1.5 * mean)))
    up_to = np.cumsum(shares)
    person = np.searchsorted(up_to, rng.random(n_votes.sum()) * up_to[-1], side="right")
    pair = np.unique(np.repeat(np.arange(n_subjects), n_votes) * len(shares) + np.minimum(person, len(shares) - 1))
    subject, person = np.divmod(rng.permutation(pair), len(shares))
    return subject.astype(np.int32), person.astype(np.int32)


def _answers(rng: np.random.Generator, truth: NDArray[np.int8], hard: Floats, confusion: Floats, person: Codes) -> NDArray[np.int8]:
    """Return what each voter says: misled with the subject's probability, else by their own matrix."""
    misled = rng.random(len(truth)) < hard
    drawn = rng.random(len(truth))
    own = np.cumsum(confusion, axis=2)[:, :, :-1]
    shared = np.cumsum(MISLED, axis=1)[:, :-1]
    steps = np.where(misled[:, None], shared[truth], own[person, truth])
    return np.asarray((drawn[:, None] >= steps).sum(axis=1), dtype=np.int8)
