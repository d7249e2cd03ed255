"""The room in the Django admin: rows of the services are shown; what changes a state goes through them."""

import html
import json

import pytest
from django.contrib import admin
from django.test import Client

from classify.models import SubjectStatus
from core.models import AuditEntry
from tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss() -> Client:
    client = Client()
    client.force_login(f.user(is_staff=True, is_superuser=True))
    return client


def test_every_list_opens_with_rows_in_it(boss: Client) -> None:
    flow = f.workflow(count=1)
    f.vote(subject=f.subject(workflow=flow), workflow=flow, answer="yes", marks=[(10, 20, 90, 40)])
    f.gold(workflow=flow)
    models = [model for model in admin.site._registry if model._meta.app_label == "classify"]
    assert len(models) >= 14
    for model in models:
        assert boss.get(f"/admin/classify/{model._meta.model_name}/").status_code == 200, model


NO_TEXTS = {"texts-TOTAL_FORMS": "0", "texts-INITIAL_FORMS": "0"}


def test_a_workflow_keeps_what_it_asks(boss: Client) -> None:
    flow = f.workflow()
    form = {"name": "Trails", "summary": "Look", "slug": "changed", "blind": "", "selection": "[]", "audit_fraction": "0.9", **NO_TEXTS}
    boss.post(f"/admin/classify/workflow/{flow.pk}/change/", form)
    before = (flow.slug, flow.blind, flow.selection, flow.audit_fraction)
    flow.refresh_from_db()
    assert (flow.name, flow.summary, flow.live) == ("Trails", "Look", False)
    assert (flow.slug, flow.blind, flow.selection, flow.audit_fraction) == before
    assert boss.get("/admin/classify/workflow/add/").status_code == 403
    assert boss.post(f"/admin/classify/workflow/{flow.pk}/delete/", {"post": "yes"}).status_code == 403


SPANISH = {"T0": {"question": "¿Hay una traza?", "answers": {"yes": "Sí"}}}


@pytest.mark.parametrize(
    ("field", "given", "complaint"),
    [
        ("steps", SPANISH, None),
        ("steps", {"T7": {"question": "?"}}, "There is no step T7; there are: T0, T1."),
        ("steps", {"T0": {"answers": {"si": "Sí"}}}, "Step T0 has no answer si; its keys are: yes, no, impossible."),
        ("steps", {"T0": {"instruction": "?"}}, "Step T0 has no instruction; it has: question, answers."),
        ("steps", {"T0": {"question": 5}}, "question of step T0 is a text."),
        ("tutorial", [{"title": "Hola"}], "The tutorial has 0 pages; these are 1."),
        ("tutorial", {"title": "Hola"}, "A tutorial is a list of pages: [{title, body}]."),
    ],
)
def test_words_in_another_language_must_fit_what_is_asked(boss: Client, field: str, given: object, complaint: str | None) -> None:
    flow = f.workflow()
    text = {"language": "es", "name": "Buscar", "summary": "", "steps": "{}", "tutorial": "[]", field: json.dumps(given)}
    sent = {f"texts-0-{name}": value for name, value in text.items()} | {"texts-TOTAL_FORMS": "1", "texts-INITIAL_FORMS": "0"}
    answer = boss.post(f"/admin/classify/workflow/{flow.pk}/change/", {"name": "Trails", "live": "on", **sent})
    stored = flow.texts.filter(language="es").values_list("name", "steps").first()
    if complaint is None:
        assert (answer.status_code, stored) == (302, ("Buscar", SPANISH))
    else:
        assert stored is None
        assert complaint in html.unescape(answer.content.decode())


def test_states_change_by_the_services_and_leave_a_trace(boss: Client) -> None:
    flow = f.workflow()
    status = f.status(subject=f.subject(), workflow=flow)
    for action, state in [("pause", "paused"), ("resume", "active"), ("retire", "retired"), ("retire", "retired"), ("unretire", "active")]:
        boss.post("/admin/classify/subjectstatus/", {"action": action, "note": "why not", "_selected_action": [status.pk]})
        assert SubjectStatus.objects.get().state == state
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True)) == ["pause", "reopen", "retire", "reopen"]
    page = boss.get(f"/admin/classify/subjectstatus/{status.pk}/change/").content.decode()
    assert "Shuffle" not in page
    assert boss.post(f"/admin/classify/subjectstatus/{status.pk}/change/", {"state": "retired"}).status_code == 403


def test_staff_without_the_permission_change_nothing() -> None:
    status = f.status(subject=f.subject(), workflow=f.workflow())
    client = Client()
    client.force_login(f.user(is_staff=True, permissions=["classify.view_subjectstatus"]))
    client.post("/admin/classify/subjectstatus/", {"action": "retire", "_selected_action": [status.pk]})
    assert SubjectStatus.objects.get().state == "active"
