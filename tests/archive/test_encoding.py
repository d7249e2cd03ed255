from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from archive import selectors
from archive.models import Cutout
from archive.services import states
from archive.services.cutouts import cut_exposure
from archive.services.encoding import encode_cutout, encode_exposure
from archive.services.exposures import ingest_path
from tests.archive import skies

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATER = NOW + states.LEASE + timedelta(seconds=1)


def ready_to_encode(path: Path) -> int:
    pk = ingest_path(path, now=NOW).exposure_id
    assert pk is not None
    assert cut_exposure(pk, now=NOW)
    return pk


def test_the_16_bit_image_gives_the_pixels_back_to_an_eighth_of_a_sigma(tmp_path: Path) -> None:
    path = skies.write_drz(tmp_path / "jbt1a3010_drz.fits", width=500, height=450)
    with fits.open(path, mode="update") as hdus:
        hdus[1].data[5:9, 7:20] = np.nan
    pk = ready_to_encode(path)
    assert encode_exposure(pk, now=NOW) == 1
    cutout = Cutout.objects.get()
    decoded = selectors.pixels_in_sigma(cutout.pk)
    expected = (fits.getdata(path, 1) - cutout.sky_level) / cutout.sky_sigma
    assert np.isnan(decoded[5:9, 7:20]).all()
    good = ~np.isnan(decoded)
    assert good.sum() == 500 * 450 - 4 * 13
    assert np.abs(decoded[good] - expected[good]).max() <= 1 / 16 + 1e-3
    assert (cutout.pixels_state, cutout.pixels_claimed_until) == (Cutout.State.READY, None)


def test_all_cutouts_of_all_planes_are_encoded_at_once_and_only_once(tmp_path: Path) -> None:
    pk = ready_to_encode(skies.write_flc(tmp_path / "jbt1a3abq_flc.fits", width=1800, height=300))
    assert selectors.exposures_to_encode(NOW) == [pk]
    n_cutouts = Cutout.objects.count()
    assert encode_exposure(pk, now=NOW) == n_cutouts
    assert encode_exposure(pk, now=NOW) == 0
    assert selectors.exposures_to_encode(NOW) == []
    assert len(set(Cutout.objects.values_list("pixels_key", flat=True))) == n_cutouts


def test_one_cutout_can_be_encoded_alone(tmp_path: Path) -> None:
    ready_to_encode(skies.write_flc(tmp_path / "jbt1a3abq_flc.fits"))
    first = Cutout.objects.earliest("pk")
    assert encode_cutout(first.pk, now=NOW) is True
    assert encode_cutout(first.pk, now=NOW) is False
    assert list(Cutout.objects.order_by("pk").values_list("pixels_state", flat=True)) == ["ready", "new"]
    assert list(selectors.cutouts_with_pixels()) == [first]


def test_a_claim_holds_until_its_lease_is_over(tmp_path: Path) -> None:
    pk = ready_to_encode(skies.write_drz(tmp_path / "jbt1a3010_drz.fits"))
    (dead,) = states.claim_pixels(pk, now=NOW)
    assert encode_exposure(pk, now=NOW) == 0
    assert encode_exposure(pk, now=LATER) == 1
    assert states.end_pixels(dead, pixels_state=Cutout.State.FAILED) is False
    assert Cutout.objects.get().pixels_state == Cutout.State.READY


def test_a_missing_original_fails_with_the_reason_and_can_be_retried(tmp_path: Path) -> None:
    path = skies.write_drz(tmp_path / "jbt1a3010_drz.fits")
    data = path.read_bytes()
    pk = ready_to_encode(path)
    path.unlink()
    assert encode_exposure(pk, now=NOW) == 0
    cutout = Cutout.objects.get()
    assert (cutout.pixels_state, "ingest with --store" in cutout.error) == (Cutout.State.FAILED, True)
    path.write_bytes(data)
    assert states.retry_failed(selectors.exposures_with_failed_pixels(), now=NOW) == 1
    assert encode_exposure(pk, now=NOW) == 1
