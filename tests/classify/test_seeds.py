"""What comes with the software."""

import pytest

from classify import former
from classify.crowd.consensus import decide, policy_from
from classify.models import FieldGuide, FieldGuideText, Tutorial, Workflow, WorkflowText, WorkflowVersion
from classify.seeds import SEEDS, seed_workflows
from classify.wording import check_pages_text, check_steps_text
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_four_workflows_in_order():
    made = seed_workflows(NOW)
    assert [flow.slug for flow in made] == ["training", "classify", "review", "satellites"]
    assert [flow.current_version.label for flow in made] == ["1.0"] * 4
    assert [flow.slug for flow in made if flow.takes_cutouts] == ["classify"]
    assert {answer["key"] for answer in made[1].current_version.answers} == {"yes", "no", "impossible"}
    assert [answer["key"] for answer in made[2].current_version.answers] == [
        "asteroid", "satellite", "arc", "cosmic_ray", "artefact", "nothing",
    ]  # fmt: skip


def test_seeding_again_changes_nothing_that_the_team_changed():
    seed_workflows(NOW)
    Workflow.objects.filter(slug="classify").update(name="Our name")
    FieldGuide.objects.filter(slug="cosmic-ray").update(title="Our title")
    seed_workflows(NOW)
    assert Workflow.objects.get(slug="classify").name == "Our name"
    assert FieldGuide.objects.filter(title="Our title").count() == 1
    assert WorkflowVersion.objects.count() == Tutorial.objects.count() == 4


def test_ten_votes_with_a_majority_of_yes_are_a_yes():
    seed_workflows(NOW)
    version = WorkflowVersion.objects.get(workflow__slug="classify")
    decision = decide({"yes": 6, "no": 3, "impossible": 1}, policy_from(version.policy))
    assert (decision.label, decision.retire) == ("yes", True)


def test_three_reviews_are_enough():
    seed_workflows(NOW)
    version = WorkflowVersion.objects.get(workflow__slug="review")
    decision = decide({"asteroid": 2, "nothing": 1}, policy_from(version.policy))
    assert (decision.label, decision.retire) == ("asteroid", True)


def test_the_questions_are_those_of_the_original_project():
    steps = {flow.slug: flow.current_version.steps["steps"] for flow in seed_workflows(NOW)}
    trail = steps["classify"]
    assert [answer["next"] for answer in trail["T0"]["answers"]] == ["T1", "", ""]
    assert (trail["T1"]["max"], trail["T1"]["next"]) == (1, "T2")
    assert [(answer["key"], answer["next"]) for answer in trail["T2"]["answers"]] == [("yes", "T3"), ("no", "")]
    assert (trail["T3"]["max"], trail["T3"]["repeat"], trail["T3"]["next"]) == (1, 4, "T2")
    assert steps["training"] == trail
    assert {name: set(steps[name]) for name in ("review", "satellites")} == {name: {"T0", "T1"} for name in ("review", "satellites")}
    assert [step for flow in steps.values() for step in flow.values() if not step["help"]] == []


def test_the_spanish_words_fit_every_workflow():
    for flow in seed_workflows(NOW):
        text = WorkflowText.objects.get(workflow=flow, language="es")
        check_steps_text(flow.current_version.steps, text.steps)
        check_pages_text(flow.tutorial.pages, text.tutorial)
        assert len(text.tutorial) == len(flow.tutorial.pages)
        assert {name: set(step) - {"type", "max", "repeat", "next"} for name, step in flow.current_version.steps["steps"].items()} == {
            name: set(words) for name, words in text.steps.items()
        }
    assert FieldGuideText.objects.filter(language="es").count() == FieldGuide.objects.count()


def _as_before(seed, now=NOW):
    """A workflow as the version of the software before made it."""
    flow = Workflow.objects.create(slug=seed.slug, name=seed.name, created_at=now, **{k: v for k, v in seed.fields.items() if k != "gold_schedule"})
    flow.current_version = WorkflowVersion.objects.create(workflow=flow, major=1, minor=0, steps=seed.former, policy=seed.policy, created_at=now)
    flow.save(update_fields=["current_version"])
    return flow


def test_a_site_from_before_gets_the_new_questions_beside_the_old_ones():
    for seed in SEEDS:
        _as_before(seed)
    made = {flow.slug: flow for flow in seed_workflows(NOW)}
    assert {flow.current_version.label for flow in made.values()} == {"1.1"}
    assert [v.label for v in made["classify"].versions.order_by("minor")] == ["1.0", "1.1"]
    assert set(made["classify"].versions.get(minor=0).steps["steps"]) == {"T0", "T1"}, "versions never change"
    assert set(made["classify"].current_version.steps["steps"]) == {"T0", "T1", "T2", "T3"}
    seed_workflows(NOW)
    assert WorkflowVersion.objects.count() == 2 * len(SEEDS)


def test_a_version_of_the_teams_own_stays_the_current_one():
    flow = _as_before(SEEDS[1])
    own = {**SEEDS[1].former, "steps": {**SEEDS[1].former["steps"], "T0": {**SEEDS[1].former["steps"]["T0"], "question": "Ours?"}}}
    WorkflowVersion.objects.filter(workflow=flow).update(steps=own)
    assert seed_workflows(NOW)[1].current_version.question == "Ours?"
    assert flow.versions.count() == 1


def test_words_that_nobody_touched_are_brought_up_to_date_and_others_stay(monkeypatch):
    seed_workflows(NOW)
    old, team = {"title": "Old", "body": "As it came."}, {"title": "Ours", "body": "We wrote this."}
    monkeypatch.setattr(former, "WORDS", former.WORDS | {former.fingerprint(["Old", "As it came."]), former.fingerprint([old])})
    FieldGuide.objects.filter(slug="cosmic-ray").update(**old)
    FieldGuide.objects.filter(slug="ghost").update(**team)
    Tutorial.objects.filter(workflow__slug="classify").update(pages=[old])
    Tutorial.objects.filter(workflow__slug="review").update(pages=[team])
    seed_workflows(NOW)
    assert FieldGuide.objects.get(slug="cosmic-ray").title == "Cosmic ray"
    assert FieldGuide.objects.get(slug="ghost").title == "Ours"
    assert len(Tutorial.objects.get(workflow__slug="classify").pages) > 1
    assert Tutorial.objects.get(workflow__slug="review").pages == [team]
