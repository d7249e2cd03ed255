"""The vectorised rules say what the rules for one subject say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classify.crowd.consensus import LabelRule, Policy, decide
from classify.crowd.fractions import labels, original_first_look, original_ten_votes

KEYS = ("no", "yes", "unclear")

thresholds = st.sampled_from([0.0, 0.2, 0.25, 0.3, 1 / 3, 0.5, 0.6, 1.0])
rules = st.builds(LabelRule, st.sampled_from(KEYS), above=thresholds) | st.builds(LabelRule, st.sampled_from(KEYS), at_least=thresholds)
policies = st.builds(
    Policy,
    min_votes=st.integers(1, 12),
    majority=st.sampled_from([0.0, 0.2, 0.3, 0.5, 0.6, 0.9]),
    labels=st.lists(rules, max_size=3).map(tuple),
)
tallies = st.lists(st.lists(st.integers(0, 10), min_size=3, max_size=3), max_size=20)


@settings(max_examples=300, deadline=None)
@given(tallies, policies)
def test_every_row_gets_the_label_that_decide_gives_it(rows, policy):
    expected = [decide(dict(zip(KEYS, row, strict=True)), policy).label for row in rows]
    found = labels(np.array(rows, dtype=np.int32).reshape(-1, 3), policy, KEYS)
    assert [KEYS[code] if code >= 0 else "" for code in found] == expected


@pytest.mark.parametrize(
    ("row", "label"), [([7, 3, 0], 0), ([13, 7, 0], 1), ([6, 4, 0], 1), ([7, 0, 3], 2), ([16, 0, 4], 0), ([4, 5, 0], -1), ([10, 0, 0], 0)]
)
def test_the_first_look_takes_more_than_three_tenths(row, label):
    assert labels([row], original_first_look(found="yes", unclear="unclear"), KEYS).tolist() == [label]


@pytest.mark.parametrize(("row", "label"), [([5, 5, 0], 1), ([6, 4, 0], -1), ([10, 0, 0], 0), ([9, 0, 1], -1), ([0, 0, 10], -1), ([0, 9, 0], -1)])
def test_ten_votes_need_five_or_all(row, label):
    expected = label if row != [0, 0, 10] else 2  # all ten alike are no doubt either
    assert labels([row], original_ten_votes(found="yes", empty="no"), KEYS).tolist() == [expected]


@pytest.mark.parametrize(
    ("counts", "says"), [([[1, 2]], "of shape"), ([[1, 2, -1]], "below zero"), ([[0.5, 1, 2]], "whole numbers"), ([1, 2, 3], "of shape")]
)
def test_counts_that_are_none_are_refused(counts, says):
    with pytest.raises(ValueError, match=says):
        labels(counts, Policy(), KEYS)


def test_a_rule_for_a_foreign_answer_is_refused():
    with pytest.raises(ValueError, match="'maybe' is not an answer"):
        labels([[1, 2, 3]], Policy(labels=(LabelRule("maybe", above=0.1),)), KEYS)
