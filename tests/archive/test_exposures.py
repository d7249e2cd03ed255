import gzip
import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from django.core.files.storage import default_storage
from PIL import Image

from archive.models import Exposure, IngestRecord
from archive.originals import original
from archive.services.exposures import ingest_path, utc
from core.files import sha256_of
from tests.archive import skies

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_a_drizzled_file_becomes_an_exposure_with_its_plane(tmp_path: Path) -> None:
    path = skies.write_drz(tmp_path / "jbt1a3010_drz.fits", D001DATA="jbt1a3abq_flt.fits[sci,1]")
    report = ingest_path(path, now=NOW)
    exposure = Exposure.objects.get(pk=report.exposure_id)
    assert report.outcome == "added"
    assert (exposure.survey, exposure.observation_id, exposure.product, exposure.kind) == ("HST", "jbt1a3010", "drz", "composite")
    assert (exposure.filter, exposure.filters_raw) == ("F814W", {"FILTER1": "CLEAR1L", "FILTER2": "F814W"})
    assert exposure.start == datetime(2011, 5, 4, 6, 0, tzinfo=UTC)
    assert exposure.members == ["jbt1a3abq"]
    assert exposure.zero_point_ab_mag == pytest.approx(25.937, abs=0.001)
    assert (exposure.credit, exposure.checksum, exposure.source) == ("NASA/ESA/STScI", sha256_of(path), str(path))
    assert exposure.state == Exposure.State.NEW
    assert [card[0] for card in exposure.headers[1]].count("PHOTFLAM") == 1
    (plane,) = exposure.planes.all()
    assert (plane.index, plane.width, plane.height, plane.has_wcs) == (1, 300, 280, True)
    assert plane.pixel_scale_arcsec == pytest.approx(0.05)
    record = IngestRecord.objects.get()
    assert (record.path, record.outcome, record.exposure, record.at) == (str(path), "added", exposure, NOW)


def test_both_chips_of_an_flc_are_planes(tmp_path: Path) -> None:
    report = ingest_path(skies.write_flc(tmp_path / "jbt1a3abq_flc.fits"), now=NOW)
    exposure = Exposure.objects.get(pk=report.exposure_id)
    assert [(plane.index, plane.name) for plane in exposure.planes.all()] == [(1, "Chip 2"), (4, "Chip 1")]
    first, second = exposure.planes.all()
    assert second.dec_deg - first.dec_deg == pytest.approx(0.003, abs=1e-5)


def test_gzip_is_read_too(tmp_path: Path) -> None:
    report = ingest_path(skies.write_drz(tmp_path / "jbt1a3010_drz.fits.gz"), now=NOW)
    assert (report.outcome, Exposure.objects.get().product) == ("added", "drz")


def test_a_picture_is_named_after_its_file_and_says_that_its_source_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "my sky.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (100, 120), dtype=np.uint8)).save(path)
    ingest_path(path, now=NOW)
    exposure = Exposure.objects.get()
    assert exposure.observation_id.startswith("my sky-")
    assert (exposure.survey, exposure.credit, exposure.wcs_key) == ("image", "source not stated", "")


