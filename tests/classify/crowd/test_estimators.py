"""Estimates from a random sample, drawn again and again from a population that is known."""

import numpy as np
import pytest

from classify.crowd.estimators import mean, ratio_mean, total

RNG = np.random.default_rng(7)
N = 4_000
ERROR = (RNG.random(N) < 0.1).astype(float)
BRIGHTNESS = RNG.gamma(2.0, 3.0, N)
CHANCE = np.clip(0.05 + 0.1 * (BRIGHTNESS > 6), 0, 1)  # the bright ones are looked at more often


def drawn_again(value, estimator, rounds=400):
    rng = np.random.default_rng(1)
    made = []
    for _ in range(rounds):
        inside = rng.random(N) < CHANCE
        made.append(estimator(value[inside].tolist(), CHANCE[inside].tolist()))
    return made


@pytest.mark.parametrize(
    ("value", "estimator", "truth"),
    [
        (BRIGHTNESS, total, BRIGHTNESS.sum()),
        (ERROR, lambda y, p: mean(y, p, n_units=N), ERROR.mean()),
        (ERROR, ratio_mean, ERROR.mean()),
        (BRIGHTNESS, ratio_mean, BRIGHTNESS.mean()),
    ],
)
def test_it_is_right_on_average_and_its_interval_covers(value, estimator, truth):
    made = drawn_again(value, estimator)
    values = np.array([estimate.value for estimate in made])
    covered = np.mean([estimate.low <= truth <= estimate.high for estimate in made])

    assert abs(values.mean() - truth) < 4 * values.std() / np.sqrt(len(made)) + 0.002 * truth
    assert np.mean([estimate.variance for estimate in made]) == pytest.approx(values.var(), rel=0.25)
    assert 0.91 < covered < 0.985


def test_the_plain_mean_of_the_sample_would_have_been_wrong():
    inside = np.random.default_rng(1).random(N) < CHANCE
    estimate = ratio_mean(BRIGHTNESS[inside].tolist(), CHANCE[inside].tolist())
    assert BRIGHTNESS[inside].mean() > 1.2 * BRIGHTNESS.mean()
    assert estimate.low < BRIGHTNESS.mean() < estimate.high


def test_rows_chosen_by_priority_are_left_out():
    with_priority = total([1.0, 5.0, 2.0], [0.5, None, 0.25])
    assert with_priority[:4] == total([1.0, 2.0], [0.5, 0.25])[:4]
    assert (with_priority.value, with_priority.n_used, with_priority.n_left_out) == (10.0, 2, 1)
    assert with_priority.variance == pytest.approx(0.5 / 0.25 + 0.75 / 0.0625 * 4)


def test_a_census_has_no_variance():
    assert mean([0, 1, 1, 0], [1.0] * 4, n_units=4)[:4] == (0.5, 0, 0.5, 0.5)
    assert total([], []).value == 0


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: total([1.0], []), "1 and 0 rows"),
        (lambda: total([1.0], [0.0]), "p:"),
        (lambda: total([1.0], [1.1]), "p:"),
        (lambda: total([1.0], [float("nan")]), "p:"),
        (lambda: total([float("inf")], [0.5]), "values"),
        (lambda: total([1.0], [0.5], level=1.0), "level"),
        (lambda: mean([1.0, 1.0], [0.5, 0.5], n_units=1), "n_units"),
        (lambda: ratio_mean([1.0], [None]), "no row has a probability"),
    ],
)
def test_what_makes_no_sense_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()
