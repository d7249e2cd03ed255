import numpy as np
import pytest
import torch

from ml.detector.config import DetectorConfig
from ml.detector.net import TrailNet, count_parameters, line_filters, stretch


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


def test_a_glow_and_its_noise_are_flat_in_the_faint_channel():
    y, x = np.mgrid[0:128, 0:128].astype(np.float32)
    glow = 60 * np.exp(-0.5 * ((x - 64) ** 2 + (y - 64) ** 2) / 90**2)
    noise = np.random.default_rng(1).standard_normal((128, 128), dtype=np.float32)
    noisy_glow = glow + noise * np.sqrt(1 + glow / 4)

    faint = stretch(torch.from_numpy(np.stack([noise, noisy_glow])[:, None]))[:, 0, 32:96, 32:96].numpy()

    assert abs(faint[1].mean()) < 0.2  # of a glow 60 high
    assert faint[1].std() == pytest.approx(faint[0].std(), rel=0.2)


def test_missing_pixels_are_nothing_in_the_picture_channels_and_named_in_the_third():
    image = torch.full((1, 1, 64, 64), 3.0)
    image[..., :10] = float("nan")

    shown = stretch(image)[0]

    assert shown[:, :, :10].abs().max() == 0
    assert shown[2, :, 10:].min() == 1
