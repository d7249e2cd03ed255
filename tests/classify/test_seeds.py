"""What comes with the software."""

import pytest

from classify.consensus import decide, policy_from
from classify.models import FieldGuide, Tutorial, Workflow, WorkflowVersion
from classify.seeds import seed_workflows
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
