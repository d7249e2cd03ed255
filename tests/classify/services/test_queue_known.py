"""Known subjects among the others: how often, to whom, and that nothing else is served in their place."""

import random
from collections import Counter

import pytest

from classify import selection, selectors, services
from classify.models import DailyTotal, GoldKey, Serve
from tests import factories as f
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def serve(volunteer, workflow, n=10, seed=1):
    return services.next_subjects(volunteer=volunteer, workflow=workflow, n=n, now=NOW, rng=random.Random(seed))


def flow_with(n_known, n_others=20, **fields):
    """A blind workflow with known subjects and others: (workflow, ids of the known ones)."""
    flow, cutout = f.workflow(**fields), f.cutout(images=False)
    for number in range(n_others):
        f.subject(workflow=flow, cutout=cutout, origin=f"import:{flow.pk}:{number}")
    known = {f.gold(workflow=flow, cutout=cutout, origin=f"gold:{flow.pk}:{number}").pk for number in range(n_known)}
    return flow, known


def test_the_chance_falls_with_what_somebody_has_seen():
    schedule = [[20, 0.4], [40, 0.3], [60, 0.2], [None, 0.1]]
    assert [selection.gold_chance(schedule, seen) for seen in (0, 19, 20, 59, 60, 10_000)] == [0.4, 0.4, 0.3, 0.2, 0.1, 0.1]
    assert selection.gold_chance([], 0) == selection.gold_chance([[5, 0.5]], 5) == 0.0
    places = selection.gold_places(schedule=[[3, 1.0], [None, 0.0]], seen=1, n=5, rng=random.Random(1))
    assert places == {0: 1.0, 1: 1.0}  # the chance of each place is that of what will have been seen by then
    rng = random.Random(2)
    drawn = Counter(place for _ in range(2000) for place in selection.gold_places(schedule=schedule, seen=0, n=5, rng=rng))
    assert all(720 < drawn[place] < 880 for place in range(5))  # 800 each, 3.6 standard deviations


def test_known_subjects_take_places_of_others_and_are_logged_with_their_chance():
    flow, known = flow_with(4, gold_schedule=[[3, 1.0], [None, 0.0]])
    alice = f.volunteer()
    served = serve(alice, flow)
    assert len(served) == 10
    assert {item.subject.pk for item in served[:3]} <= known
    assert not {item.subject.pk for item in served[3:]} & known
    assert Counter(Serve.objects.values_list("arm", "p")) == {("gold", 1.0): 3, ("random", 0.95): 7}

    receipt = f.vote(subject=served[0].subject, workflow=flow, volunteer=alice, serve=served[0].serve)
    assert receipt.gold
    assert not receipt.counted


def test_how_much_somebody_has_seen_is_counted_in_this_workflow():
    flow, known = flow_with(10, gold_schedule=[[20, 0.0], [None, 1.0]])
    new, old, elsewhere = f.volunteer(), f.volunteer(), f.volunteer()
    for day, n in ((1, 15), (2, 5)):
        DailyTotal.objects.create(volunteer=old, workflow=flow, day=NOW.date().replace(day=day), n=n)
    DailyTotal.objects.create(volunteer=elsewhere, workflow=f.workflow(), day=NOW.date(), n=20)
    assert [len({item.subject.pk for item in serve(who, flow, n=5)} & known) for who in (new, old, elsewhere)] == [0, 5, 0]


def test_nobody_gets_a_known_subject_twice_nor_known_ones_alone():
    flow, known = flow_with(2, n_others=4, gold_schedule=[[None, 1.0]])
    alice = f.volunteer()
    first = {item.subject.pk for item in serve(alice, flow, n=1)}
    assert first < known
    again = [item.subject.pk for item in serve(alice, flow, n=3, seed=2)]
    assert set(again) & known == known - first  # the other one; for the rest there is none left
    for item in {item.subject.pk: item for seed in (3, 4) for item in serve(alice, flow, seed=seed)}.values():
        f.vote(subject=item.subject, workflow=flow, volunteer=alice)
    assert serve(alice, flow) == []
    assert Serve.objects.filter(volunteer=alice).count() == 6  # each once

    flow, known = flow_with(1, n_others=1, gold_schedule=[[1, 1.0], [None, 0.0]])
    ben = f.volunteer()
    assert {item.subject.pk for item in serve(ben, flow, n=1)} == known
    (other,) = [item for item in serve(ben, flow, n=2, seed=2) if item.subject.pk not in known]
    assert len(serve(ben, flow, n=2, seed=3)) == 2  # both are in hand
    f.vote(subject=other.subject, workflow=flow, volunteer=ben)
    assert serve(ben, flow) == []
    assert services.resume_or_next(volunteer=ben, workflow=flow, now=NOW, rng=random.Random(1)) is None

    only_known, _ = flow_with(3, n_others=0, gold_schedule=[[None, 1.0]])
    assert serve(alice, only_known) == []


@pytest.mark.parametrize("schedule", [[], [[None, 0.0]]])
def test_without_a_schedule_known_subjects_stay_out(schedule):
    flow, known = flow_with(5, n_others=5, gold_schedule=schedule)
    assert {item.subject.pk for item in serve(f.volunteer(), flow)}.isdisjoint(known)


def test_what_has_no_key_or_is_in_no_set_of_gold_is_not_offered_as_known():
    flow, (known,) = flow_with(1, gold_schedule=[[None, 1.0]])
    bare = f.subject(workflow=flow, cutout=f.cutout(images=False))
    f.gold_key(workflow=flow, subject=bare)  # votes on it do not count, so it is no work either
    GoldKey.objects.filter(subject=known).delete()
    assert {row.arm for row in Serve.objects.filter(pk__in=[item.serve for item in serve(f.volunteer(), flow, n=50)])} <= {"random", "audit"}
    assert not Serve.objects.filter(subject=bare).exists()


def test_in_training_all_are_known():
    flow, known = flow_with(3, n_others=0, blind=False, count=0)
    assert {item.subject.pk for item in serve(f.volunteer(), flow)} == known
    assert set(Serve.objects.values_list("arm", "p")) == {("gold", 1.0)}


def test_known_subjects_are_no_work_of_a_blind_workflow():
    blind, _ = flow_with(2, n_others=0)
    training, _ = flow_with(2, n_others=0, blind=False)
    has_work = dict(selectors.workflows_with_work().values_list("slug", "has_work"))
    assert (has_work[blind.slug], has_work[training.slug]) == (False, True)
    assert (selectors.progress(blind)["subjects"], selectors.progress(training)["active"]) == (0, 2)
