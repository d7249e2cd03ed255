"""Votes saved: what policies of retirement cost and get wrong on a generated crowd whose truth is known, and on real votes.

    python -m benchmarks.retirement                               150,000 subjects, seeds 1, 2, 3 (settings were chosen on 11, 12, 13)
    python -m benchmarks.retirement --subjects 30000 --seeds 1
    python -m benchmarks.retirement --votes FOLDER                the folder with the real votes (snapshots_at_sea_Q1_*.csv)

All figures are of votes by people alone, but for the table of the detector. Skill and prior are learnt on the way from the votes, never
from the truth. The crowd is `classify.crowd.simulated`: confusion matrices, as the method assumes, and hard subjects that mislead
everybody, as it does not. "F1" is that of the rare answer; "admitted" is the error that the posteriors themselves expect.
"""

import argparse
import csv
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.common import ROOT, Table, machine, timed
from classify.crowd import online, replay
from classify.crowd.dawid_skene import dawid_skene
from classify.crowd.policies import Retirement
from classify.crowd.reliability import Bin, expected_calibration_error, reliability
from classify.crowd.replay import Course, Figures, Learning, Result
from classify.crowd.simulated import MISLED, Crowd, crowd
from classify.crowd.table import VoteTable, counts, first_votes, from_labels

ANSWERS = ("no", "yes", "impossible")
YES = 1
OURS = Retirement(
    "consensus", max_votes=15, min_votes=3, sure={"no": 0.9975, "yes": 0.99, "impossible": 0.97}, markers=5, positive=("yes",), negative=("no",)
)
NAIVE = Learning(temper=1.0, weight=20.0)
COLUMNS = ["policy", "votes", "error %", "admitted %", "recall", "precision", "F1", "ran out %", "s"]
CERTAINTIES = (0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995)
EDGES = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 1.0)
AT_ONCE = 5_000  # subjects that are open together while people are served live
SHARED_DATA = ROOT.parent / "shared" / "data" / "zooniverse_votes"


def main() -> None:
    """Run the benchmark and print its tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", type=int, default=150_000, help="number of subjects of the generated crowd")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], help="seeds of the generated crowds; the first serves the other tables")
    parser.add_argument("--votes", type=Path, default=SHARED_DATA, help="folder of the real votes")
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    arguments = parser.parse_args()
    print(machine("numpy"), flush=True)
    for table in tables(arguments):
        table.show(markdown=arguments.markdown)
        print(end="", flush=True)
    if (arguments.votes / "snapshots_at_sea_Q1_votes_36131.csv").exists():
        real_votes(arguments.votes).show(markdown=arguments.markdown)
    else:
        print(f"\nReal votes: skipped, there is no snapshots_at_sea_Q1_votes_36131.csv in {arguments.votes}.")


def tables(arguments: argparse.Namespace) -> Iterator[Table]:
    """Yield each table of the generated crowd as soon as it is done."""
    worlds = {}
    for seed in arguments.seeds:
        world = _crowd(arguments.subjects, seed)
        worlds.setdefault("first", world)
        yield policies_of(world, seed)
    world = worlds["first"]
    yield frontier_of(world)
    yield parts(world)
    yield other_crowds(arguments.subjects, arguments.seeds[0])
    yield served(world)
    yield with_detector(world)
    yield from calibration_of(world)


def add(table: Table, name: str, world: Crowd, call: Callable[[], Result], among: NDArray[np.bool_] | None = None) -> Result:
    """Run one replay and add its row."""
    with timed() as lap:
        result = call()
    add_row(table, name, replay.figures(result, world.truth, of=YES, among=among), f"{lap.wall_s:.1f}")
    return result


def add_row(table: Table, name: str, figures: Figures, seconds: str = "-") -> None:
    """Add what a policy cost and got wrong."""
    shares = (f"{100 * share:.3f}" for share in (figures.error, figures.claimed))
    table.add(
        name, f"{figures.votes:.2f}", *shares, *(f"{each:.3f}" for each in (figures.recall, figures.precision)),
        f"{figures.f1:.4f}", f"{100 * figures.unfinished:.2f}", seconds,
    )  # fmt: skip


def majority(table: VoteTable, n: int) -> Result:
    """Ask `n` people each; the most frequent answer holds (of equals the first)."""
    tally = counts(first_votes(table, n))
    share = tally / np.maximum(1, tally.sum(axis=1, keepdims=True))
    ended = (tally.sum(axis=1) == n).astype(np.int8)
    return Result(tally.sum(axis=1), ended, share, online.start(1, table.n_answers))


def afterwards(table: VoteTable, n: int) -> Result:
    """Ask `n` people each, and let the batch method decide when all is in."""
    return majority(table, n)._replace(posterior=dawid_skene(first_votes(table, n)).posterior)


def ours(world: Crowd, policy: Retirement = OURS, learning: Learning | None = None, **more: NDArray[np.float64]) -> Callable[[], Result]:
    """Return the call that replays the crowd's votes, in their order, by a policy."""
    return lambda: replay.replay(world.table, policy, ANSWERS, learning=learning or Learning(prior=(0.8, 0.1, 0.1)), **more)


