"""Policies of retirement: what ends a subject, what is refused and why, and the same for one subject and for many."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classify.crowd.policies import REASONS, BadRetirement, decide, decide_all, fewest, retirement_from

KEYS = ("no", "yes", "unclear")
SURE = {"rule": "consensus", "max_votes": 15, "min_votes": 3, "sure": {"yes": 0.999}}


def ends(data, *, no=0, yes=0, unclear=0, posterior=(0.6, 0.3, 0.1), **more):
    return decide(retirement_from(data, KEYS), KEYS, tally={"no": no, "yes": yes, "unclear": unclear}, posterior=posterior, **more).reason


def test_each_reason_and_its_limit():
    assert [ends({}, no=n) for n in (9, 10)] == ["", "classification_count"]
    assert ends(SURE, no=2, posterior=(0.999, 0.0005, 0.0005)) == ""
    assert ends(SURE, no=3, posterior=(0.991, 0.008, 0.001)) == "consensus"
    assert ends(SURE, yes=3, posterior=(0.008, 0.991, 0.001)) == ""
    assert ends(SURE, yes=3, posterior=(0.0005, 0.999, 0.0005)) == "consensus"
    assert ends(SURE, no=8, yes=7) == "classification_count"
    assert ends(SURE | {"excluded": {"yes": 0.001}}, no=3, posterior=(0.6, 0.001, 0.399)) == "consensus"
    empties = SURE | {"empties": 2, "negative": ["no"]}
    assert [ends(empties, no=1), ends(empties, no=2), ends(empties, no=2, yes=1)] == ["", "nothing_here", ""]
    assert [ends({"rule": "hand", "flags": 3, "flagging": ["unclear"]}, no=500, unclear=n) for n in (2, 3)] == ["", "flagged"]
    marked = SURE | {"markers": 5, "positive": ["yes"]}
    found = {"yes": 4, "posterior": (0.0, 1.0, 0.0)}
    assert [ends(marked, **found, n_markers=n) for n in (4, 5)] == ["", "consensus"]
    assert ends(marked, yes=15, posterior=(0.0, 1.0, 0.0), n_markers=0) == "classification_count"
    assert [fewest(retirement_from(data, KEYS)) for data in ({}, SURE, empties)] == [10, 3, 2]


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("rule", {"rule": "vibes"}),
        ("limit", {"limit": 3}),
        ("max_votes", {"max_votes": 0}),
        ("max_votes", SURE | {"max_votes": 0}),
        ("max_votes", {"max_votes": 10.0}),
        ("max_votes", {"max_votes": True}),
        ("max_votes", {"max_votes": -1}),
        ("min_votes", SURE | {"min_votes": 0}),
        ("min_votes", SURE | {"min_votes": 16}),
        ("default_sure", SURE | {"default_sure": 0.5}),
        ("default_sure", SURE | {"default_sure": 1}),
        ("default_sure", SURE | {"default_sure": float("nan")}),
        ("default_sure", SURE | {"default_sure": "0.9"}),
        ("sure", SURE | {"sure": {"yes": 1.0}}),
        ("sure", SURE | {"sure": {"perhaps": 0.9}}),
        ("sure", SURE | {"sure": [0.9]}),
        ("excluded", SURE | {"excluded": {"yes": 0.0}}),
        ("excluded", SURE | {"excluded": {"yes": 0.4}}),
        ("negative", {"empties": 3}),
        ("negative", {"negative": "no"}),
        ("negative", {"negative": ["yes"], "positive": ["yes"]}),
        ("empties", {"empties": 11, "negative": ["no"]}),
        ("positive", {"markers": 5}),
        ("markers", {"markers": 11, "positive": ["yes"]}),
        ("flags", {"flags": -1}),
        ("flagging", {"flags": 2}),
        ("flags", {"flags": 11, "flagging": ["unclear"]}),
        ("sure", {"sure": {"yes": 7}}),
        ("default_sure", {"default_sure": "abc"}),
        ("excluded", {"rule": "hand", "excluded": {"yes": 0.5}}),
        ("markers", {"markers": "many"}),
    ],
)
def test_what_never_ends_or_contradicts_itself_is_refused_by_the_name_of_the_field(field, wrong):
    with pytest.raises(BadRetirement, match=rf"^{field}: "):
        retirement_from(wrong, KEYS)


chances = st.floats(0.51, 0.9999)
policies = st.fixed_dictionaries(
    {"rule": st.sampled_from(["count", "consensus", "hand"]), "max_votes": st.integers(6, 12), "min_votes": st.integers(1, 6)},
    optional={
        "default_sure": chances,
        "sure": st.dictionaries(st.sampled_from(KEYS), chances),
        "excluded": st.dictionaries(st.sampled_from(KEYS), st.floats(0.001, 0.3)),
        "empties": st.integers(0, 6),
        "flags": st.integers(0, 3),
        "markers": st.integers(0, 5),
    },
)
subjects = st.tuples(st.lists(st.integers(0, 6), min_size=3, max_size=3), st.lists(st.floats(0.001, 1), min_size=3, max_size=3), st.integers(0, 4))


@settings(max_examples=200, deadline=None)
@given(policies, st.lists(subjects, min_size=1, max_size=15))
def test_many_subjects_are_decided_like_each_of_them(data, rows):
    policy = retirement_from(data | {"negative": ["no", "unclear"], "positive": ["yes"], "flagging": ["unclear"]}, KEYS)
    tally = np.array([row[0] for row in rows])
    posterior = np.array([row[1] for row in rows])
    posterior /= posterior.sum(axis=1, keepdims=True)
    few = np.array([row[2] for row in rows])
    codes = decide_all(policy, KEYS, tally=tally, posterior=posterior, n_markers=few)
    one_by_one = [
        decide(policy, KEYS, tally=dict(zip(KEYS, tally[i].tolist(), strict=True)), posterior=posterior[i].tolist(), n_markers=few[i])
        for i in range(len(rows))
    ]
    assert [REASONS[code] for code in codes] == [outcome.reason for outcome in one_by_one]
    assert [code != 0 for code in codes] == [outcome.retire for outcome in one_by_one]
