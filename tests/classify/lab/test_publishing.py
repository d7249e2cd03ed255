"""From draft to version: minor for words, major for rules, never other answers once there are votes; and the switch to everybody."""

import copy
import random
from typing import Any

import pytest
from django.test import Client

from classify.changes import changes
from classify.models import SubjectSet, SubjectStatus, Workflow, WorkflowDraft, WorkflowVersion
from classify.services import add_to_set, choose_sets, make_set
from classify.services import workflows as lab
from core.models import AuditEntry
from tests import factories as f
from tests.factories import NOW, STEPS

pytestmark = pytest.mark.django_db


def drafted(flow: Workflow, edit: Any, **policy: Any) -> Workflow:
    """Save a draft that `edit` makes of the steps."""
    flow.refresh_from_db()
    steps, rule = copy.deepcopy(lab.begun_with(flow)) or ({}, {})
    edit(steps["steps"])
    lab.save_draft(workflow=flow, steps=steps, policy={**rule, **policy}, base=lab.base_of(flow), actor=None, now=NOW)
    return flow


def publish(flow: Workflow) -> str:
    flow.refresh_from_db()
    made = lab.publish(workflow=flow, base=lab.base_of(flow), actor=None, now=NOW)
    flow.refresh_from_db()
    return made.label


def reword(steps: Any) -> None:
    steps["T0"]["question"] = "Do you see a trail?"
    steps["T0"]["answers"][0]["label"] = "Certainly"
    steps["T1"]["help"] = "Both ends."


def test_words_make_a_minor_version_and_rules_a_major_one() -> None:
    flow = f.workflow()
    f.vote(subject=f.subject(workflow=flow), workflow=flow, answer="yes")
    assert publish(drafted(flow, reword)) == "1.1"
    assert publish(drafted(flow, lambda steps: steps["T1"].update(max=3))) == "2.0"
    assert publish(drafted(flow, lambda steps: None, count=5)) == "3.0"
    assert publish(drafted(flow, reword_back)) == "3.1"
    with pytest.raises(lab.LabError, match="There is no draft"):
        publish(flow)
    before = list(WorkflowVersion.objects.filter(workflow=flow).order_by("pk").values_list("steps", flat=True))
    assert before[0] == STEPS, "a published version never changes"
    newest = AuditEntry.objects.filter(verb="publish version").latest("pk")
    assert newest.detail["version"] == "3.1"


def reword_back(steps: Any) -> None:
    steps["T0"]["question"] = "Is there a trail?"


def test_a_draft_like_the_version_is_not_published() -> None:
    flow = f.workflow()
    drafted(flow, reword)
    drafted(flow, lambda steps: steps.update(copy.deepcopy(STEPS["steps"])))
    with pytest.raises(lab.LabError, match=r"the same as version 1\.0"):
        publish(flow)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda steps: steps["T0"]["answers"].append({"key": "maybe", "label": "Maybe", "next": ""}), "Step T0: the answer maybe is new."),
        (lambda steps: steps["T0"]["answers"].pop(), "Step T0: the answer impossible is gone."),
        (lambda steps: (steps.pop("T1"), steps["T0"]["answers"][0].update(next="")), "Step T1 is gone."),
        (lambda steps: steps["T1"].update(type="single", question="?", answers=steps["T0"]["answers"][1:]), "Step T1 asks in another way."),
    ],
)
def test_keys_stay_once_there_are_votes(boss: Client, edit: Any, said: str) -> None:
    flow = f.workflow(slug="trails")
    f.vote(subject=f.subject(workflow=flow), workflow=flow)
    drafted(flow, edit)

    page = boss.get("/lab/trails/publish/").content.decode()
    assert said in page
    assert "/lab/new/?of=trails" in page
    boss.post("/lab/trails/publish/", {"base": lab.base_of(flow)})
    assert WorkflowVersion.objects.filter(workflow=flow).count() == 1

    copied = boss.post("/lab/new/?of=trails", {"name": "Other", "slug": "other"})
    assert copied["Location"] == "/lab/other/"
    other = Workflow.objects.get(slug="other")
    assert not other.live
    assert publish(other) == "1.0"
    assert other.current_version is not None
    assert other.current_version.steps != STEPS


