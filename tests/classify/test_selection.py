"""Arms and draws."""

import random
from collections import Counter

import pytest

from classify.crowd.policies import Retirement
from classify.selection import (
    BadSelection,
    Weighted,
    arm_of,
    draw_places,
    has_arm,
    is_random,
    mixture_of,
    room,
    sets_of,
    show_suggestion,
    soonest,
)


def test_a_mixture_is_read_with_its_shares():
    assert mixture_of([["random", 1]]) == [("random", 1.0)]
    mixture = mixture_of([["random", 1], ["uncertain", 2.5], ["priority", 0], ["set:bright-ones_2", 1.5]])
    assert mixture == [("random", 0.2), ("uncertain", 0.5), ("set:bright-ones_2", 0.3)]
    assert sets_of(mixture) == ["bright-ones_2"]
    assert [is_random(mixture), is_random(mixture_of([["random", 3], ["priority", 0]]))] == [False, True]
    assert [has_arm([["uncertain", weight]], "uncertain") for weight in (1, 0)] == [True, False]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([["random", 0], ["priority", 0]], "sum to nothing"),
        ([["random", -1], ["priority", 2]], "weight of random"),
        ([["random", float("nan")]], "weight of random"),
        ([["random", float("inf")]], "weight of random"),
        ([["random", True]], "weight of random"),
        ([["random", "1"]], "weight of random"),
        ([["audit", 1]], "'audit' is none of"),
        ([["set:", 1]], "'set:' is none of"),
        ([["set:a b", 1]], "'set:a b' is none of"),
        ([["random\n", 1]], "is none of"),
        ([["random", 1], ["random", 2]], "stands twice"),
        ([["random"]], "a pair"),
        (["random"], "a pair"),
        ([], "a list of"),
        ("random", "a list of"),
        ({"random": 1}, "a list of"),
        (None, "a list of"),
        ([[f"set:s{n}", 1] for n in range(21)], "a list of"),
    ],
)
def test_what_is_no_mixture_is_refused_with_the_reason(data, said):
    with pytest.raises(BadSelection, match=said):
        mixture_of(data)


@pytest.mark.parametrize(
    ("lot", "chosen_by", "fair", "is_gold", "expected"),
    [
        (0.01, "random", True, False, ("audit", 0.05)),
        (0.05, "random", True, False, ("random", 0.95)),
        (0.05, "random", False, False, ("random", None)),
        (0.90, "audit", False, False, ("random", None)),
        (0.01, "priority", False, False, ("audit", 0.05)),
        (0.90, "priority", False, False, ("priority", None)),
        (0.90, "uncertain", False, False, ("uncertain", None)),
        (0.90, "set:x", False, False, ("set", None)),
        (0.01, "random", True, True, ("gold", 1.0)),
    ],
)
def test_the_lot_decides_the_arm_and_its_chance(lot, chosen_by, fair, is_gold, expected):
    assert arm_of(lot=lot, audit_fraction=0.05, chosen_by=chosen_by, fair=fair, is_gold=is_gold) == expected


def test_each_place_draws_its_arm_and_the_audit_arm_has_its_share_in_every_mixture():
    mixture, rng = [Weighted("random", 0.2), Weighted("uncertain", 0.8)], random.Random(1)
    drawn = Counter(arm for _ in range(4000) for arm in draw_places(mixture, n=10, audit_fraction=0.05, rng=rng))
    assert drawn["audit"] / 40_000 == pytest.approx(0.05, abs=0.004)  # four standard errors of 40,000 draws
    assert drawn["random"] / 40_000 == pytest.approx(0.19, abs=0.008)
    assert drawn["uncertain"] / 40_000 == pytest.approx(0.76, abs=0.009)
    fair = Counter(arm for _ in range(4000) for arm in draw_places([Weighted("random", 1.0)], n=10, audit_fraction=0.05, rng=rng))
    assert fair["audit"] / 40_000 == pytest.approx(0.05, abs=0.004)


def test_so_many_people_at_once_that_no_vote_comes_after_the_end():
    count = soonest(Retirement(rule="count", max_votes=10))
    assert [room(count, n) for n in (0, 4, 9, 10, 12)] == [10, 6, 1, 1, 1]  # what still counts; at its limit again: one at a time
    sure = soonest(Retirement(rule="consensus", max_votes=12, min_votes=4))
    assert [room(sure, n) for n in (0, 3, 4, 11)] == [4, 1, 1, 1]
    empty = soonest(Retirement(rule="consensus", max_votes=12, min_votes=5, empties=3, negative=("no",)))
    assert [room(empty, n) for n in (0, 2, 3, 6)] == [3, 1, 1, 1]
    assert soonest(Retirement(rule="hand", max_votes=10)) == 0


def test_suggestions_are_shown_with_the_logged_chance():
    rng = random.Random(2)
    draws = [show_suggestion(has_suggestion=True, suggest_fraction=0.8, rng=rng) for _ in range(10_000)]
    assert {p for _, p in draws} == {0.8}
    assert sum(shown for shown, _ in draws) / len(draws) == pytest.approx(0.8, abs=0.016)
    assert show_suggestion(has_suggestion=False, suggest_fraction=0.8, rng=rng) == (False, None)
