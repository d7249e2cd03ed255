"""The pages, without any script."""

import json
import re
import uuid

import pytest

from classify.models import Classification, Reveal, Serve
from classify.seeds import SEEDS
from tests import factories as f

pytestmark = pytest.mark.django_db


def form_of(page):
    """The hidden fields of the plain form."""
    text = page.content.decode()
    return {name: re.search(rf'name="{name}" value="([^"]*)"', text)[1] for name in ("id", "workflow", "subject", "serve", "version")}


def config_of(page):
    return json.loads(re.search(r'id="classify-config" type="application/json">(.*?)</script>', page.content.decode())[1])


def test_the_choice_of_workflows(client):
    flow, empty = f.workflow(name="Find asteroids"), f.workflow(name="Find satellites")
    f.subject(workflow=flow)
    text = client.get("/classify/").content.decode()
    assert f'href="/classify/{flow.slug}/"' in text
    assert f'href="/classify/{empty.slug}/"' in text
    assert "Images are waiting" in text
    assert "Nothing waits here now" in text
    assert "Nothing waits here now" in client.get(f"/classify/{empty.slug}/").content.decode()


def test_newcomers_are_sent_to_training_while_it_has_images(client):
    flow = f.workflow(name="First steps", purpose="training", blind=False)
    assert "first time" not in client.get("/classify/").content.decode()
    f.subject(workflow=flow)
    assert "If this is your first time, choose First steps." in client.get("/classify/").content.decode()


def test_the_choice_promises_no_images_to_who_has_done_them_all(client):
    flow, user = f.workflow(), f.user()
    f.vote(subject=f.subject(workflow=flow), workflow=flow, volunteer=f.volunteer(user=user))
    assert "Images are waiting" in client.get("/classify/").content.decode()
    client.force_login(user)
    assert "Images are waiting" not in client.get("/classify/").content.decode()


def test_without_workflows_the_page_says_so(client):
    assert "There is nothing to classify yet" in client.get("/classify/").content.decode()


@pytest.mark.parametrize("n", [1, 3, 30])
def test_the_choice_costs_the_same_for_any_number(client, n, django_assert_num_queries):
    for _ in range(n):
        f.workflow()
    client.get("/classify/")
    with django_assert_num_queries(2):
        client.get("/classify/")


def test_the_page_tells_its_script_all_addresses(client):
    flow = f.workflow()
    shown = f.subject(workflow=flow)
    page = client.get(f"/classify/{flow.slug}/")
    assert "no-store" in page["Cache-Control"]
    assert config_of(page) == {
        "workflow": flow.slug,
        "version": "1.0",
        "steps": f.STEPS,
        "waits": False,
        "pack_url": f"/api/v1/workflows/{flow.slug}/queue/?pack=1",
        "pack_size": 30,
        "preferences": {"tutorials": {}, "viewer": {}},
        "preferences_url": "/api/v1/me/preferences/",
        "n": 10,
        "queue_url": f"/api/v1/workflows/{flow.slug}/queue/?n=10",
        "submit_url": "/api/v1/classifications/",
        "classification_url_template": "/api/v1/classifications/00000000-0000-0000-0000-000000000000/",
        "subject_url_template": "/subjects/0/",
        "reveal_url_template": "/subjects/0/reveal/",
        "signed_in": False,
        "undo_seconds": 10,
    }
    assert form_of(page)["subject"] == str(shown.public_id)
    assert page.context["form_subject"]["credit"] == "NASA/ESA/STScI"


def test_the_plain_form_stores_an_answer_and_goes_on(client):
    flow = f.workflow()
    first, second = f.subject(workflow=flow), f.subject(workflow=flow)
    url = f"/classify/{flow.slug}/"
    form = form_of(client.get(url))
    answer = client.post(url, {**form, "answer": "yes", "x1": "10", "y1": "20.5", "x2": "90", "y2": "60", "then": "next"})
    assert (answer.status_code, answer["Location"]) == (302, url)
    vote = Classification.objects.get()
    assert (str(vote.pk), vote.answer, str(vote.serve_id)) == (form["id"], "yes", form["serve"])
    assert [(mark.x1, mark.y1) for mark in vote.marks.all()] == [(10, 20.5)]
    following = form_of(client.get(url))["subject"]
    assert {form["subject"], following} == {str(first.public_id), str(second.public_id)}


