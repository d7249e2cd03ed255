import io
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from django.core.files.storage import default_storage
from PIL import Image

from archive import selectors
from archive.models import Cutout, Exposure, IngestRecord
from archive.services import states
from archive.services.cutouts import cut_exposure
from archive.services.exposures import ingest_path
from core import files
from sky import stretch
from tests.archive import skies
from tests.conftest import ROOT, child_environment

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATER = NOW + states.LEASE + timedelta(seconds=1)


def brought_in(path: Path, *, native: bool = False) -> int:
    report = ingest_path(path, now=NOW, native=native)
    assert report.exposure_id is not None, report.reason
    return report.exposure_id


def boxes() -> list[tuple[int, ...]]:
    return list(Cutout.objects.order_by("plane", "y0", "x0").values_list("plane__index", "x0", "y0", "box_width", "box_height", "bin"))


def image_files() -> set[str]:
    folder = Path(default_storage.path("px"))
    return {path.relative_to(folder.parent).as_posix() for path in folder.rglob("*") if path.is_file()} if folder.exists() else set()


@pytest.mark.django_db
def test_an_exposure_gives_four_overlapping_quadrants(tmp_path: Path) -> None:
    pk = brought_in(skies.write_drz(tmp_path / "jbt1a3010_drz.fits", width=2000, height=1960, scale=0.1))
    report = cut_exposure(pk, now=NOW)
    assert report
    assert (report.made, report.total, report.error) == (4, 4, "")
    assert boxes() == [(1, 0, 0, 1012, 992, 1), (1, 988, 0, 1012, 992, 1), (1, 0, 968, 1012, 992, 1), (1, 988, 968, 1012, 992, 1)]
    assert Exposure.objects.get().state == Exposure.State.CUT


@pytest.mark.django_db
def test_the_preview_is_the_documented_stretch_of_the_pixels(tmp_path: Path) -> None:
    path = skies.write_drz(tmp_path / "jbt1a3010_drz.fits")
    cut_exposure(brought_in(path), now=NOW)
    cutout = Cutout.objects.get()
    truth = fits.getdata(path, 1)
    assert cutout.sky_level == pytest.approx(skies.SKY, abs=skies.NOISE / 20)
    assert cutout.sky_sigma == pytest.approx(skies.NOISE, rel=0.03)
    assert (cutout.valid_fraction, cutout.stretch["version"], cutout.pixels_state) == (1.0, stretch.STRETCH_VERSION, "new")
    shown = np.asarray(Image.open(io.BytesIO(files.get(cutout.preview_key))))
    expected = stretch.preview_u8(truth, stretch.Sky(cutout.sky_level, cutout.sky_sigma))
    assert shown.shape == truth.shape == (cutout.height, cutout.width)
    difference = shown.astype(int) - expected
    assert np.abs(difference).mean() < 6.5  # JPEG of quality 80 on pure noise ...
    height, width = (side // 8 for side in shown.shape)
    blocks = difference[: 8 * height, : 8 * width].reshape(height, 8, width, 8).mean(axis=(1, 3))
    assert np.abs(blocks).max() < 1  # ... which leaves the mean of each of its blocks alone
    assert abs(difference.mean()) < 0.5


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["jbt1a3abq_flc.fits", "jbt1a3010_drz.fits", "jbt1a3010_drz.fits.gz"])
def test_a_cutout_pixel_lies_where_astropy_says_it_lies_on_the_sky(tmp_path: Path, name: str) -> None:
    path = skies.write_flc(tmp_path / name, width=1800, height=1000) if "flc" in name else skies.write_drz(tmp_path / name, width=1500, height=1450)
    cut_exposure(brought_in(path), now=NOW)
    assert Cutout.objects.exists()
    with fits.open(path) as hdus:
        for cutout in Cutout.objects.select_related("plane"):
            wcs = WCS(hdus[cutout.plane.index].header, fobj=hdus)
            x, y = np.array([0.0, 17.3, cutout.width - 1.0]), np.array([0.0, 401.6, cutout.height - 1.0])
            ra, dec = selectors.sky_of(cutout.pk, x, y)
            back_x, back_y = wcs.all_world2pix(ra, dec, 0, tolerance=1e-6)
            assert np.abs(back_x - (cutout.x0 + cutout.bin * (x + 0.5) - 0.5)).max() < 0.01
            assert np.abs(back_y - (cutout.y0 + cutout.bin * (y + 0.5) - 0.5)).max() < 0.01
            corner = wcs.all_pix2world([[cutout.x0 - 0.5, cutout.y0 - 0.5]], 0)[0]
            assert cutout.footprint[0] == pytest.approx(corner.tolist(), abs=1e-9)


