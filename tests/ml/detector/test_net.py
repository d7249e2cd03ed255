import numpy as np
import pytest
import torch

from ml.detector.config import DetectorConfig
from ml.detector.net import TrailNet, count_parameters, line_filters


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    return TrailNet(DetectorConfig()).eval()


@pytest.mark.parametrize(("height", "width"), [(64, 64), (65, 130), (17, 33), (1, 5)])
def test_any_size_gives_one_cell_for_two_pixels(net, height, width):
    with torch.inference_mode():
        maps = net(torch.zeros(2, 1, height, width))

    assert maps.ridge.shape == (2, 2, -(-height // 2), -(-width // 2))
    assert maps.orientation.shape == (2, 2, -(-height // 2), -(-width // 2))


def test_missing_pixels_give_finite_answers(net):
    image = torch.full((1, 1, 64, 64), float("nan"))

    with torch.inference_mode():
        assert torch.isfinite(net(image).ridge).all()


def test_it_is_small():
    assert count_parameters(TrailNet(DetectorConfig())) < 1_000_000


def test_a_line_filter_answers_its_own_direction_most_and_ignores_a_slope_of_the_sky():
    bank = line_filters(21)[:, 0]
    y, x = np.mgrid[-10:11, -10:11]
    line = np.exp(-0.5 * y**2)

    answers = (bank * line).sum(axis=(1, 2))

    assert answers.argmax() == 0
    np.testing.assert_allclose((bank * (3.0 + 0.5 * x - 0.2 * y)).sum(axis=(1, 2)), 0, atol=1e-4)
    np.testing.assert_allclose((bank**2).sum(axis=(1, 2)), 1, atol=1e-5)
