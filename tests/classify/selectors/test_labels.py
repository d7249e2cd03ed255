"""What the votes say, for those who take it away."""

from datetime import timedelta

import pytest

from classify import selectors, services
from tests import factories as f
from tests.factories import NOW

pytestmark = pytest.mark.django_db
LINE = (20, 30, 100, 60)


def settled(flow, answers, subject=None, marks=None, **fields):
    shown = subject or f.subject(workflow=flow)
    for answer in answers:
        f.vote(subject=shown, workflow=flow, answer=answer, marks=[marks or LINE] if answer == "yes" else None, **fields)
    return shown


def test_settled_labels_with_their_trails():
    flow = f.workflow(count=3)
    shown = settled(flow, ["yes", "yes", "no"])
    settled(flow, ["no", "no"])
    (row,) = selectors.consensus_rows(flow.slug)
    cutout = shown.frames.get().cutout
    assert (row["subject"], row["cutout_id"], row["exposure_id"]) == (shown.public_id, cutout.pk, cutout.plane.exposure_id)
    assert (row["label"], row["positive"], row["counts"], row["n_votes"], row["revision"]) == ("yes", True, {"yes": 2, "no": 1}, 3, 3)
    assert row["trails"] == [{"frame": 0, "x1": 20, "y1": 30, "x2": 100, "y2": 60, "scatter_px": 0, "n_markers": 2}]
    assert selectors.labels(flow.slug).count() == 1
    assert selectors.labels(flow.slug, settled=False).count() == 2


def test_only_what_can_not_be_undone_any_more():
    flow = f.workflow(count=1, policy={"min_votes": 1})
    shown = settled(flow, ["no"])
    assert list(selectors.consensus_rows(flow.slug, now=NOW + timedelta(seconds=10))) == []
    assert len(list(selectors.consensus_rows(flow.slug, now=NOW + timedelta(seconds=11)))) == 1
    cutout_id = shown.frames.get().cutout_id
    assert len(list(selectors.consensus_rows(flow.slug, cutout_ids=[cutout_id]))) == 1
    assert list(selectors.consensus_rows(flow.slug, cutout_ids=[cutout_id + 1])) == []


def test_labels_that_simulated_people_had_a_part_in_stay_out_unless_asked():
    flow = f.workflow(count=1, policy={"min_votes": 1})
    settled(flow, ["no"])
    settled(flow, ["no"], volunteer=f.volunteer(kind="demo"))
    assert selectors.labels(flow.slug).count() == 1
    assert selectors.labels(flow.slug, demo=True).count() == 2
    assert len(list(selectors.consensus_rows(flow.slug, demo=False))) == 1
    assert selectors.standing_votes(flow.slug).count() == 1
    assert selectors.standing_votes(flow.slug, demo=True).count() == 2


def review():
    return f.workflow(slug="review", count=2, blind=False, selection=[["priority", 1]], policy={"min_votes": 1, "mark_share": 0.5})


def outcome():
    (row,) = selectors.review_outcomes()
    return row


def test_a_find_is_confirmed_by_a_label_and_a_mark_that_lies_on_it():
    flow = review()
    settled(flow, ["yes", "yes"], subject=f.find(workflow=flow, points=[[20, 30], [100, 60]]), marks=(22, 31, 98, 60))
    row = outcome()
    assert (row["label"], row["confirmed"], row["kept"]) == ("yes", True, 0)
    assert row["origin"].startswith("find:")
    assert row["suggestions"][0]["points"] == [[20, 30], [100, 60]]


def test_marks_elsewhere_confirm_nothing():
    flow = review()
    settled(flow, ["yes", "yes"], subject=f.find(workflow=flow, points=[[20, 30], [100, 60]]), marks=(20, 200, 100, 230))
    assert outcome()["confirmed"] is False


def test_a_label_without_any_mark_confirms_nothing():
    flow = review()
    shown = f.find(workflow=flow)
    for _ in range(2):
        f.vote(subject=shown, workflow=flow, answer="yes")
    assert (outcome()["label"], outcome()["confirmed"]) == ("yes", False)


def test_a_kept_trail_confirms_even_if_only_one_kept_it():
    flow = review()
    shown = f.find(workflow=flow)
    f.vote(subject=shown, workflow=flow, answer="yes")
    mark = {"x1": 20, "y1": 30, "x2": 100, "y2": 60, "suggestion": "t1"}
    body = {"id": "8c2d1f0e-3b4a-4c5d-9e6f-7a8b9c0d1e2f", "workflow": "review", "subject": shown.public_id, "answer": "yes", "marks": [mark]}
    services.record_classification(volunteer=f.volunteer(), body=body, now=NOW)
    assert (outcome()["kept"], outcome()["confirmed"]) == (1, True)


def test_a_rejected_find_is_not_confirmed():
    flow = review()
    settled(flow, ["no", "no"], subject=f.find(workflow=flow))
    assert (outcome()["label"], outcome()["confirmed"]) == ("no", False)


@pytest.mark.parametrize("n", [1, 3, 30])
def test_rows_cost_the_same_number_of_queries(n, django_assert_num_queries):
    flow = f.workflow(count=1, policy={"min_votes": 1, "min_marks": 1})
    cutout = f.cutout(images=False)
    for number in range(n):
        settled(flow, ["yes"], subject=f.subject(workflow=flow, cutout=cutout, origin=f"import:{number}", kind="imported"))
    with django_assert_num_queries(3):
        assert len(list(selectors.consensus_rows(flow.slug))) == n


def test_the_newest_decision():
    flow = f.workflow()
    assert selectors.newest_decision_at(flow.slug) is None
    settled(flow, ["no"])
    assert selectors.newest_decision_at(flow.slug) == NOW
