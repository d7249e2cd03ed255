"""Badges beside the names of the team, and what Talk's door says to people who have voted."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hunter.badges import badges_of
from hunter.roles import make_roles
from talk.seeds import seed_boards
from tests import factories
from tests.factories import NOW
from tests.talk.conftest import person, write

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site() -> None:
    make_roles()
    seed_boards(NOW)


def give(user: object, *roles: str) -> None:
    user.groups.set(Group.objects.filter(name__in=roles))  # type: ignore[attr-defined]


def test_only_the_team_has_badges_and_they_come_in_one_query() -> None:
    people = [factories.user() for _ in range(4)]
    give(people[0], "scientist", "moderator", "volunteer")
    give(people[1], "volunteer")
    give(people[2], "model operator")

    with CaptureQueriesContext(connection) as queries:
        found = badges_of([each.pk for each in people])

    assert found == {people[0].pk: ["Moderator", "Scientist"]}
    assert len(queries) == 1


def test_badges_stand_beside_names_in_talk_and_on_the_persons_page() -> None:
    ann, bob, subject = person("ann"), person("bob"), factories.subject()
    give(ann.user, "scientist")
    last = [write(ann, subject, "A #satellite"), write(bob, subject, "Another")][-1]

    for path in (f"/talk/discussions/{last.discussion_id}/", f"/talk/subjects/{subject.public_id}/", "/talk/tags/satellite/", "/people/ann/"):
        assert Client().get(path).content.decode().count('<span class="chip badge">Scientist</span>') == 1, path
    assert "badge" not in Client().get("/people/bob/").content.decode()


def test_the_door_does_not_threaten_people_who_have_voted() -> None:
    ann, flow = person("ann"), factories.workflow()
    subject = factories.subject(workflow=flow)
    factories.vote(subject=subject, workflow=flow, volunteer=ann.volunteer)
    factories.status(subject=subject, workflow=factories.workflow())
    client = Client()
    client.force_login(ann.user)
    thread = write(person("bob"), factories.subject(), "x")
    thread.discussion.subject = subject
    thread.discussion.save()

    for path in (f"/talk/subjects/{subject.public_id}/", f"/talk/discussions/{thread.discussion_id}/"):
        mine, theirs = client.get(path).content.decode(), Client().get(path).content.decode()
        assert "Show what others said" in mine
        assert "ends your chance to change your answer" in mine
        assert "not be asked to classify" not in mine
        assert "Show (you will then not be asked to classify it)" in theirs
