"""Methods that turn votes into labels, on a generated crowd whose truth is known, beside those of crowd-kit.

    python -m benchmarks.consensus [--subjects 150000] [--rounds 3] [--database] [--peer [PYTHON]] [--markdown]

Each run is a process of its own: seconds from arrays in memory to labels, and the most memory it held. The methods take turns; figures are
medians of the rounds. ``--database`` adds the pooled form over stored votes, from PostgreSQL into PostgreSQL as the site does it at night
(that of DATABASE_URL, else a throw-away server that syncs). ``--peer`` installs crowd-kit in an environment of its own (some 800 MB), or
takes a Python that has it.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common import ROOT, Table, machine, peak_memory_mib, timed
from benchmarks.consensus_database import fill_stored, run_stored, server

PEER = ("crowd-kit==1.4.2", "scikit-learn<1.7")  # its Wawa fails with newer ones
LOOKED_FOR = 1  # the rare answer of the generated crowd
MOST_SECONDS = 1_800
POOLED, PEER_DS = "Dawid-Skene, pooled rows", "crowd-kit DawidSkene"
STORED = "the same, database to database"
# What issue and docs ask of the pooled form, from arrays to labels.
MOST_ERROR, MOST_S, MOST_MIB, LEAST_RATIO = 0.21, 5.0, 500.0, 10.0

Labels = Any
Method = Callable[[Any], tuple[Labels, str]]


def majority(table: Any) -> tuple[Labels, str]:
    """The most frequent answer; of equals the first."""
    from classify.crowd.table import counts

    return counts(table).argmax(axis=1), ""


def by_fractions(table: Any) -> tuple[Labels, str]:
    """The rule of a workflow's policy: more than half of the votes, three at least; else no label."""
    from classify.crowd.consensus import Policy
    from classify.crowd.fractions import labels
    from classify.crowd.table import counts

    return labels(counts(table), Policy(), [str(code) for code in range(table.n_answers)]), ""


def dawid_skene(weight: float) -> Method:
    """Dawid & Skene by two sparse products an iteration."""

    def run(table: Any) -> tuple[Labels, str]:
        from classify.crowd.dawid_skene import dawid_skene as fitted

        fit = fitted(table, pooled_weight=weight)
        return fit.posterior.argmax(axis=1), f"{fit.iterations} iterations"

    return run


def with_intervals(table: Any) -> tuple[Labels, str]:
    """The same with a credible interval of each posterior."""
    from classify.crowd.dawid_skene import dawid_skene as fitted
    from classify.crowd.intervals import credible

    fit = fitted(table)
    interval = credible(table, fit, LOOKED_FOR)
    return fit.posterior.argmax(axis=1), f"widest {(interval.high - interval.low).max():.2f}"


def crowd_kit(name: str) -> Method:
    """A method of crowd-kit by its class name; making its data frame is not timed."""

    def run(table: Any) -> tuple[Labels, str]:
        from crowdkit import aggregation

        model = getattr(aggregation, name)()
        found = model.fit_predict(table)
        said = len(getattr(model, "loss_history_", []))
        return found.sort_index().to_numpy(), f"{said} iterations" if said else ""

    return run


OURS: dict[str, Method] = {
    "majority": majority,
    "fractions": by_fractions,
    "Dawid-Skene, plain": dawid_skene(0.0),
    POOLED: dawid_skene(100.0),
    "the same with intervals": with_intervals,
}
PEERS: dict[str, Method] = {f"crowd-kit {name}": crowd_kit(name) for name in ("MajorityVote", "Wawa", "OneCoinDawidSkene", "DawidSkene")}


def make(path: Path, options: argparse.Namespace) -> None:
    """Generate the crowd and store its arrays."""
    from classify.crowd.simulated import crowd

    made = crowd(options.subjects, options.people, seed=options.seed)
    table = made.table
    np.savez(path, subject=table.subject, person=table.person, answer=table.answer, truth=made.truth, sizes=[table.n_subjects, table.n_people])


def run_one(name: str, path: Path) -> None:
    """Run one method in this process; print what it took as JSON, and leave its labels beside the table."""
    if name == STORED:
        run_stored(path)
        return
    stored = np.load(path)
    if name in PEERS:
        import crowdkit.aggregation  # noqa: F401 - loaded before the clock starts
        import pandas

        table: Any = pandas.DataFrame({"task": stored["subject"], "worker": stored["person"], "label": stored["answer"]})
    else:
        from classify.crowd import intervals  # noqa: F401 - loaded before the clock starts
        from classify.crowd.table import vote_table

        n_subjects, n_people = (int(size) for size in stored["sizes"])
        table = vote_table(stored["subject"], stored["person"], stored["answer"], n_subjects=n_subjects, n_people=n_people, n_answers=3)
    with timed() as lap:
        labels, note = {**OURS, **PEERS}[name](table)
    np.save(path.with_suffix(".labels.npy"), np.asarray(labels).astype(np.int8))
    print(json.dumps({"wall_s": lap.wall_s, "cpu_s": lap.cpu_s, "peak_mib": peak_memory_mib(), "note": note}))


