"""One label for each subject from all votes at once: read from the database, fitted, and written back in one transaction."""

import time
import tomllib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop

import core.services
from classify import selectors
from classify.models import AggregatedLabel, Aggregation, Classification, Workflow
from classify.selectors import Votes
from classify.selectors.science import newest_aggregation
from core import bulk
from core.models import Job

if TYPE_CHECKING:
    from classify.crowd.batch import Labels

METHOD = "dawid_skene"
KIND = "consensus"
TASK = "classify.aggregate"
STEPS = 4  # that a job tells of: read, fitted, summed up, stored
_COLUMNS = ("aggregation_id", "subject_id", "label", "chance", "low", "high", "posterior", "n_votes")


def ask_aggregation(*, workflow: Workflow, actor: Any, now: datetime) -> tuple[Job, bool]:
    """Open the job that labels a workflow's subjects from all its votes; (job, created). The caller enqueues TASK after commit."""
    return core.services.open_job(
        kind=KIND,
        key=str(workflow.pk),
        title=gettext_noop("Consensus over all votes: %(workflow)s"),
        words={"workflow": workflow.name},
        task=TASK,
        params={"workflow": workflow.pk},
        unit=gettext_noop("steps"),
        actor=actor,
        now=now,
    )


def aggregations_due(*, now: datetime) -> list[Workflow]:
    """Live workflows with votes that no aggregation has seen."""
    flows = Workflow.objects.filter(live=True, current_version__isnull=False).order_by("pk")
    return [flow for flow in flows if _has_new_votes(flow, now)]


def _has_new_votes(workflow: Workflow, now: datetime) -> bool:
    votes = Classification.objects.filter(workflow=workflow)
    last = newest_aggregation(workflow)
    if last and last.created_at > now:  # the clock was wrong then: what came since cannot be told from it
        return votes.exists()
    # A vote may have been on its way while the others were read.
    return (votes.filter(created_at__gt=last.created_at - timedelta(minutes=1)) if last else votes).exists()


def aggregate(*, workflow: Workflow, now: datetime, gold: bool = True, report: Callable[[int], None] = lambda _step: None) -> Aggregation:
    """Label every subject that has votes, by pooled Dawid-Skene; the labels of the run before are removed with the same commit.

    `gold`: known answers are held true and teach skill; their votes are left out otherwise. `report` hears of each step that is done, and
    may raise to stop. Raises LookupError for a workflow without a version or without votes.
    """
    from classify.crowd import batch  # noqa: PLC0415 - scipy stays out of the web process

    started = time.perf_counter()
    votes = selectors.votes_of(workflow, gold=gold, ordered=False)
    if not len(votes):
        raise LookupError(f"The workflow {workflow.slug} has no votes yet.")
    report(1)
    labels = batch.label_all(votes.table, votes.known)
    report(2)
    run = Aggregation(workflow=workflow, method=METHOD, settings={**batch.SETTINGS, "gold": gold, "demo": True}, created_at=now, seconds=0.0)
    run.n_votes, run.n_subjects, run.n_volunteers = len(votes), len(votes.subjects), len(votes.people)
    run.result, run.software = result_of(votes.answers, labels), software()
    same: dict[str, Any] = {"answers": votes.answers, "public_ids": votes.public_ids}
    run.votes_sha256 = batch.votes_sha256(votes.table, **same, names=votes.names, known=votes.known)
    run.labels_sha256 = batch.labels_sha256(labels, **same)
    report(3)
    _store(run, votes, labels)
    run.seconds = round(time.perf_counter() - started, 3)
    run.save(update_fields=["seconds"])
    return run


@transaction.atomic
def _store(run: Aggregation, votes: Votes, labels: "Labels") -> None:
    Workflow.objects.select_for_update(no_key=True).get(pk=run.workflow_id)  # of two runs at once the later one's labels stay
    run.save(force_insert=True)  # under the lock: the largest key is that of the run whose labels stand
    AggregatedLabel.objects.filter(aggregation__workflow_id=run.workflow_id, aggregation__method=run.method).delete()
    bulk.insert(AggregatedLabel, _COLUMNS, _rows(run, votes, labels))


def _rows(run: Aggregation, votes: Votes, labels: "Labels") -> Iterator[tuple[Any, ...]]:
    order = np.argsort(votes.subjects)  # as the index has them
    numbers = (
        column[order].tolist() for column in (votes.subjects, labels.best, *np.round((labels.chance, labels.low, labels.high), 9), labels.n_votes)
    )
    for place, subject, best, chance, low, high, n_votes in zip(order.tolist(), *numbers, strict=True):
        yield run.pk, subject, votes.answers[best], chance, low, high, f"[{labels.texts[place]}]", n_votes


def result_of(answers: list[str], labels: "Labels") -> dict[str, Any]:
    """What a run found besides the labels."""
    fit = labels.fit
    counts = np.bincount(labels.best, minlength=len(answers)).tolist()
    return {
        "answers": answers,
        "labels": dict(zip(answers, counts, strict=True)),
        "prior": fit.prior.tolist(),
        "pooled": labels.pooled.tolist(),
        "iterations": fit.iterations,
        "converged": fit.converged,
        "log_likelihood": fit.log_likelihood,
    }


@cache
def software() -> str:
    """What a run was made with."""
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]
    return f"{project['name']} {project['version']}, numpy {np.__version__}"
