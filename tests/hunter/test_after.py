"""What the classify page shows of a subject after the vote: a fragment by the rooms that know something."""

from typing import Any

import pytest
from django.test import Client

from classify import selectors
from classify.models import Reveal, Subject
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def flow() -> Any:
    return factories.workflow(count=5, name="Find asteroids")


def voter(flow: Any, shown: Any, answer: str = "no") -> Client:
    client, user = Client(), factories.user()
    client.force_login(user)
    factories.vote(subject=shown, workflow=flow, answer=answer, volunteer=factories.volunteer(user=user))
    return client


def fragment(client: Client, shown: Any) -> str:
    answer = client.post(f"/subjects/{shown.public_id}/reveal/", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_fragment_tells_votes_marks_tags_and_where_to_talk(flow: Any) -> None:
    shown = factories.subject(workflow=flow)
    factories.vote(subject=shown, workflow=flow, answer="yes", marks=[(10, 20, 90, 40)])
    factories.vote(subject=shown, workflow=flow, answer="yes", marks=[(10, 20, 90, 40)])
    client = voter(flow, shown)

    html = fragment(client, shown)

    assert "<html" not in html
    assert "3 votes" in html
    assert 'class="trail trail-people"' in html
    assert "No model found a trail here." in html
    assert f'href="/subjects/{shown.public_id}/#discussion"' in html
    assert html.count('<button class="chip" type="submit">') == 6
    assert "data-favourite" in html
    assert "A known answer" not in html  # a room that knows nothing adds nothing
    assert Reveal.objects.get().root == shown


def test_a_known_answer_is_told_to_those_who_have_answered(flow: Any) -> None:
    numbers = {"length_px": 120.0, "curvature": 0.05, "magnitude": 24.3}
    shown = factories.gold(
        workflow=flow, answer="yes", marks=[{"x1": 10, "y1": 20, "x2": 90, "y2": 40}], kind=Subject.Kind.INJECTED, metadata={"injection": numbers}
    )

    html = fragment(voter(flow, shown), shown)
    assert "Find asteroids: this image was here to practise with. It is: <strong>Yes</strong>." in html
    assert "120 px" in html
    assert 'class="trail trail-truth-core" points="10.0,20.0 90.0,40.0 "' in html
    assert "24.3 mag" in html

    made = factories.gold(workflow=flow, answer="yes", kind=Subject.Kind.INJECTED, root=shown)
    assert made.frames.get().cutout.preview_key in fragment(voter(flow, made), made)  # not the image beneath

    html = fragment(Client(), shown)  # who only looks is told nothing that they could pass on to who has not answered
    assert "practise" not in html
    assert "24.3" not in html


def test_visitors_are_shown_how_to_sign_in_for_tags(flow: Any) -> None:
    html = fragment(Client(), shown := factories.subject(workflow=flow))
    assert f"/accounts/login/?next=/subjects/{shown.public_id}/" in html
    assert "chip" not in html.split('id="after-tags"')[1].replace("chips", "")


def test_work_counts_as_left_only_where_this_person_has_not_answered() -> None:
    done, left = factories.workflow(), factories.workflow()
    me = factories.volunteer()
    factories.vote(subject=factories.subject(workflow=done), workflow=done, volunteer=me)
    factories.subject(workflow=left)

    mine = selectors.workflows_with_work(volunteer=me).values_list("slug", "has_work")
    assert dict(mine) == {done.slug: False, left.slug: True}
    assert dict(selectors.workflows_with_work().values_list("slug", "has_work")) == {done.slug: True, left.slug: True}
