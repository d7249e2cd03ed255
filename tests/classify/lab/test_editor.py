"""The lab's editor: what a team member types becomes steps and a policy, comes back when it is wrong, and overwrites nobody."""

import html
import re
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from classify import services
from classify.crowd.consensus import policy_from
from classify.models import Workflow, WorkflowDraft
from classify.services.workflows import begun_with
from core.models import AuditEntry
from tests import factories as f

pytestmark = pytest.mark.django_db


def form_of(page: Any, form_class: str = 'class="lab-editor"') -> dict[str, str]:
    """The editor's fields as a browser would send them."""
    text = page.content.decode()
    form = text[text.index(f"<form {form_class}") :]
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="file"' not in tag and ('type="checkbox"' not in tag or " checked" in tag):
            found[name[1]] = html.unescape(value[1]) if value else "on" if 'type="checkbox"' in tag else ""
    for name, inside in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)"[^>]* selected', inside)
        found[name] = chosen[1] if chosen else ""
    found |= dict(re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL))
    return found


def test_a_new_workflow_is_written_step_by_step_without_scripts(boss: Client) -> None:
    made = boss.post("/lab/new/", {"name": "Comets", "slug": "comets", "summary": "Tails"})
    assert made["Location"] == "/lab/comets/"
    assert boss.post("/lab/new/", {"name": "Again", "slug": "comets"}).status_code == 400
    assert boss.post("/lab/new/", {"name": "Guide", "slug": "guide"}).status_code == 400
    form = form_of(boss.get("/lab/comets/"))
    assert boss.get("/lab/comets/preview/")["Location"] == "/lab/comets/"

    form = form_of(boss.post("/lab/comets/", {**form, "do": "add-drawing"}))
    form = form_of(boss.post("/lab/comets/", {**form, "do": "add-answer 0"}))
    form |= {
        "step-0-question": "¿Hay una cola?",
        "step-0-answer-0-label": "Sí, una cola",
        "step-0-answer-0-next": "T1",
        "step-0-answer-0-meaning": "positive",
    }
    form |= {"step-0-answer-1-label": "Нет", "step-0-answer-2-label": "尾", "step-0-answer-2-rule": "above", "step-0-answer-2-share": "33,3"}
    wrong = boss.post("/lab/comets/", {**form, "do": "save", "count": "2"})

    assert wrong.status_code == 400
    said = wrong.content.decode()
    assert "Write what people are to mark." in said
    assert "A subject retires before it has so many votes." in said
    assert "¿Hay una cola?" in said
    assert not WorkflowDraft.objects.exists()

    assert boss.post("/lab/comets/", {**form, "do": "save", "step-1-instruction": "Mark the tail."}).status_code == 302
    draft = WorkflowDraft.objects.get()
    assert draft.steps["steps"]["T0"] == {
        "type": "single",
        "question": "¿Hay una cola?",
        "answers": [
            {"key": "si_una_cola", "label": "Sí, una cola", "next": "T1"},
            {"key": "answer", "label": "Нет", "next": ""},
            {"key": "answer_2", "label": "尾", "next": ""},
        ],
    }
    assert draft.steps["steps"]["T1"] == {"type": "segment", "instruction": "Mark the tail.", "max": 1, "next": ""}
    assert (draft.policy["positive"], draft.policy["labels"]) == (["si_una_cola"], [{"answer": "answer_2", "above": 0.333}])
    again = form_of(boss.get("/lab/comets/"))
    assert again["step-0-answer-2-share"] == "33.3"
    assert boss.post("/lab/comets/", {**again, "do": "save"}).status_code == 302
    assert AuditEntry.objects.filter(verb="save draft", object_id="comets").count() == 1, "the same again is no change"


