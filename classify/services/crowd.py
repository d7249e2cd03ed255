"""What votes teach of the people who cast them. What is known of people weighs their votes: `classify.weighing`."""

from datetime import datetime

from classify.models import Classification, VolunteerSkill


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
