"""The part of a vote's transaction that moves the one shared row and what follows from it: tally, state, consensus. Callers hold its lock."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from classify import selection, weighing
from classify.crowd import consensus
from classify.crowd.consensus import Decision, Policy
from classify.models import Classification, Consensus, SubjectStatus, Workflow, WorkflowVersion
from classify.services import clustering
from classify.services.totals import UNPUBLISHED
from core import prepared
from core.prepared import Prepared


def current_version(workflow: Workflow) -> WorkflowVersion:
    """The version that is asked now. Raises LookupError for a workflow that has none yet."""
    if workflow.current_version is None:
        raise LookupError(f"The workflow {workflow.slug} has no version yet.")
    return workflow.current_version


def policy_of(version: WorkflowVersion) -> Policy:
    """The policy of a version; read once from each row that is at hand."""
    known: tuple[Any, Policy] | None = getattr(version, "_policy_read", None)
    if known is None or known[0] is not version.policy:
        known = (version.policy, consensus.policy_from(version.policy))
        version._policy_read = known  # type: ignore[attr-defined]
    return known[1]


def locked() -> QuerySet[SubjectStatus]:
    """Statuses to be locked for a change, with all at hand that deciding about them reads."""
    return SubjectStatus.objects.select_for_update(of=("self",)).select_related("workflow__current_version", "workflow__crowd", "subject")


def may_count(vote: Classification, *, is_gold: bool) -> bool:
    """Tell whether a vote enters the tally: its answer was not known, nobody else's had been seen, and it is not left out."""
    return not is_gold and (vote.blind or not vote.workflow.blind) and not vote.left_out


def change(
    status: SubjectStatus, *, added: Sequence[Classification] = (), removed: Sequence[Classification] = (), last: Classification, now: datetime
) -> None:
    """Put counted votes in and take counted votes out, exactly; then decide again and store state and consensus.

    `status` is one of `locked`; `last` is the row that caused this. Without counted votes among them nothing changes. What the votes
    retired is open again only when votes are taken out, or say something else: one that came late may make a label less sure, but nobody
    waits for more, and the same answer under another name (a visitor signs in) is no news. What a person opened waits for one more vote.
    """
    before = status.tally
    moves = [(vote, 1) for vote in added if vote.counted] + [(vote, -1) for vote in removed if vote.counted]
    if not moves:
        return
    for vote, sign in moves:
        _move(status, vote, sign)
    if status.state == SubjectStatus.State.ACTIVE and status.n_votes > sum(before.values()):
        status.by_hand = False
    positive = policy_of(current_version(status.workflow)).positive
    marked = any(vote.answer in positive for vote, _ in moves)
    may_open = status.tally != before and any(sign < 0 for _, sign in moves)
    settle(status, last=last, now=now, may_open=may_open, marked=marked)


def _move(status: SubjectStatus, vote: Classification, sign: int) -> None:
    tally = {**status.tally, vote.answer: status.tally.get(vote.answer, 0) + sign}
    status.tally = {answer: n for answer, n in tally.items() if n}
    status.n_votes += sign
    status.n_demo += sign * (vote.volunteer.kind in UNPUBLISHED)
    status.log_posterior = consensus.add_vector(status.log_posterior, vote.log_likelihood, sign)


def settle(status: SubjectStatus, *, last: Classification | None, now: datetime, may_open: bool = True, marked: bool = True) -> None:
    """Decide by the current version's policy; retire or un-retire; store the status and the consensus that follows.

    `marked`: the marks of those who saw something, or how they are grouped, may be others than before.
    """
    decision = decide(status)
    if status.state == SubjectStatus.State.ACTIVE and decision.retire and not status.by_hand:
        status.state, status.reason, status.retired_at = SubjectStatus.State.RETIRED, decision.reason, now
    elif may_open and status.state == SubjectStatus.State.RETIRED and not status.by_hand and not decision.retire:
        status.state, status.reason, status.retired_at = SubjectStatus.State.ACTIVE, "", None
    store(status)
    write_consensus(status, last=last, now=now, decision=decision, marked=marked)


def decide(status: SubjectStatus) -> Decision:
    """What the policy of the current version says of the votes on this subject."""
    policy = policy_of(current_version(status.workflow))
    posterior = weighing.posterior_of(status)
    with_machine = weighing.posterior_with_machine(status) if policy.machine else {}
    heading = any(max(chances, key=chances.__getitem__) in policy.positive for chances in (posterior, with_machine) if chances)
    n_markers = _markers(status, policy) if policy.ends.markers and heading else 0
    return consensus.decide(status.tally, policy, posterior, n_markers=n_markers, with_machine=with_machine)


def _markers(status: SubjectStatus, policy: Policy) -> int:
    """How many people whose votes count said that there is something, and marked it."""
    return clustering.positive_marks(status.workflow_id, status.subject_id, policy).values("classification__volunteer_id").distinct().count()


def store(status: SubjectStatus) -> None:
    """Write a locked status back, with its next revision."""
    status.revision += 1
    fields: tuple[str, ...] = _STORED
    if selection.has_arm(status.workflow.selection, selection.UNCERTAIN):  # elsewhere it stays empty, so that votes move no index
        status.uncertainty = selection.entropy(weighing.posterior_of(status).values()) if status.n_votes else None
        fields = (*_STORED, "uncertainty")
    prepared.update(status, fields)


_STORED = ("tally", "n_votes", "n_demo", "log_posterior", "state", "reason", "retired_at", "by_hand", "revision")


def write_consensus(
    status: SubjectStatus, *, last: Classification | None, now: datetime, decision: Decision | None = None, marked: bool = True
) -> None:
    """Bring the subject's consensus row up to its tally and state."""
    version = current_version(status.workflow)
    policy = policy_of(version)
    decision = decision or decide(status)
    here = {"workflow_id": status.workflow_id, "subject_id": status.subject_id}
    found: Consensus | None = _CONSENSUS.first(status.workflow_id, status.subject_id)
    row = found or Consensus(**here, revision=0)
    had_positive = any(row.counts.get(answer) for answer in policy.positive)
    row.method, row.label, row.settled = policy.rule, decision.label, status.state == SubjectStatus.State.RETIRED
    row.counts, row.fractions, row.agreement = status.tally, decision.fractions, decision.agreement
    row.posterior = weighing.posterior_of(status) if status.n_votes else {}
    row.posterior_machine = weighing.posterior_with_machine(status) if policy.machine and status.n_votes else {}
    row.n_votes, row.n_demo, row.policy = status.n_votes, status.n_demo, f"{version.label} {policy.rule}"
    row.last_classification, row.decided_at = last or row.last_classification, now
    row.revision += 1
    if found:
        prepared.update(row, _WRITTEN)
    else:
        row.save(force_insert=True)
    if marked and (had_positive or any(status.tally.get(answer) for answer in policy.positive)):
        clustering.link(row, policy)


_CONSENSUS = Prepared(
    lambda workflow, subject: Consensus.objects.filter(workflow_id=workflow, subject_id=subject, method__in=consensus.RULES).order_by(), int, int
)
_WRITTEN = (
    "method", "label", "settled", "counts", "fractions", "agreement", "posterior", "posterior_machine", "n_votes", "n_demo", "policy",
    "last_classification", "decided_at", "revision",
)  # fmt: skip


def undo_until(vote: Classification) -> datetime:
    """Until when a vote can be undone."""
    return vote.created_at + timedelta(seconds=vote.workflow.undo_seconds)
