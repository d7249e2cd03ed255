import json

import numpy as np

from ml.detector.calibrate import Calibration, calibrate
from ml.detector.decode import Candidate


def candidate(probability, length_px=60.0, contrast=3.0):
    return Candidate("asteroid", np.array([[0.0, 0.0], [length_px, 0.0]]), 2.0, probability, contrast, length_px, 0.1, 3.0)


def test_few_checked_candidates_leave_the_prior():
    assert calibrate([candidate(0.9)] * 5, [True] * 5) == Calibration()


def test_scores_follow_the_share_of_right_candidates():
    rng = np.random.default_rng(1)
    p = rng.uniform(0.4, 0.99, 3000)
    right = rng.random(3000) < (p - 0.4)  # as often right as the map says, less 0.4

    fitted = calibrate([candidate(v) for v in p], right.tolist())

    assert fitted.n == 3000
    assert abs(fitted.score(candidate(0.9)) - 0.5) < 0.08
    assert abs(fitted.score(candidate(0.6)) - 0.2) < 0.08


def test_a_calibration_survives_json():
    calibration = Calibration((0.1, 0.2, 0.3, 0.4, 0.5, 0.6), 77)

    assert Calibration.from_json(json.loads(json.dumps(calibration.to_json()))) == calibration


def test_extreme_candidates_have_finite_scores():
    assert 0 <= Calibration().score(candidate(0.0, 0.0, 0.0)) <= Calibration().score(candidate(1.0, 1e9, 1e9)) <= 1
