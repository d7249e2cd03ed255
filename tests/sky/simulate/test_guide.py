"""The pictures of the field guide: the same whenever drawn, small, and each shows what its name says."""

import numpy as np
import pytest
from PIL import Image

from classify.guide_texts import FIELD_GUIDE
from classify.management.commands.draw_guide import FOLDER, MOST_BYTES, save
from sky.simulate.guide import SCENES, SIZE


def test_every_entry_has_its_picture_and_each_is_small():
    assert {entry["slug"] for entry in FIELD_GUIDE} <= set(SCENES)
    files = {path.stem: path for path in FOLDER.glob("*.jpg")}
    assert set(files) == set(SCENES)
    assert max(path.stat().st_size for path in files.values()) <= MOST_BYTES
    assert {Image.open(path).size for path in files.values()} == {(SIZE, SIZE)}


@pytest.mark.parametrize("name", ["asteroid-s-shaped", "chip-edge", "suggested"])
def test_the_files_are_what_the_command_draws(name, tmp_path):
    first, again = SCENES[name](), SCENES[name]()
    assert np.array_equal(first, again)
    save(Image.fromarray(first), tmp_path / "drawn.jpg")
    kept, drawn = (np.asarray(Image.open(path).convert("L"), dtype=float) for path in (FOLDER / f"{name}.jpg", tmp_path / "drawn.jpg"))
    assert np.abs(kept - drawn).mean() < 2.0, "drawn anew by ./run manage draw_guide"


def test_a_trail_stands_out_and_the_chip_ends_in_black():
    grey = SCENES["asteroid-trail"]()
    assert np.median(grey[110:134, 106:130].max(axis=0)) > np.median(grey) + 60
    assert (SCENES["chip-edge"]()[-20:, :100] == 0).all()