@pytest.mark.django_db
def test_fine_pixels_are_binned_and_native_tiles_are_not(tmp_path: Path) -> None:
    path = skies.write_drz(tmp_path / "jbt1a3010_drz.fits", width=2200, height=1500, scale=0.04)
    pk = brought_in(path)
    cut_exposure(pk, now=NOW)
    assert {(cutout.bin, round(cutout.pixel_scale_arcsec, 6)) for cutout in Cutout.objects.all()} == {(2, 0.08)}
    states.cut_again([pk], now=NOW, native=True)
    report = cut_exposure(pk, now=NOW)
    assert report
    assert set(Cutout.objects.values_list("bin", flat=True)) == {1, 2}
    assert report.made == Cutout.objects.filter(bin=1).count()


@pytest.mark.django_db
def test_boxes_without_pixels_are_left_out_and_told(tmp_path: Path) -> None:
    path = skies.write_drz(tmp_path / "jbt1a3010_drz.fits", width=2000, height=1000, scale=0.1)
    with fits.open(path, mode="update") as hdus:
        hdus[1].data[:, 1010:] = 0  # the border of a drizzled frame
    report = cut_exposure(brought_in(path), now=NOW)
    assert report
    assert report.warnings == ["SCI,1: 1 boxes with less than 5% valid pixels were left out, at (988, 0)."]
    assert Exposure.objects.get().warnings == report.warnings
    assert Cutout.objects.get().valid_fraction == pytest.approx(1010 / 1012)


@pytest.mark.django_db
def test_cutting_again_changes_nothing_and_repairs_what_is_missing(tmp_path: Path) -> None:
    pk = brought_in(skies.write_drz(tmp_path / "jbt1a3010_drz.fits", width=2000, height=1000, scale=0.1))
    cut_exposure(pk, now=NOW)
    assert cut_exposure(pk, now=NOW) is None
    before = list(Cutout.objects.order_by("pk").values())
    states.cut_again([pk], now=NOW)
    again = cut_exposure(pk, now=NOW)
    assert again
    assert (again.made, again.total, list(Cutout.objects.order_by("pk").values())) == (0, 2, before)
    files.delete(before[0]["preview_key"])
    states.cut_again([pk], now=NOW)
    repaired = cut_exposure(pk, now=NOW)
    assert repaired
    assert (repaired.made, repaired.total) == (1, 2)
    assert image_files() >= set(Cutout.objects.values_list("preview_key", flat=True))
    assert Cutout.objects.get(pk=before[0]["id"]).preview_key != before[0]["preview_key"]


@pytest.mark.django_db
def test_one_worker_gets_an_exposure_and_a_dead_one_loses_it(tmp_path: Path) -> None:
    pk = brought_in(skies.write_drz(tmp_path / "jbt1a3010_drz.fits"))
    dead = states.claim_exposure(pk, now=NOW)
    assert dead
    assert states.claim_exposure(pk, now=NOW) is None
    assert cut_exposure(pk, now=LATER)
    assert states.finish_exposure(dead, warnings=["too late"]) is False
    assert Exposure.objects.get().warnings == []


@pytest.mark.django_db
def test_an_exposure_that_kills_its_workers_fails_in_the_end_and_can_be_retried(tmp_path: Path) -> None:
    pk = brought_in(skies.write_drz(tmp_path / "jbt1a3010_drz.fits"))
    now = NOW
    for _ in range(states.MAX_ATTEMPTS):
        assert states.claim_exposure(pk, now=now)
        now += states.LEASE + timedelta(seconds=1)
    assert cut_exposure(pk, now=now) is None
    assert "died 5 times" in Exposure.objects.get().error
    assert states.retry_failed([pk], now=now) == 1
    assert cut_exposure(pk, now=now)