def test_buttons_move_and_take_out_and_leave_no_loose_ends(boss: Client) -> None:
    flow = f.workflow(slug="trails")
    form = form_of(boss.get("/lab/trails/"))
    form = form_of(boss.post("/lab/trails/", {**form, "do": "raise-answer 0 2"}))
    assert [form[f"step-0-answer-{n}-key"] for n in range(3)] == ["yes", "impossible", "no"]
    form = form_of(boss.post("/lab/trails/", {**form, "do": "drop-answer 0 1"}))
    form = form_of(boss.post("/lab/trails/", {**form, "do": "drop-step 1"}))
    assert "step-1-name" not in form
    assert form["step-0-answer-0-next"] == ""
    assert boss.post("/lab/trails/", {**form, "do": "drop-step 0"}).status_code == 200
    for nonsense in ("drop-step 99", "raise-answer 7 7", "add-answer x", "other"):
        assert boss.post("/lab/trails/", {**form, "do": nonsense}).status_code == 200
    boss.post("/lab/trails/", {**form, "do": "save"})
    assert [answer["key"] for answer in WorkflowDraft.objects.get(workflow=flow).steps["steps"]["T0"]["answers"]] == ["yes", "no"]

    look = boss.post("/lab/trails/", {**form, "step-0-answer-0-label": "Oh <b>yes</b>"}, headers={"HX-Request": "true"}).content.decode()
    assert "Oh &lt;b&gt;yes" in look
    assert "<html" not in look


def test_the_team_chooses_keys_until_they_are_published(boss: Client) -> None:
    flow = f.workflow(slug="trails")
    form = form_of(boss.post("/lab/trails/", {**form_of(boss.get("/lab/trails/")), "do": "add-answer 0"}))
    form |= {"step-0-answer-3-label": "🙂", "do": "save"}
    for key, said in [("yes", "Another answer to this question has the same key."), ("Not-so good", "A key has 1 to 40 small letters")]:
        wrong = boss.post("/lab/trails/", {**form, "step-0-answer-3-key": key})
        assert wrong.status_code == 400
        assert said in wrong.content.decode()
        assert form_of(wrong)["step-0-answer-3-key"] == key
        assert re.findall(r"-key-(\d)[^>]* readonly", wrong.content.decode()) == ["0", "1", "2"]
    assert boss.post("/lab/trails/", {**form, "step-0-answer-3-key": "fine_1-a"}).status_code == 302
    boss.post("/lab/trails/", {**form_of(boss.get("/lab/trails/")), "step-0-answer-3-key": "fine", "do": "save"})
    assert [answer["key"] for answer in WorkflowDraft.objects.get(workflow=flow).steps["steps"]["T0"]["answers"]] == [
        "yes",
        "no",
        "impossible",
        "fine",
    ]


def test_who_saves_second_is_told_and_overwrites_nothing(boss: Client) -> None:
    flow = f.workflow(slug="trails")
    first, second = form_of(boss.get("/lab/trails/")), form_of(boss.get("/lab/trails/"))
    boss.post("/lab/trails/", {**first, "step-0-question": "The first?", "do": "save"})

    told = boss.post("/lab/trails/", {**second, "step-0-question": "The second?", "do": "save"})

    assert told.status_code == 409
    assert WorkflowDraft.objects.get(workflow=flow).steps["steps"]["T0"]["question"] == "The first?"
    assert "The first?" in told.content.decode()
    form = form_of(told)
    assert form["step-0-question"] == "The second?"
    assert boss.post("/lab/trails/", {**form, "do": "save"}).status_code == 302
    assert boss.post("/lab/trails/", {**first, "do": "discard"}).status_code == 302
    assert WorkflowDraft.objects.get(workflow=flow).steps["steps"]["T0"]["question"] == "The second?", "discarded is only what was seen"
    boss.post("/lab/trails/", {**form_of(boss.get("/lab/trails/")), "do": "discard"})
    assert not WorkflowDraft.objects.exists()


