"""The preview: the classify page with the draft, its queue and its votes, and not a row more in the database than before."""

import copy
import json
import random
import uuid
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from classify.services import workflows as lab
from classify.services.rehearsals import rehearse_queue
from tests import factories as f
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def rows() -> dict[str, int]:
    return {model._meta.label: model._base_manager.count() for model in apps.get_app_config("classify").get_models()}


def test_a_draft_is_tried_and_nothing_is_stored() -> None:
    flow = f.workflow(slug="trails", live=False, gold_schedule=[[None, 1.0]])
    known = f.gold(workflow=flow, answer="no")
    f.status(subject=f.subject(), workflow=flow, state="retired")
    steps: Any = copy.deepcopy(f.STEPS)
    steps["steps"]["T0"]["question"] = "Is the draft to be seen?"
    steps["steps"]["T0"]["answers"].append({"key": "maybe", "label": "Maybe", "next": ""})
    lab.save_draft(workflow=flow, steps=steps, policy={"rule": "fractions", "positive": ["yes"]}, base=lab.base_of(flow), actor=None, now=NOW)
    boss = Client()
    boss.force_login(f.user(username="boss", permissions=["classify.change_workflow"]))
    boss.get("/me/")
    before = rows()

    page = boss.get("/lab/trails/preview/").content.decode()
    assert "Preview: nothing is stored" in page
    assert "Is the draft to be seen?" in page
    assert '"submit_url": "/lab/trails/preview/votes/"' in page
    items = boss.get("/lab/trails/preview/queue/").json()["results"]
    assert {item["id"] for item in items} >= {known.public_id}
    body = {"id": str(uuid.uuid4()), "workflow": "trails", "subject": items[0]["id"], "serve": items[0]["serve"], "version": "0.0", "answer": "maybe"}
    receipt = boss.post("/lab/trails/preview/votes/", json.dumps(body), content_type="application/json")
    assert receipt.status_code == 201, receipt.content
    told = boss.post("/lab/trails/preview/votes/", json.dumps({**body, "subject": known.public_id}), content_type="application/json").json()
    assert told["gold"]["right"] is False
    wrong = boss.post("/lab/trails/preview/votes/", json.dumps({**body, "answer": "perhaps"}), content_type="application/json")
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["answer"])
    one = f"/lab/trails/preview/votes/{body['id']}/"
    assert boss.put(one, json.dumps(body), content_type="application/json").status_code == 201
    assert boss.delete(one).status_code == 200
    plain = boss.post("/lab/trails/preview/", {"id": body["id"], "subject": str(items[0]["id"]), "answer": "maybe"}, follow=True)
    assert "would be stored. Nothing was." in plain.content.decode()
    assert boss.get("/lab/trails/preview/0/").status_code == 200

    assert rows() == before
    flow.refresh_from_db()
    assert flow.current_version is not None
    assert flow.current_version.label == "1.0"


def test_a_workflow_with_nothing_left_is_tried_on_what_it_had() -> None:
    flow = f.workflow(slug="trails")
    done = f.subject()
    f.status(subject=done, workflow=flow, state="retired")
    (served,) = rehearse_queue(workflow=flow, n=5, now=NOW, rng=random.Random(1))
    assert served.subject == done
    assert done.statuses.get().state == "retired"
