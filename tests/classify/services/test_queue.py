"""What is handed out, to whom, and what is logged about it."""

import random
from collections import Counter
from datetime import timedelta

import pytest

from classify import services
from classify.models import GoldKey, Reveal, Serve, SubjectStatus
from tests import factories as f
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def serve(volunteer, workflow, n=10, now=NOW, seed=1):
    return services.next_subjects(volunteer=volunteer, workflow=workflow, n=n, now=now, rng=random.Random(seed))


def ids(served):
    return {item.subject.pk for item in served}


def test_a_served_subject_comes_with_frames_and_is_logged():
    flow, alice = f.workflow(), f.volunteer()
    shown = f.subject(workflow=flow)
    (item,) = serve(alice, flow)
    assert item.subject == shown
    assert item.version == "1.0"
    assert item.suggestions == []
    assert item.frames == [shown.frames.get().cutout]
    row = Serve.objects.get()
    assert str(row.pk) == item.serve
    assert (row.volunteer, row.subject, row.arm, row.p, row.suggested) == (alice, shown, "random", 0.95, False)
    assert row.lease_until == NOW + timedelta(minutes=10)


def test_nobody_gets_a_subject_twice():
    flow, alice = f.workflow(), f.volunteer()
    subjects = [f.subject(workflow=flow) for _ in range(12)]
    first = serve(alice, flow, n=5)
    second = serve(alice, flow, n=5, seed=2)
    assert len(ids(first) | ids(second)) == 10
    for item in first + second:
        f.vote(subject=item.subject, workflow=flow, volunteer=alice)
    third = serve(alice, flow, n=5, seed=3)
    assert len(third) == 2
    assert ids(first) | ids(second) | ids(third) == {subject.pk for subject in subjects}
    for item in third:
        f.vote(subject=item.subject, workflow=flow, volunteer=alice)
    assert serve(alice, flow, now=NOW + timedelta(days=1)) == []
    assert len(serve(f.volunteer(), flow, n=50)) == 12


def test_what_lapsed_unanswered_comes_again():
    flow, alice = f.workflow(), f.volunteer()
    f.subject(workflow=flow)
    (first,) = serve(alice, flow)
    (again,) = serve(alice, flow, now=NOW + timedelta(minutes=31))
    assert again.subject == first.subject
    assert again.serve != first.serve


def test_where_nothing_else_is_left_ones_own_unanswered_come_again_under_the_same_serve():
    flow, alice = f.workflow(), f.volunteer()
    for _ in range(3):
        f.subject(workflow=flow)
    first = serve(alice, flow)
    again = serve(alice, flow, seed=2)
    assert {item.serve for item in again} == {item.serve for item in first}
    assert Serve.objects.count() == 3
    f.vote(subject=first[0].subject, workflow=flow, volunteer=alice)
    assert ids(serve(alice, flow)) == ids(first[1:])


def test_a_page_resumes_with_what_is_held_unanswered():
    flow, alice = f.workflow(), f.volunteer()
    for _ in range(3):
        f.subject(workflow=flow)
    rng = random.Random(1)
    first = services.resume_or_next(volunteer=alice, workflow=flow, now=NOW, rng=rng)
    assert services.resume_or_next(volunteer=alice, workflow=flow, now=NOW, rng=rng).serve == first.serve
    f.vote(subject=first.subject, workflow=flow, volunteer=alice)
    assert services.resume_or_next(volunteer=alice, workflow=flow, now=NOW, rng=rng).subject != first.subject


def test_retired_paused_and_unready_subjects_are_never_served():
    flow, alice = f.workflow(), f.volunteer()
    good = f.subject(workflow=flow)
    for state in ("retired", "paused"):
        f.status(subject=f.subject(), workflow=flow, state=state)
    f.subject(workflow=flow, ready=False)
    f.subject(workflow=f.workflow())
    assert ids(serve(alice, flow)) == {good.pk}


def test_what_was_opened_is_not_asked_in_a_blind_workflow():
    flow, open_, alice = f.workflow(), f.workflow(blind=False), f.volunteer()
    root = f.subject(workflow=flow)
    f.status(subject=root, workflow=open_)
    derived = f.find(root=root)
    f.status(subject=derived, workflow=flow)
    services.reveal(volunteer=alice, root=root, now=NOW)
    assert serve(alice, flow) == []
    assert ids(serve(alice, open_)) == {root.pk}
    assert ids(serve(f.volunteer(), flow)) == {root.pk, derived.pk}


def test_an_undone_subject_is_asked_again():
    flow, alice = f.workflow(), f.volunteer()
    shown = f.subject(workflow=flow)
    receipt = f.vote(subject=shown, workflow=flow, volunteer=alice)
    assert serve(alice, flow) == []
    services.undo_classification(volunteer=alice, classification_id=receipt.id, now=NOW)
    assert ids(serve(alice, flow)) == {shown.pk}


def test_every_subject_has_the_same_chance_from_a_random_start():
    flow = f.workflow(count=1000)
    rng = random.Random(5)
    for number in range(5):
        f.status(subject=f.subject(cutout=f.cutout(images=False)), workflow=flow, shuffle=(number + 0.5) / 5)
    counts = Counter(
        item.subject.pk for _ in range(200) for item in services.next_subjects(volunteer=f.volunteer(), workflow=flow, n=1, now=NOW, rng=rng)
    )
    assert len(counts) == 5
    assert sum((n - 40) ** 2 / 40 for n in counts.values()) < 18.5  # chi-squared, 4 degrees of freedom, p = 0.001


