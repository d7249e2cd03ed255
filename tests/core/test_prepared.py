"""Queries and rows whose SQL is made once: they give what the ORM gives."""

import uuid
from datetime import date

import pytest
from django.db import DataError, transaction
from django.db.models import Exists, IntegerField, OuterRef, Value
from django.db.models.functions import Cast
from django.db.transaction import TransactionManagementError

from classify.models import Classification, DailyTotal, SubjectStatus, Volunteer
from core import prepared
from core.prepared import Prepared
from tests import factories as f

pytestmark = pytest.mark.django_db


def _open(workflow, subject, vote):
    votes = Classification.objects.filter(subject=OuterRef("subject_id"), pk=vote)
    rows = SubjectStatus.objects.filter(workflow__slug=workflow, subject_id=subject).select_related("workflow__current_version", "subject__root")
    return rows.annotate(has_vote=Exists(votes))


def _stored(receipt):
    return Classification.objects.get(pk=receipt.id)


def test_models_come_back_with_all_that_belongs_to_them(django_assert_num_queries):
    flow = f.workflow()
    one, other = f.subject(workflow=flow), f.subject(workflow=flow)
    vote = _stored(f.vote(subject=one, workflow=flow, answer="yes"))
    query = Prepared(_open, str, int, uuid.UUID)
    for subject, has_vote in ((one, True), (other, False)):  # the second time with the SQL of the first
        with django_assert_num_queries(1):
            found = query.first(flow.slug, subject.pk, vote.pk)
            assert (found.subject.public_id, found.subject.root, found.workflow.current_version.label) == (subject.public_id, None, "1.0")
        assert found.has_vote is has_vote
        assert found.tally == ({"yes": 1} if has_vote else {})
    assert query.first(flow.slug, 0, vote.pk) is None
    assert Prepared(lambda pk: Volunteer.objects.filter(pk=pk).values_list("pk", "kind"), int).all(vote.volunteer_id) == [
        (vote.volunteer_id, vote.volunteer.kind)
    ]


def test_a_value_that_does_not_reach_the_sql_is_noticed():
    with pytest.raises(ValueError, match="does not reach"):
        Prepared(lambda pk: Volunteer.objects.filter(pk=pk + 1), int).all(1)
    with pytest.raises(TypeError):
        Prepared(lambda value: Volunteer.objects.filter(pk=value), bytes).all(b"1")


def test_a_query_that_failed_at_its_first_use_works_at_the_next():
    somebody = f.volunteer()
    query = Prepared(lambda text: Volunteer.objects.annotate(n=Cast(Value(text), IntegerField())).values_list("pk", "n"), str)
    with pytest.raises(DataError), transaction.atomic():
        query.all("no number")
    assert query.all("7") == [(somebody.pk, 7)]


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_within_a_transaction_only():
    somebody = f.volunteer()
    lock = Prepared(lambda pk: Volunteer.objects.select_for_update(no_key=True).filter(pk=pk), int)
    with transaction.atomic():
        assert lock.first(somebody.pk) == somebody
    with pytest.raises(TransactionManagementError):
        lock.first(somebody.pk)


def test_rows_are_written_as_the_orm_writes_them():
    flow = f.workflow()
    vote = _stored(f.vote(subject=f.subject(workflow=flow), workflow=flow))
    copy = _stored(vote)
    copy.pk, copy.repeat, copy.annotations = uuid.uuid4(), 7, {"T0": "ä"}
    prepared.insert(copy)
    stored = Classification.objects.get(pk=copy.pk)
    assert (stored.repeat, stored.annotations, stored.created_at) == (7, {"T0": "ä"}, vote.created_at)
    stored.viewer, stored.source = {"zoom": 2}, "not written"
    prepared.update(stored, ("viewer",))
    stored.refresh_from_db()
    assert (stored.viewer, stored.source) == ({"zoom": 2}, "")


def test_sums_are_added_to_whoever_was_first():
    who, flow = f.volunteer(), f.workflow()
    for n in (2, -5):
        prepared.add(DailyTotal, {"volunteer": who.pk, "workflow": flow.pk, "day": date(2031, 1, 2)}, {"n": n, "n_gold": 0, "seconds": 0.25})
    row = DailyTotal.objects.get(volunteer=who, day=date(2031, 1, 2))
    assert (row.n, row.seconds, row.n_gold) == (-3, 0.5, 0)
