"""What a policy would have cost, and got wrong, on the votes that a workflow has: a job whose result is kept with it.

The votes are read once and gone through by each policy (`classify.crowd.trials`); nothing that counts is changed.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

import core.services
from classify import presets, selectors
from classify.changes import fingerprint
from classify.crowd.consensus import Policy, policy_from
from classify.crowd.table import from_labels
from classify.models import SubjectStatus, Workflow
from classify.steps import answer_keys
from core.models import Job
from core.problems import Problem

if TYPE_CHECKING:
    from classify.crowd import trials

KIND = "simulate"
TASK = "classify.simulate_retirement"
COLUMNS = ("subject", "person", "answer")  # of a file with votes; "truth" may stand beside them

Progress = Iterator[tuple[int, int, dict[str, Any]]]


class BadVotes(ValueError):
    """A file with votes that cannot be read; the message names the line."""


def ask_simulation(*, workflow: Workflow, policy: Mapping[str, Any], demo: bool, actor: Any, now: datetime) -> tuple[Job, bool]:
    """Open the job that tries a policy; (job, created). The caller enqueues TASK after commit. Raises BadPolicy."""
    version = workflow.current_version
    if version is None:
        raise Problem(_("The workflow %(slug)s has no version yet.") % {"slug": workflow.slug}, title=_("Nothing to try"), status=409)
    policy_from(policy, answer_keys(version.steps))
    return core.services.open_job(
        kind=KIND, key=f"{workflow.slug} {fingerprint([policy, version.pk, demo])}", title=gettext_noop("%(workflow)s: a policy tried on its votes"),
        words={"workflow": workflow.name}, task=TASK, unit=gettext_noop("policies"), actor=actor, now=now,
        params={"workflow": workflow.pk, "policy": dict(policy), "demo": demo},
    )  # fmt: skip


def simulate(*, workflow: Workflow, tried: Mapping[str, Policy], demo: bool, tick: Callable[[], None] | None = None) -> Progress:
    """Yield (done, of all, result so far) after each policy. Raises TooFew (classify.crowd.trials) without enough votes."""
    from classify.crowd import trials  # noqa: PLC0415 - scipy stays out of the web process

    found = selectors.votes_of(workflow, demo=demo)
    retired = SubjectStatus.objects.filter(workflow=workflow, state=SubjectStatus.State.RETIRED).order_by().values_list("subject_id", flat=True)
    ended = np.isin(found.subjects, np.fromiter(retired.iterator(chunk_size=10_000), dtype=np.int64))
    return trials.run(trials.Votes(found.answers, found.table, found.known, ended), present(workflow), tried, tick)


def simulate_job(job: Job, tick: Callable[[], None]) -> Progress:
    """Carry out what `ask_simulation` asked for. Without enough votes the result says {"too_few": subjects, "needed": subjects} only.
    `tick` is called now and then within each policy.

    Raises BadPolicy for answers that are others by now.
    """
    from classify.crowd import trials  # noqa: PLC0415 - scipy stays out of the web process

    workflow = Workflow.objects.select_related("current_version").get(pk=job.params["workflow"])
    try:
        yield from simulate(workflow=workflow, tried={"": policy_from(job.params["policy"], _answers(workflow))}, demo=job.params["demo"], tick=tick)
    except trials.TooFew as error:
        yield 1, 1, {"too_few": error.n, "needed": trials.FEWEST}


def simulate_file(*, workflow: Workflow, lines: Iterable[str], tried: Mapping[str, Policy]) -> Progress:
    """The same with the votes of a CSV file. Raises BadVotes, too."""
    from classify.crowd import trials  # noqa: PLC0415 - scipy stays out of the web process

    return trials.run(_read(lines, _answers(workflow)), present(workflow), tried)


def present(workflow: Workflow) -> Policy:
    """The policy of the current version."""
    return policy_from(workflow.current_version.policy if workflow.current_version else {})


def ready_made(workflow: Workflow, name: str) -> dict[str, Any]:
    """A preset for the answers of a workflow. Raises LookupError where it does not fit."""
    version = workflow.current_version
    if version is None:
        raise LookupError(name)
    return presets.preset(name, presets.answers_from(version.steps, version.policy))


def _answers(workflow: Workflow) -> list[str]:
    return answer_keys(workflow.current_version.steps) if workflow.current_version else []


def _read(lines: Iterable[str], answers: list[str]) -> "trials.Votes":
    """Read a file with a line per vote, in order of arrival; people and subjects may be called anything."""
    from classify.crowd import trials  # noqa: PLC0415 - scipy stays out of the web process

    rows = csv.DictReader(lines)
    if missing := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
        raise BadVotes(f"There is no column {missing[0]!r}; the columns are {', '.join(COLUMNS)} and, if it is known, truth.")
    subjects, people, said = [], [], []
    truths: dict[str, str] = {}
    for row in rows:
        told = row.get("truth") or ""
        if row["answer"] not in answers or (told and told not in answers):
            raise BadVotes(f"Line {rows.line_num}: {row['answer']!r} or {told!r} is not one of {', '.join(answers)}.")
        if told and truths.setdefault(row["subject"], told) != told:
            raise BadVotes(f"Line {rows.line_num}: subject {row['subject']!r} has another truth than before.")
        subjects.append(row["subject"])
        people.append(row["person"])
        said.append(row["answer"])
    listed = sorted(set(subjects))
    if not listed:
        raise BadVotes("There is no vote in it.")
    table = from_labels(subjects, people, said, subject_list=listed, person_list=sorted(set(people)), answer_list=answers)
    known = np.array([answers.index(truths[subject]) if subject in truths else -1 for subject in listed])
    return trials.Votes(answers, table, known, np.ones(len(listed), dtype=bool))
