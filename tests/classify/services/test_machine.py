"""The detector as one more voter: it may end a subject sooner, and never changes what people alone say."""

import numpy as np
import pytest

from classify import services
from classify.models import Consensus, CrowdState, MachineOpinion, SubjectStatus
from tests import factories as f
from tests.classify.services.test_crowd import EARLY, known_crowd
from tests.classify.services.test_learning import ANSWERS, cast
from tests.factories import NOW

pytestmark = pytest.mark.django_db
LOW_SAYS_NO = {"model": "m1", "positive": ["yes"], "edges": [0.5], "vectors": [[-4.0, -0.1, -0.1], [-0.1, -4.0, -1.0]]}


@pytest.mark.parametrize(("switched_on", "model", "ends"), [(True, "m1", True), (False, "m1", False), (True, "m0", False)])
def test_a_score_ends_a_subject_sooner_and_leaves_the_posterior_of_people_alone(switched_on, model, ends):
    sure = {**EARLY["retirement"], "default_sure": 0.9999, "excluded": {"yes": 0.0005}}
    flow = f.workflow(policy={**EARLY, "retirement": sure, "machine": switched_on})
    known_crowd(flow)
    CrowdState.objects.update(machine=LOW_SAYS_NO)
    shown = f.subject(workflow=flow)
    services.set_machine_opinion(workflow=flow.slug, subject_id=shown.pk, model=model, probabilities={"yes": 0.2}, now=NOW)
    f.vote(subject=shown, workflow=flow, answer="impossible")
    f.vote(subject=shown, workflow=flow, answer="no")
    row = Consensus.objects.get()
    assert SubjectStatus.objects.get().reason == ("consensus" if ends else "")
    assert bool(row.posterior_machine) == ends
    assert row.posterior["yes"] > 0.0005
    if ends:
        assert row.posterior_machine["yes"] < 0.0005
        assert row.label == max(row.posterior, key=row.posterior.get)


def test_what_a_score_tells_is_learnt_from_people_alone():
    flow = f.workflow()
    made, subjects, _people = cast(flow, n_subjects=260, n_people=60)
    rng = np.random.default_rng(2)
    scores = np.clip(rng.normal(np.where(made.truth == 1, 0.8, 0.2), 0.15), 0, 1)
    chances = {row.pk: {"yes": float(score)} for row, score in zip(subjects, scores, strict=True)}
    services.set_machine_opinions(workflow=flow.slug, model="m1", probabilities=chances, now=NOW)
    state = services.learn_crowd(workflow=flow, now=NOW)
    vectors = np.array(state.machine["vectors"])
    yes, no = state.answers.index("yes"), state.answers.index("no")
    assert (state.machine["model"], state.machine["positive"]) == ("m1", ["yes"])
    assert vectors.shape == (len(state.machine["edges"]) + 1, len(ANSWERS))
    assert vectors[-1, yes] - vectors[-1, no] > 1 > -1 > vectors[0, yes] - vectors[0, no]
    MachineOpinion.objects.filter(subject__in=subjects[:100]).delete()
    assert services.learn_crowd(workflow=flow, now=NOW).machine == {}  # too few
