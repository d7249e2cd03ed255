"""Leases: no more people are asked than still count, packs are held for long, and what is in hand does not come again."""

import random
import uuid
from datetime import timedelta

import pytest

from classify import services
from classify.models import Serve, SubjectStatus
from tests import factories as f
from tests.factories import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=11)


def page(volunteer, workflow, n=10, now=NOW, **more):
    return services.next_page(volunteer=volunteer, workflow=workflow, n=n, now=now, rng=random.Random(1), **more)


def flow_of(n, **fields):
    """A workflow with n subjects."""
    flow, cutout = f.workflow(**fields), f.cutout(images=False)
    for number in range(n):
        f.subject(workflow=flow, cutout=cutout, origin=f"import:{flow.pk}:{number}")
    return flow


def test_votes_and_leases_together_stay_within_the_limit():
    flow, people = flow_of(1, count=3), [f.volunteer() for _ in range(6)]
    (shown,) = [item.subject for item in page(people[0], flow).results]
    f.vote(subject=shown, workflow=flow, volunteer=people[0])
    assert [len(page(person, flow).results) for person in people[1:4]] == [1, 1, 0]
    assert page(people[3], flow) == services.Page([], [], 600)
    assert page(people[3], flow, now=NOW + timedelta(minutes=9)).later == 60

    f.vote(subject=shown, workflow=flow, volunteer=people[1])  # an answer takes the place of its lease
    assert page(people[3], flow).results == []
    assert len(page(people[3], flow, now=LATER).results) == 1  # the other one ran out
    late = f.vote(subject=shown, workflow=flow, volunteer=people[2], now=LATER)
    assert (late.late, late.counted) == (True, True)
    status = SubjectStatus.objects.get()
    assert (status.state, status.n_votes) == ("retired", 3)
    assert page(people[4], flow, now=LATER) == services.Page([], [], None)  # nobody is waited for any more
    afterwards = f.vote(subject=shown, workflow=flow, volunteer=people[3], now=LATER)  # it was handed out in time
    assert (afterwards.late, afterwards.counted) == (True, True)
    assert SubjectStatus.objects.get().n_votes == 4


def test_without_a_limit_everybody_is_asked():
    flow = flow_of(1, count=0)
    assert [len(page(f.volunteer(), flow).results) for _ in range(4)] == [1] * 4


def test_what_does_not_count_frees_the_place():
    flow = flow_of(1, count=1)
    alice = f.volunteer()
    (item,) = page(alice, flow).results
    assert page(f.volunteer(), flow).results == []
    services.reveal(volunteer=alice, root=item.subject, now=NOW)
    assert not f.vote(subject=item.subject, workflow=flow, volunteer=alice, now=NOW + timedelta(seconds=1)).counted
    assert len(page(f.volunteer(), flow).results) == 1


def test_what_people_opened_again_at_its_limit_takes_one_vote_at_a_time():
    flow = flow_of(1, count=2)
    SubjectStatus.objects.update(n_votes=2, tally={"no": 2})
    assert [len(page(f.volunteer(), flow).results) for _ in range(2)] == [1, 0]


def test_the_last_ones_go_out_in_small_batches():
    flow = flow_of(12, count=1)
    taken = [len(page(f.volunteer(), flow, pack=True, n=30).results) for _ in range(6)]
    assert taken == [3, 3, 3, 3, 0, 0]
    assert len(page(f.volunteer(), flow_of(20, count=10), n=10).results) == 10  # each of them takes ten people


def test_a_pack_is_leased_for_a_day_with_what_was_in_hand():
    flow, alice = flow_of(8, pack_hours=24, count=100), f.volunteer()
    first = page(alice, flow, n=3).results
    pack = page(alice, flow, n=30, pack=True).results
    assert len(pack) == 8
    assert {item.serve for item in first} < {item.serve for item in pack}
    assert {item.lease_until for item in pack} == set(Serve.objects.values_list("lease_until", flat=True)) == {NOW + timedelta(hours=24)}
    vote = f.vote(subject=first[0].subject, workflow=flow, volunteer=alice, serve=first[0].serve, now=NOW + timedelta(hours=23))
    assert not vote.late


def test_what_is_in_hand_does_not_come_again_and_is_told_when_nobody_wants_it_any_more():
    flow, alice = flow_of(4, count=2), f.volunteer()
    first = page(alice, flow, n=2).results
    held = [uuid.UUID(item.serve) for item in first]
    rest = page(alice, flow, holding=held, now=LATER)  # the leases have run out; the client still has them
    assert {item.subject for item in rest.results}.isdisjoint({item.subject for item in first})
    assert (len(rest.results), rest.gone) == (2, [])

    SubjectStatus.objects.filter(subject=first[0].subject).update(state="paused")
    f.vote(subject=first[1].subject, workflow=flow, volunteer=alice)
    foreign, nothing = uuid.UUID(page(f.volunteer(), flow, n=1).results[0].serve), uuid.uuid4()
    now_held = [*held, uuid.UUID(rest.results[0].serve), foreign, nothing]
    assert page(alice, flow, holding=now_held, now=LATER).gone == [str(name) for name in (*held, foreign, nothing)]


def test_nobody_holds_more_than_they_can_do(monkeypatch):
    from classify.services import queue

    monkeypatch.setattr(queue, "MOST_HELD", 5)
    flow, alice = flow_of(20), f.volunteer()
    assert [len(page(alice, flow, n=4).results) for _ in range(2)] == [4, 4]  # one new, and three in hand again
    assert Serve.objects.count() == 5
