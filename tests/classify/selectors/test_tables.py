"""All votes as columns of numbers: the same as the rows say."""

from datetime import timedelta

import numpy as np
import pytest

from classify import selectors
from classify.models import Classification, Volunteer
from tests import factories as f
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_the_columns_are_the_standing_votes_that_count():
    flow, other = f.workflow(), f.workflow()
    shown, people = [f.subject(workflow=flow) for _ in range(3)], [f.volunteer() for _ in range(2)]
    simulated, known = f.volunteer(kind=Volunteer.Kind.DEMO), f.gold(workflow=flow, answer="impossible")
    said = [(0, people[0], "no"), (2, people[1], "yes"), (0, people[1], "impossible"), (2, simulated, "no")]
    for minute, (place, who, answer) in enumerate(said):
        f.vote(subject=shown[place], workflow=flow, volunteer=who, answer=answer, now=NOW - timedelta(minutes=minute))  # last one first
    f.vote(subject=known, workflow=flow, volunteer=people[0], answer="yes", now=NOW + timedelta(minutes=1))
    first = f.vote(subject=shown[1], workflow=flow, volunteer=people[0], answer="no")
    f.vote(subject=f.subject(workflow=other), workflow=other, answer="no")
    Classification.objects.filter(pk=first.id).update(flag="fast", counted=False)

    votes = selectors.votes_of(flow)
    listed = [*reversed([(shown[place], who, answer) for place, who, answer in said]), (known, people[0], "yes")]
    table = votes.table
    found = zip(votes.subjects[table.subject], votes.people[table.person], np.array(votes.answers)[table.answer], strict=True)
    assert list(found) == [(subject.pk, who.pk, answer) for subject, who, answer in listed]
    assert votes.public_ids.tolist() == sorted(subject.public_id for subject in (shown[0], shown[2], known))
    assert votes.names == sorted(who.public_id for who in (*people, simulated))
    assert {votes.subjects[i]: votes.answers[votes.known[i]] for i in np.flatnonzero(votes.known >= 0)} == {known.pk: "impossible"}

    fewer = selectors.votes_of(flow, gold=False, demo=False)
    assert (len(fewer), (fewer.known >= 0).any(), len(fewer.names)) == (3, False, 2)
    empty = selectors.votes_of(f.workflow())
    assert (len(empty), len(empty.subjects), len(empty.people)) == (0, 0, 0)
