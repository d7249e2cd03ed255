"""Detections become finds, finds become questions, scores become opinions."""

from datetime import timedelta
from typing import Any

import pytest

from classify import selectors as classify
from classify.models import MachineOpinion, Subject, SubjectStatus
from classify.seeds import seed_workflows
from ml import selectors, services
from ml.models import Find, Scanned
from tests import factories
from tests.factories import NOW
from tests.ml import rows

pytestmark = pytest.mark.django_db

NEAR = ((22.0, 31.0), (99.0, 62.0))
FAR = ((20.0, 200.0), (120.0, 210.0))


@pytest.fixture(autouse=True)
def flows() -> dict[str, Any]:
    return {flow.slug: flow for flow in seed_workflows(NOW)}


def link(model: Any, *cutouts: Any) -> int:
    return services.link_finds(model=model, cutout_ids=[c.pk for c in cutouts], now=NOW)


def test_one_thing_is_one_find_whatever_models_see_it() -> None:
    first, second, shown = rows.model(1), rows.model(2), factories.cutout()
    rows.detection(shown, first)
    assert link(first, shown) == 1
    rows.detection(shown, second, line=NEAR, klass="satellite", score=0.7)
    rows.detection(shown, second, line=FAR, score=0.6)
    assert link(second, shown) == 1
    one, other = Find.objects.order_by("pk")
    assert one.detections.count() == 2
    assert (one.klass, one.score) == ("satellite", 0.7), "the newest model speaks for the find"
    assert other.detections.count() == 1


def test_linking_again_changes_nothing() -> None:
    model, shown = rows.model(1), factories.cutout()
    rows.detection(shown, model)
    assert [link(model, shown), link(model, shown), services.link_rest(model=model, now=NOW)] == [1, 0, 0]


def test_the_best_of_one_model_speaks_for_the_find() -> None:
    model, shown = rows.model(1), factories.cutout()
    rows.detection(shown, model, score=0.9)
    rows.detection(shown, model, line=NEAR, klass="satellite", score=0.5)
    assert link(model, shown) == 1
    assert (Find.objects.get().klass, Find.objects.get().score) == ("asteroid", 0.9)


def test_finds_are_asked_best_first_from_the_threshold_up() -> None:
    model = rows.model(1)
    shown = [factories.cutout() for _ in range(3)]
    for cutout, score in zip(shown, (0.6, 0.95, 0.3), strict=True):
        rows.detection(cutout, model, score=score)
    link(model, *shown)
    asked = services.ask_finds(now=NOW)
    assert [Find.objects.get(pk=pk).score for pk in asked] == [0.95, 0.6]
    first = SubjectStatus.objects.filter(workflow__slug="review").order_by("-priority").first()
    assert first is not None
    assert (first.subject.origin, first.priority, first.subject.kind) == (f"find:{asked[0]}", 0.95, "find")
    (drawn,) = first.subject.suggestions
    assert drawn["points"] == [list(p) for p in rows.LINE]
    assert first.subject.root == classify.subject_of_cutout(shown[1].pk)
    assert services.ask_finds(now=NOW) == []
    assert Subject.objects.filter(kind="find").count() == 2


def test_finds_of_a_model_that_is_not_live_are_not_asked() -> None:
    rows.model(1)
    candidate, shown = rows.model(2), factories.cutout()
    rows.detection(shown, candidate)
    link(candidate, shown)
    assert services.ask_finds(now=NOW) == []


def test_what_people_already_agreed_on_is_known_and_not_asked(flows: dict[str, Any]) -> None:
    model, shown = rows.model(1), factories.cutout()
    subject = factories.subject(workflow=flows["classify"], cutout=shown)
    for _ in range(10):
        factories.vote(subject=subject, workflow=flows["classify"], answer="yes", marks=[(*rows.LINE[0], *rows.LINE[1])])
    rows.detection(shown, model)
    rows.detection(shown, model, line=FAR)
    link(model, shown)
    (asked,) = services.ask_finds(now=NOW)
    known = Find.objects.get(known=True)
    assert (known.points[0], known.asked) == (list(rows.LINE[0]), False)
    assert Find.objects.get(pk=asked).points[0] == list(FAR[0])
    assert selectors.queue_state() == {"finds": 2, "asked": 1, "known": 1, "waiting": 0}


def test_the_score_of_a_cutout_is_told_to_its_subject_once(flows: dict[str, Any]) -> None:
    model, shown, unpooled = rows.model(1), factories.cutout(), factories.cutout()
    subject = factories.subject(workflow=flows["classify"], cutout=shown)
    for cutout, score in ((shown, 0.8), (unpooled, 0.1)):
        Scanned.objects.create(cutout=cutout, model=model, score=score)
    assert services.tell_opinions(now=NOW) == 1
    assert services.tell_opinions(now=NOW + timedelta(seconds=15)) == 0
    opinion = MachineOpinion.objects.get()
    assert (opinion.subject, opinion.model, opinion.probabilities) == (subject, model.name, {"yes": 0.8})


def test_the_fragment_lists_one_entry_per_find() -> None:
    first, second, shown = rows.model(1), rows.model(2), factories.cutout()
    rows.detection(shown, first)
    rows.detection(shown, second, line=NEAR)
    link(first, shown)
    link(second, shown)
    (entry,) = selectors.detections_for([shown.pk])
    assert entry["models"] == sorted([first.name, second.name])
    assert entry["points"] == [list(p) for p in NEAR]
