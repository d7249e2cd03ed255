"""Who is asked about what: each arm in its order, room where policies end early, and what a random sample says whatever chose the rest."""

import random
from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from classify import services
from classify.crowd import estimators
from classify.models import Classification, CrowdState, Serve, SubjectSet, SubjectStatus, Workflow
from classify.services.walks import Walks
from classify.services.workflows import LabError, change_settings, settings_of
from tests import factories as f
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def serve(volunteer, workflow, n=10, seed=1):
    return services.next_subjects(volunteer=volunteer, workflow=workflow, n=n, now=NOW, rng=random.Random(seed))


def filled(flow, n, **fields):
    """n subjects in a workflow; a field may be a list, one value for each."""
    cutout = f.cutout(images=False)
    found = []
    for number in range(n):
        found.append(f.subject(cutout=cutout, origin=f"import:{flow.pk}:{number}"))
        f.status(subject=found[-1], workflow=flow, **{name: value[number] if isinstance(value, list) else value for name, value in fields.items()})
    return found


def arms():
    return Counter(Serve.objects.values_list("arm", "p"))


def test_each_arm_has_its_order_and_what_none_has_comes_at_random():
    flow, alice = f.workflow(audit_fraction=0.0), f.volunteer()
    subjects = filled(flow, 12, priority=[0.0] * 8 + [0.3, 0.9, 0.5, 0.1], uncertainty=[None] * 4 + [0.1, 0.8, 0.4, 0.2] + [None] * 4)
    part = services.make_set(slug="part", name="Part", purpose="serve", now=NOW)
    services.add_to_set(subject_set=part, subject_ids=[subjects[number].pk for number in (0, 1)])
    orders = {"priority": [9, 10, 8, 11], "uncertain": [5, 6, 7, 4], "set:part": [0, 1], "set:gone": []}
    for arm, wanted in orders.items():
        Serve.objects.all().delete()
        flow.selection = [[arm, 1]]
        got = [subjects.index(item.subject) for item in serve(alice, flow, n=6)]
        assert sorted(got[: len(wanted)]) == sorted(wanted) if arm == "set:part" else got[: len(wanted)] == wanted
        assert len(set(got)) == 6
        named = arm.partition(":")[0]
        assert arms() == Counter({key: n for key, n in {(named, None): len(wanted), ("random", None): 6 - len(wanted)}.items() if n})
    Serve.objects.all().delete()
    flow.selection = [["priority", 1], ["uncertain", 1], ["set:part", 1]]
    assert len({item.subject.pk for item in serve(alice, flow, n=12)}) == 12
    assert arms() == {("priority", None): 4, ("uncertain", None): 4, ("set", None): 2, ("random", None): 2}


def test_the_audit_arm_gets_its_places_in_every_mixture():
    for mixture in ([["random", 1]], [["priority", 1]]):
        flow = f.workflow(audit_fraction=0.3, selection=mixture)
        filled(flow, 60, lot=[0.1, *[0.9] * 59], priority=0.5)
        Serve.objects.all().delete()
        assert len(serve(f.volunteer(), flow, seed=3)) == 10
        assert arms()["audit", 0.3] == 1
        assert set(arms()) - {("audit", 0.3)} == {("random", 0.7) if mixture[0][0] == "random" else ("priority", None)}


def test_how_sure_a_subject_is_is_kept_where_subjects_are_chosen_by_it():
    flow, plain = f.workflow(selection=[["uncertain", 1], ["random", 1]]), f.workflow()
    shown = f.subject(workflow=flow)
    f.status(subject=shown, workflow=plain)
    alice, ben = f.volunteer(), f.volunteer()

    def uncertainty():
        return SubjectStatus.objects.get(workflow=flow).uncertainty

    f.vote(subject=shown, workflow=plain, volunteer=alice)
    assert uncertainty() is None
    first = f.vote(subject=shown, workflow=flow, volunteer=alice, answer="yes")
    once = uncertainty()
    f.vote(subject=shown, workflow=flow, volunteer=ben, answer="no")
    assert 0 < once < uncertainty() < 1.0987  # log 3
    services.undo_classification(volunteer=alice, classification_id=first.id, now=NOW)
    assert uncertainty() == pytest.approx(once)
    assert SubjectStatus.objects.get(workflow=plain).uncertainty is None


def test_no_more_people_are_asked_than_may_count_where_a_subject_can_end_early():
    ends = {"rule": "consensus", "default_sure": 0.99}
    flow = f.workflow(count=12, policy={"min_votes": 3, "retirement": ends})
    (shown,) = filled(flow, 1)
    people = [f.volunteer() for _ in range(8)]
    assert [len(serve(person, flow)) for person in people[:5]] == [1, 1, 1, 0, 0]
    for person, answer in zip(people, ["yes", "no", "impossible"], strict=False):
        f.vote(subject=shown, workflow=flow, volunteer=person, answer=answer)
    assert SubjectStatus.objects.get().state == "active"
    assert [len(serve(person, flow)) for person in people[3:6]] == [1, 0, 0]  # each of these may be the last
    by_hand = f.workflow(count=3, policy={"retirement": {"rule": "hand"}})
    filled(by_hand, 1)
    assert [len(serve(person, by_hand)) for person in people] == [1] * 8


