"""Predictions against what came true."""

import numpy as np
import pytest

from classify.crowd.calibration import fit_temper, log_loss, temper
from classify.crowd.dawid_skene import dawid_skene
from classify.crowd.reliability import expected_calibration_error, reliability, wilson
from classify.crowd.simulated import crowd


def test_the_table_counts_each_case_once():
    rows = reliability([0.0, 0.05, 0.1, 0.95, 1.0, 1.0], [0, 1, 0, 1, 1, 0], bins=10)
    assert [(row.low, row.n) for row in rows] == [(0.0, 2), (0.1, 1), (0.9, 3)]
    assert rows[0].predicted == pytest.approx(0.025)
    assert rows[0].observed == 0.5
    assert rows[2].observed == pytest.approx(2 / 3)
    assert expected_calibration_error(rows) == pytest.approx((2 * 0.475 + 1 * 0.1 + 3 * (2.95 / 3 - 2 / 3)) / 6)


def test_bins_may_be_finer_close_to_one():
    rows = reliability([0.2, 0.992, 0.9995], [0, 1, 1], bins=[0, 0.9, 0.99, 0.999, 1])
    assert [(row.low, row.high, row.n) for row in rows] == [(0, 0.9, 1), (0.99, 0.999, 1), (0.999, 1, 1)]
    assert reliability([], []) == []
    assert expected_calibration_error([]) == 0


def test_the_interval_of_a_share_is_wilsons():
    assert wilson(8, 10) == pytest.approx((0.4901625, 0.9433178), abs=1e-6)
    assert wilson(0, 10) == pytest.approx((0, 0.2775328), abs=1e-6)
    assert wilson(0, 0) == (0, 1)
    with pytest.raises(ValueError, match="3 of 2"):
        wilson(3, 2)


def test_one_exponent_is_found_again():
    rng = np.random.default_rng(1)
    prior = np.array([0.7, 0.2, 0.1])
    evidence = rng.normal(0, 2, (20_000, 3))
    honest = temper(evidence, prior, 0.6)
    truth = (rng.random(20_000)[:, None] >= honest.cumsum(axis=1)[:, :-1]).sum(axis=1)
    found = fit_temper(evidence, prior, truth)
    assert found == pytest.approx(0.6, abs=0.03)
    assert log_loss(evidence, prior, truth, exponent=found) <= min(log_loss(evidence, prior, truth, exponent=e) for e in (0.0, 0.5, 0.7, 1.0))
    too_sure, mended = (reliability(temper(evidence, prior, e)[:, 1], truth == 1) for e in (1.0, found))
    assert expected_calibration_error(mended) < 0.25 * expected_calibration_error(too_sure)
    assert all(row.observed_low - 0.02 < row.predicted < row.observed_high + 0.02 for row in mended)


def test_tempering_mends_a_crowd_whose_errors_go_together():
    """The exponent is learnt on half of the subjects and judged on the other half."""
    made = crowd(8_000, 600, seed=3)
    fit = dawid_skene(made.table)
    exponent = fit_temper(fit.evidence[::2], fit.prior, made.truth[::2])
    rest = made.truth[1::2]
    assert 0.3 < exponent < 0.95

    assert log_loss(fit.evidence[1::2], fit.prior, rest, exponent=exponent) < 0.95 * log_loss(fit.evidence[1::2], fit.prior, rest)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: reliability([0.5], [0, 1]), "one length"),
        (lambda: reliability([1.5], [1]), "predicted"),
        (lambda: reliability([np.nan], [1]), "predicted"),
        (lambda: reliability([0.5], [0.5]), "came_true"),
        (lambda: reliability([0.5], [1], bins=[0, 0.5, 0.5, 1]), "bins"),
        (lambda: reliability([0.5], [1], bins=0), "bins"),
        (lambda: fit_temper(np.zeros((0, 2)), [0.5, 0.5], []), "evidence"),
        (lambda: fit_temper([[-np.inf, 0.0]], [0.5, 0.5], [0]), "evidence"),
        (lambda: fit_temper([[0.0, 1.0]], [0.5, 0.6], [0]), "prior"),
        (lambda: fit_temper([[0.0, 1.0]], [0.5, 0.5], [2]), "truth"),
        (lambda: temper([[0.0, 1.0]], [0.5, 0.5], -1), "exponent"),
    ],
)
def test_what_makes_no_sense_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()
