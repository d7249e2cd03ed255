import dataclasses
import subprocess
import sys

import numpy as np
import pytest
import torch

from ml.detector.calibrate import Calibration
from ml.detector.config import DetectorConfig
from ml.detector.net import TrailNet
from ml.detector.predict import CARD_FORMAT, BadWeights, Detector, save_weights
from ml.detector.simulated import plain_field

SMALL = DetectorConfig(widths=(8, 8, 8, 8), depth=(1, 1, 1), device="cpu")


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    net = TrailNet(SMALL)
    torch.nn.init.normal_(net.head.weight)
    return net.eval()


def card_of(sha):
    return {
        "format": CARD_FORMAT,
        "weights_sha256": sha,
        "config": SMALL.to_json(),
        "calibration": Calibration().to_json(),
        "threshold": 0.4,
    }


def test_stored_weights_answer_as_before(net, tmp_path):
    image = plain_field(np.random.default_rng(1), 128)
    sha = save_weights(net, tmp_path / "w.safetensors")

    loaded = Detector.load((tmp_path / "w.safetensors").read_bytes(), card_of(sha))

    before = Detector(net, SMALL, Calibration()).probabilities(image)
    np.testing.assert_array_equal(loaded.probabilities(image), before)
    assert loaded.threshold == 0.4


def test_folding_for_prediction_changes_nothing(net):
    image = plain_field(np.random.default_rng(1), 96)
    with torch.inference_mode():
        plain = torch.sigmoid(net(torch.from_numpy(image)[None, None]).ridge)[0].numpy()

    np.testing.assert_allclose(Detector(net, SMALL, Calibration()).probabilities(image), plain, atol=1e-4)


def test_weights_of_another_card_are_refused(net, tmp_path):
    save_weights(net, tmp_path / "w.safetensors")

    with pytest.raises(BadWeights, match="not those"):
        Detector.load(tmp_path / "w.safetensors", card_of("0" * 64))


def test_weights_of_another_network_are_refused(tmp_path):
    sha = save_weights(TrailNet(DetectorConfig()), tmp_path / "w.safetensors")

    with pytest.raises(BadWeights, match="do not fit"):
        Detector.load(tmp_path / "w.safetensors", card_of(sha))


@pytest.mark.parametrize("shape", [(700, 333), (401, 900)])
def test_tiles_answer_as_the_whole_image(net, shape):
    image = np.random.default_rng(2).standard_normal(shape, dtype=np.float32) * 3
    tiled = Detector(net, dataclasses.replace(SMALL, tile=320, tile_overlap=256), Calibration()).probabilities(image)

    whole = Detector(net, SMALL, Calibration()).probabilities(image)

    assert tiled.shape == whole.shape
    np.testing.assert_allclose(tiled, whole, atol=2e-3)


def test_an_image_without_data_has_no_trails(net):
    assert Detector(net, SMALL, Calibration()).find(np.full((200, 300), np.nan, np.float32)) == []


def test_django_is_not_needed():
    script = "import sys, ml.detector.train; print(sorted({'django', 'rest_framework', 'celery', 'redis'} & {m.split('.')[0] for m in sys.modules}))"

    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "[]"
