"""The crowd is learnt from its votes: when it is due, what is stored, and what becomes of it in the next vote."""

import uuid
from datetime import timedelta
from io import StringIO

import numpy as np
import pytest
from django.core.management import call_command

from classify import selectors, services
from classify.crowd import learning, online
from classify.crowd.simulated import crowd
from classify.models import Classification, CrowdState, HourlyTotal, Subject, SubjectStatus, Volunteer, VolunteerSkill
from tests import factories as f
from tests.factories import NOW

pytestmark = pytest.mark.django_db
ANSWERS = ["no", "yes", "impossible"]  # 0, 1, 2 of the generated crowd


def cast(flow, n_subjects=120, n_people=40, seed=3):
    """Store a generated crowd's votes, without what follows from each; return it."""
    made = crowd(n_subjects, n_people, prior=(0.7, 0.2, 0.1), seed=seed)
    subjects = Subject.objects.bulk_create(
        Subject(public_id=7_000_000 + i, kind="pool", origin=f"cutout:9{seed}{i}", ready=True, created_at=NOW) for i in range(n_subjects)
    )
    SubjectStatus.objects.bulk_create(SubjectStatus(workflow=flow, subject=row, lot=0.9, shuffle=0.5, pooled_at=NOW) for row in subjects)
    people = Volunteer.objects.bulk_create(Volunteer(public_id=f"v{seed}{i:05}", kind="person", created_at=NOW) for i in range(n_people))
    table = made.table
    rows = zip(table.subject.tolist(), table.person.tolist(), table.answer.tolist(), strict=True)
    Classification.objects.bulk_create(
        Classification(
            id=uuid.UUID(int=i + seed * 10**6), workflow=flow, version=flow.current_version, subject=subjects[subject], volunteer=people[person],
            answer=ANSWERS[answer], created_at=NOW - timedelta(seconds=len(table) - i),
        )
        for i, (subject, person, answer) in enumerate(rows)
    )  # fmt: skip
    HourlyTotal.objects.create(workflow=flow, hour=NOW.replace(minute=0), shard=0, n=len(table))
    return made, subjects, people


def test_skill_and_prior_are_learnt_from_the_votes_alone_and_again_when_they_have_grown(monkeypatch):
    flow, quiet = f.workflow(), f.workflow()
    assert services.crowds_due(now=NOW) == []
    made, subjects, people = cast(flow)
    known = [int(i) for i in np.flatnonzero(made.truth == 1)[:3]]
    for i in known:
        f.gold_key(workflow=flow, subject=subjects[i], answer="yes")
    Classification.objects.filter(subject__in=[subjects[i] for i in known]).update(counted=False)
    left = f.volunteer()
    VolunteerSkill.objects.create(workflow=flow, volunteer=left, confusion={"yes": {"no": 9}}, updated_at=NOW - timedelta(days=2))
    VolunteerSkill.objects.create(workflow=flow, volunteer=people[1], n_gold=9, updated_at=NOW + timedelta(days=30))
    fit_temper, key = learning.fit_temper, f.gold_key(workflow=flow, subject=f.subject(workflow=flow), answer="yes")

    def told_meanwhile(*args, **rest):
        f.vote(subject=key.subject, workflow=flow, volunteer=people[0], answer="yes", now=NOW - timedelta(hours=1))
        return fit_temper(*args, **rest)

    monkeypatch.setattr(learning, "fit_temper", told_meanwhile)
    assert services.crowds_due(now=NOW) == [flow]

    votes = selectors.votes_of(flow)
    state = services.learn_crowd(workflow=flow, now=NOW)
    monkeypatch.undo()
    expected = learning.learn(online.start(len(votes.people), 3), votes.table, known=votes.known)
    order = [state.answers.index(answer) for answer in ANSWERS]
    assert (state.n_votes, state.temper, state.prior) == (len(votes), online.TEMPER, expected.prior.tolist())
    assert np.array(state.prior)[order] == pytest.approx([0.7, 0.2, 0.1], abs=0.1)
    rows = {row.volunteer_id: row for row in VolunteerSkill.objects.filter(workflow=flow)}
    assert set(rows) == set(votes.people.tolist())  # and nobody without a vote
    assert (rows[people[0].pk].confusion, rows[people[0].pk].n_gold) == ({"yes": {"yes": 1}}, 1)  # told an answer meanwhile
    assert rows[people[1].pk].updated_at == NOW
    one = rows[people[5].pk]
    place = votes.people.tolist().index(people[5].pk)
    kept = [[one.confusion.get(truth, {}).get(said, 0) for said in state.answers] for truth in state.answers]
    assert np.array(kept) == pytest.approx(expected.counts[place], abs=5e-4)
    on_gold = Classification.objects.filter(volunteer=people[5], subject__in=[subjects[i] for i in known])
    assert (one.n_gold, one.n_gold_right) == (on_gold.count(), on_gold.filter(answer="yes").count())
    assert one.informativeness > 0

    call_command("learn_crowd", quiet.slug, stdout=(said := StringIO()))
    assert said.getvalue().startswith(f"{quiet.slug}: 0 votes; prior yes 0.3333")
    assert services.crowds_due(now=NOW) == []
    shown = f.subject(workflow=flow)
    f.vote(subject=shown, workflow=flow, volunteer=people[5], answer="yes", now=NOW + timedelta(minutes=1))
    added = Classification.objects.get(subject=shown).log_likelihood["yes"]
    assert added == pytest.approx(online.vectors(expected)[place][state.answers.index("yes")][state.answers.index("yes")], abs=1e-3)
    assert services.crowds_due(now=NOW + timedelta(hours=1)) == []
    assert services.crowds_due(now=NOW + timedelta(days=1, minutes=2)) == [flow]
    CrowdState.objects.update(n_votes=5)
    assert services.crowds_due(now=NOW + timedelta(hours=1)) == [flow]
    assert quiet not in services.crowds_due(now=NOW)


def test_what_was_learnt_by_a_clock_that_was_ahead_is_learnt_anew_in_every_row():
    flow = f.workflow()
    cast(flow, n_subjects=30, n_people=10)
    services.learn_crowd(workflow=flow, now=NOW + timedelta(days=30))
    before = dict(VolunteerSkill.objects.values_list("volunteer", "confusion"))
    VolunteerSkill.objects.update(confusion={})
    assert services.crowds_due(now=NOW) == [flow]
    services.learn_crowd(workflow=flow, now=NOW)
    assert dict(VolunteerSkill.objects.values_list("volunteer", "confusion")) == before
    assert set(VolunteerSkill.objects.values_list("updated_at", flat=True)) == {NOW}
    Classification.objects.update(created_at=NOW + timedelta(days=30))  # cast while the clock was ahead: no reason to learn each time
    assert services.crowds_due(now=NOW + timedelta(days=2)) == []
    assert services.crowds_due(now=NOW + timedelta(days=31)) == [flow]