def policies_of(world: Crowd, seed: int) -> Table:
    """Compare fixed numbers of votes, the bare Bayesian rule and ours."""
    table = Table(f"Policies, {len(world.truth):,} subjects, seed {seed}; order of arrival; the prior starts at 0.8 / 0.1 / 0.1", COLUMNS)
    for n in (3, 5, 7, 10):
        add(table, f"fixed {n}, majority", world, lambda n=n: majority(world.table, n))
        add(table, f"fixed {n}, pooled Dawid-Skene afterwards", world, lambda n=n: afterwards(world.table, n))
    for least in (4, 5):
        bare = Retirement("consensus", max_votes=15, min_votes=least, default_sure=0.999)
        add(table, f"P > .999, at least {least}, not tempered", world, ours(world, bare, NAIVE))
    add(table, "ours (default)", world, ours(world))
    add(table, "ours, at least 4", world, ours(world, replace(OURS, min_votes=4)))
    return table


def frontier_of(world: Crowd) -> Table:
    """Ask for more and more certainty of any answer."""
    table = Table("Frontier: P of the answer at which a subject ends, at least 3 votes", COLUMNS)
    for sure in CERTAINTIES:
        policy = replace(OURS, default_sure=sure, sure={})
        add(table, f"P >= {sure}", world, ours(world, policy))
    return table


def parts(world: Crowd) -> Table:
    """Take one part of the method away at a time."""
    table = Table("What each part does (seed as above; the default policy)", COLUMNS)
    wrong = (0.8, 0.1, 0.1)
    for name, learning in {
        "ours": Learning(prior=wrong),
        "prior flat at the start": Learning(),
        "prior stays 0.8 / 0.1 / 0.1": Learning(prior=wrong, keep_prior=True),
        "not tempered": Learning(prior=wrong, temper=1.0),
        "one skill for everybody": Learning(prior=wrong, weight=1e9),
        "rows hardly shrunk (2 votes)": Learning(prior=wrong, weight=2.0),
        "skill from ended subjects only": Learning(prior=wrong, settled_only=True),
        "votes on open subjects weighed anew": Learning(prior=wrong, rescore=True),
    }.items():
        add(table, name, world, ours(world, learning=learning))
    add(table, "no wait for 5 markers", world, ours(world, replace(OURS, markers=0, positive=())))
    known = np.where(np.random.default_rng(0).random(len(world.truth)) < 0.03, world.truth, -1)
    add(table, "3 % known beforehand (not counted)", world, ours(world, known=known), known < 0)
    for name, at_once in (("everybody asked in turn", 0), ("5,000 subjects at once, in turn", AT_ONCE)):
        turns = replace(world, table=replay.in_turns(world.table, at_once=at_once))
        add(table, name, world, ours(turns))
    return table


def other_crowds(n_subjects: int, seed: int) -> Table:
    """Leave the settings as they are, and change the crowd."""
    table = Table("Other crowds, same settings", COLUMNS)
    for name, world in {
        "no hard subjects": _crowd(n_subjects, seed, difficulty=False),
        "10 % careless people": _crowd(n_subjects, seed, spammers=0.1),
        "a quarter as many finds": _crowd(n_subjects, seed, prior=(0.98, 0.005, 0.015)),
        "ten times as many finds": _crowd(n_subjects, seed, prior=(0.75, 0.2, 0.05)),
    }.items():
        add(table, f"{name}: fixed 10, majority", world, lambda world=world: majority(world.table, 10))
        add(table, f"{name}: ours", world, ours(world))
    return table


def _crowd(n_subjects: int, seed: int, **more: Any) -> Crowd:
    """Return a crowd with as many people per subject as the original had."""
    return crowd(n_subjects, max(50, round(n_subjects * 11_482 / 150_000)), seed=seed, **more)


# Who is asked -----------------------------------------------------------------------------------------------------------------------


