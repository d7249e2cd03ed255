"""Labels over HTTP, for anybody and for scientists."""

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client

from classify.models import Subject, Workflow
from tests import factories as f
from tests.classify.test_exports import classified

pytestmark = pytest.mark.django_db

EXPORT, LABELS = "/api/v1/exports/labels/", "/api/v1/labels/"


@pytest.fixture
def flow() -> Workflow:
    return f.workflow(count=2, slug="classify")


@pytest.fixture
def scientist() -> Client:
    client = Client()
    client.force_login(f.user(permissions=["classify.export_labels"]))
    return client


def ids(response: Any) -> list[int]:
    text = b"".join(response.streaming_content).decode()
    return [int(row["subject_id"]) for row in csv.DictReader(io.StringIO(text))]


def test_anybody_takes_finished_labels_away(client: Client, flow: Workflow) -> None:
    done = classified(flow, "yy")
    classified(flow, "y")
    answer = client.get(EXPORT)
    assert (answer.status_code, answer.streaming, answer["Content-Type"]) == (200, True, "text/csv; charset=utf-8")
    assert answer["Content-Disposition"].startswith('attachment; filename="labels-classify-2')
    assert ids(answer) == [done.public_id]
    lines = b"".join(client.get(f"{EXPORT}?format=jsonl").streaming_content)
    assert json.loads(lines)["subject_id"] == done.public_id


def test_everything_needs_the_permission(client: Client, scientist: Client, flow: Workflow) -> None:
    done, still_open = classified(flow, "yy"), classified(flow, "y")
    for question in ("all=1", "include_demo=true", "include_imported=yes"):
        answer = client.get(f"{EXPORT}?{question}")
        assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    assert ids(client.get(f"{EXPORT}?all=0")) == [done.public_id]
    assert ids(scientist.get(f"{EXPORT}?all=1")) == [done.public_id, still_open.public_id]
    assert ids(scientist.get(EXPORT)) == [done.public_id]


@pytest.mark.parametrize(
    ("question", "status", "field"),
    [("format=xml", 400, "format"), ("all=perhaps", 400, "all"), ("workflow=none", 404, None), ("include_demo=2", 400, "include_demo")],
)
def test_wrong_questions_are_named(client: Client, flow: Workflow, question: str, status: int, field: str | None) -> None:
    answer = client.get(f"{EXPORT}?{question}")
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert list(answer.json().get("errors", {})) == ([field] if field else [])


def test_drafts_are_not_public(client: Client) -> None:
    draft = f.workflow(count=1, slug="classify")
    classified(draft, "y")
    Workflow.objects.update(live=False)
    assert client.get(EXPORT).status_code == 404
    assert client.get(LABELS).status_code == 404


def test_pages_of_labels(client: Client, flow: Workflow) -> None:
    frame = f.cutout()
    made = [classified(flow, "ny", cutout=frame, origin=f"test:{n}").public_id for n in range(5)]
    classified(flow, "n")
    seen, address = [], f"{LABELS}?page_size=2"
    while address:
        page = client.get(address).json()
        assert page["schema"] == "labels-2"
        assert all("_cursor" not in row for row in page["results"])
        seen += [row["subject_id"] for row in page["results"]]
        address = page["next"]
    assert seen == made


@pytest.mark.parametrize("question", ["page_size=1001", "page_size=x", "after=-1", "after=1e9", f"after={'9' * 30}", "page_size=²"])
def test_wrong_pages_are_named(client: Client, flow: Workflow, question: str) -> None:
    answer = client.get(f"{LABELS}?{question}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [question.partition("=")[0]])


def test_labels_of_roots_that_are_asked_about_elsewhere_stay_closed(client: Client, scientist: Client, flow: Workflow) -> None:
    subject: Subject = classified(flow, "yy")
    f.find(root=subject, workflow=f.workflow())
    assert client.get(LABELS).json()["results"] == []
    assert ids(client.get(EXPORT)) == []
    assert ids(scientist.get(f"{EXPORT}?all=1")) == [subject.public_id]
