"""What is known of the people who vote, as a vote's transaction reads it: without a lock, in whatever state the task left it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from classify import steps
from classify.crowd import online
from classify.models import Classification, CrowdState, SubjectStatus, VolunteerSkill, Workflow


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
    skill = online.start(0, len(answers))
    return CrowdState(
        workflow=workflow, answers=answers, pooled=skill.pooled.tolist(), prior=skill.prior.tolist(), weight=skill.weight, temper=skill.temper
    )


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
    state = state_of(status.workflow)
    evidence = [status.log_posterior.get(answer, 0.0) for answer in state.answers]
    chances = dict(zip(state.answers, online.posterior(evidence, state.prior), strict=True))
    return {answer: round(chances[answer], 9) for answer in answers_of(status.workflow)}


def learn_known(vote: Classification, *, truth: str, now: datetime) -> None:
    """Add a vote on a subject whose answer is known to its voter's skill. The caller holds the voter's row; such votes are never taken back."""
    here = {"workflow_id": vote.workflow_id, "volunteer_id": vote.volunteer_id}
    row = VolunteerSkill.objects.filter(**here).first() or VolunteerSkill(**here)
    said = row.confusion.setdefault(truth, {})
    said[vote.answer] = said.get(vote.answer, 0.0) + 1.0
    row.n_gold += 1
    row.n_gold_right += vote.answer == truth
    row.updated_at = now
    row.save()
