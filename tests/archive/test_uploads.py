import io
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from archive import selectors
from archive.models import Cutout, Exposure
from archive.services import encode_exposure, store_uploaded_image
from sky.instruments import Unreadable
from tests.archive import skies

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def png(seed: int = 1) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 200, (200, 300), dtype=np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def test_an_upload_becomes_a_cutout_that_is_never_pooled_or_listed() -> None:
    stored = store_uploaded_image(png(), "../my photo.png", NOW, credit="A. Person", licence="CC BY 4.0")
    (cutout_id,) = stored.cutout_ids
    exposure = Exposure.objects.get(pk=stored.exposure_id)
    assert (exposure.survey, exposure.credit, exposure.source) == ("upload", "A. Person", "upload: ../my photo.png")
    assert exposure.observation_id == f"my-photo-{exposure.checksum[:16]}"
    assert not selectors.cutouts_ready().exists()
    assert not selectors.exposures().exists()
    assert selectors.frame_payload(selectors.get_cutout(cutout_id))["credit"] == "A. Person"
    assert encode_exposure(exposure.pk, now=NOW) == 1


def test_the_same_bytes_are_stored_once_and_the_same_name_is_no_redelivery() -> None:
    first = store_uploaded_image(png(1), "photo.png", NOW)
    assert store_uploaded_image(png(1), "photo.png", NOW) == first
    store_uploaded_image(png(2), "photo.png", NOW)
    assert Exposure.objects.filter(superseded_at__isnull=True).count() == Cutout.objects.count() == 2


def test_an_uploaded_fits_file_keeps_its_place_on_the_sky(tmp_path: Path) -> None:
    data = skies.write_drz(tmp_path / "jbt1a3010_drz.fits").read_bytes()
    stored = store_uploaded_image(data, "jbt1a3010_drz.fits", NOW, survey="injected")
    cutout = selectors.get_cutout(stored.cutout_ids[0])
    assert (cutout.plane.exposure.survey, cutout.ra_deg) == ("injected", pytest.approx(150.1, abs=1e-4))


def test_bytes_that_are_no_image_are_refused_and_leave_nothing() -> None:
    with pytest.raises(Unreadable, match="not an image"):
        store_uploaded_image(b"hello", "hello.png", NOW)
    assert not Exposure.objects.exists()
