"""The page How well I see, and the pages to learn from."""

import pytest
from django.test import Client

from classify.seeds import seed_workflows
from tests import factories
from tests.factories import NOW, PASSWORD

pytestmark = pytest.mark.django_db


def test_an_empty_record_leads_to_training(client):
    assert b'href="/classify/"' in client.get("/me/record/").content, "no Training is open here"
    seed_workflows(NOW)
    page = client.get("/me/record/").content.decode()
    assert "No known images yet" in page
    assert 'href="/classify/training/"' in page


def test_my_record_is_mine_alone():
    flow = factories.workflow(name="Look for trails")
    ada = factories.user(username="ada")
    factories.vote(subject=factories.gold(workflow=flow), workflow=flow, volunteer=factories.volunteer(user=ada), answer="yes")
    mine, others = Client(), Client()
    mine.login(username="ada", password=PASSWORD)
    others.login(username=factories.user(username="bob").username, password=PASSWORD)
    page = mine.get("/me/record/")
    assert "Look for trails" in page.content.decode()
    assert "1 of 1; between 21 and 100 %" in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]
    for stranger in (others, Client()):
        assert "Look for trails" not in stranger.get("/me/record/?volunteer=ada").content.decode()


@pytest.mark.parametrize(("said", "hint"), [("yes", "sometimes see a trail where none is"), ("no", "You see well")])
def test_it_says_what_to_try_next(client, said, hint):
    flow = factories.workflow()
    ada = factories.volunteer(user=factories.user(username="ada"))
    for _ in range(10):
        factories.vote(subject=factories.gold(workflow=flow, answer="no"), workflow=flow, volunteer=ada, answer=said)
    client.login(username="ada", password=PASSWORD)
    assert hint in client.get("/me/record/").content.decode()


def test_the_guide_and_how_it_works_show_every_entry_with_its_picture(client):
    seed_workflows(NOW)
    guide, how = (client.get(address).content.decode() for address in ("/field-guide/", "/how-it-works/"))
    assert guide.count("<article") == guide.count("img/guide/") == 13
    assert 'href="/classify/training/"' in how
    assert "#guide-cosmic-ray" in how
    assert how.count('alt=""') < how.count("<img"), "pictures that tell something have words"
    spanish = client.get("/field-guide/", headers={"Accept-Language": "es"}).content.decode()
    assert "Rayo cósmico" in spanish
    assert "Cosmic ray" not in spanish
