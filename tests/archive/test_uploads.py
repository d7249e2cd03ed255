import io
import struct
import zlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from archive import selectors
from archive.models import Cutout, Exposure
from archive.services import encode_exposure, store_uploaded_image, uploads
from core import files
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


def photo(**extra: object) -> bytes:
    """A JPEG as a telephone makes it: with the place where it was taken."""
    exif = Image.Exif()
    exif[0x010F], exif[0x8825] = "Telephone", {1: "N", 2: (41.0, 53.0, 30.0)}
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(3).integers(0, 200, (200, 300, 3), dtype=np.uint8)).save(buffer, "JPEG", exif=exif, comment=b"Jane Doe")
    return buffer.getvalue()


def stored_bytes(stored: object) -> tuple[str, bytes]:
    exposure = Exposure.objects.get(pk=stored.exposure_id)  # type: ignore[attr-defined]
    return exposure.store_key, files.get(exposure.store_key)


def test_of_a_picture_only_the_pixels_are_kept() -> None:
    given = photo() + b"PK\x03\x04 another file <script>alert(1)</script>"

    key, kept = stored_bytes(store_uploaded_image(given, "holiday.html", NOW))

    assert key.endswith(".png")
    assert not any(word in kept for word in (b"Telephone", b"Jane", b"Exif", b"script", b"PK\x03\x04"))
    with Image.open(io.BytesIO(kept)) as image, Image.open(io.BytesIO(given)) as original:
        assert (image.format, image.info, dict(image.getexif())) == ("PNG", {}, {})
        assert np.array_equal(np.asarray(image), np.asarray(original))


def test_a_16_bit_picture_keeps_its_steps() -> None:
    pixels = np.random.default_rng(4).integers(0, 65535, (100, 120), dtype=np.uint16)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")

    _, kept = stored_bytes(store_uploaded_image(buffer.getvalue(), "deep.png", NOW))

    assert np.array_equal(np.asarray(Image.open(io.BytesIO(kept))), pixels)


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a" + bytes(100),
        b"%PDF-1.7",
        b"<!DOCTYPE html><p>",
        b"PK\x03\x04" + bytes(30),
    ],
)
def test_other_kinds_of_files_are_refused_whatever_their_name(data: bytes) -> None:
    with pytest.raises(Unreadable):
        store_uploaded_image(data, "image.png", NOW)
    assert not Exposure.objects.exists()


def test_a_picture_that_claims_a_giant_size_is_refused_before_it_is_unpacked() -> None:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + header
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(header)) + chunk + struct.pack(">I", zlib.crc32(chunk)) + png()[33:]

    with pytest.raises(Unreadable, match="more pixels than are safe"):
        store_uploaded_image(bomb, "bomb.png", NOW)


def test_more_bytes_than_allowed_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_BYTES", 1000)
    with pytest.raises(Unreadable, match="at most 1,000"):
        store_uploaded_image(png(), "big.png", NOW)