def served(world: Crowd) -> Table:
    """Serve people as they come, and choose what each of them gets."""
    table = Table(f"Who gets which subject (served live, {AT_ONCE:,} subjects open at once)", COLUMNS)
    for name, choose in {
        "by chance": lambda _told, _doubt, _rng: None,
        "skilled half: the doubtful ones": _halves,
        "the more skilled, the more doubtful": _ranked,
        "the less skilled, the more doubtful": lambda told, doubt, rng: _ranked(-told, doubt, rng),
    }.items():
        add(table, name, world, lambda choose=choose: serve(world, choose))
    return table


Choice = Callable[[NDArray[np.float64], NDArray[np.float64], np.random.Generator], NDArray[np.intp] | None]


def _ranked(told: NDArray[np.float64], doubt: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.intp]:
    """Return for each subject the place of its person: the k-th of the people in skill gets the k-th of the subjects in doubt."""
    places = np.empty(len(doubt), dtype=np.intp)
    places[np.lexsort((rng.random(len(doubt)), doubt))] = np.lexsort((rng.random(len(told)), told))
    return places


def _halves(told: NDArray[np.float64], doubt: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.intp]:
    """The same with two classes of people only, as a queue with two orders would do it."""
    return _ranked((told > np.median(told)).astype(float), doubt, rng)


def serve(world: Crowd, choose: Choice, seed: int = 0) -> Result:
    """Open subjects as others end; in each round so many people come, by how much they take part, and each open subject gets one."""
    rng = np.random.default_rng(seed)
    n_subjects, n_people = len(world.truth), len(world.confusion)
    course = Course(
        n_subjects=n_subjects, n_people=n_people, answers=ANSWERS, policy=OURS, learning=Learning(prior=(0.8, 0.1, 0.1)),
    )  # fmt: skip
    up_to = np.cumsum(np.bincount(world.table.person, minlength=n_people) / len(world.table))
    voters = np.full((n_subjects, OURS.max_votes), -1, dtype=np.int32)
    queue, opened = rng.permutation(n_subjects), 0
    active = queue[:0]
    while len(active) or opened < n_subjects:
        fresh = queue[opened : opened + AT_ONCE - len(active)]
        opened += len(fresh)
        active = np.concatenate([active, fresh])
        person = np.minimum(np.searchsorted(up_to, rng.random(len(active))), n_people - 1).astype(np.int32)
        places = choose(online.informativeness(course.skill)[person], 1 - course.posterior(active).max(axis=1), rng)
        person = person if places is None else person[places]
        new = ~(voters[active] == person[:, None]).any(axis=1)
        subject, person = active[new].astype(np.int32), person[new]
        voters[subject, course.tally[subject].sum(axis=1)] = person
        course.take(subject, person, answers_of(world, subject, person, rng))
        course.learn()
        active = active[course.is_open(active)]
    return course.result()


def answers_of(world: Crowd, subject: NDArray[np.int32], person: NDArray[np.int32], rng: np.random.Generator) -> NDArray[np.int8]:
    """Draw what these people say of these subjects."""
    truth, hard = world.truth[subject], world.difficulty[subject][:, None]
    chance = (1 - hard) * world.confusion[person, truth] + hard * MISLED[truth]
    return (rng.random(len(truth))[:, None] >= np.cumsum(chance, axis=1)[:, :-1]).sum(axis=1).astype(np.int8)


# The detector -----------------------------------------------------------------------------------------------------------------------


