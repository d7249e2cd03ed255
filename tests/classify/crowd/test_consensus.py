"""The rules, on plain data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classify.crowd import online
from classify.crowd.consensus import (
    BadPolicy,
    LabelRule,
    MarkRow,
    Policy,
    add_vector,
    cluster_marks,
    decide,
    lies_on,
    policy_from,
)

ANSWERS = ["yes", "no", "impossible"]


def test_ten_votes_retire_and_the_majority_is_the_label():
    decision = decide({"yes": 6, "no": 4}, Policy())
    assert decision.label == "yes"
    assert decision.fractions == {"no": 0.4, "yes": 0.6}
    assert decision.agreement == 0.6
    assert decision.retire
    assert decision.reason == "classification_count"


def test_nine_votes_do_not_retire():
    decision = decide({"yes": 9}, Policy())
    assert decision.label == "yes"
    assert not decision.retire
    assert decision.reason == ""


def test_half_is_no_majority():
    assert decide({"yes": 5, "no": 5}, Policy()).label == ""
    assert decide({"yes": 5, "no": 3, "impossible": 2}, Policy()).label == ""


def test_few_votes_give_no_label():
    assert decide({"yes": 2}, Policy()).label == ""
    assert decide({"yes": 3}, Policy()).label == "yes"


def test_no_votes_say_nothing():
    assert decide({}, Policy()) == ("", {}, None, False, "")


def test_count_zero_never_retires():
    assert not decide({"yes": 1000}, Policy(count=0)).retire


@pytest.mark.parametrize(
    ("tally", "label"),
    [
        ({"yes": 3, "no": 7}, "no"),  # 0.3 is not above 0.3
        ({"yes": 4, "no": 6}, "yes"),
        ({"no": 8, "impossible": 2}, "no"),  # 0.2 is not above 0.2
        ({"no": 7, "impossible": 3}, "impossible"),
        ({"yes": 4, "no": 3, "impossible": 3}, "yes"),  # the first rule that holds
    ],
)
def test_the_rules_of_the_original_project_as_settings(tally, label):
    policy = policy_from({"positive": ["yes"], "labels": [{"answer": "yes", "above": 0.3}, {"answer": "impossible", "above": 0.2}]}, ANSWERS)
    assert decide(tally, policy).label == label


@pytest.mark.parametrize(("yes", "label"), [(4, "no"), (5, "yes")])
def test_five_of_ten_as_a_setting(yes, label):
    policy = policy_from({"labels": [{"answer": "yes", "at_least": 0.5}]}, ANSWERS)
    assert decide({"yes": yes, "no": 10 - yes}, policy).label == label


def test_an_answer_with_a_rule_of_its_own_does_not_win_by_majority():
    policy = policy_from({"labels": [{"answer": "no", "at_least": 1.0}]}, ANSWERS)
    assert decide({"no": 9, "yes": 1}, policy).label == ""
    assert decide({"no": 10}, policy).label == "no"


def test_with_a_low_majority_a_tie_is_no_consensus():
    policy = policy_from({"majority": 0.3}, ANSWERS)
    assert decide({"yes": 5, "no": 5}, policy).label == ""
    assert decide({"yes": 5, "no": 4, "impossible": 1}, policy).label == "yes"


@given(st.dictionaries(st.sampled_from(ANSWERS), st.integers(1, 40)), st.integers(1, 60))
def test_the_order_of_the_tally_says_nothing(tally, count):
    policy = Policy(count=count, min_votes=1)
    backwards = dict(reversed(list(tally.items())))
    assert decide(tally, policy) == decide(backwards, policy)
    assert decide(tally, policy).retire == (sum(tally.values()) >= count)


@pytest.mark.parametrize(
    "bad",
    [
        {"rule": "magic"},
        {"count": -1},
        {"count": "10"},
        {"min_votes": 0},
        {"count": 2, "min_votes": 3},
        {"majority": 1.0},
        {"mark_share": 0},
        {"tolerance_px": 0},
        {"positive": ["perhaps"]},
        {"labels": [{"answer": "yes"}]},
        {"labels": [{"answer": "yes", "above": 0.3, "at_least": 0.3}]},
        {"labels": [{"answer": "yes", "above": 1.3}]},
        {"labels": [{"answer": "maybe", "above": 0.3}]},
        {"labels": [{"above": 0.3}]},
        {"labels": [{"answer": "yes", "above": 0.3, "below": 1}]},
        {"retire_after": 10},
        {"certainty": 1},
        {"retirement": 3},
        {"retirement": {"max_votes": 3}},
        {"retirement": {"rule": "never"}},
        {"count": 0, "retirement": {"rule": "consensus"}},
        [],
        None,
        {"labels": [{"answer": "yes", "at_least": 0}]},
        {"labels": [{"answer": "yes", "above": 1}]},
        {"labels": [{"answer": "yes", "above": True}]},
        {"labels": [{"answer": "yes", "above": 0.3}, {"answer": "yes", "above": 0.5}]},
        {"labels": {}},
        {"positive": {"yes": 1}},
        {"min_marks": True},
        {"min_marks": 2.5},
        {"min_marks": 10**9},
        {"tolerance_px": float("inf")},
        {"majority": False},
        {"rule": "bayes", "certainty": 0.995, "retirement": {"rule": "consensus"}},
        {"rule": "bayes", "certainty": 0.95, "retirement": {"rule": "consensus", "sure": {"no": 0.9}}},
        {"negative": ["no"], "retirement": {"empties": 2}},
        {"count": 0, "retirement": {"rule": "hand", "flags": 2, "flagging": ["impossible"]}},
        {"retirement": {"sure": {"yes": 10**400}}},
    ],
)
def test_a_policy_that_cannot_be_followed_is_refused(bad):
    with pytest.raises(BadPolicy):
        policy_from(bad, ANSWERS)


def test_what_is_stored_stays_readable_and_what_goes_together_is_allowed():
    assert policy_from({"labels": [{"answer": "yes", "at_least": 0}], "min_marks": 10**9, "retirement": {"sure": {"yes": 7}}}).ends.sure == {"yes": 7}
    two = [{"answer": "yes", "above": 0.5}, {"answer": "yes", "at_least": 0.4}]
    sure = {"rule": "consensus", "default_sure": 0.8, "sure": {"no": 0.95, "yes": 0.9, "impossible": 0.9}}
    ends = {"flags": 3, "flagging": ["impossible"], "empties": 3}
    policy_from({"rule": "bayes", "certainty": 0.9, "labels": two, "negative": ["no"], "retirement": sure | ends}, ANSWERS)


def test_a_label_rule_holds_at_its_limit_only_if_it_says_so():
    assert not LabelRule("yes", above=0.5).holds(0.5)
    assert LabelRule("yes", at_least=0.5).holds(0.5)


def test_by_bayes_the_most_probable_answer_is_the_label_once_enough_have_voted():
    policy = policy_from({"rule": "bayes", "min_votes": 2, "certainty": 0.6}, ANSWERS)
    likely = {"yes": 0.7, "no": 0.2, "impossible": 0.1}
    assert [decide(tally, policy, likely).label for tally in ({"no": 1}, {"no": 2})] == ["", "yes"]
    assert decide({"no": 2}, policy, {"yes": 0.6, "no": 0.4, "impossible": 0.0}).label == ""


def test_retirement_of_a_policy_shares_its_limits_and_answers():
    early = {"rule": "consensus", "sure": {"no": 0.9}, "markers": 2}
    policy = policy_from({"count": 5, "min_votes": 2, "positive": ["yes"], "negative": ["no"], "retirement": early}, ANSWERS)
    sure = {"yes": 0.995, "no": 0.005, "impossible": 0.0}
    ends = [decide({"yes": n}, policy, sure, n_markers=k)[3:] for n, k in ((1, 1), (2, 1), (2, 2), (5, 1))]
    assert ends == [(False, ""), (False, ""), (True, "consensus"), (True, "classification_count")]
    assert decide({"no": 2}, policy, {"yes": 0.05, "no": 0.91, "impossible": 0.04}).retire
    assert policy_from({"count": 0}).ends.rule == "hand"


@given(st.lists(st.sampled_from(ANSWERS), max_size=60), st.randoms())
def test_taking_back_in_any_order_leaves_exactly_nothing(answers, rng):
    skill = online.start(0, len(ANSWERS))

    def vector(answer):
        added = online.vector((), skill.pooled, ANSWERS.index(answer), weight=skill.weight, temper=skill.temper)
        return dict(zip(ANSWERS, added, strict=True))

    total = {}
    for answer in answers:
        total = add_vector(total, vector(answer), 1)
    rng.shuffle(answers)
    for answer in answers:
        total = add_vector(total, vector(answer), -1)
    assert total == {}


def test_marks_of_several_people_become_one_trail_whatever_end_came_first():
    marks = [MarkRow(1, 0, 10, 20, 90, 60), MarkRow(2, 0, 91, 61, 11, 19), MarkRow(3, 0, 12, 21, 89, 59)]
    (trail,) = cluster_marks(marks, Policy())
    assert (trail.x1, trail.y1, trail.x2, trail.y2) == (11, 20, 90, 60)
    assert trail.n_markers == 3
    assert trail.scatter_px <= 2


def test_two_trails_on_one_frame_and_one_on_the_next():
    first = [MarkRow(p, 0, 10 + p, 10, 100, 100) for p in (1, 2, 3)]
    second = [MarkRow(p, 0, 10, 200 + p, 200, 200) for p in (1, 2)]
    other = [MarkRow(p, 1, 10, 200, 200, 200 + p) for p in (1, 2)]
    found = cluster_marks([*other, *second, *first], Policy())
    assert [(trail.frame, trail.n_markers) for trail in found] == [(0, 3), (0, 2), (1, 2)]


def test_one_persons_fancy_is_no_trail():
    agreed = [MarkRow(p, 0, 10, 10, 100, 100) for p in range(6)]
    fancy = [MarkRow(7, 0, 200, 10, 250, 100), MarkRow(8, 0, 201, 10, 251, 100)]
    assert len(cluster_marks([*agreed, *fancy], Policy())) == 1  # two of eight are less than half


def test_no_marks_no_trails():
    assert cluster_marks([], Policy()) == []


def test_a_mark_lies_on_a_line_that_it_half_covers():
    line = [[0.0, 0.0], [50.0, 5.0], [100.0, 0.0]]
    assert lies_on((0, 1, 100, 1), line, Policy())
    assert lies_on((95, 0, 40, 4), line, Policy())
    assert not lies_on((0, 60, 100, 60), line, Policy())
    assert not lies_on((0, 0, 20, 0), line, Policy())