def test_a_mixture_that_cannot_be_followed_is_refused_and_nothing_is_stored():
    flow = f.workflow()
    for wrong, said in [([["set:none", 1]], "no set of subjects 'none'"), ([["random", 0]], "sum to nothing"), ([["best", 1]], "'best' is none of")]:
        values = {**settings_of(flow), "selection": wrong}
        with pytest.raises(LabError, match=said):
            change_settings(workflow=flow, values=values, base=_base(flow), actor=None, now=NOW)
    assert Workflow.objects.get(pk=flow.pk).selection == [["random", 1]]


def _base(flow):
    from classify.changes import fingerprint

    return fingerprint(settings_of(flow))


@pytest.mark.parametrize("arm", ["random", "audit", "priority", "uncertain", "set:part"])
def test_every_arm_walks_an_index(arm):
    """On a table of a few thousand rows, where the planner is free to read or sort all of it."""
    flow, alice = f.workflow(), f.volunteer()
    part = SubjectSet.objects.create(slug="part", name="Part", purpose="serve", created_at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in _FILL:
            cursor.execute(statement, {"workflow": flow.pk, "set": part.pk, "version": flow.current_version.pk, "who": alice.pk})
        cursor.execute("ANALYZE")
    walks = Walks(volunteer=alice, workflow=flow, now=NOW, limit=10, rng=random.Random(1))
    with CaptureQueriesContext(connection) as asked:
        assert len(walks.take(arm, 10)) == 10
    with connection.cursor() as cursor:
        for query in asked.captured_queries:
            cursor.execute("EXPLAIN " + query["sql"].rpartition("; ")[2])
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "Index Scan using status_" in plan or "member_random" in plan or "classify_subjectset" in plan, plan
            assert "Seq Scan on classify_subjectstatus" not in plan, plan
            assert "Seq Scan on classify_subjectsetmember" not in plan, plan
            assert "Sort" not in plan, plan


_FILL = (
    """INSERT INTO classify_subject (public_id, kind, origin, metadata, suggestions, ready, created_at)
    SELECT i, 'imported', 'import:' || i, '{}', '[]', true, now() FROM generate_series(1, 5000) i""",
    """INSERT INTO classify_subjectstatus (workflow_id, subject_id, state, n_votes, n_demo, tally, log_posterior, lot, shuffle, priority, uncertainty,
      reason, revision, pooled_at) SELECT %(workflow)s, id, CASE WHEN id %% 3 > 0 THEN 'active' ELSE 'retired' END, 1, 0, '{}', '{}', random(),
      random(), random(), random(), '', 1, now() FROM classify_subject""",
    "INSERT INTO classify_subjectsetmember (subject_set_id, subject_id) SELECT %(set)s, id FROM classify_subject WHERE id %% 2 = 0",
    """INSERT INTO classify_classification (id, workflow_id, version_id, subject_id, volunteer_id, answer, annotations, viewer, created_at, blind,
      late, counted, log_likelihood, repeat, superseded_reason, source, external_id) SELECT gen_random_uuid(), %(workflow)s, %(version)s, id,
      %(who)s, 'no', '{}', '{}', now(), true, false, true, '{}', 0, '', '', '' FROM classify_subject WHERE id %% 5 = 0""",
)


def test_the_sample_tells_of_all_whatever_chose_the_rest():
    """Doubtful subjects get most votes; the mean of all votes is far off, and the estimate from the audit arm is not."""
    rng = random.Random(7)
    flow = f.workflow(audit_fraction=0.3, selection=[["uncertain", 1]], count=1000)
    pooled = [[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]]
    prior = {"answers": ["yes", "no", "impossible"], "pooled": pooled, "prior": [0.1, 0.88, 0.02]}
    CrowdState.objects.create(workflow=flow, **prior, weight=20, temper=1.0, n_votes=0, learnt_at=NOW)
    flow = Workflow.objects.get(pk=flow.pk)
    subjects = filled(flow, 120, lot=[rng.random() for _ in range(120)], shuffle=[rng.random() for _ in range(120)])
    says_yes = {shown.pk: 0.5 if rng.random() < 0.25 else 0.03 for shown in subjects}
    diligent = f.volunteer()
    for places, person in [(50, diligent)] * 4 + [(10, f.volunteer()) for _ in range(20)]:  # the first looks at all of them
        for item in services.next_subjects(volunteer=person, workflow=flow, n=places, now=NOW, rng=rng):
            answer = "yes" if rng.random() < says_yes[item.subject.pk] else "no"
            f.vote(subject=item.subject, workflow=flow, volunteer=person, answer=answer, serve=item.serve)

    hard = {pk: float(chance == 0.5) for pk, chance in says_yes.items()}  # to be estimated: how many subjects are
    votes = list(Classification.objects.values_list("subject_id", "arm", "p"))
    assert {subject for subject, arm, _ in votes if arm == "audit"} == set(
        SubjectStatus.objects.filter(lot__lt=0.3).values_list("subject_id", flat=True)
    )
    assert all((p == 0.3) == (arm == "audit") for _, arm, p in votes)
    units = {subject: p for subject, _, p in votes}
    values, chances = [hard[subject] for subject in units], list(units.values())
    total, mean = estimators.total(values, chances), estimators.ratio_mean(values, chances)
    truth = sum(hard.values()) / 120
    naive = sum(hard[subject] for subject, _, _ in votes) / len(votes)
    assert total.n_used >= 20
    assert abs(total.value / 120 - truth) < 2 * total.variance**0.5 / 120
    assert abs(mean.value - truth) < 2 * mean.variance**0.5
    assert naive - truth > 3 * (naive * (1 - naive) / len(votes)) ** 0.5
    assert sum(arm == "audit" for _, arm, _ in votes) / len(votes) > 0.3
