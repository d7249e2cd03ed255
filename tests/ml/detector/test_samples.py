from collections import Counter

import numpy as np

from ml.detector.samples import ImageCache, LabelledTrail, Sample, fingerprint, split_of


def sample(key="a", image=None, **changes):
    pixels = np.zeros((4, 4), np.float32) if image is None else image
    return Sample(**{"key": key, "group": "g", "image": lambda: pixels, "trails": (), "label": "no", "split": "train"} | changes)


def test_a_group_always_falls_into_the_same_split():
    assert [split_of("exposure-1"), split_of("exposure-2"), split_of("exposure-3")] == [
        split_of("exposure-1"),
        split_of("exposure-2"),
        split_of("exposure-3"),
    ]


def test_the_shares_of_the_splits_are_as_asked():
    counted = Counter(split_of(str(i), "salt", val=0.2, test=0.1) for i in range(4000))

    assert abs(counted["test"] / 4000 - 0.1) < 0.02
    assert abs(counted["val"] / 4000 - 0.2) < 0.02


def test_another_salt_makes_another_split():
    assert [split_of(str(i), "a") for i in range(50)] != [split_of(str(i), "b") for i in range(50)]


def test_the_fingerprint_knows_labels_and_trails_but_not_the_order():
    trail = LabelledTrail("asteroid", np.array([[1.0, 2.0], [3.0, 4.0]]))
    moved = LabelledTrail("asteroid", np.array([[1.0, 2.0], [3.0, 5.0]]))
    a, b = sample("a"), sample("b", trails=(trail,), label="yes")

    assert fingerprint([a, b]) == fingerprint([b, a])
    assert fingerprint([a, b]) != fingerprint([a, sample("b", trails=(moved,), label="yes")])
    assert fingerprint([a]) != fingerprint([sample("a", label="unknown")])


def test_the_cache_opens_an_image_once_while_there_is_room():
    opened = []

    def image(key):
        opened.append(key)
        return np.full((256, 1024), len(opened), np.float32)  # half a MiB as 16-bit floats

    samples = [sample(key, image=None) for key in "abc"]
    samples = [Sample(s.key, s.group, lambda key=s.key: image(key), (), "no", "train") for s in samples]
    cache = ImageCache(1)

    for s in [samples[0], samples[1], samples[0], samples[2], samples[0], samples[1]]:
        cache.get(s)

    assert opened == ["a", "b", "c", "b"]


def test_missing_pixels_stay_missing_in_the_cache():
    pixels = np.array([[np.nan, 1e9], [-1e9, 2.0]], np.float32)

    kept = ImageCache(1).get(sample(image=pixels))

    assert np.isnan(kept[0, 0])
    assert kept[1].tolist() == [-60000.0, 2.0]