def test_a_draft_saved_before_its_rule_was_refused_leads_back_to_the_editor(boss: Client) -> None:
    flow = f.workflow(slug="trails")
    never = {"labels": [{"answer": "yes", "above": 1}]}
    WorkflowDraft.objects.create(workflow=flow, steps=STEPS, policy=never, updated_at=NOW)
    assert boss.get("/lab/trails/publish/").status_code == 200
    told = boss.post("/lab/trails/publish/", {"base": lab.base_of(flow)}, follow=True)
    assert told.redirect_chain == [("/lab/trails/", 302)]
    assert "These settings do not go together" in told.content.decode()
    assert Workflow.objects.get().current_version == flow.current_version


def test_without_votes_anything_may_change_and_the_page_says_which_version(boss: Client) -> None:
    flow = f.workflow(slug="trails")
    drafted(flow, lambda steps: steps["T0"]["answers"].pop())
    stale = lab.base_of(flow)
    page = boss.get("/lab/trails/publish/").content.decode()
    assert "Publish version 2.0" in page
    drafted(flow, reword)
    boss.post("/lab/trails/publish/", {"base": stale})
    assert WorkflowDraft.objects.exists(), "what was not seen is not published"
    boss.post("/lab/trails/publish/", {"base": lab.base_of(flow)})
    history = boss.get("/lab/trails/versions/").content.decode()
    assert "Step T0: the answer impossible is gone." in history
    assert history.index("2.0") < history.index("The first version.")


def test_the_switch_opens_only_what_can_be_asked(boss: Client) -> None:
    boss.post("/lab/new/", {"name": "Empty", "slug": "empty"})
    boss.post("/lab/empty/live/", {"live": "1"})
    assert not Workflow.objects.get(slug="empty").live
    flow = f.workflow(slug="trails", live=False)
    assert Client().get("/classify/trails/").status_code == 404
    assert "volunteers would find nothing to do" in boss.get("/lab/trails/live/").content.decode()
    boss.post("/lab/trails/live/", {"live": "1"})
    assert Client().get("/classify/trails/").status_code == 200
    boss.post("/lab/trails/live/", {"live": "0"})
    flow.refresh_from_db()
    assert not flow.live
    assert [row.verb for row in AuditEntry.objects.filter(object_id="trails").order_by("pk")] == ["open workflow", "close workflow"]


def test_sets_are_chosen_and_their_subjects_opened(boss: Client) -> None:
    flow = f.workflow(slug="trails")
    shown = [f.subject() for _ in range(3)]
    rows = make_set(slug="rows", name="Rows", purpose=SubjectSet.Purpose.SERVE, now=NOW)
    add_to_set(subject_set=rows, subject_ids=[row.pk for row in shown])
    f.gold(workflow=flow)
    page = boss.get("/lab/trails/sets/").content.decode()
    assert "3 subjects, 0 open here" in page
    boss.post("/lab/trails/sets/", {"sets": ["rows", "gold-trails", "unknown"]})
    assert SubjectStatus.objects.filter(workflow=flow).count() == 4
    boss.post("/lab/trails/sets/", {})
    assert list(flow.subject_sets.values_list("slug", flat=True)) == ["gold-trails"], "gold goes with its answers"
    assert SubjectStatus.objects.filter(workflow=flow).count() == 4
    assert choose_sets(workflow=flow, slugs=["rows"], actor=None, now=NOW, rng=random.Random(1)) == 0


def test_policies_that_say_the_same_are_the_same() -> None:
    short = {"rule": "fractions", "count": 10, "positive": ["yes"]}
    long = {**short, "min_votes": 3, "majority": 0.5, "labels": [], "negative": [], "min_marks": 2, "mark_share": 0.5, "tolerance_px": 20.0}
    assert changes(STEPS, short, STEPS, long).level == ""
    assert changes(STEPS, short, STEPS, {**long, "negative": ["no"]}).level == "major"
