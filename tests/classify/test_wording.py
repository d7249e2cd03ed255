"""Workflows, tutorials and field guide in another language: piece by piece, with keys that never change, at a fixed cost."""

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import translation

from classify import selectors, services
from classify.models import FieldGuide, FieldGuideText, Tutorial, WorkflowText
from classify.seeds import SEEDS
from classify.wording import BadWords, check_pages_text, check_steps_text, pages_in, steps_in
from tests import factories as f

pytestmark = pytest.mark.django_db
SPANISH = {"T0": {"question": "¿Hay una traza?", "answers": {"yes": "Sí"}}}


@pytest.fixture
def spanish() -> Iterator[None]:
    with translation.override("es"):
        yield


def test_what_is_not_translated_stays_as_it_was_written() -> None:
    steps = copy.deepcopy(f.STEPS)
    made = steps_in(steps, SPANISH)
    question = made["steps"]["T0"]
    assert question["question"] == "¿Hay una traza?"
    assert [answer["label"] for answer in question["answers"]] == ["Sí", "No", "Impossible to tell"]
    assert [answer["key"] for answer in question["answers"]] == ["yes", "no", "impossible"]
    assert made["steps"]["T1"] == steps["steps"]["T1"]
    assert steps == f.STEPS


def test_a_translation_adds_nothing_that_is_not_asked() -> None:
    made = steps_in(f.STEPS, {"T0": {"blind_question": "?", "answers": {"maybe": "Quizás"}}, "T9": {"question": "?"}})
    assert made == f.STEPS


def test_pages_of_a_tutorial_fall_back_one_by_one() -> None:
    pages = [{"title": "One", "body": "First", "image": "a.png"}, {"title": "Two", "body": "Second", "image": ""}]
    made = pages_in(pages, [{"title": "Uno", "body": ""}])
    assert made == [{"title": "Uno", "body": "First", "image": "a.png"}, pages[1]]


def test_words_that_are_no_words_are_refused() -> None:
    for given in ([], {"T0": "?"}, {"T0": {"answers": ["Sí"]}}, {"T0": {"answers": {"yes": 1}}}):
        with pytest.raises(BadWords):
            check_steps_text(f.STEPS, given)
    with pytest.raises(BadWords, match="Page 1: body"):
        check_pages_text([{"title": "One"}], [{"body": 3}])


def test_the_page_and_the_choice_speak_the_readers_language(client: Client) -> None:
    flow = f.workflow(name="Find", summary="Look")
    f.subject(workflow=flow)
    WorkflowText.objects.create(workflow=flow, language="es", name="Buscar", steps=SPANISH)
    spanish_page = client.get(f"/classify/{flow.slug}/", headers={"accept-language": "es"})
    config = spanish_page.context["config"]
    assert spanish_page.headers["Content-Language"] == "es"
    assert config["steps"]["steps"]["T0"]["question"] == "¿Hay una traza?"
    assert '<span class="answer-label">Sí</span>' in spanish_page.content.decode()
    assert 'value="yes"' in spanish_page.content.decode()
    assert "Buscar" in client.get("/classify/", headers={"accept-language": "es"}).content.decode()
    assert "Buscar" not in client.get("/classify/", headers={"accept-language": "en"}).content.decode()


def test_the_api_honours_accept_language_and_says_so(client: Client) -> None:
    flow = f.workflow(name="Find", summary="Look")
    WorkflowText.objects.create(workflow=flow, language="es", name="Buscar", steps=SPANISH)
    for address in ("/api/v1/workflows/", f"/api/v1/workflows/{flow.slug}/"):
        answers = {code: client.get(address, headers={"accept-language": code}) for code in ("es-MX,es;q=0.9", "en", "fr")}
        rows = {code: answer.json().get("results", [answer.json()])[0] for code, answer in answers.items()}
        assert [row["name"] for row in rows.values()] == ["Buscar", "Find", "Find"]
        assert [row["summary"] for row in rows.values()] == ["Look"] * 3
        assert [answer.headers["Content-Language"] for answer in answers.values()] == ["es", "en", "en"]
        assert all({"Accept-Language", "Cookie"} <= {word.strip() for word in answer.headers["Vary"].split(",")} for answer in answers.values())
        keys = [[answer["key"] for answer in row["steps"]["steps"]["T0"]["answers"]] for row in rows.values()]
        assert keys == [["yes", "no", "impossible"]] * 3


