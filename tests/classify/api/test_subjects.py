"""Public facts of a subject."""

import pytest

from classify import services
from classify.models import Volunteer
from tests import factories as f
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_facts_without_what_others_said_while_it_is_asked(client):
    flow = f.workflow(count=3)
    shown = f.subject(workflow=flow)
    f.vote(subject=shown, workflow=flow, answer="yes")
    data = client.get(f"/api/v1/subjects/{shown.public_id}/").json()
    assert set(data) == {"id", "page", "frames", "ra_deg", "dec_deg", "consensus"}
    assert (data["id"], data["page"], data["ra_deg"]) == (shown.public_id, f"/subjects/{shown.public_id}/", 150.1)
    assert data["consensus"] is None


def test_the_consensus_is_public_once_nobody_is_asked(client):
    flow = f.workflow(count=3)
    shown = f.subject(workflow=flow)
    for _ in range(3):
        f.vote(subject=shown, workflow=flow, answer="yes", marks=[(1, 2, 50, 60)])
    (row,) = client.get(f"/api/v1/subjects/{shown.public_id}/").json()["consensus"]
    assert (row["workflow"], row["label"], row["settled"], row["counts"]) == (flow.slug, "yes", True, {"yes": 3})
    assert row["trails"] == [{"frame": 0, "x1": 1, "y1": 2, "x2": 50, "y2": 60, "scatter_px": 0, "n_markers": 3}]


def test_who_opened_it_may_see(client):
    flow, alice = f.workflow(), f.user()
    shown = f.subject(workflow=flow)
    client.force_login(alice)
    assert client.get(f"/api/v1/subjects/{shown.public_id}/").json()["consensus"] is None
    services.reveal(volunteer=services.person_of(alice, now=NOW), root=shown, now=NOW)
    assert client.get(f"/api/v1/subjects/{shown.public_id}/").json()["consensus"] == []
    assert Volunteer.objects.count() == 1


def test_an_unknown_subject_is_not_found(client):
    assert client.get("/api/v1/subjects/5/").status_code == 404
    assert client.get(f"/api/v1/subjects/{10**30}/").status_code == 404


@pytest.mark.parametrize("kind", ["pool", "find"])
def test_the_kind_is_not_told(client, kind):
    shown = f.subject() if kind == "pool" else f.find()
    assert b"pool" not in (content := client.get(f"/api/v1/subjects/{shown.public_id}/").content)
    assert b"find" not in content
