"""Nothing but the seeds knows any answer: a workflow with eight odd ones and questions after them goes the whole way."""

import csv
import io
import json
import uuid
from typing import Any

import pytest
from django.test import Client

from classify.models import Classification, Consensus, SubjectStatus, Workflow, WorkflowDraft
from classify.services import workflows as lab
from tests import factories as f
from tests.factories import NOW

pytestmark = pytest.mark.django_db

LABELS = {
    "c": "C 彗星", "tail_x": "Хвост", "3": "٣", "n_a": "n/a", "___": "—", "count_1": "🌠", "true": "<true>",
    "a_long_key_that_goes_on_for_forty_signs_": "å",
}  # fmt: skip
STEPS: dict[str, Any] = {
    "first": "Q",
    "steps": {
        "Q": {
            "type": "single",
            "question": "Што гэта? 何?",
            "answers": [{"key": key, "label": label, "next": "D" if key == "c" else "E" if key == "3" else ""} for key, label in LABELS.items()],
        },
        "D": {"type": "segment", "instruction": "Draw", "max": 2, "next": "E"},
        "E": {
            "type": "single",
            "question": "How bright?",
            "answers": [{"key": "b", "label": "Bright", "next": "F"}, {"key": "f", "label": "Faint", "next": ""}],
        },
        "F": {
            "type": "single",
            "question": "How long?",
            "answers": [{"key": "l", "label": "Long", "next": ""}, {"key": "s", "label": "Short", "next": ""}],
        },
    },
}
POLICY = {
    "rule": "fractions", "count": 4, "min_votes": 2, "majority": 0.5, "positive": ["c"], "negative": ["___"],
    "labels": [{"answer": "tail_x", "at_least": 0.5}],
}  # fmt: skip


@pytest.fixture
def flow() -> Workflow:
    """Made in the lab, as the team makes it, and opened to everybody."""
    made = lab.create_workflow(slug="odd", name="Ødd", summary="", actor=None, now=NOW)
    lab.save_draft(workflow=made, steps=STEPS, policy=POLICY, base=lab.base_of(made), actor=None, now=NOW)
    lab.publish(workflow=made, base=lab.base_of(made), actor=None, now=NOW)
    lab.set_live(workflow=made, live=True, actor=None, now=NOW)
    assert not WorkflowDraft.objects.exists()
    return Workflow.objects.select_related("current_version").get(pk=made.pk)


def say(client: Client, item: dict[str, Any], answer: str, **more: Any) -> Any:
    body = {"id": str(uuid.uuid4()), "workflow": "odd", "subject": item["id"], "serve": item["serve"], "answer": answer, **more}
    return client.post("/api/v1/classifications/", json.dumps(body), content_type="application/json")


def test_votes_labels_exports_and_the_reveal_take_any_answers(flow: Workflow) -> None:
    shown = f.subject(workflow=flow)
    mark = {"frame": 0, "x1": 10, "y1": 20, "x2": 90, "y2": 60}
    given = [
        ("c", {"marks": [mark], "annotations": {"E": ["b"], "F": ["l"]}}),
        ("c", {"marks": [{**mark, "x1": 12}], "annotations": {"E": ["f"]}}),
        ("c", {"marks": [mark], "annotations": {"E": ["b"], "F": ["s"]}}),
        ("count_1", {}),
    ]
    voters = [Client() for _ in given]
    for voter, (answer, more) in zip(voters, given, strict=True):
        (item,) = voter.get("/api/v1/workflows/odd/queue/?n=1").json()["results"]
        assert say(voter, item, "yes").status_code == 400
        assert say(voter, item, answer, **more).status_code == 201
    Classification.objects.update(flag="", verdict="")

    status = SubjectStatus.objects.get(workflow=flow)
    assert (status.state, status.tally) == ("retired", {"c": 3, "count_1": 1})
    row = Consensus.objects.get(workflow=flow)
    assert (row.label, row.trails.count()) == ("c", 1)
    assert Classification.objects.filter(annotations__E=["b"]).count() == 2

    public = Client()
    exported = b"".join(public.get("/api/v1/exports/labels/?workflow=odd&format=csv").streaming_content).decode()  # type: ignore[attr-defined]
    (line,) = csv.DictReader(io.StringIO(exported))
    assert [line[f"count_{key}"] for key in LABELS] == ["3", "0", "0", "0", "0", "1", "0", "0"]
    assert line["label"] == "c"
    (told,) = public.get("/api/v1/labels/?workflow=odd").json()["results"]
    assert told["label"] == "c"
    assert "C 彗星" in voters[0].get("/me/").content.decode()
    voters[0].post(f"/subjects/{shown.public_id}/reveal/")
    page = voters[0].get(f"/subjects/{shown.public_id}/").content.decode()
    assert "C 彗星" in page
    assert "🌠" in page
    assert "Ødd" in public.get("/science/").content.decode()
    boss = Client()
    boss.force_login(f.user(username="boss", is_superuser=True))
    assert "Ødd" in boss.get("/dashboard/").content.decode()


def test_the_plain_page_asks_and_takes_any_answers(flow: Workflow) -> None:
    f.subject(workflow=flow)
    voter = Client()
    page = voter.get("/classify/odd/")
    html = page.content.decode()
    assert "Што гэта? 何?" in html
    assert "&lt;true&gt;" in html
    assert [f'value="{key}"' in html for key in LABELS] == [True] * 8
    item = page.context["form_subject"]
    form = {"id": str(uuid.uuid4()), "subject": item["id"], "serve": item["serve"], "version": item["version"], "answer": "true"}
    voter.post("/classify/odd/", form)
    assert Classification.objects.get().answer == "true"
