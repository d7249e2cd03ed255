"""Workflows and queues over HTTP."""

import pytest

from classify.models import Serve
from tests import factories as f

pytestmark = pytest.mark.django_db


def test_the_list_of_workflows_says_what_is_asked(client):
    flow = f.workflow()
    f.workflow(live=False)
    (row,) = client.get("/api/v1/workflows/").json()["results"]
    assert row == {
        "slug": flow.slug,
        "name": flow.name,
        "summary": "",
        "version": "1.0",
        "question": "Is there an asteroid trail visible in the images?",
        "steps": f.STEPS,
        "queue": f"/api/v1/workflows/{flow.slug}/queue/",
        "has_work": False,
    }


def test_one_workflow_says_how_far_it_is(client):
    flow = f.workflow()
    f.subject(workflow=flow)
    data = client.get(f"/api/v1/workflows/{flow.slug}/").json()
    assert data["progress"] == {"subjects": 1, "active": 1, "retired": 0, "paused": 0, "votes": 0, "percent": 0}
    assert client.get("/api/v1/workflows/nowhere/").status_code == 404


def test_a_queue_answer_is_what_the_page_needs(client):
    flow = f.workflow()
    shown = f.subject(workflow=flow)
    answer = client.get(f"/api/v1/workflows/{flow.slug}/queue/?n=10")
    assert answer["Cache-Control"] == "no-store"
    (item,) = answer.json()["results"]
    assert set(item) == {"id", "serve", "version", "lease_until", "frames", "suggestions", "credit", "licence"}
    assert (item["id"], item["serve"], item["version"]) == (shown.public_id, str(Serve.objects.get().pk), "1.0")
    (frame,) = item["frames"]
    assert set(frame) == {"preview", "pixels", "width", "height", "wcs", "to_first", "credit", "licence"}
    assert item["credit"] == frame["credit"] == "NASA/ESA/STScI"
    assert client.get(frame["preview"]).status_code == 200


def test_a_queue_betrays_nothing(client):
    """No file name, observation, kind, origin, score or count before the vote."""
    flow = f.workflow(selection=[["priority", 1]], suggest_fraction=1.0, blind=False, audit_fraction=0.0)
    shown = f.find(workflow=flow)
    exposure = shown.frames.get().cutout.plane.exposure
    text = client.get(f"/api/v1/workflows/{flow.slug}/queue/").content.decode()
    for secret in (exposure.observation_id, exposure.source, shown.origin, "score", "klass", ":0.9,", "priority", "lot", '"find"'):
        assert secret not in text


def test_nothing_left_is_an_empty_list(client):
    flow = f.workflow()
    assert client.get(f"/api/v1/workflows/{flow.slug}/queue/").json() == {"results": [], "gone": [], "later": None}


@pytest.mark.parametrize("n", ["0", "51", "-1", "x", "", "1.5", "99999999999999999999", "²"])
def test_a_wrong_number_is_named(client, n):
    flow = f.workflow()
    answer = client.get(f"/api/v1/workflows/{flow.slug}/queue/", {"n": n})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["n"]


def test_a_draft_has_no_queue_for_others(client):
    flow = f.workflow(live=False)
    assert client.get(f"/api/v1/workflows/{flow.slug}/queue/").status_code == 404


def test_two_people_are_served_apart(client, admin_client):
    flow = f.workflow()
    f.subject(workflow=flow)
    url = f"/api/v1/workflows/{flow.slug}/queue/"
    assert client.get(url).json()["results"][0]["id"] == admin_client.get(url).json()["results"][0]["id"]
    assert Serve.objects.count() == 2
