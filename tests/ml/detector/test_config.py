import json

import pytest

from ml.detector.config import DetectorConfig


def test_a_config_survives_json():
    config = DetectorConfig(widths=(8, 12, 16, 24), inject_snr=(2.0, 5.0), steps=7)

    assert DetectorConfig.from_json(json.loads(json.dumps(config.to_json()))) == config


def test_where_it_runs_does_not_change_the_fingerprint_and_what_it_learns_does():
    assert DetectorConfig(threads=2, device="cpu", cache_mb=1).fingerprint() == DetectorConfig().fingerprint()
    assert DetectorConfig(seed=2).fingerprint() != DetectorConfig().fingerprint()


@pytest.mark.parametrize("wrong", [{"crop": 100}, {"low": 0.7, "high": 0.6}, {"classes": ()}, {"tile_overlap": 250}])
def test_values_that_cannot_work_are_refused(wrong):
    with pytest.raises(ValueError, match="must"):
        DetectorConfig(**wrong)


def test_unknown_names_are_refused():
    with pytest.raises(TypeError):
        DetectorConfig.from_json({"widht": 3})
