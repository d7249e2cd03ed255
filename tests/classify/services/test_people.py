"""Volunteers, and what becomes of a visitor's votes when they sign in."""

from datetime import timedelta

import pytest

from classify import services
from classify.models import Classification, Consensus, HourlyTotal, Mark, Reveal, Serve, SubjectStatus, Volunteer
from tests import factories as f
from tests.factories import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=1)


def visitor():
    return f.volunteer(kind="visitor")


def status_of(subject):
    return SubjectStatus.objects.get(subject=subject)


def standing(volunteer):
    return Classification.objects.filter(volunteer=volunteer, superseded_by=None).exclude(answer="")


def test_an_account_has_one_volunteer():
    alice = f.user()
    assert services.person_of(alice, now=NOW, create=False) is None
    made = services.person_of(alice, now=NOW)
    assert (made.kind, made.user) == ("person", alice)
    assert services.person_of(alice, now=LATER) == made


def test_a_demo_volunteer_is_made_once_per_name():
    assert services.new_demo_volunteer(name="Ada", now=NOW) == services.new_demo_volunteer(name="Ada", now=LATER)
    assert Volunteer.objects.get().kind == "demo"


def test_who_signs_in_for_the_first_time_becomes_the_visitor():
    flow = f.workflow()
    guest, alice = visitor(), f.user()
    f.vote(subject=f.subject(workflow=flow), workflow=flow, volunteer=guest)
    person = services.claim_visitor(visitor=guest, user=alice, now=LATER)
    assert person == guest
    assert (person.kind, person.user, person.public_id) == ("person", alice, guest.public_id)
    assert Classification.objects.count() == 1


def test_a_visitors_votes_come_along():
    flow = f.workflow()
    shown, guest, alice = f.subject(workflow=flow), visitor(), f.user()
    person = services.person_of(alice, now=NOW)
    old = f.vote(subject=shown, workflow=flow, answer="yes", volunteer=guest, marks=[(10, 20, 90, 60)])
    before = status_of(shown)
    assert services.claim_visitor(visitor=guest, user=alice, now=LATER) == person
    guest.refresh_from_db()
    assert guest.merged_into == person
    (vote,) = standing(person)
    assert (vote.answer, vote.created_at, vote.counted, vote.superseded_reason) == ("yes", NOW, True, "")
    source = Classification.objects.get(pk=old.id)
    assert (source.superseded_by, source.superseded_reason) == (vote, "merge")
    assert [(mark.x1, mark.x2) for mark in vote.marks.all()] == [(10, 90)]
    assert Mark.objects.count() == 2
    after = status_of(shown)
    assert (after.tally, after.n_votes, after.log_posterior) == (before.tally, before.n_votes, before.log_posterior)
    assert sum(HourlyTotal.objects.values_list("n", flat=True)) == 1
    assert not services.merge_visitor(visitor=guest, person=person, now=LATER)


@pytest.mark.parametrize(("guest_at", "kept"), [(NOW, "yes"), (NOW + timedelta(minutes=2), "no")])
def test_of_two_votes_on_a_subject_the_earlier_stays(guest_at, kept):
    flow = f.workflow(count=2, policy={"min_votes": 1})
    shown, guest, alice = f.subject(workflow=flow), visitor(), f.user()
    person = services.person_of(alice, now=NOW)
    f.vote(subject=shown, workflow=flow, answer="yes", volunteer=guest, now=guest_at)
    f.vote(subject=shown, workflow=flow, answer="no", volunteer=person, now=LATER)
    assert status_of(shown).state == "retired"
    services.claim_visitor(visitor=guest, user=alice, now=LATER)
    assert [vote.answer for vote in standing(person)] == [kept]
    assert not standing(guest)
    status = status_of(shown)
    assert (status.tally, status.n_votes, status.state) == ({kept: 1}, 1, "active")
    consensus = Consensus.objects.get()
    assert (consensus.label, consensus.settled) == (kept, False)
    assert sum(HourlyTotal.objects.values_list("n", flat=True)) == 1


def test_what_either_had_seen_makes_the_votes_not_blind():
    flow = f.workflow()
    seen_by_person, seen_by_guest, fresh = (f.subject(workflow=flow) for _ in range(3))
    guest, alice = visitor(), f.user()
    person = services.person_of(alice, now=NOW)
    services.reveal(volunteer=person, root=seen_by_person, now=NOW)
    services.reveal(volunteer=guest, root=seen_by_guest, now=NOW)
    f.vote(subject=seen_by_person, workflow=flow, volunteer=guest, now=LATER)
    f.vote(subject=seen_by_guest, workflow=flow, volunteer=person, now=LATER)
    f.vote(subject=fresh, workflow=flow, volunteer=guest, now=LATER)
    assert [status_of(s).n_votes for s in (seen_by_person, seen_by_guest, fresh)] == [1, 1, 1]
    services.claim_visitor(visitor=guest, user=alice, now=LATER)
    assert [status_of(s).n_votes for s in (seen_by_person, seen_by_guest, fresh)] == [0, 0, 1]
    assert {vote.subject: (vote.blind, vote.counted) for vote in standing(person)} == {
        seen_by_person: (False, False),
        seen_by_guest: (False, False),
        fresh: (True, True),
    }
    assert set(Reveal.objects.filter(volunteer=person).values_list("root", flat=True)) == {seen_by_person.pk, seen_by_guest.pk}


