"""Arms and draws."""

import random

import pytest

from classify.selection import arm_of, audit_quota, show_suggestion


@pytest.mark.parametrize(
    ("lot", "by_priority", "is_gold", "expected"),
    [
        (0.01, False, False, ("audit", 0.05)),
        (0.05, False, False, ("random", 0.95)),
        (0.01, True, False, ("audit", 0.05)),
        (0.90, True, False, ("priority", None)),
        (0.01, False, True, ("gold", 1.0)),
    ],
)
def test_the_lot_decides_the_arm_and_its_chance(lot, by_priority, is_gold, expected):
    assert arm_of(lot=lot, audit_fraction=0.05, by_priority=by_priority, is_gold=is_gold) == expected


def test_the_audit_arm_gets_its_share_of_priority_serves():
    rng = random.Random(1)
    share = sum(audit_quota(10, 0.05, rng) for _ in range(4000)) / 40_000
    assert share == pytest.approx(0.05, abs=0.004)  # four standard errors of 40,000 draws


def test_suggestions_are_shown_with_the_logged_chance():
    rng = random.Random(2)
    draws = [show_suggestion(has_suggestion=True, suggest_fraction=0.8, rng=rng) for _ in range(10_000)]
    assert {p for _, p in draws} == {0.8}
    assert sum(shown for shown, _ in draws) / len(draws) == pytest.approx(0.8, abs=0.016)
    assert show_suggestion(has_suggestion=False, suggest_fraction=0.8, rng=rng) == (False, None)
