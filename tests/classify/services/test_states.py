"""What people decide about the state of a subject."""

import pytest

from classify import services
from classify.models import Consensus, SubjectStatus
from core.models import AuditEntry
from core.problems import Problem
from tests import factories as f
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def by_hand(subject, workflow):
    return {"workflow": workflow.slug, "public_id": subject.public_id, "actor": f.user(), "now": NOW}


def test_a_subject_is_retired_by_hand_with_a_reason_and_leaves_a_trace():
    flow = f.workflow()
    shown = f.subject(workflow=flow)
    for answer in ("yes", "yes", "yes", "no"):
        f.vote(subject=shown, workflow=flow, answer=answer)
    how = by_hand(shown, flow)
    services.retire_subject(reason="flagged", **how)
    status = SubjectStatus.objects.get()
    assert (status.state, status.reason, status.retired_at, status.revision) == ("retired", "flagged", NOW, 5)
    consensus = Consensus.objects.get()
    assert (consensus.label, consensus.settled) == ("yes", True)
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.object_id, entry.actor) == ("retire", str(shown.public_id), how["actor"])
    services.retire_subject(reason="other", **how)
    assert SubjectStatus.objects.get().reason == "flagged"
    assert AuditEntry.objects.count() == 1


def test_votes_do_not_overturn_what_a_person_decided():
    flow = f.workflow()
    shown, alice = f.subject(workflow=flow), f.volunteer()
    services.retire_subject(reason="human", **by_hand(shown, flow))
    receipt = f.vote(subject=shown, workflow=flow, volunteer=alice)
    services.undo_classification(volunteer=alice, classification_id=receipt.id, now=NOW)
    assert SubjectStatus.objects.get().state == "retired"


def test_a_retired_subject_can_be_opened_again():
    flow = f.workflow(count=2, policy={"min_votes": 1})
    shown = f.subject(workflow=flow)
    f.vote(subject=shown, workflow=flow)
    f.vote(subject=shown, workflow=flow)
    services.unretire_subject(**by_hand(shown, flow))
    status = SubjectStatus.objects.get()
    assert (status.state, status.reason, status.retired_at) == ("active", "", None)
    assert not Consensus.objects.get().settled
    f.vote(subject=shown, workflow=flow)
    assert SubjectStatus.objects.get().state == "retired"


def test_a_paused_subject_stays_paused_until_resumed():
    flow = f.workflow(count=1, policy={"min_votes": 1})
    shown = f.subject(workflow=flow)
    services.pause_subject(**by_hand(shown, flow))
    f.vote(subject=shown, workflow=flow)
    assert SubjectStatus.objects.get().state == "paused"
    services.resume_subject(**by_hand(shown, flow))
    f.vote(subject=shown, workflow=flow)
    assert SubjectStatus.objects.get().state == "retired"


def test_unknown_reasons_and_subjects_are_refused():
    flow = f.workflow()
    shown = f.subject(workflow=flow)
    with pytest.raises(Problem, match="boredom"):
        services.retire_subject(reason="boredom", **by_hand(shown, flow))
    with pytest.raises(Problem) as caught:
        services.retire_subject(reason="human", **by_hand(f.subject(), flow))
    assert caught.value.status_code == 404


def test_a_note_says_why_and_stays_in_the_audit_trail():
    flow = f.workflow()
    shown = f.subject(workflow=flow)
    services.retire_subject(reason="other", note="Seen on the plate of 1998.", **by_hand(shown, flow))
    services.unretire_subject(note="It was another one.", **by_hand(shown, flow) | {"actor": None})
    assert [entry.detail.get("note") for entry in AuditEntry.objects.order_by("pk")] == ["Seen on the plate of 1998.", "It was another one."]
    with pytest.raises(Problem, match="At most 500 characters"):
        services.retire_subject(reason="other", note="x" * 501, **by_hand(shown, flow) | {"actor": None})


def test_a_person_may_pin_what_votes_retired_and_what_is_opened_waits_for_a_vote():
    flow = f.workflow(count=2, policy={"min_votes": 1})
    shown, voter, late = f.subject(workflow=flow), f.volunteer(), f.volunteer()
    receipts = [f.vote(subject=shown, workflow=flow, volunteer=who, answer="no") for who in (voter, f.volunteer(), late)]
    how = by_hand(shown, flow)
    services.unretire_subject(**how)
    services.undo_classification(volunteer=late, classification_id=receipts[2].id, now=NOW)
    services.redecide_batch(workflow_id=flow.pk, reopen=False, after=0, now=NOW)
    assert SubjectStatus.objects.get().state == "active"
    f.vote(subject=shown, workflow=flow, answer="no")
    assert SubjectStatus.objects.get().reason == "classification_count"

    services.retire_subject(reason="flagged", **how)
    services.undo_classification(volunteer=voter, classification_id=receipts[0].id, now=NOW)
    status = SubjectStatus.objects.get()
    assert (status.state, status.reason, status.by_hand) == ("retired", "flagged", True)
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True)) == ["reopen", "retire"]
    with pytest.raises(Problem, match="consensus"):
        services.retire_subject(reason="consensus", **how)


def test_the_same_answer_under_another_name_opens_nothing():
    flow = f.workflow(count=2, policy={"min_votes": 1})
    shown, visitor, person = f.subject(workflow=flow), f.volunteer(kind="visitor"), f.volunteer()
    f.vote(subject=shown, workflow=flow, volunteer=visitor, answer="no")
    f.vote(subject=shown, workflow=flow, answer="no")
    version = flow.current_version
    version.policy = {**version.policy, "count": 5}  # another policy by now
    version.save()
    services.merge_visitor(visitor=visitor, person=person, now=NOW)
    assert SubjectStatus.objects.get().state == "retired"
    assert Consensus.objects.get().settled
