"""Trails: linked by the vote at once, found by density afterwards, and kept until the marks behind them change."""

import pytest

from classify import services, tasks
from classify.crowd import marks as density
from classify.exports import Choice, label_rows
from classify.models import Consensus, ConsensusTrail
from tests import factories as f
from tests.factories import NOW

pytestmark = pytest.mark.django_db
# Two trails 30 px apart, each marked by hands that are not steady: linking takes them for one.
UPPER = [(20 + d, 30 - d, 200 - d, 34 + d) for d in (-3, 0, 4, 2)]
LOWER = [(x1, y1 + 16, x2, y2 + 16) for x1, y1, x2, y2 in UPPER]


def test_what_was_found_with_care_stands_until_the_marks_change(monkeypatch):
    flow = f.workflow(count=20)
    shown, empty = f.subject(workflow=flow), f.subject(workflow=flow)
    for upper, lower in zip(UPPER, LOWER, strict=True):
        f.vote(subject=shown, workflow=flow, answer="yes", marks=[upper, lower])
    f.vote(subject=empty, workflow=flow, answer="no")
    row = Consensus.objects.get(subject=shown)
    linked = list(ConsensusTrail.objects.values_list("n_markers", flat=True))
    assert (row.trails_by, list(services.unrefined())) == ("linked", [row.pk])

    assert tasks.cluster_marks() == 1
    refined = Consensus.objects.get(subject=shown)
    found = list(ConsensusTrail.objects.values_list("pk", "n_markers"))
    assert (refined.trails_by, [n for _, n in found], refined.revision) == ("density", [4, 4], row.revision + 1)
    assert linked != [4, 4]
    assert tasks.cluster_marks() == 0
    f.vote(subject=shown, workflow=flow, answer="no")
    f.vote(subject=shown, workflow=flow, answer="yes")  # without a mark
    assert list(ConsensusTrail.objects.values_list("pk", "n_markers")) == found
    assert Consensus.objects.get(subject=shown).trails_by == "density"
    exported = {each["subject_id"]: each for each in label_rows(Choice(flow, everything=True))}
    assert [exported[each.public_id]["trails_by"] for each in (shown, empty)] == ["density", None]
    assert exported[shown.public_id]["trail_count"] == 2

    late = f.vote(subject=shown, workflow=flow, answer="yes", marks=[UPPER[0]], volunteer=(who := f.volunteer()))
    assert Consensus.objects.get(subject=shown).trails_by == "linked"

    def while_somebody_votes(*arguments, **settings):
        services.undo_classification(classification_id=late.id, volunteer=who, now=NOW)
        return []

    monkeypatch.setattr(density, "cluster", while_somebody_votes)
    assert tasks.cluster_marks() == 0  # what it found is of marks that are there no more
    assert ConsensusTrail.objects.exists()
