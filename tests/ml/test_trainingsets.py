"""Freezing what people decided, through real votes."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from archive.models import Cutout
from classify import services as classify
from classify.models import Workflow, WorkflowVersion
from classify.seeds import seed_workflows
from core.identity import random_uuid
from ml import labels, services
from ml.models import Find, TrainingSet
from tests import factories
from tests.factories import NOW
from tests.ml import rows

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=5)
MARK = (20.0, 30.0, 180.0, 120.0)


@pytest.fixture(autouse=True)
def flows() -> dict[str, Any]:
    """The workflows as they come, but three votes settle an image: fewer rows, the same rule."""
    seed_workflows(NOW)
    for version in WorkflowVersion.objects.filter(workflow__slug="classify"):
        WorkflowVersion.objects.filter(pk=version.pk).update(policy={**version.policy, "count": 3})
    return {flow.slug: flow for flow in Workflow.objects.select_related("current_version")}


@pytest.fixture
def exposures() -> list[Any]:
    return [factories.plane() for _ in range(4)]


def decide(flow: Any, shown: Any, answer: str, *, n: int = 3, marks: Any = None, now: datetime = NOW, **person: Any) -> None:
    for number in range(n):
        drawn = [(x1 + number % 3, y1, x2, y2 + number % 2) for x1, y1, x2, y2 in marks or []]
        factories.vote(subject=shown, workflow=flow, answer=answer, marks=drawn, now=now, volunteer=factories.volunteer(**person))


def voted(flow: Any, plane: Any, answer: str, **options: Any) -> Cutout:
    shown = factories.cutout(plane=plane)
    subject = factories.subject(workflow=flow, cutout=shown)
    decide(flow, subject, answer, marks=[MARK] if answer == "yes" else None, **options)
    return shown


def enough(flows: dict[str, Any], exposures: list[Any]) -> list[Cutout]:
    return [voted(flows["classify"], exposures[n % 4], answer) for n, answer in enumerate(["yes"] * 5 + ["no"] * 5)]


def freeze(*, seed: int = 1, demo: bool = False) -> TrainingSet:
    return services.freeze_training_set(now=LATER, actor=None, seed=seed, include_demo=demo)


def test_consensus_becomes_rows_with_trails_and_origins(flows: dict[str, Any], exposures: list[Any]) -> None:
    shown = enough(flows, exposures)
    frozen = freeze()
    by_cutout = {row["cutout"]: row for row in services.read_rows(frozen)}
    assert set(by_cutout) == {cutout.pk for cutout in shown}
    yes, no = by_cutout[shown[0].pk], by_cutout[shown[-1].pk]
    (trail,) = yes["trails"]
    assert trail["klass"] == "asteroid"
    assert trail["points"][0] == pytest.approx(MARK[:2], abs=2)
    assert trail["points"][1] == pytest.approx(MARK[2:], abs=2)
    assert (no["label"], no["trails"], no["exposure"]) == ("no", [], shown[-1].plane.exposure_id)
    assert yes["origins"][0].startswith("classify subject ")
    assert frozen.counts["label"] == {"no": 5, "yes": 5}
    assert (frozen.n_rows, frozen.counts["exposures"]) == (10, 4)


def test_the_same_labels_give_the_same_set(flows: dict[str, Any], exposures: list[Any]) -> None:
    enough(flows, exposures)
    assert freeze() == freeze()
    assert TrainingSet.objects.count() == 1
    assert freeze(seed=2) != freeze()


def test_a_new_label_gives_a_new_set(flows: dict[str, Any], exposures: list[Any]) -> None:
    enough(flows, exposures)
    before = freeze()
    voted(flows["classify"], exposures[0], "no")
    assert freeze().hash != before.hash


def test_too_few_labels_write_nothing(flows: dict[str, Any], exposures: list[Any]) -> None:
    voted(flows["classify"], exposures[0], "no")
    with pytest.raises(labels.TooFewLabels, match="0 of 5 cutouts with agreed trails, 1 of 5"):
        freeze()
    assert TrainingSet.objects.count() == 0


def test_unsettled_impossible_and_fresh_labels_stay_out(flows: dict[str, Any], exposures: list[Any]) -> None:
    enough(flows, exposures)
    before = freeze()
    voted(flows["classify"], exposures[0], "no", n=2)
    voted(flows["classify"], exposures[0], "impossible")
    voted(flows["classify"], exposures[0], "no", now=LATER)
    assert freeze() == before


def test_demo_votes_count_only_where_they_are_asked_for(flows: dict[str, Any], exposures: list[Any]) -> None:
    enough(flows, exposures)
    voted(flows["classify"], exposures[0], "no", kind="demo")
    assert freeze().n_rows == 10
    with_demo = freeze(demo=True)
    assert (with_demo.n_rows, with_demo.recipe["demo_votes"]) == (11, True)


def test_gold_and_evaluation_never_enter(flows: dict[str, Any], exposures: list[Any]) -> None:
    flow = flows["classify"]
    enough(flows, exposures)
    apart = factories.plane()
    gold = voted(flow, exposures[0], "no")
    judged = voted(flow, apart, "no")
    beside = voted(flow, apart, "no")  # another cutout of the evaluation set's exposure
    assert freeze().n_rows == 13
    for purpose, cutout in (("gold", gold), ("evaluation", judged)):
        chosen = classify.make_set(slug=purpose, name=purpose, purpose=purpose, now=NOW)
        subject = classify.subject_of_cutout(cutout_id=cutout.pk, now=NOW)
        classify.add_to_set(subject_set=chosen, subject_ids=[subject.pk])
    inside = {row["cutout"] for row in services.read_rows(freeze())}
    assert len(inside) == 10
    assert inside.isdisjoint({gold.pk, judged.pk, beside.pk})


def test_cutouts_without_pixels_stay_out(flows: dict[str, Any], exposures: list[Any]) -> None:
    shown = enough(flows, exposures)
    assert freeze().n_rows == 10
    voted(flows["classify"], exposures[0], "no")
    Cutout.objects.filter(pk=shown[-1].pk).update(pixels_state="failed")
    assert freeze().n_rows == 10


CURVE = ((40.0, 200.0), (100.0, 210.0), (160.0, 200.0))


def review(flows: dict[str, Any], cutout: Cutout, answer: str, *, keep: bool = False, score: float = 0.9) -> None:
    """A find of a model on a cutout, offered, and answered by three people."""
    model = rows.model(1)
    found = rows.detection(cutout, model, line=CURVE, score=score)
    services.link_finds(model=model, cutout_ids=[cutout.pk], now=NOW)
    assert len(services.ask_finds(now=NOW)) == 1
    find = Find.objects.get(detections=found)
    subject = factories.Subject.objects.get(origin=f"find:{find.pk}")
    marks = [{"frame": 0, "x1": 40.0, "y1": 200.0, "x2": 160.0, "y2": 200.0, "suggestion": f"find-{find.pk}"}] if keep else []
    for _ in range(3):
        body = {"id": random_uuid(), "workflow": "review", "subject": subject.public_id, "answer": answer, "marks": marks}
        classify.record_classification(volunteer=factories.volunteer(), body=body, now=NOW)


def test_a_confirmed_find_becomes_a_trail_of_the_class_people_gave(flows: dict[str, Any], exposures: list[Any]) -> None:
    enough(flows, exposures)
    shown = factories.cutout(plane=exposures[0])
    review(flows, shown, "satellite", keep=True)
    row = next(row for row in services.read_rows(freeze()) if row["cutout"] == shown.pk)
    assert (row["label"], row["hard"], row["asked"]) == ("yes", False, ["satellite"])
    assert row["trails"] == [{"klass": "satellite", "points": [list(p) for p in CURVE], "weight": 2.0}]


def test_a_positive_review_without_a_line_on_the_find_says_nothing(flows: dict[str, Any], exposures: list[Any]) -> None:
    enough(flows, exposures)
    shown = factories.cutout(plane=exposures[0])
    review(flows, shown, "asteroid")
    assert shown.pk not in {row["cutout"] for row in services.read_rows(freeze())}


def test_a_rejected_find_becomes_a_hard_negative(flows: dict[str, Any], exposures: list[Any]) -> None:
    enough(flows, exposures)
    shown = factories.cutout(plane=exposures[0])
    review(flows, shown, "cosmic_ray")
    row = next(row for row in services.read_rows(freeze()) if row["cutout"] == shown.pk)
    assert (row["label"], row["hard"], row["asked"], row["sources"]) == ("no", True, ["asteroid"], ["review"])


def test_a_negative_set_becomes_hard_negatives(flows: dict[str, Any], exposures: list[Any]) -> None:
    enough(flows, exposures)
    shown = factories.cutout(plane=exposures[0])
    chosen = classify.make_set(slug="rays", name="#cosmic_ray", purpose="negative", now=NOW)
    classify.add_to_set(subject_set=chosen, subject_ids=[classify.subject_of_cutout(cutout_id=shown.pk, now=NOW).pk])
    row = next(row for row in services.read_rows(freeze()) if row["cutout"] == shown.pk)
    assert (row["label"], row["hard"], row["sources"]) == ("no", True, ["negative"])