@pytest.mark.django_db
def test_a_missing_original_fails_the_exposure_with_a_clear_sentence(tmp_path: Path) -> None:
    path = skies.write_drz(tmp_path / "jbt1a3010_drz.fits")
    pk = brought_in(path)
    path.unlink()
    report = cut_exposure(pk, now=NOW)
    assert report
    assert report.error.startswith("The original of jbt1a3010 (drz) is not readable here")
    assert Exposure.objects.get().state == Exposure.State.FAILED
    assert IngestRecord.objects.get().outcome == "added"


DIE_BETWEEN_FILE_AND_ROW = """
import os, signal, sys
import django
django.setup()
from django.utils.dateparse import parse_datetime
from archive.services import cutouts
from core import files
put, calls = files.put, []
def put_and_die(data, key):
    calls.append(put(data, key))
    if len(calls) == 6:  # preview and thumbnail of the third cutout
        os.kill(os.getpid(), signal.SIGKILL)
    return key
files.put = put_and_die
cutouts.cut_exposure(int(sys.argv[1]), now=parse_datetime(sys.argv[2]))
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_half_way_is_followed_by_one_that_finishes(tmp_path: Path) -> None:
    pk = brought_in(skies.write_drz(tmp_path / "jbt1a3010_drz.fits", width=2000, height=1960, scale=0.1))
    earlier = image_files()
    command = [sys.executable, "-c", DIE_BETWEEN_FILE_AND_ROW, str(pk), NOW.isoformat()]
    killed = subprocess.run(command, cwd=ROOT, env=child_environment(), capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert Cutout.objects.count() == 2
    assert cut_exposure(pk, now=NOW) is None  # the lease still runs
    report = cut_exposure(pk, now=LATER)
    assert report
    assert (report.made, report.total) == (2, 4)
    assert len(set(boxes())) == Cutout.objects.count() == 4
    assert Exposure.objects.get().state == Exposure.State.CUT
    kept = {key for keys in Cutout.objects.values_list("preview_key", "thumbnail_key") for key in keys}
    assert kept <= image_files()
    assert len(image_files() - earlier - kept) == 2  # the preview and the thumbnail whose row was not yet written


@pytest.mark.django_db
def test_the_real_frames_are_cut_into_quadrants(shared_data: Path) -> None:
    pk = brought_in(shared_data / "hst_wfc3uvis_frames" / "id8m11g4q_flc.jpg")
    report = cut_exposure(pk, now=NOW)
    assert report
    assert (report.made, set(Cutout.objects.values_list("bin", "width"))) == (4, {(2, 1036)})
    assert set(Cutout.objects.values_list("ra_deg", flat=True)) == {None}


@pytest.mark.django_db
def test_the_real_galaxy_lies_where_its_header_says(shared_data: Path) -> None:
    cut_exposure(brought_in(shared_data / "hst_fits" / "cosmos_acs_f814w_147246_543px.fits"), now=NOW)
    cutout = Cutout.objects.get()
    assert (cutout.ra_deg, cutout.dec_deg) == (pytest.approx(150.416558, abs=1e-6), pytest.approx(1.998698, abs=1e-6))


@pytest.mark.django_db
def test_the_thumbnail_is_the_preview_made_small(tmp_path: Path) -> None:
    cut_exposure(brought_in(skies.write_drz(tmp_path / "jbt1a3010_drz.fits", width=2000, height=1960, scale=0.1)), now=NOW)
    cutout = Cutout.objects.order_by("pk").first()
    assert cutout
    large, small = (Image.open(io.BytesIO(files.get(key))) for key in (cutout.preview_key, cutout.thumbnail_key))
    assert (large.size, small.size) == ((1012, 992), (338, 331))
    assert abs(float(np.asarray(small).mean()) - float(np.asarray(large).mean())) < 2
