"""One's own settings over HTTP: kept, checked, brought along at sign-in, forgotten with the account."""

import pytest
from django.utils import timezone

from classify import services
from classify.models import Volunteer
from core.redaction import Redaction
from tests import factories as f

pytestmark = pytest.mark.django_db
URL = "/api/v1/me/preferences/"
EMPTY = {"viewer": {}, "tutorials": {}}


def put(client, body):
    return client.put(URL, body, content_type="application/json")


def test_a_visitor_has_settings_and_what_is_not_given_stays(client):
    assert client.get(URL).json() == EMPTY
    assert not Volunteer.objects.exists()  # asking makes nobody

    put(client, {"viewer": {"stretch": "log", "contrast": 1.5, "invert": True}})
    put(client, {"viewer": {"contrast": 2}, "tutorials": {"classify": "1.0"}})

    expected = {"viewer": {"stretch": "log", "contrast": 2, "invert": True}, "tutorials": {"classify": "1.0"}}
    assert client.get(URL).json() == expected
    flow = f.workflow()
    f.subject(workflow=flow)
    assert client.get(f"/classify/{flow.slug}/").context["config"]["preferences"] == expected


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "preferences"),
        ({"colour": {}}, "colour"),
        ({"viewer": "log"}, "viewer"),
        ({"viewer": {"stretch": {"deep": 1}}}, "viewer.stretch"),
        ({"viewer": {"Bad name": 1}}, "viewer.Bad name"),
        ({"tutorials": {"classify": 1}}, "tutorials.classify"),
        ({"viewer": {f"name_{n}": "x" * 60 for n in range(80)}}, "viewer"),
    ],
)
def test_what_cannot_be_stored_is_named_and_nothing_changes(client, body, field):
    put(client, {"viewer": {"stretch": "log"}})

    answer = put(client, body)

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert list(answer.json()["errors"]) == [field]
    assert client.get(URL).json() == {**EMPTY, "viewer": {"stretch": "log"}}


def test_at_sign_in_ones_own_settings_win_and_the_visitors_fill_gaps():
    person, visitor = f.volunteer(), services.new_visitor(now=timezone.now())
    services.set_preferences(volunteer=person, change={"viewer": {"stretch": "log"}})
    services.set_preferences(volunteer=visitor, change={"viewer": {"stretch": "linear", "invert": True}, "tutorials": {"classify": "1.0"}})

    assert services.merge_visitor(visitor=visitor, person=person, now=timezone.now())

    person.refresh_from_db()
    visitor.refresh_from_db()
    assert person.preferences == {"viewer": {"stretch": "log", "invert": True}, "tutorials": {"classify": "1.0"}}
    assert visitor.preferences == {}
    services.set_preferences(volunteer=visitor, change={"viewer": {"invert": False}})  # a page of before: it means the person
    person.refresh_from_db()
    assert person.preferences["viewer"] == {"stretch": "log", "invert": False}


def test_they_go_with_the_account():
    person = f.volunteer()
    services.set_preferences(volunteer=person, change={"viewer": {"stretch": "log"}})

    services.forget_volunteers(volunteers=[person.pk], redaction=Redaction())

    person.refresh_from_db()
    assert person.preferences == {}
