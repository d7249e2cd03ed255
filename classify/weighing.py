"""What is known of the people who vote, as a vote's transaction reads it: without a lock, in whatever state the task left it."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from classify import steps
from classify.crowd import online
from classify.models import CrowdState, MachineOpinion, SubjectStatus, Workflow


def answers_of(workflow: Workflow) -> list[str]:
    """The answers of the current version, in its order. Raises LookupError for a workflow that has none yet."""
    if workflow.current_version is None:
        raise LookupError(f"The workflow {workflow.slug} has no version yet.")
    return steps.answer_keys(workflow.current_version.steps)


def state_of(workflow: Workflow) -> CrowdState:
    """What was learnt of the crowd; before that (or with other answers by now): everybody is right in 7 of 10, no answer is likelier."""
    answers = answers_of(workflow)
    known: CrowdState | None = getattr(workflow, "crowd", None)
    if known is not None and sorted(known.answers) == sorted(answers):
        return known
    return CrowdState(workflow=workflow, answers=answers, **_start(len(answers)))


@cache
def _start(n_answers: int) -> dict[str, Any]:
    skill = online.start(0, n_answers)
    return {"pooled": skill.pooled.tolist(), "prior": skill.prior.tolist(), "weight": skill.weight, "temper": skill.temper}


def vector_of(workflow: Workflow, answer: str, confusion: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Return what this answer of somebody with this skill adds, {truth: log P(answer | truth)}. Empty for an answer that is not asked now."""
    state = state_of(workflow)
    if answer not in state.answers:
        return {}
    counts = _rows(confusion, state.answers)
    added = online.vector(counts, state.pooled, state.answers.index(answer), weight=state.weight, temper=state.temper)
    return dict(zip(state.answers, added, strict=True))


def _rows(confusion: Mapping[str, Mapping[str, float]], answers: Sequence[str]) -> list[list[float]]:
    return [[confusion.get(truth, {}).get(said, 0.0) for said in answers] for truth in answers] if confusion else []


def posterior_of(status: SubjectStatus) -> dict[str, float]:
    """Return the chance of each answer {answer: P} after the votes that this status (with its workflow at hand) has summed up."""
    return posterior_from(status.workflow, status.log_posterior)


def posterior_from(workflow: Workflow, evidence: Mapping[str, float]) -> dict[str, float]:
    """Return the chance of each answer of the current version, in its order, from the sum of votes' vectors {truth: sum}."""
    state = state_of(workflow)
    sums = [evidence.get(answer, 0.0) for answer in state.answers]
    chances = dict(zip(state.answers, online.posterior(sums, state.prior), strict=True))
    return {answer: round(chances[answer], 9) for answer in answers_of(workflow)}


def posterior_with_machine(status: SubjectStatus) -> dict[str, float]:
    """Return the chances with the detector's score as one more vote; empty where nothing is known of its scores, or it has not looked."""
    state = state_of(status.workflow)
    known = state.machine
    opinions = MachineOpinion.objects.filter(workflow_id=status.workflow_id, subject_id=status.subject_id, model=known.get("model", ""))
    said = opinions.order_by().values_list("probabilities", flat=True).first() if known else None
    if said is None:
        return {}
    place = int(online.bins_of([score_of(said, known["positive"])], known["edges"])[0])
    added = dict(zip(state.answers, known["vectors"][place], strict=True))
    return posterior_from(status.workflow, {answer: status.log_posterior.get(answer, 0.0) + more for answer, more in added.items()})


def score_of(probabilities: Mapping[str, float], positive: Sequence[str]) -> float:
    """The chance that a detector gives to there being something."""
    return float(sum(probabilities.get(answer, 0.0) for answer in positive))
