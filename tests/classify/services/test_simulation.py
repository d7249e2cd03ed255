"""Policies tried on the votes of a workflow: a job with a page, and a command that also takes a file."""

import html
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from classify import services, tasks
from classify.models import Consensus, SubjectStatus
from core.models import Job
from tests import factories as f
from tests.classify.lab.test_editor import form_of
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def scientist() -> Client:
    client = Client()
    client.force_login(f.user(username="ada", permissions=["classify.export_labels"]))
    return client


def test_a_policy_is_tried_on_a_page_and_its_result_stays(scientist: Client) -> None:
    flow = f.workflow(slug="trails", count=4, purpose="search", policy={"negative": ["no"]})
    people = [f.volunteer() for _ in range(4)]
    for number in range(22):
        shown = f.subject(workflow=flow, cutout=f.cutout(images=False))
        for person in people:
            f.vote(subject=shown, workflow=flow, volunteer=person, answer="yes" if number < 3 else "no")
    before = list(Consensus.objects.order_by("pk").values())
    page = scientist.get("/science/policies/")
    form = form_of(page, 'class="lab-steps"')
    assert (form["count"], form["ends"], form["step-0-answer-0-meaning"]) == ("4", "count", "positive")
    filled = form_of(scientist.post("/science/policies/", {**form, "do": "preset certainty"}), 'class="lab-steps"')
    wrong = scientist.post("/science/policies/", {**filled, "do": "try", "count": "0"})
    assert (wrong.status_code, "differ never ends" in wrong.content.decode()) == (400, True)
    address = scientist.post("/science/policies/", {**filled, "do": "try"})["Location"]
    job = Job.objects.get()
    assert address == f"/science/policies/{job.pk}/"
    tasks.simulate_retirement(job.pk)
    said = html.unescape(scientist.get(address).content.decode())
    assert "When a subject is done: after a number of votes, then as soon as its answer is sure." in said
    assert "88 votes of 4 people. The cost is counted on 22 subjects that nobody is asked about any more." in " ".join(said.split())
    assert "the label that all votes together give" in said
    for figure in ("table", "error", "f1", "votes-present", "votes-trial"):
        lines = scientist.get(f"{address}{figure}.csv").getvalue().decode().splitlines()
        assert len(lines) > 4, figure
    assert scientist.get(f"{address}other.csv").status_code == 404
    assert address in scientist.get("/science/policies/").content.decode()
    assert list(Consensus.objects.order_by("pk").values()) == before, "nothing that counts is changed"
    assert Client().get(address).status_code == 403


def test_a_trial_can_be_stopped_and_too_few_votes_are_said(scientist: Client) -> None:
    flow = f.workflow(slug="trails")
    f.vote(subject=f.subject(workflow=flow), workflow=flow)
    assert flow.current_version
    asked: dict[str, Any] = {"workflow": flow, "policy": flow.current_version.policy, "demo": True, "actor": None, "now": NOW}
    job, _ = services.ask_simulation(**asked)
    tasks.simulate_retirement(job.pk)
    assert "Subjects with votes: 1; needed to compare anything: 20." in scientist.get(f"/science/policies/{job.pk}/").content.decode()
    job, _ = services.ask_simulation(**asked)
    scientist.post(f"/science/policies/{job.pk}/stop/")
    assert "was stopped" in scientist.get(f"/science/policies/{job.pk}/").content.decode()
    assert SubjectStatus.objects.get().n_votes == 1


def test_the_command_reads_a_file_and_refuses_what_it_cannot_follow(tmp_path: Any, capsys: Any) -> None:
    f.workflow(slug="trails", policy={"negative": ["no"]})
    votes, policy, bad = tmp_path / "votes.csv", tmp_path / "early.json", tmp_path / "bad.json"
    lines = [
        f"s{number},p{person},{'yes' if number % 5 == 0 else 'no'},{'yes' if number % 5 == 0 else 'no'}"
        for person in range(6)
        for number in range(30)
    ]
    votes.write_text("\n".join(["subject,person,answer,truth", *lines]))
    policy.write_text(json.dumps({"count": 4, "positive": ["yes"], "negative": ["no"], "retirement": {"empties": 3}}))
    call_command("simulate_retirement", "trails", "--policy", str(policy), "--preset", "certainty", "--votes", str(votes), "--json")
    result = json.loads(capsys.readouterr().out)
    rows = {row["name"] or row["kind"]: row for row in result["rows"] if row["order"] == "arrival"}
    assert (result["n_votes"], result["n_gold"]) == (180, 30)
    assert rows[str(policy)]["gold"]["votes"] == pytest.approx((6 * 4 + 24 * 3) / 30, abs=1e-6)
    assert rows["present"]["gold"] | {"wrong": 0.0, "unfinished": 1.0, "votes": 6.0} == rows["present"]["gold"]
    call_command("simulate_retirement", "trails", "--votes", str(votes))
    assert "| fixed 3, majority | arrival | 3.00 |" in capsys.readouterr().out
    bad.write_text('{"count": 0, "retirement": {"rule": "consensus"}}')
    votes.write_text("subject,person,answer\na,b,maybe\n")
    for arguments, said in ((["--policy", str(bad)], "never ends"), (["--votes", str(votes)], "Line 2: 'maybe'"), ([], "0 subjects with votes")):
        with pytest.raises(CommandError, match=said):
            call_command("simulate_retirement", "trails", *arguments)
    for nothing in ("[]", "null"):
        bad.write_text(nothing)
        with pytest.raises(CommandError, match="an object of settings"):
            call_command("simulate_retirement", "trails", "--policy", str(bad))
