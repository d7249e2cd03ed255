import os
from pathlib import Path

import pytest

from archive import finding


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_images_are_found_in_folders_below_in_the_order_of_their_names(tmp_path: Path) -> None:
    touch(tmp_path / "b.FITS", tmp_path / "a/c_flc.fits.gz", tmp_path / "a/d.jpg", tmp_path / "a/notes.txt", tmp_path / ".hidden/e.fits")
    touch(tmp_path / "a/.f.png")
    found = finding.find([tmp_path])
    assert [path.relative_to(tmp_path).as_posix() for path in found.files] == ["b.FITS", "a/c_flc.fits.gz", "a/d.jpg"]
    assert found.n_ignored == 1


def test_a_file_that_was_named_itself_is_offered_whatever_its_ending(tmp_path: Path) -> None:
    touch(tmp_path / "notes.txt")
    assert finding.find([tmp_path / "notes.txt"]).files == [tmp_path / "notes.txt"]


def test_a_file_named_twice_comes_once(tmp_path: Path) -> None:
    touch(tmp_path / "a.fits")
    assert finding.find([tmp_path / "a.fits", tmp_path]).files == [tmp_path / "a.fits"]


def test_a_missing_path_is_told_and_stops_nothing_unless_all_are_missing(tmp_path: Path) -> None:
    touch(tmp_path / "a.fits")
    found = finding.find([tmp_path / "nowhere", tmp_path])
    assert (found.files, found.missing) == ([tmp_path / "a.fits"], [tmp_path / "nowhere"])
    with pytest.raises(finding.Missing, match=r"There is no file or folder .*/nowhere"):
        finding.find([tmp_path / "nowhere"])


def test_links_are_followed_and_circles_end(tmp_path: Path) -> None:
    touch(tmp_path / "real/a.fits")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/linked").symlink_to(tmp_path / "real")
    (tmp_path / "real/circle").symlink_to(tmp_path / "real")
    (tmp_path / "data/broken").symlink_to(tmp_path / "nowhere")
    assert finding.find([tmp_path / "data"]).files == [tmp_path / "data/linked/a.fits"]


def test_a_pipe_is_listed_and_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.fits")
    assert finding.find([tmp_path]).files == [tmp_path / "pipe.fits"]
    assert finding.find([tmp_path / "pipe.fits"]).files == [tmp_path / "pipe.fits"]