def in_a_process(python: str, *arguments: str) -> dict[str, Any]:
    """Run this script with these arguments in a process of its own; return what it printed. Empty when it took too long."""
    command = [python, "-m", "benchmarks.consensus", *arguments]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=MOST_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return {}
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr[-2000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1])) if done.stdout else {}


def peer_python(given: str, folder: Path) -> str:
    """Return a Python that has crowd-kit: the one given, or a new environment's."""
    if given != "new":
        return given
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", *PEER], check=True)
    return python


def quality(labels: Labels, truth: Labels) -> tuple[float, float, float, float]:
    """Return error in %, and recall, precision and F1 of the rare answer; no label is an error."""
    found, there = labels == LOOKED_FOR, truth == LOOKED_FOR
    both = int((found & there).sum())
    recall, precision = both / max(1, int(there.sum())), both / max(1, int(found.sum()))
    f1 = 2 * recall * precision / (recall + precision) if both else 0.0
    return 100 * float((labels != truth).mean()), recall, precision, f1


def compare(options: argparse.Namespace, folder: Path) -> tuple[Table, list[str]]:
    """Run all methods in turn, several rounds; return the table of medians and what the targets say."""
    path = folder / "crowd.npz"
    pythons = dict.fromkeys(OURS, sys.executable)
    if options.peer:
        pythons |= dict.fromkeys(PEERS, peer_python(options.peer, folder / "peer"))
    shape = [f"--subjects={options.subjects}", f"--people={options.people}", f"--seed={options.seed}"]
    in_a_process(sys.executable, "--make", str(path), *shape)
    if options.database:
        in_a_process(sys.executable, "--fill", "--make", str(path))
        pythons[STORED] = sys.executable
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in pythons}
    labels: dict[str, Labels] = {}
    for _ in range(options.rounds):
        for name, python in pythons.items():
            if took := in_a_process(python, "--one", name, "--make", str(path)):
                runs[name].append(took)
                labels[name] = np.load(path.with_suffix(".labels.npy"))
    stored = np.load(path)
    title = f"{options.subjects:,} subjects, {len(stored['subject']):,} votes, {options.people:,} people; medians of {options.rounds}"
    table = Table(title, ["method", "s", "CPU s", "peak MiB", "error %", "recall", "precision", "F1", ""])
    medians = {
        name: {key: statistics.median(run[key] for run in taken) for key in ("wall_s", "cpu_s", "peak_mib")} for name, taken in runs.items() if taken
    }
    for name, taken in medians.items():
        table.add(name, *taken.values(), *(f"{value:.3f}" for value in quality(labels[name], stored["truth"])), runs[name][-1]["note"])
    return table, verdicts(medians, labels, quality(labels[POOLED], stored["truth"])[0])


def verdicts(medians: dict[str, dict[str, float]], labels: dict[str, Labels], error: float) -> list[str]:
    """Say of each target whether it is met."""
    ours = medians[POOLED]
    said = [
        (f"error {error:.3f} %, at most {MOST_ERROR}", error <= MOST_ERROR),
        (f"{ours['wall_s']:.2f} s, at most {MOST_S}", ours["wall_s"] <= MOST_S),
        (f"{ours['peak_mib']:.0f} MiB, at most {MOST_MIB:.0f}", ours["peak_mib"] <= MOST_MIB),
    ]
    if stored := medians.get(STORED):
        differ = int((labels[STORED] != labels[POOLED]).sum())
        said.append((f"database to database {stored['wall_s']:.2f} s, at most {MOST_S}", stored["wall_s"] <= MOST_S))
        said.append((f"{stored['peak_mib']:.0f} MiB, at most {MOST_MIB:.0f}", stored["peak_mib"] <= MOST_MIB))
        said.append((f"{differ} of its labels differ from those made of arrays", differ == 0))
    if theirs := medians.get(PEER_DS):
        ratio = theirs["wall_s"] / ours["wall_s"]
        said.append((f"{ratio:.0f} times as fast as {PEER_DS}, at least {LEAST_RATIO:.0f}", ratio >= LEAST_RATIO))
        differ = int((labels["Dawid-Skene, plain"] != labels[PEER_DS]).sum())
        said.append((f"{differ} labels of the plain form differ from {PEER_DS}'s, at most 1 in 10,000", differ <= len(labels[PEER_DS]) / 10_000))
    return [f"{'met' if met else 'MISSED'}: {text}" for text, met in said]


def main() -> None:
    """Compare, or be one of the processes of a comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", type=int, default=150_000)
    parser.add_argument("--people", type=int, default=11_482)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", action="store_true")
    parser.add_argument("--peer", nargs="?", const="new", default="", metavar="PYTHON")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--fill", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        run_one(options.one, options.make)
    elif options.fill:
        fill_stored(options.make)
    elif options.make:
        make(options.make, options)
    else:
        print(machine("numpy", "scipy"), f"load {os.getloadavg()[0]:.1f}", sep="; ")
        with tempfile.TemporaryDirectory(prefix="hunter-benchmark-") as folder, server(options.database):
            table, said = compare(options, Path(folder))
        table.show(markdown=options.markdown)
        print("", *said, sep="\n")


if __name__ == "__main__":
    main()
