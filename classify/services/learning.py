"""What is known of a workflow's crowd, learnt anew from all its votes now and then. Votes read it without waiting for this."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Sum

from classify import selectors, steps, weighing
from classify.crowd import consensus, learning, online, policies
from classify.crowd.online import Skill
from classify.crowd.table import counts
from classify.models import Classification, CrowdState, HourlyTotal, MachineOpinion, VolunteerSkill, Workflow
from classify.selectors import Votes

FIRST = 200  # votes before there is anything to learn
GROWTH = 0.2  # it is learnt again when the votes have grown by so much
STALE = timedelta(days=1)  # ... or when it is so old, and votes have come
SCORED = 200  # subjects with a score and votes before anything is believed of a detector
QUANTILES = (0.25, 0.5, 0.75, 0.85, 0.9, 0.95, 0.98, 0.99)  # of its scores, between which they count alike
_CHUNK = 500


def crowds_due(*, now: datetime) -> list[Workflow]:
    """Live workflows whose votes know more of their crowd than is known."""
    flows = Workflow.objects.filter(live=True, current_version__isnull=False).select_related("current_version", "crowd").order_by("pk")
    return [flow for flow in flows if _is_due(flow, now)]


def _is_due(workflow: Workflow, now: datetime) -> bool:
    state: CrowdState | None = getattr(workflow, "crowd", None)
    if state is None:
        return (HourlyTotal.objects.filter(workflow=workflow).aggregate(n=Sum("n"))["n"] or 0) >= FIRST
    if workflow.current_version and sorted(state.answers) != sorted(steps.answer_keys(workflow.current_version.steps)):
        return True
    votes = Classification.objects.filter(workflow=workflow, superseded_by__isnull=True).exclude(answer="").order_by()
    if state.learnt_at > now:  # the clock was wrong then: what came since cannot be told from it
        return votes.exists()
    enough = 1 if state.learnt_at < now - STALE else max(1, int(GROWTH * state.n_votes))
    return votes.filter(created_at__gt=state.learnt_at, created_at__lte=now)[:enough].count() >= enough


def learn_crowd(*, workflow: Workflow, now: datetime) -> CrowdState:
    """Learn skill and prior from all votes; store each person's row, then the state, which makes it count as learnt.

    What is learnt depends on the votes alone, so whatever stops this half-way leaves rows that are each true, and it is done again.
    Whoever is told an answer meanwhile keeps the row that this vote made, until the next time.
    """
    told = dict(VolunteerSkill.objects.filter(workflow=workflow).values_list("volunteer_id", "n_gold"))
    votes = selectors.votes_of(workflow, ordered=True)
    version = workflow.current_version
    least = min(learning.LEAST, policies.fewest(consensus.policy_from(version.policy if version else {}).ends))
    temper = learning.fit_temper(votes.table, votes.known, least=least)
    start = online.start(votes.table.n_people, len(votes.answers), temper=temper)
    skill = learning.learn(start, votes.table, known=votes.known, least=least)
    _store_skills(votes, skill, told, now)
    machine = _learn_machine(votes, skill, least)
    known: dict[str, Any] = {
        "machine": machine,
        "answers": votes.answers,
        "pooled": skill.pooled.tolist(),
        "prior": skill.prior.tolist(),
        "weight": skill.weight,
    }
    state, _ = CrowdState.objects.update_or_create(
        workflow=workflow, defaults={**known, "temper": skill.temper, "n_votes": len(votes), "learnt_at": now}
    )
    return state


def _learn_machine(votes: Votes, skill: Skill, least: int) -> dict[str, Any]:
    """Return what the newest detector's scores tell, from subjects of which people alone have said enough; empty where that is too few."""
    version, table = votes.workflow.current_version, votes.table
    positive = list(consensus.policy_from(version.policy).positive) if version else []
    opinions = MachineOpinion.objects.filter(workflow=votes.workflow)
    newest = opinions.order_by("-at", "-pk").values_list("model", flat=True).first()
    judged = (counts(table).sum(axis=1) >= least) & (votes.known == learning.UNKNOWN)
    place = {subject: i for i, subject in enumerate(votes.subjects.tolist()) if judged[i]}
    said = opinions.filter(model=newest or "").order_by("subject_id").values_list("subject_id", "probabilities")
    rows = [(place[subject], weighing.score_of(chances, positive)) for subject, chances in said if subject in place]
    if len(rows) < SCORED or not positive:
        return {}
    scores = np.array([score for _, score in rows])
    edges = np.unique(np.quantile(scores, QUANTILES))
    believed = online.posteriors(online.evidence_of(table, online.vectors(skill)), skill.prior)[[i for i, _ in rows]]
    vectors = online.score_vectors(online.bins_of(scores, edges.tolist()), believed, len(edges) + 1, temper=skill.temper)
    return {"model": newest, "positive": positive, "edges": edges.tolist(), "vectors": vectors.tolist()}


def _store_skills(votes: Votes, skill: Skill, told: dict[int, int], now: datetime) -> None:
    """Write the rows in small pieces, so that a vote never waits long for one; remove those of people without votes.

    `told`: {person: votes on known answers in their row} before the votes were read. Whoever has another number now was told meanwhile.
    """
    stored = VolunteerSkill.objects.filter(workflow=votes.workflow)
    taught = {person for person, n in stored.values_list("volunteer_id", "n_gold") if told.get(person, 0) != n}
    rows = [row for row in _rows(votes, skill, now) if row.volunteer_id not in taught]
    fields = ["confusion", "n_gold", "n_gold_right", "informativeness", "updated_at"]
    for start in range(0, len(rows), _CHUNK):
        VolunteerSkill.objects.bulk_create(
            rows[start : start + _CHUNK], update_conflicts=True, unique_fields=["workflow", "volunteer"], update_fields=fields
        )
    for person in told.keys() - set(votes.people.tolist()):
        stored.filter(volunteer_id=person, n_gold=told[person]).delete()


def _rows(votes: Votes, skill: Skill, now: datetime) -> Iterator[VolunteerSkill]:
    table, told = votes.table, votes.known[votes.table.subject]
    n_gold = np.bincount(table.person[told >= 0], minlength=table.n_people)
    n_right = np.bincount(table.person[(told >= 0) & (told == table.answer)], minlength=table.n_people)
    tells = online.informativeness(skill)
    for i, volunteer in enumerate(votes.people.tolist()):
        numbers: dict[str, Any] = {"n_gold": int(n_gold[i]), "n_gold_right": int(n_right[i]), "informativeness": round(float(tells[i]), 6)}
        confusion = _confusion(skill.counts[i].round(3).tolist(), votes.answers)
        yield VolunteerSkill(workflow=votes.workflow, volunteer_id=volunteer, confusion=confusion, updated_at=now, **numbers)


def _confusion(counts: list[list[float]], answers: list[str]) -> dict[str, dict[str, float]]:
    """Return {truth: {answer: weight}} without what weighs nothing."""
    rows = {
        truth: {answer: weight for answer, weight in zip(answers, row, strict=True) if weight} for truth, row in zip(answers, counts, strict=True)
    }
    return {truth: row for truth, row in rows.items() if row}
