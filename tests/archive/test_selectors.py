import math
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from archive import selectors
from archive.models import Cutout
from archive.services.cutouts import cut_exposure
from archive.services.exposures import ingest_path
from tests import factories
from tests.archive import skies
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_ready_cutouts_are_current_public_and_have_a_preview() -> None:
    shown = factories.cutout()
    factories.cutout(exposure=factories.exposure(superseded_at=NOW))
    factories.cutout(exposure=factories.exposure(survey="upload"))
    factories.cutout(images=False)
    assert list(selectors.cutouts_ready()) == [shown]
    assert list(selectors.new_cutouts_after(shown.pk)) == []
    assert list(selectors.new_cutouts_after(shown.pk - 1)) == [shown]
    assert selectors.withdrawn_cutouts().count() == 1


def test_only_cutouts_with_a_16_bit_image_are_for_the_detector() -> None:
    made = factories.cutout()
    factories.cutout(pixels_state=Cutout.State.NEW)
    assert list(selectors.cutouts_with_pixels()) == [made]


def test_a_frame_carries_addresses_size_place_and_credit() -> None:
    cutout = selectors.get_cutout(factories.cutout().pk)
    payload = selectors.frame_payload(cutout)
    assert payload["preview"] == f"/{cutout.preview_key}"
    assert payload["pixels"] == f"/{cutout.pixels_key}"
    assert (payload["width"], payload["height"], payload["credit"], payload["licence"]) == (256, 256, "NASA/ESA/STScI", "CC BY 4.0")
    assert payload["wcs"]["crpix"] == [127.5, 127.5]
    assert selectors.frame_payload(factories.cutout(images=False))["pixels"] is None


def test_a_cutout_without_coordinates_has_no_wcs() -> None:
    cutout = factories.cutout(ra_deg=None, dec_deg=None, footprint=None)
    assert selectors.linear_wcs(cutout) is None


def test_the_linear_wcs_agrees_with_the_full_one_on_an_undistorted_frame(tmp_path: Path) -> None:
    pk = ingest_path(skies.write_drz(tmp_path / "jbt1a3010_drz.fits", width=2000, height=1000, scale=0.1), now=NOW).exposure_id
    assert pk
    cut_exposure(pk, now=NOW)
    for cutout in selectors.cutouts_ready():
        wcs = selectors.linear_wcs(cutout)
        assert wcs
        x, y = np.array([0.0, 700.0, cutout.width - 1]), np.array([30.0, 0.0, cutout.height - 1])
        dx, dy = x - wcs["crpix"][0], y - wcs["crpix"][1]
        xi, eta = (np.radians(row[0] * dx + row[1] * dy) for row in wcs["cd"])
        ra0, dec0 = np.radians(wcs["crval"])
        bottom = np.cos(dec0) - eta * np.sin(dec0)
        ra = np.degrees(ra0 + np.arctan2(xi, bottom))
        dec = np.degrees(np.arctan2(np.sin(dec0) + eta * np.cos(dec0), np.hypot(xi, bottom)))
        true_ra, true_dec = selectors.sky_of(cutout.pk, x, y)
        miss = np.hypot((ra - true_ra) * math.cos(dec0), dec - true_dec) * 3600
        assert miss.max() < 0.01  # a tenth of a pixel


def test_plane_pixels_come_from_the_stored_copy_on_a_machine_without_the_file(tmp_path: Path) -> None:
    path = skies.write_flc(tmp_path / "jbt1a3abq_flc.fits")
    pk = ingest_path(path, now=NOW, store=True).exposure_id
    assert pk
    path.unlink()
    shapes = []
    for plane_id in selectors.plane_ids_of(pk):
        with selectors.open_plane_pixels(plane_id) as pixels:
            shapes.append((pixels.shape, pixels.dtype))
    assert shapes == [((200, 400), np.dtype("float32"))] * 2


def test_search_finds_by_part_of_the_name_instrument_and_filter() -> None:
    one = factories.exposure(observation_id="jbt1a3010")
    two = factories.exposure(observation_id="ib1f31e9q", instrument="WFC3", filter="F350LP")
    assert list(selectors.search_exposures(text="T1A3")) == [one]
    assert list(selectors.search_exposures(instrument="WFC3")) == [two]
    assert list(selectors.search_exposures(filter_name="F350LP", text="jbt")) == []
    assert selectors.instruments_and_filters() == (["ACS", "WFC3"], ["F350LP", "F606W"])


def test_what_waits_and_what_failed_is_counted() -> None:
    factories.exposure(state="new")
    factories.exposure(state="failed")
    factories.cutout(pixels_state="failed")
    assert selectors.pending() == {
        "exposures": 3, "exposures_waiting": 1, "exposures_failed": 1, "cutouts": 1, "pixels_waiting": 0, "pixels_failed": 1,
    }  # fmt: skip
    assert [exposure.state for exposure in selectors.failed_exposures()] == ["failed"]


def test_exposures_whose_lease_is_over_wait_again() -> None:
    held = factories.exposure(state="cutting", claimed_until=NOW + timedelta(minutes=1))
    assert selectors.exposures_to_cut(NOW) == []
    assert selectors.exposures_to_cut(NOW + timedelta(minutes=2)) == [held.pk]