def test_settings_hold_at_once_but_for_what_votes_were_cast_under(boss: Client) -> None:
    flow = f.workflow(slug="trails")
    page = boss.get("/lab/trails/settings/").content.decode()
    base = re.search(r'name="base" value="(\w+)"', page)
    assert base
    services.make_set(slug="bright", name="Bright ones", purpose="serve", now=f.NOW, workflows=[flow])
    mixed = {"arm_random": "20", "arm_priority": "", "arm_uncertain": "50", "arm_set_bright": "30"}
    form = {
        "name": "Trails", "summary": "", "position": "3", "purpose": "search", "teaches": "asteroid", "blind": "on", **mixed,
        "audit_fraction": "7.5", "suggest_fraction": "80", "lease_minutes": "15", "undo_seconds": "10", "pack_size": "30", "pack_hours": "24",
        "gold_seen_0": "20", "gold_chance_0": "40", "gold_chance_1": "10", "base": base[1],
    }  # fmt: skip
    wrong = boss.post("/lab/trails/settings/", {**form, "lease_minutes": "0", "gold_seen_1": "10"})
    assert wrong.status_code == 400
    assert "A number from 1 to 240." in wrong.content.decode()
    assert "larger number than the one before" in wrong.content.decode()
    for shares, said in [
        ({"arm_random": ""}, "add up to 80 %, not to 100"),
        ({"arm_priority": "-5"}, "greater than or equal to 0"),
        (dict.fromkeys(mixed, "0"), "add up to 0 %"),
    ]:
        refused = boss.post("/lab/trails/settings/", {**form, **shares})
        assert (refused.status_code, said in refused.content.decode()) == (400, True)
    assert boss.post("/lab/trails/settings/", form).status_code == 302
    flow.refresh_from_db()
    assert (flow.purpose, flow.audit_fraction, flow.lease_minutes) == ("search", 0.075, 15)
    assert flow.selection == [["random", 0.2], ["uncertain", 0.5], ["set:bright", 0.3]]
    assert flow.gold_schedule == [[20, 0.4], [None, 0.1]]
    noted = AuditEntry.objects.get(verb="change workflow").detail
    assert (noted["lease_minutes"], noted["selection"]) == ([10, 15], [[["random", 1]], flow.selection])
    assert boss.post("/lab/trails/settings/", {**form, "lease_minutes": "20"}).status_code == 409, "the settings were seen before they changed"

    f.vote(subject=f.subject(workflow=flow), workflow=flow)
    fresh = re.search(r'name="base" value="(\w+)"', boss.get("/lab/trails/settings/").content.decode())
    assert fresh
    boss.post("/lab/trails/settings/", {**form, "blind": "", "audit_fraction": "50", "name": "Other", "base": fresh[1]})
    flow.refresh_from_db()
    assert (flow.name, flow.blind, flow.audit_fraction) == ("Other", True, 0.075)
    f.workflow(slug="second")
    taken = boss.post("/lab/second/settings/", {**form, "purpose": "search"}).content.decode()
    assert "The workflow Other is used for this." in taken