def test_two_trails_in_the_plain_form_say_yes_to_another_one(client):
    flow = f.workflow(steps=next(seed.steps for seed in SEEDS if seed.slug == "classify"))
    f.subject(workflow=flow)
    form = form_of(client.get(f"/classify/{flow.slug}/"))
    trails = {f"{name}{trail}": str(place) for trail in ("", "-2") for place, name in enumerate(("x1", "y1", "x2", "y2"), 1)}
    client.post(f"/classify/{flow.slug}/", {**form, **trails, "answer": "yes"})
    assert Classification.objects.get().annotations["T2"] == ["yes", "no"]


def test_loading_the_page_again_shows_the_same_subject(client):
    flow = f.workflow()
    for _ in range(5):
        f.subject(workflow=flow)
    url = f"/classify/{flow.slug}/"
    assert form_of(client.get(url))["subject"] == form_of(client.get(url))["subject"]
    assert Serve.objects.count() == 1


def test_done_and_talk_leads_to_the_subject(client):
    flow = f.workflow()
    shown = f.subject(workflow=flow)
    url = f"/classify/{flow.slug}/"
    answer = client.post(url, {**form_of(client.get(url)), "answer": "no", "then": "talk"})
    assert answer["Location"] == f"/subjects/{shown.public_id}/#discussion"
    assert "Show what others said" not in client.get(answer["Location"]).content.decode()
    assert Reveal.objects.get().root == shown


@pytest.mark.parametrize(("share", "question"), [(0.0, "Is there a trail here, and what is it?"), (1.0, "What is this?")])
def test_the_plain_form_asks_what_fits(client, share, question):
    flow = f.workflow(blind=False, suggest_fraction=share, steps=next(seed.steps for seed in SEEDS if seed.slug == "review"))
    f.find(workflow=flow)
    assert f"{question}</h1>" in client.get(f"/classify/{flow.slug}/").content.decode()


def test_who_has_voted_is_told_what_opening_costs(client):
    flow = f.workflow()
    shown = f.subject(workflow=flow)
    url = f"/classify/{flow.slug}/"
    client.post(url, {**form_of(client.get(url)), "answer": "no", "then": "next"})
    text = client.get(f"/subjects/{shown.public_id}/").content.decode()
    assert "Opening ends your chance to change your answer." in text
    assert "you will then not be asked" not in text
    assert text.count('<button class="button" type="submit">') == 1
    assert "Tags and discussion open together with what others said." in text


@pytest.mark.parametrize(
    ("change", "said"),
    [({"answer": "maybe"}, "is not one of"), ({"x1": "left"}, "finite number"), ({"id": "x"}, "UUID"), ({"answer": ""}, "required")],
)
def test_what_cannot_be_stored_is_said_on_the_page(client, change, said):
    flow = f.workflow()
    f.subject(workflow=flow)
    url = f"/classify/{flow.slug}/"
    answer = client.post(url, {**form_of(client.get(url)), "answer": "yes", **change}, follow=True)
    text = answer.content.decode()
    assert "Your answer was not stored" in text
    assert said in text
    assert Classification.objects.count() == 0


def test_a_form_that_is_sent_twice_stores_once(client):
    flow = f.workflow()
    f.subject(workflow=flow)
    url = f"/classify/{flow.slug}/"
    form = {**form_of(client.get(url)), "answer": "no"}
    client.post(url, form)
    assert client.post(url, form).status_code == 302
    again = client.post(url, {**form, "id": str(uuid.uuid4())}, follow=True)
    assert "already classified" in again.content.decode()
    assert Classification.objects.count() == 1


def test_gold_feedback_comes_with_the_next_page(client):
    flow = f.workflow(blind=False)
    f.gold(workflow=flow, answer="yes")
    url = f"/classify/{flow.slug}/"
    answer = client.post(url, {**form_of(client.get(url)), "answer": "no"}, follow=True)
    assert "A trail curves." in answer.content.decode()


def test_a_page_with_nothing_left_says_so(client):
    flow = f.workflow()
    page = client.get(f"/classify/{flow.slug}/")
    assert page.status_code == 200
    assert page.context["form_subject"] is None


def test_unknown_and_draft_workflows_are_not_found(client):
    assert client.get("/classify/nowhere/").status_code == 404
    assert client.get(f"/classify/{f.workflow(live=False).slug}/").status_code == 404


def test_the_team_tries_a_draft(client):
    flow = f.workflow(live=False)
    f.subject(workflow=flow)
    client.force_login(f.user(permissions=["classify.change_workflow"]))
    url = f"/classify/{flow.slug}/"
    client.post(url, {**form_of(client.get(url)), "answer": "no"})
    assert Classification.objects.count() == 1
