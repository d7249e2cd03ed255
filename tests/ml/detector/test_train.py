import dataclasses
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from ml.detector import samples as data
from ml.detector.checkpoint import CheckpointMismatch
from ml.detector.config import DetectorConfig
from ml.detector.crops import CropSampler, NothingToLearn
from ml.detector.evaluate import evaluate
from ml.detector.predict import Detector
from ml.detector.samples import LabelledTrail, Sample
from ml.detector.simulated import plain_field, plain_samples
from ml.detector.train import Progress, Stopped, fit
from sky.simulate import draw_trail

TINY = DetectorConfig(widths=(8, 8, 8, 8), depth=(1, 1, 1), steps=12, batch=2, images_per_step=2, crop=64, warmup_steps=2, device="cpu")


def marked(number, brightness=8.0):
    """Return a field with one bright curved trail, known exactly."""
    rng = np.random.default_rng([7, number])
    t = np.linspace(0, 1, 20)
    a, b, bow = *rng.uniform(20, 108, (2, 2)), rng.uniform(-15, 15)
    if np.hypot(*(b - a)) < 50:
        b = 128 - a
    points = a + (b - a) * t[:, None] + np.outer(bow * 4 * t * (1 - t), [0.5, -0.5])
    image = plain_field(rng, 128) + draw_trail((128, 128), points, 1.8, brightness=brightness)
    return Sample(f"m{number}", f"m{number}", lambda: image, (LabelledTrail("asteroid", points),), "yes", "train")


def test_it_can_learn_four_images_by_heart(tmp_path):
    four = [marked(i) for i in range(4)]
    config = DetectorConfig(
        widths=(12, 16, 16, 16), depth=(1, 1, 1), steps=110, batch=4, images_per_step=4, crop=128, on_trail_share=0.0, gain_jitter=0.0,
        learning_rate=6e-3, warmup_steps=5, ema_decay=0.9, device="cpu",
    )  # fmt: skip

    result = fit(config, four, tmp_path)

    detector = Detector.load(result.weights, result.card)
    report = evaluate(detector, four)["asteroid"]
    assert report["recall"] == 1.0
    assert report["precision"] >= 0.8
    assert report["end_error_median_px"] < 5


def test_a_run_that_was_stopped_goes_on_to_the_same_weights(tmp_path):
    samples = plain_samples(6, side=96, seed=5)
    straight = fit(TINY, samples, tmp_path / "a")

    seen = []
    with pytest.raises(Stopped):
        fit(TINY, samples, tmp_path / "b", on_progress=seen.append, should_stop=lambda: any(p.step >= 5 for p in seen))
    resumed = fit(TINY, samples, tmp_path / "b")

    assert resumed.card["weights_sha256"] == straight.card["weights_sha256"]


KILLED = """
import sys, time, pathlib
from tests.ml.detector.test_train import TINY, plain_samples, fit
import dataclasses
fit(dataclasses.replace(TINY, checkpoint_every_s=0.0), plain_samples(6, side=96, seed=5), pathlib.Path(sys.argv[1]),
    on_progress=lambda p: (print(p.step, flush=True), time.sleep(60 if p.step >= 5 else 0)))
"""


def test_a_run_that_was_killed_goes_on_to_the_same_weights(tmp_path):
    straight = fit(TINY, plain_samples(6, side=96, seed=5), tmp_path / "a")
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    with subprocess.Popen([sys.executable, "-c", KILLED, tmp_path / "b"], stdout=subprocess.PIPE, env=environment) as run:
        assert run.stdout is not None
        while run.stdout.readline().strip() != b"5":
            assert run.poll() is None
        time.sleep(0.1)
        run.send_signal(signal.SIGKILL)

    seen: list[Progress] = []
    resumed = fit(TINY, plain_samples(6, side=96, seed=5), tmp_path / "b", on_progress=seen.append)

    assert seen[0].step >= 5
    assert resumed.card["weights_sha256"] == straight.card["weights_sha256"]


def test_a_checkpoint_of_another_run_is_refused_unless_a_fresh_start_is_asked_for(tmp_path):
    samples = plain_samples(6, side=96, seed=5)
    fit(dataclasses.replace(TINY, steps=2), samples, tmp_path)

    with pytest.raises(CheckpointMismatch, match="another recipe"):
        fit(dataclasses.replace(TINY, steps=3), samples, tmp_path)

    assert fit(dataclasses.replace(TINY, steps=3), samples, tmp_path, fresh=True).card["steps"] == 3


def test_a_damaged_checkpoint_is_named(tmp_path):
    (tmp_path / "checkpoint.pt").write_bytes(b"nonsense")

    with pytest.raises(CheckpointMismatch, match="damaged"):
        fit(TINY, plain_samples(6, side=96, seed=5), tmp_path)


def test_the_card_says_what_the_model_is(tmp_path):
    samples = plain_samples(6, side=96, seed=5)

    card = fit(TINY, samples, tmp_path).card

    assert DetectorConfig.from_json(card["config"]) == TINY
    assert card["data_sha256"] == data.fingerprint(samples)
    assert (card["seed"], card["steps"]) == (TINY.seed, TINY.steps)
    assert set(card["metrics"]) >= {"baseline"}


def test_without_a_usable_sample_it_says_what_is_missing(tmp_path):
    unmarked = dataclasses.replace(marked(0), trails=())

    with pytest.raises(NothingToLearn, match="training split"):
        fit(TINY, [unmarked], tmp_path)


def test_a_batch_depends_on_seed_and_step_alone():
    samples = [marked(i) for i in range(4)] + plain_samples(4, side=128, seed=2)
    one, two = CropSampler(TINY, samples), CropSampler(TINY, samples[::-1])
    one.batch(3)

    for a, b in zip(one.batch(9), two.batch(9), strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    assert not np.array_equal(one.batch(9).image, one.batch(10).image)


def test_crops_show_the_trails_where_their_targets_say():
    config = dataclasses.replace(TINY, batch=8, on_trail_share=1.0)
    sampler = CropSampler(config, [marked(i, brightness=30.0) for i in range(4)])

    batch = sampler.batch(0)

    light = batch.image[:, 0].unfold(1, 2, 2).unfold(2, 2, 2).amax(dim=(3, 4))
    on = batch.ridge[:, 0] > 0
    assert on.any()
    assert float(light[on].median()) > 15
    assert float(light[~on].median()) < 3