def test_arms_and_their_chances_are_logged():
    flow, alice = f.workflow(audit_fraction=0.25, blind=False, gold_schedule=[[None, 1.0]]), f.volunteer()
    audit, other, gold = f.subject(), f.subject(), f.gold(workflow=flow)
    f.status(subject=audit, workflow=flow, lot=0.24)
    f.status(subject=other, workflow=flow, lot=0.25)
    serve(alice, flow)
    assert {row.subject: (row.arm, row.p) for row in Serve.objects.all()} == {
        audit: ("audit", 0.25),
        other: ("random", 0.75),
        gold: ("gold", 1.0),
    }


def test_priority_goes_first_and_enters_no_estimator():
    flow, alice = f.workflow(selection=[["priority", 1]], audit_fraction=0.0, blind=False), f.volunteer()
    for priority in (0.2, 0.9, 0.5):
        f.status(subject=f.subject(), workflow=flow, priority=priority)
    first = serve(alice, flow, n=2)
    assert [SubjectStatus.objects.get(subject=item.subject).priority for item in first] == [0.9, 0.5]
    assert set(Serve.objects.values_list("arm", "p")) == {("priority", None)}


def test_the_audit_arm_is_served_whatever_its_priority():
    flow, alice = f.workflow(selection=[["priority", 1]], audit_fraction=1.0, blind=False), f.volunteer()
    for priority in (0.2, 0.9, 0.5):
        f.status(subject=f.subject(), workflow=flow, priority=priority, lot=0.3)
    assert len(serve(alice, flow, n=3)) == 3
    assert set(Serve.objects.values_list("arm", "p")) == {("audit", 1.0)}


def test_a_suggestion_is_shown_without_score_and_reveals_the_root():
    flow, alice = f.workflow(selection=[["priority", 1]], suggest_fraction=1.0, blind=False, audit_fraction=0.0), f.volunteer()
    shown = f.find(workflow=flow, metadata={"model": "detector-1"})
    (item,) = serve(alice, flow)
    assert item.suggestions == [{"id": "t1", "x1": 20.0, "y1": 30.0, "x2": 100.0, "y2": 60.0, "points": [[20.0, 30.0], [100.0, 60.0]]}]
    row = Serve.objects.get()
    assert (row.suggested, row.p_suggested, row.model) == (True, 1.0, "detector-1")
    assert Reveal.objects.get().root == shown.root
    assert not f.vote(subject=shown, workflow=flow, answer="no", volunteer=alice).blind


def test_a_serve_without_its_suggestion_is_blind():
    flow, alice = f.workflow(selection=[["priority", 1]], suggest_fraction=0.0, blind=False, audit_fraction=0.0), f.volunteer()
    shown = f.find(workflow=flow)
    (item,) = serve(alice, flow)
    assert item.suggestions == []
    row = Serve.objects.get()
    assert (row.suggested, row.p_suggested, row.model) == (False, 0.0, "")
    assert f.vote(subject=shown, workflow=flow, answer="no", volunteer=alice).blind


def test_a_blind_workflow_never_shows_a_suggestion():
    flow = f.workflow(suggest_fraction=1.0)
    f.find(workflow=flow)
    (item,) = serve(f.volunteer(), flow)
    assert item.suggestions == []
    assert Serve.objects.get().p_suggested is None


def test_who_has_done_nearly_all_is_led_to_the_rest_piece_by_piece(monkeypatch, django_assert_max_num_queries):
    from classify.services import walks

    monkeypatch.setattr(walks, "NEAR", 2)
    monkeypatch.setattr(walks, "FAR", 3)
    flow, alice = f.workflow(), f.volunteer()
    cutout = f.cutout(images=False)
    subjects = [f.subject(cutout=cutout, origin=f"import:{number}") for number in range(40)]
    for number, shown in enumerate(subjects):
        f.status(subject=shown, workflow=flow, shuffle=number / 40)
        if number not in (17, 30):
            f.vote(subject=shown, workflow=flow, volunteer=alice)
    page = services.next_page(volunteer=alice, workflow=flow, n=10, now=NOW, rng=random.Random(1))  # starts at 5
    assert (page.results, page.later) == ([], 2)
    found = []
    for _ in range(20):
        page = services.next_page(volunteer=alice, workflow=flow, n=10, now=NOW, rng=random.Random(1))
        found += [item.subject for item in page.results]
        for item in page.results:
            f.vote(subject=item.subject, workflow=flow, volunteer=alice)
    assert found == [subjects[17], subjects[30]]
    assert (page.results, page.later) == ([], None)
    with django_assert_max_num_queries(7):  # that nothing was left is remembered for a moment
        assert serve(alice, flow) == []
    f.subject(workflow=flow)
    assert len(serve(f.volunteer(), flow, n=3)) == 3


@pytest.mark.parametrize("n", [1, 3, 10])
def test_a_queue_costs_the_same_for_one_and_for_ten(n, django_assert_num_queries):
    flow, alice = f.workflow(gold_schedule=[[None, 1.0]]), f.volunteer()
    for number in range(12):
        f.status(subject=f.subject(cutout=f.cutout(images=False)), workflow=flow, shuffle=0.9 + number / 1000)
    f.gold(workflow=flow)
    GoldKey.objects.update(shuffle=0.0)  # behind any start
    rng = random.Random(1)
    with django_assert_num_queries(12):  # two of them begin and end the transaction, one lets the requests of a person wait for each other
        services.next_subjects(volunteer=alice, workflow=flow, n=n, now=NOW, rng=rng)