@pytest.mark.parametrize("n", [1, 3, 30])
def test_words_cost_the_same_for_any_number(n: int, django_assert_num_queries: Any, spanish: None) -> None:
    for _ in range(n):
        WorkflowText.objects.create(workflow=f.workflow(live=True), language="es", name="Buscar")
    FieldGuide.objects.bulk_create(FieldGuide(slug=f"thing-{i}", title="Thing", body="It is.") for i in range(n))
    FieldGuideText.objects.bulk_create(FieldGuideText(entry=entry, language="es", title="Cosa", body="Es.") for entry in FieldGuide.objects.all())
    with django_assert_num_queries(2):
        assert {flow.words.name for flow in selectors.worded(selectors.workflows())} == {"Buscar"}
    with django_assert_num_queries(2):
        assert {entry.title for entry in selectors.field_guide()} == {"Cosa"}


def test_a_tutorial_in_the_readers_language(spanish: None) -> None:
    flow = f.workflow()
    Tutorial.objects.create(workflow=flow, pages=[{"title": "One", "body": "First", "image": ""}], updated_at=f.NOW)
    WorkflowText.objects.create(workflow=flow, language="es", tutorial=[{"title": "Uno", "body": "Primero"}])
    tutorial = selectors.tutorial_of(flow)
    assert tutorial is not None
    assert tutorial.pages == [{"title": "Uno", "body": "Primero", "image": "", "picture": None}]


def test_a_known_answer_is_explained_in_the_voters_language(client: Client) -> None:
    flow = f.workflow()
    shown = f.subject(workflow=flow)
    key = services.add_gold(
        workflow=flow, subject=shown, answer="no", marks=[], explanation="*Nothing.*", explanations={"es": "Nada."}, source="test", now=f.NOW,
        rng=random.Random(1),
    )  # fmt: skip
    body = {"id": "8c2d1f0e-3b4a-4c5d-9e6f-7a8b9c0d1e2f", "workflow": flow.slug, "subject": shown.public_id, "answer": "no"}
    for code, words in (("es", "Nada."), ("en", "Nothing."), ("es", "Nada.")):
        answer = client.post("/api/v1/classifications/", body, content_type="application/json", headers={"accept-language": code})
        assert answer.json()["gold"]["explanation"] == words
        assert answer.json()["gold"]["answer"] == "no"
    assert key.explanations == {"es": "Nada."}


def test_errors_of_the_api_are_in_the_language_asked_for(client: Client) -> None:
    answer = client.post("/api/v1/classifications/", {"id": 1}, content_type="application/json", headers={"accept-language": "es"})
    assert answer.status_code == 400
    assert answer.json()["title"] == "Algunos campos no están bien"
    assert answer.headers["Content-Language"] == "es"


def test_setting_up_lays_the_spanish_of_every_seed_once_and_keeps_what_the_team_wrote() -> None:
    call_command("setup_site")
    for seed in SEEDS:
        text = WorkflowText.objects.get(workflow__slug=seed.slug, language="es")
        check_steps_text(seed.steps, text.steps)
        labels = {answer["key"] for answer in seed.steps["steps"]["T0"]["answers"]}
        assert set(text.steps["T0"]["answers"]) == labels
        assert set(text.steps) == set(seed.steps["steps"])
        assert [set(page) for page in text.tutorial] == [{"title", "body"}] * len(seed.tutorial)
    assert FieldGuideText.objects.filter(language="es").count() == FieldGuide.objects.count() > 0
    WorkflowText.objects.filter(workflow__slug="classify").update(name="Cazar asteroides")
    call_command("setup_site")
    assert WorkflowText.objects.get(workflow__slug="classify").name == "Cazar asteroides"
    assert WorkflowText.objects.count() == len(SEEDS)
