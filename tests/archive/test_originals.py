import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from archive import originals
from archive.models import Exposure
from archive.services.exposures import ingest_path
from core.files import sha256_of
from tests.archive import skies

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "extension"),
    [
        ("jbt1a3010_drz.fits", "fits"),
        ("a.b.c_FLC.FITS.GZ", "fits.gz"),
        ("x.fits.fz", "fits.fz"),
        ("plain.gz", "gz"),
        ("x.jpeg", "jpeg"),
        ("noend", "bin"),
        ("x.../etc", "bin"),
    ],
)
def test_the_ending_of_a_name_is_safe_in_a_key(name: str, extension: str) -> None:
    assert originals.extension_of(name) == extension


def test_an_original_is_stored_once_under_its_checksum(tmp_path: Path) -> None:
    path = skies.write_drz(tmp_path / "jbt1a3010_drz.fits.gz")
    checksum = sha256_of(path)
    keys = {originals.store_original(path, checksum=checksum) for _ in range(2)}
    assert keys == {f"originals/{checksum[:2]}/{checksum}.fits.gz"}
    with default_storage.open(keys.pop()) as stored:
        assert stored.read() == path.read_bytes()
    assert len(default_storage.listdir(f"originals/{checksum[:2]}")[1]) == 1


def test_a_copy_that_a_killed_process_left_half_written_is_made_whole(tmp_path: Path) -> None:
    path = skies.write_drz(tmp_path / "jbt1a3010_drz.fits", seed=3)
    checksum = sha256_of(path)
    default_storage.save(f"originals/{checksum[:2]}/{checksum}.fits", ContentFile(path.read_bytes()[:1000]))
    key = originals.store_original(path, checksum=checksum)
    assert default_storage.size(key) == path.stat().st_size


@pytest.mark.django_db
def test_the_stored_copy_serves_when_the_linked_file_is_gone_or_has_changed(tmp_path: Path) -> None:
    path = skies.write_drz(tmp_path / "jbt1a3010_drz.fits", seed=1)
    ingest_path(path, now=NOW, store=True)
    exposure = Exposure.objects.get()
    with originals.original(exposure) as used:
        assert used == path
    skies.write_drz(path, seed=2)
    os.utime(path, ns=(0, 1))
    with originals.original(exposure) as used:
        assert used != path
        assert sha256_of(used) == exposure.checksum
    path.unlink()
    with originals.original(exposure) as used:
        assert sha256_of(used) == exposure.checksum


@pytest.mark.django_db
def test_a_new_time_of_change_alone_does_not_make_it_another_file(tmp_path: Path) -> None:
    path = skies.write_drz(tmp_path / "jbt1a3010_drz.fits")
    ingest_path(path, now=NOW)
    path.touch()
    assert originals.is_same_file(path, Exposure.objects.get())


@pytest.mark.django_db
def test_an_original_out_of_reach_says_what_to_do(tmp_path: Path) -> None:
    path = skies.write_drz(tmp_path / "jbt1a3010_drz.fits")
    ingest_path(path, now=NOW)
    path.unlink()
    with (
        pytest.raises(originals.OriginalMissing, match=r"of jbt1a3010 \(drz\) is not readable here: .* Run ingest with --store"),
        originals.original(Exposure.objects.get()),
    ):
        pass