def test_the_list_asks_the_database_the_same_for_any_number(boss: Client) -> None:
    boss.get("/lab/")
    counts = []
    for more in (1, 2, 27):
        for _ in range(more):
            f.workflow()
        with CaptureQueriesContext(connection) as queries:
            assert boss.get("/lab/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] == counts[2]
    assert Workflow.objects.count() == 30


HAIRY: dict[str, Any] = {
    "rule": "bayes", "machine": True, "count": 12, "min_votes": 4, "majority": 1 / 3, "certainty": 0.9799999,
    "min_marks": 3, "mark_share": 0.57, "tolerance_px": 12.5,
    "labels": [{"answer": "yes", "above": 0.5}, {"answer": "impossible", "above": 0.2}, {"answer": "yes", "at_least": 0.3}],
    "positive": ["yes"], "negative": ["no"],
    "retirement": {"rule": "consensus", "default_sure": 0.99995, "sure": {"no": 0.99975, "yes": 0.98}, "excluded": {"yes": 0.0007},
                   "empties": 6, "flags": 4, "flagging": ["impossible"], "markers": 5},
}  # fmt: skip


@pytest.mark.parametrize(
    "policy", [HAIRY, {"count": 0, "min_votes": 1}, {"count": 7, "min_votes": 2, "retirement": {"rule": "hand", "sure": {"no": 0.9}}}]
)
def test_a_policy_that_is_shown_and_saved_is_the_same(boss: Client, policy: dict[str, Any]) -> None:
    f.workflow(slug="trails", policy=policy)
    flow = Workflow.objects.select_related("current_version").get()
    assert boss.post("/lab/trails/", {**form_of(boss.get("/lab/trails/")), "do": "save"}).status_code == 302
    stored = begun_with(flow)
    assert stored
    assert flow.current_version
    before, after = policy_from(flow.current_version.policy), policy_from(stored[1])
    assert after.ends == before.ends
    assert replace(after, retirement={}) == replace(before, retirement={})
    assert "Nothing to publish" in boss.get("/lab/trails/publish/").content.decode()


def test_policies_that_never_end_or_contradict_themselves_are_refused_beside_their_field(boss: Client) -> None:
    f.workflow(slug="trails", policy={"negative": ["no"]})
    form = form_of(boss.get("/lab/trails/")) | {"do": "save", "ends": "consensus"}
    wrong = {
        "Without a limit a subject on which people differ never ends.": {"count": "0"},
        "A subject retires before it has so many votes.": {"count": "2"},
        "The most votes end the subject before.": {"markers": "11"},
        "Above 50 %, or two answers could both be sure, and below 100 %": {"default_sure": "100"},
        "Say beside an answer that it means nothing is there.": {"empties": "4", "step-0-answer-1-meaning": ""},
        "Say beside an answer that it reports the image.": {"flags": "2"},
        "Say beside an answer that it means something is there.": {"markers": "5", "step-0-answer-0-meaning": ""},
        "Sure: above 50 %, or two answers could both be sure": {"step-0-answer-0-sure": "50"},
        "below 33.3 %, where nothing is known yet": {"step-0-answer-0-excluded": "34"},
        "No answer can have more than 100 %.": {"certainty": "100"},
        "The share is a number from 0 to 100.": {"step-0-answer-0-rule": "above", "step-0-answer-0-share": "many"},
        "A share of at least 0 always holds": {"step-0-answer-0-rule": "at_least", "step-0-answer-0-share": "0"},
        "There are two rules of one kind for this answer.": {
            "step-0-answer-0-rule": "above",
            "step-0-answer-0-share": "40",
            "step-0-answer-0-rest": '[[1, {"above": 0.3}]]',
        },
        "An answer is sure at less than this chance": {"rule": "bayes", "certainty": "99.5"},
        "With fewer than 3 votes there is no label": {"empties": "2"},
        "The most votes end the subject before": {"ends": "count", "flags": "11", "step-0-answer-2-flagging": "1"},
    }
    for said, change in wrong.items():
        answer = boss.post("/lab/trails/", {**form, **change})
        assert (answer.status_code, said in html.unescape(answer.content.decode())) == (400, True), said
        assert "do not go together" not in answer.content.decode(), said
    no_drawing = form_of(boss.post("/lab/trails/", {**form, "do": "drop-step 1"})) | {"markers": "5", "do": "save"}
    assert "Nobody is asked to mark anything" in boss.post("/lab/trails/", no_drawing).content.decode()
    assert not WorkflowDraft.objects.exists()


def test_a_ready_made_rule_fills_the_form_and_each_change_is_named(boss: Client) -> None:
    f.workflow(slug="trails")
    form = form_of(boss.get("/lab/trails/"))
    assert (
        "Say first beside an answer" in boss.post("/lab/trails/", {**form, "step-0-answer-0-meaning": "", "do": "preset certainty"}).content.decode()
    )
    first_look = form_of(boss.post("/lab/trails/", {**form, "do": "preset first-look"}))
    assert (first_look["count"], first_look["step-0-answer-0-share"], first_look["step-0-answer-2-share"]) == ("20", "30", "20")
    sure = form_of(boss.post("/lab/trails/", {**first_look, "step-0-answer-1-meaning": "negative", "do": "preset certainty"}))
    assert boss.post("/lab/trails/", {**sure, "do": "save"}).status_code == 302
    policy = WorkflowDraft.objects.get().policy
    assert (policy["rule"], policy["count"], policy["labels"]) == ("bayes", 15, [])
    assert policy["retirement"] == {"rule": "consensus", "sure": {"yes": 0.99, "no": 0.9975, "impossible": 0.97}, "markers": 5}
    page = html.unescape(boss.get("/lab/trails/publish/").content.decode())
    for said in (
        "How the label is found: by shares of the votes, then the most probable answer.",
        "When a subject is done: after a number of votes, then as soon as its answer is sure.",
        "The answer no is sure at a chance of: as any answer, then 0.9975.",
        "People who must have marked a find: 0, then 5.",
    ):
        assert said in page