def test_an_open_page_goes_on_after_signing_in():
    import random

    flow = f.workflow()
    f.subject(workflow=flow)
    guest, alice = visitor(), f.user()
    person = services.person_of(alice, now=NOW)
    (served,) = services.next_subjects(volunteer=guest, workflow=flow, n=1, now=NOW, rng=random.Random(1))
    services.claim_visitor(visitor=guest, user=alice, now=LATER)
    f.vote(subject=served.subject, workflow=flow, volunteer=person, serve=served.serve, now=LATER)
    vote = Classification.objects.get()
    assert (vote.serve_id, vote.late) == (Serve.objects.get().pk, False)


def test_two_visitors_with_packs_become_one_person_and_nothing_is_lost_or_counted_twice():
    """On a phone and on a laptop somebody takes a pack, answers some, signs in on both, and answers the rest."""
    import random

    flow, cutout = f.workflow(count=20), f.cutout(images=False)
    subjects = [f.subject(workflow=flow, cutout=cutout, origin=f"import:{n}") for n in range(6)]
    phone, laptop, alice = visitor(), visitor(), f.user()
    packs = {who: services.next_page(volunteer=who, workflow=flow, n=30, now=NOW, rng=random.Random(1), pack=True).results for who in (phone, laptop)}
    for who, first, last in ((phone, 0, 4), (laptop, 2, 5)):
        for item in sorted(packs[who], key=lambda item: item.subject.pk)[first:last]:
            f.vote(subject=item.subject, workflow=flow, volunteer=who, serve=item.serve, answer="yes" if who == phone else "no", now=NOW)
    person = services.claim_visitor(visitor=phone, user=alice, now=LATER)
    assert services.claim_visitor(visitor=laptop, user=alice, now=LATER) == person

    assert {vote.subject: vote.answer for vote in standing(person)} == {
        **dict.fromkeys(subjects[:4], "yes"),  # of two, the first
        subjects[4]: "no",
    }
    assert [status_of(shown).n_votes for shown in subjects] == [1, 1, 1, 1, 1, 0]
    (left,) = [item for item in packs[laptop] if item.subject == subjects[5]]
    receipt = f.vote(subject=left.subject, workflow=flow, volunteer=person, serve=left.serve, now=LATER)
    assert (receipt.counted, receipt.late) == (True, False)


def test_what_was_asked_for_at_the_moment_of_signing_in_can_be_answered():
    import random

    flow = f.workflow()
    f.subject(workflow=flow)
    guest, alice = visitor(), f.user()
    person = services.person_of(alice, now=NOW)
    services.claim_visitor(visitor=guest, user=alice, now=NOW)
    (served,) = services.next_subjects(volunteer=guest, workflow=flow, n=1, now=NOW, rng=random.Random(1))  # a request that was under way
    receipt = f.vote(subject=served.subject, workflow=flow, volunteer=person, serve=served.serve, now=LATER)
    assert receipt.counted


def test_a_vote_of_a_visitor_who_has_just_signed_in_is_the_persons():
    flow = f.workflow()
    shown, guest, alice = f.subject(workflow=flow), visitor(), f.user()
    person = services.person_of(alice, now=NOW)
    services.claim_visitor(visitor=guest, user=alice, now=NOW)
    f.vote(subject=shown, workflow=flow, volunteer=guest, now=LATER)  # a request that was under way
    assert standing(person).count() == 1


def test_after_the_merge_the_old_id_still_gives_its_receipt_and_can_be_undone():
    flow = f.workflow()
    shown, guest, alice = f.subject(workflow=flow), visitor(), f.user()
    person = services.person_of(alice, now=NOW)
    receipt = f.vote(subject=shown, workflow=flow, answer="no", volunteer=guest)
    services.claim_visitor(visitor=guest, user=alice, now=NOW)
    body = {"id": receipt.id, "workflow": flow.slug, "subject": shown.public_id, "answer": "no"}
    again = services.record_classification(volunteer=person, body=body, now=NOW)
    assert (again.id, again.created) == (receipt.id, False)
    services.undo_classification(volunteer=person, classification_id=receipt.id, now=NOW)
    assert status_of(shown).n_votes == 0
    assert not standing(person)


def test_only_visitors_are_merged():
    alice, bob = f.volunteer(), f.volunteer()
    assert not services.merge_visitor(visitor=alice, person=bob, now=NOW)
    assert not services.merge_visitor(visitor=alice, person=alice, now=NOW)
