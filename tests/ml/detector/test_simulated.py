import numpy as np

from ml.detector.simulated import as_marked, plain_samples, simulated_samples
from ml.detector.train import main


def test_plain_samples_are_the_same_each_time():
    one, two = plain_samples(3, side=64), plain_samples(3, side=64)

    assert [s.label for s in one] == [s.label for s in two]
    np.testing.assert_array_equal(one[1].image(), two[1].image())


def test_simulated_exposures_become_cutouts_in_sky_sigmas_with_their_trails(tmp_path):
    samples = simulated_samples(2, tmp_path, size=700)

    assert [s.group for s in samples] == ["1-700-sim0001", "1-700-sim0002"]
    for sample in samples:
        image = sample.image()
        assert image.shape == (700, 700)
        assert abs(np.nanmedian(image)) < 0.5
        assert (sample.label == "yes") == bool(sample.trails)


def test_marks_are_two_ends_of_asteroids_and_say_nothing_of_satellites():
    truth = plain_samples(12, side=96, trail_share=1.0)

    marked = as_marked(truth)

    assert {t.klass for s in truth for t in s.trails} == {"asteroid", "satellite"}
    for before, after in zip(truth, marked, strict=True):
        asteroids = [t for t in before.trails if t.klass == "asteroid"]
        assert after.asked == ("asteroid",)
        assert after.label == ("yes" if asteroids else "no")
        for true, mark in zip(asteroids, after.trails, strict=True):
            assert mark.points.shape == (2, 2)
            assert np.abs(mark.points - true.points[[0, -1]]).max() < 10


def test_the_command_line_trains_and_says_how_it_went(tmp_path, capsys):
    main(["--simulated", "2", "--out", str(tmp_path), "--steps", "1", "--device", "cpu"])

    said = capsys.readouterr().out
    assert "train 1/1" in said
    assert "on its own test split" in said
    assert (tmp_path / "card.json").exists()