def with_detector(world: Crowd) -> Table:
    """Let a detector's score count as one more vote; its confusion is learnt on a tenth that people alone have ended."""
    table = Table("A simulated detector as one more voter (nine tenths of the subjects; its errors independent of people's)", COLUMNS)
    rng = np.random.default_rng(1)
    pilot = np.zeros(len(world.truth), dtype=bool)
    pilot[: len(pilot) // 10] = True
    alone = add(table, "people alone", world, ours(world), ~pilot)
    for name, shift in (("weak detector", 1.0), ("middling detector", 2.0), ("good detector", 3.0)):
        scores = rng.normal(np.array([0.0, shift, 0.5])[world.truth], 1.0)
        edges = np.quantile(scores, [0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995])
        bins = online.bins_of(scores, edges.tolist())
        added = online.score_vectors(bins[pilot], alone.posterior[pilot], len(edges) + 1)
        name = f"{name} (AUC {auc(scores, world.truth == YES):.2f})"
        add(table, name, world, ours(world, bonus=np.where(pilot[:, None], 0.0, added[bins])), ~pilot)
    return table


def auc(scores: NDArray[np.float64], true: NDArray[np.bool_]) -> float:
    """Return the chance that a true one scores above another."""
    rank = np.argsort(np.argsort(scores)) + 1
    n_true = int(true.sum())
    return float((rank[true].sum() - n_true * (n_true + 1) / 2) / max(1, n_true * (len(true) - n_true)))


# Calibration ------------------------------------------------------------------------------------------------------------------------


def calibration_of(world: Crowd) -> Iterator[Table]:
    """Yield what came true of what was believed: with each subject's end, and of the rare answer after five votes."""
    for title, policy in (("at the end of each subject, P of its answer", OURS), ("after 5 votes, P(yes)", Retirement(max_votes=5))):
        table = Table(f"Reliability {title}", ["P", "n", "believed", "came true", "95 % interval", "not tempered: n", "believed", "came true"])
        tempered, bare = (_bins(ours(world, policy, Learning(temper=each))(), world, policy) for each in (online.TEMPER, 1.0))
        plain = {row.low: row for row in bare}
        for row in tempered:
            other = plain.get(row.low)
            beside = (other.n, f"{other.predicted:.4f}", f"{other.observed:.4f}") if other else (0, "-", "-")
            interval = f"{row.observed_low:.4f}-{row.observed_high:.4f}"
            table.add(f"{row.low:g}-{row.high:g}", row.n, f"{row.predicted:.4f}", f"{row.observed:.4f}", interval, *beside)
        errors = [f"{100 * expected_calibration_error(rows):.3f} %" for rows in (tempered, bare)]
        table.add("expected calibration error", "", errors[0], "", "", "", errors[1], "")
        yield table


def _bins(result: Result, world: Crowd, policy: Retirement) -> list[Bin]:
    if policy.rule == "count":
        return reliability(result.posterior[:, YES], world.truth == YES, bins=EDGES)
    return reliability(result.posterior.max(axis=1), result.answer == world.truth, bins=EDGES)


# Real votes -------------------------------------------------------------------------------------------------------------------------


def real_votes(folder: Path) -> Table:
    """Replay the votes of Snapshots at Sea, in order of their ids, against the project's own decision (0.8 of all votes or more say yes)."""
    with (folder / "snapshots_at_sea_Q1_votes_36131.csv").open(newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: int(row["classification_id"]))
    with (folder / "snapshots_at_sea_Q1_expected_outcome.csv").open(newline="") as file:
        decided = {row["subject_ids"]: int(row["flag"]) for row in csv.DictReader(file)}
    once = list({(row["user_name"], row["subject_ids"]): row for row in reversed(rows)}.values())[::-1]  # the first vote of each person
    subjects, people = sorted(decided), sorted({row["user_name"] for row in once})
    columns = ([row[name] for row in once] for name in ("subject_ids", "user_name", "task_answer"))
    table = from_labels(*columns, subject_list=subjects, person_list=people, answer_list=("0", "1"))
    truth = np.array([decided[subject] for subject in subjects])
    out = Table(
        f"Real votes: {len(rows):,} ({len(table):,} without repeats), {len(subjects):,} subjects, {len(people)} people",
        ["policy", "votes", "other than the project's decision %", "recall of its 0", "precision", "other than the majority of all %", "ran out %"],
    )
    most = majority(table, len(table)).answer
    for n in (3, 5):
        add_real(out, f"fixed {n}, majority", majority(table, n), truth, most)
    add_real(out, "fixed 5, 1 where 0.8 say so", strictly(majority(table, 5), 0.8), truth, most)
    policy = Retirement("consensus", max_votes=5, min_votes=2)
    for sure in (0.9, 0.95, 0.98, 0.99):
        result = replay.replay(table, replace(policy, default_sure=sure), ("0", "1"), batch=1_000)
        add_real(out, f"P >= {sure}, 2 to 5 votes", result, truth, most)
        add_real(out, f"P >= {sure}, 2 to 5 votes, 1 where so sure", strictly(result, sure), truth, most)
    return out


def strictly(result: Result, sure: float) -> Result:
    """Give the answer 1 only to those that have at least so much of it, as this project does."""
    positive = result.posterior[:, 1] >= sure
    return result._replace(posterior=np.stack([~positive, positive], axis=1).astype(float))


def add_real(out: Table, name: str, result: Result, truth: NDArray[np.integer], most: NDArray[np.integer]) -> None:
    """Add what a policy cost, and how often it said something else than the project and than all votes together."""
    project, everybody = (replay.figures(result, other, of=0) for other in (truth, most))
    shares = (project.recall, project.precision)
    out.add(
        name, f"{project.votes:.2f}", f"{100 * project.error:.2f}", *(f"{each:.3f}" for each in shares),
        f"{100 * everybody.error:.2f}", f"{100 * project.unfinished:.2f}",
    )  # fmt: skip


if __name__ == "__main__":
    main()
