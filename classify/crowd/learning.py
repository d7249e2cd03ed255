"""What is known of the crowd, learnt from all votes there are: the steps of `online.learn`, taken until the prior rests."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from classify.crowd import online
from classify.crowd.online import Skill
from classify.crowd.table import VoteTable, counts, first_votes

UNKNOWN = -1
RESTING = 5e-4  # the prior has come to rest when it moves less than this
PASSES = 20
LEAST = 3  # subjects with fewer votes teach nothing
GOLD_VOTES = 8  # looked at of each known subject: many more come in, and far more than on any other subject
GOLD_SUBJECTS = 100  # fewer say nothing about how sure to be

Truths = NDArray[np.integer]


def learn(
    skill: Skill,
    table: VoteTable,
    *,
    known: Truths | None = None,
    least: int = LEAST,
    among: NDArray[np.bool_] | None = None,
    passes: int = PASSES,
    keep_prior: bool = False,
) -> Skill:
    """Return skill and prior as these votes teach them, each subject weighing with its posterior.

    `known` (S,): truths, -1 elsewhere; they teach skill, and stay out of the prior. Others need `least` votes, and to be `among` those
    allowed. It ends when the prior rests, or after so many `passes`; `keep_prior`: believe the first one for ever.
    """
    truth = np.full(table.n_subjects, UNKNOWN) if known is None else np.asarray(known)
    teaches = counts(table).sum(axis=1) >= least
    if among is not None:
        teaches &= among
    rows = np.flatnonzero(truth != UNKNOWN)
    for _ in range(passes):
        before = skill.prior
        believed = online.posteriors(online.evidence_of(table, online.vectors(skill)), before)
        believed[~teaches] = 0.0
        believed[rows] = np.eye(table.n_answers)[truth[rows]]
        skill = online.learn(skill, table, believed, known=truth != UNKNOWN)
        if keep_prior:
            skill = replace(skill, prior=before)
        if np.abs(skill.prior - before).max() < RESTING:
            break
    return skill


def fit_temper(table: VoteTable, known: Truths, *, least: int = LEAST, most: float = online.TEMPER) -> float:
    """Return the exponent on votes that fits the known subjects, at most `most`: known ones are easier than those nobody knows, so they
    may show that votes are to be trusted less, and never that they are to be trusted more. `most` too where there are too few to say.

    What is known of the people is learnt without these truths, and of each known subject only the first votes are looked at.
    """
    from classify.crowd import calibration  # noqa: PLC0415 - scipy stays out of the web process

    few = first_votes(table, GOLD_VOTES)
    rows = np.flatnonzero((np.asarray(known) != UNKNOWN) & (counts(few).sum(axis=1) >= least))
    truth = np.asarray(known)[rows]
    if len(rows) < GOLD_SUBJECTS or len(np.unique(truth)) < 2:
        return most
    skill = learn(online.start(table.n_people, table.n_answers), few, least=least)
    evidence = online.evidence_of(few, online.vectors(replace(skill, temper=1.0)))[rows]
    prior = np.bincount(truth, minlength=table.n_answers) + 1.0
    return float(np.clip(calibration.fit_temper(evidence, prior / prior.sum(), truth), 0.1, most))