def _not_an_image(path: Path) -> None:
    path.write_text("no image at all\n")


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _truncated(path: Path) -> None:
    data = skies.write_drz(path).read_bytes()
    path.write_bytes(data[: len(data) // 2])


def _truncated_gzip(path: Path) -> None:
    data = gzip.compress(skies.write_drz(path).read_bytes())
    path.write_bytes(data[: len(data) // 2])


def _without_image(path: Path) -> None:
    fits.HDUList([skies.primary("jbt1a3010")]).writeto(path)


def _only_nan(path: Path) -> None:
    hdu = fits.ImageHDU(np.full((200, 200), np.nan, np.float32), name="SCI")
    fits.HDUList([skies.primary("jbt1a3010"), hdu]).writeto(path)


def _too_small(path: Path) -> None:
    skies.write_drz(path, width=63, height=200)


def _claims_to_be_huge(path: Path) -> None:
    header = fits.Header([("SIMPLE", True), ("BITPIX", -32), ("NAXIS", 2), ("NAXIS1", 100_000), ("NAXIS2", 100_000)])
    path.write_bytes(header.tostring().encode() + b"\0" * 2880)


def _picture_bomb(path: Path) -> None:
    buffer = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(buffer, "PNG")
    path.write_bytes(buffer.getvalue())


def _gzip_bomb(path: Path) -> None:
    header = fits.Header([("SIMPLE", True), ("BITPIX", 8), ("NAXIS", 0)]).tostring().encode()
    with gzip.open(path, "wb", compresslevel=9) as packed:
        packed.write(header)
        for _ in range(70):
            packed.write(b"\0" * (1 << 20))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (_not_an_image, "not an image that Hunter reads"),
        (_empty, "empty"),
        (_truncated, "cut short"),
        (_truncated_gzip, "cut short or damaged"),
        (_without_image, "no two-dimensional image"),
        (_only_nan, "holds no data"),
        (_too_small, "too small: 63 x 200 px"),
        (_claims_to_be_huge, "100,000 x 100,000"),
        (_picture_bomb, "more pixels than are safe"),
        (_gzip_bomb, "decompression bomb"),
        (Path.mkdir, "cannot be read"),
    ],
)
def test_a_bad_file_is_refused_with_the_reason_recorded_and_the_next_one_comes_in(tmp_path: Path, make, reason: str) -> None:
    bad = tmp_path / "jbt1a3010_drz.fits"
    make(bad)
    report = ingest_path(bad, now=NOW)
    assert report.outcome == "refused"
    assert reason in report.reason
    assert IngestRecord.objects.get(path=str(bad)).reason == report.reason
    assert ingest_path(skies.write_drz(tmp_path / "good" / "jbt1a3010_drz.fits"), now=NOW).outcome == "added"
    assert Exposure.objects.count() == 1


@pytest.mark.parametrize("name", ["ib1f31e9q_mask.png", "jbt1a3010_drz_wht.fits", "jbt1a3010_spt.fits"])
def test_sidecars_are_no_exposures(tmp_path: Path, name: str) -> None:
    skies.write_drz(tmp_path / "jbt1a3010_drz.fits").rename(tmp_path / name)
    assert ingest_path(tmp_path / name, now=NOW).outcome == "sidecar"
    assert not Exposure.objects.exists()


def test_a_file_that_vanished_is_refused(tmp_path: Path) -> None:
    assert ingest_path(tmp_path / "gone.fits", now=NOW).reason == f"There is no file or folder {tmp_path / 'gone.fits'}. Check the path."


def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff_drz.fits"))
    skies.write_drz(tmp_path / "x_drz.fits").rename(path)
    report = ingest_path(path, now=NOW)
    assert report.reason == "The name of the file is not valid UTF-8. Rename it."
    assert IngestRecord.objects.get().path.endswith("bad\\udcff_drz.fits")


def test_a_name_that_is_too_long_for_the_archive_is_refused(tmp_path: Path) -> None:
    path = skies.write_drz(tmp_path / f"{'very' * 25}_drz.fits", rootname="")
    assert "longer than 80 characters" in ingest_path(path, now=NOW).reason


def test_the_same_content_is_skipped_under_any_name(tmp_path: Path) -> None:
    path = skies.write_drz(tmp_path / "jbt1a3010_drz.fits")
    first = ingest_path(path, now=NOW)
    again = ingest_path(path, now=NOW)
    copy = tmp_path / "copy.fits"
    copy.write_bytes(path.read_bytes())
    third = ingest_path(copy, now=NOW)
    assert [report.outcome for report in (again, third)] == ["skipped", "skipped"]
    assert again.exposure_id == third.exposure_id == first.exposure_id
    assert Exposure.objects.get().source == str(path)
    assert dict(IngestRecord.objects.values_list("path", "outcome")) == {str(path): "added", str(copy): "skipped"}


def test_a_redelivery_supersedes_and_the_older_one_does_not_come_back(tmp_path: Path) -> None:
    old = skies.write_drz(tmp_path / "old" / "jbt1a3010_drz.fits", seed=1)
    new = skies.write_drz(tmp_path / "new" / "jbt1a3010_drz.fits", seed=2)
    first = ingest_path(old, now=NOW)
    later = NOW + timedelta(days=9)
    second = ingest_path(new, now=later)
    assert second.reason == "New delivery of jbt1a3010 (drz); the one of 2026-03-01 is superseded."
    before, after = Exposure.objects.get(pk=first.exposure_id), Exposure.objects.get(pk=second.exposure_id)
    assert (before.superseded_at, after.superseded_at, after.supersedes) == (later, None, before)
    third = ingest_path(old, now=later)
    assert (third.outcome, third.exposure_id) == ("skipped", before.pk)
    assert "since superseded" in third.reason


def test_a_redelivery_at_the_same_place_and_of_the_same_size_is_noticed(tmp_path: Path) -> None:
    path = skies.write_drz(tmp_path / "jbt1a3010_drz.fits", seed=1)
    ingest_path(path, now=NOW)
    skies.write_drz(path, seed=2)
    os.utime(path, ns=(0, 1))
    assert ingest_path(path, now=NOW).outcome == "added"


def test_a_moved_file_is_linked_at_its_new_place(tmp_path: Path) -> None:
    path = skies.write_drz(tmp_path / "jbt1a3010_drz.fits")
    ingest_path(path, now=NOW)
    moved = path.rename(tmp_path / "elsewhere.fits")
    report = ingest_path(moved, now=NOW)
    assert report.reason == "Already here as jbt1a3010 (drz). Its original is now linked at this place."
    with original(Exposure.objects.get()) as linked:
        assert linked == moved


def test_store_copies_the_original_once_even_for_a_known_file(tmp_path: Path) -> None:
    path = skies.write_drz(tmp_path / "jbt1a3010_drz.fits")
    ingest_path(path, now=NOW)
    report = ingest_path(path, now=NOW, store=True)
    assert "now copied to the storage" in report.reason
    exposure = Exposure.objects.get()
    assert exposure.store_key == f"originals/{exposure.checksum[:2]}/{exposure.checksum}.fits"
    assert default_storage.size(exposure.store_key) == path.stat().st_size
    assert ingest_path(path, now=NOW, store=True).reason == "Already here as jbt1a3010 (drz)."


def test_values_that_a_row_cannot_hold_are_left_out(tmp_path: Path) -> None:
    path = skies.write_drz(tmp_path / "jbt1a3010_drz.fits", EXPSTART=1e12, TARGNAME="T" * 60)
    ingest_path(path, now=NOW)
    exposure = Exposure.objects.get()
    assert (exposure.start, exposure.start_mjd, exposure.target_name) == (None, 1e12, "T" * 60)


def test_mjd_becomes_utc() -> None:
    assert utc(51544.5) == datetime(2000, 1, 1, 12, 0, tzinfo=UTC)
    assert utc(None) is None
    assert utc(float("nan")) is None


def test_the_real_files_come_in(shared_data: Path) -> None:
    outcomes = {
        path.name: ingest_path(path, now=NOW).outcome
        for folder in ("hst_fits", "hst_wfc3uvis_frames")
        for path in sorted((shared_data / folder).iterdir())
    }
    assert outcomes == {
        "cosmos_acs_f814w_147246_543px.fits": "added",
        "headers_10x10px_sample_ipppssoot_flc.fits": "refused",
        "headers_10x10px_sample_ipppssoot_flt.fits": "refused",
        "headers_10x10px_sample_svm_flc.fits": "refused",
        "headers_10x10px_sample_svm_flt.fits": "refused",
        "uvis_figure8_ghost_examples.npz": "refused",
        "ib1f31e9q_flc.jpg": "added",
        "ib1f31e9q_mask.png": "sidecar",
        "icjf08j8q_flc.jpg": "added",
        "icjf08j8q_mask.png": "sidecar",
        "id8m11g4q_flc.jpg": "added",
        "id8m11g4q_mask.png": "sidecar",
    }
    assert set(Exposure.objects.values_list("credit", flat=True)) == {"NASA/ESA/STScI"}
    assert IngestRecord.objects.get(path__endswith="svm_flt.fits").reason == "SCI,1 is too small: 10 x 10 px, at least 64 x 64 are needed."


def test_a_pipe_or_a_device_is_refused_without_being_opened(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.fits"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        assert ingest_path(path, now=NOW).outcome == "refused"
        assert "not a regular file" in IngestRecord.objects.get(path=str(path), outcome="refused").reason
    assert not Exposure.objects.exists()
