"""Forgetting a volunteer: every vote and label as before, and no way from them to the person."""

import pytest

from classify import selectors, services
from classify.models import Classification, Consensus, Mark, Serve, SubjectStatus, Volunteer, VolunteerSkill
from core.redaction import Redaction
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
WORDS = Redaction(names=("ann",), words=("ann",), addresses=("ann@mail.org",))


def what_counts() -> list[object]:
    """Everything of the science but the two fields that may tell people apart."""
    return [
        list(
            Classification.objects.order_by("pk").values_list("pk", "volunteer", "answer", "counted", "log_likelihood", "superseded_by", "created_at")
        ),
        list(Mark.objects.order_by("pk").values()),
        list(Consensus.objects.order_by("pk").values()),
        list(SubjectStatus.objects.order_by("pk").values()),
        list(Serve.objects.order_by("pk").values()),
        list(VolunteerSkill.objects.order_by("pk").values()),
    ]


def test_votes_marks_and_labels_stay_and_nothing_leads_to_the_person() -> None:
    flow = factories.workflow(count=1)
    user = factories.user(username="ann")
    ann, guest = factories.volunteer(user=user, credit_name="Ann Example"), services.new_visitor(now=NOW)
    for someone in (ann, guest):
        factories.vote(subject=factories.subject(workflow=flow), workflow=flow, answer="yes", volunteer=someone, marks=[(1, 2, 30, 40)])
    services.merge_visitor(visitor=guest, person=ann, now=NOW)
    volunteers, before = selectors.same_person(ann.pk), what_counts()
    assert volunteers == [ann.pk, guest.pk]
    old = {ann.public_id, guest.public_id}

    services.forget_volunteers(volunteers=volunteers, redaction=WORDS)

    assert what_counts() == before
    now = Volunteer.objects.filter(pk__in=volunteers)
    assert {(row.user_id, row.credit_name) for row in now} == {(None, "")}
    assert {row.public_id for row in now} & old == set()
    assert Volunteer.objects.get(pk=guest.pk).merged_into_id == ann.pk
    assert services.forget_volunteers(volunteers=volunteers, redaction=WORDS) == 3  # again does no harm
    assert what_counts() == before


def test_what_tells_devices_and_people_apart_goes_from_the_votes() -> None:
    flow = factories.workflow()
    ann, bob = factories.volunteer(), factories.volunteer()
    said = {
        "invert": True,
        "contrast": 1.5,
        "brightness": "ann",
        "width": 1717,
        "dpr": 3,
        "note": "I am ann",
        "stretch": "log",
        "colour": "ann",
        "limits": ["own"],
    }
    for someone in (ann, bob):
        shown = factories.subject(workflow=flow)
        factories.vote(subject=shown, workflow=flow, volunteer=someone, viewer=said)
    Classification.objects.update(annotations={"T1": "by ann", "T9": "free words"})  # as programs once sent them
    told: list[int] = []

    assert services.forget_volunteers(volunteers=[ann.pk], redaction=WORDS, pulse=told.append) == 1

    hers, his = Classification.objects.get(volunteer=ann), Classification.objects.get(volunteer=bob)
    assert hers.viewer == {"invert": True, "contrast": 1.5, "stretch": "log"}
    assert hers.annotations == {"T1": "by deleted-user"}
    assert his.viewer == said
    assert told == [1]


def test_an_imported_volunteer_loses_where_they_come_from() -> None:
    row = factories.volunteer(kind=Volunteer.Kind.IMPORTED, source="zooniverse", external_id="ann")

    services.forget_volunteers(volunteers=[row.pk], redaction=WORDS)

    row.refresh_from_db()
    assert (row.source, row.external_id, row.kind) == ("", "", Volunteer.Kind.IMPORTED)


def test_nobody_is_one() -> None:
    first = services.nobody(now=NOW)

    assert services.nobody(now=NOW) == first
    assert first.is_nobody
    assert first.user is None
    assert not factories.volunteer().is_nobody


def test_a_forgotten_visitor_is_not_found_by_the_cookie(client) -> None:  # type: ignore[no-untyped-def]
    flow = factories.workflow()
    shown = factories.subject(workflow=flow)
    body = {"id": "8c2d1f0e-3b4a-4c5d-9e6f-7a8b9c0d1e2f", "workflow": flow.slug, "subject": shown.public_id, "answer": "no"}
    client.post("/api/v1/classifications/", body, content_type="application/json")
    visitor = Volunteer.objects.get(kind=Volunteer.Kind.VISITOR)

    services.unlink(volunteers=[visitor.pk])

    assert "page" not in client.get("/me/").context
    assert Classification.objects.get().volunteer == visitor
