"""Files of every known kind become records; everything else is refused with a reason in plain words."""

import gzip
import os
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from sky.instruments import Sidecar, Unreadable, load_wcs, read, read_plane, wcs_file
from tests.sky.instruments.fits_files import PIXELS, primary, science, write

SHARED = Path(os.environ.get("HUNTER_SHARED_DATA", Path(__file__).resolve().parents[3].parent / "shared" / "data"))
needs_shared = pytest.mark.skipif(not (SHARED / "hst_fits").is_dir(), reason=f"The shared data are not at {SHARED} (HUNTER_SHARED_DATA).")


def read_all(path: Path) -> None:
    for plane in read(path).planes:
        read_plane(path, plane.index)


def refused(path: Path, *words: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_all(path)
    for word in words:
        assert word in caught.value.reason


# what is read


def test_a_two_chip_exposure_gives_two_planes_and_leaves_errors_out(tmp_path):
    path = write(
        tmp_path / "j8pu25fvq_flc.fits",
        primary(FILTER1="CLEAR1L", FILTER2="F814W", EXPSTART=52995.5, EXPEND=52995.6, PROPOSID=9822, LINENUM="25.001"),
        science(ver=1, CCDCHIP=2, PHOTFLAM=7.07236e-20, PHOTPLAM=8059.7598, BUNIT="ELECTRONS"),
        science(name="ERR", ver=1),
        science(ver=2, CCDCHIP=1, CRVAL2=2.3),
        science(name="ERR", ver=2),
    )
    record = read(path)
    assert (record.survey, record.observation_id, record.product, record.kind) == ("HST", "j8pu25fvq", "flc", "single")
    assert [(plane.index, plane.name) for plane in record.planes] == [(1, "Chip 2"), (3, "Chip 1")]
    assert (record.filter, record.filters_raw) == ("F814W", {"FILTER1": "CLEAR1L", "FILTER2": "F814W"})
    assert record.zero_point_ab_mag == pytest.approx(25.94, abs=0.01)
    assert record.pixel_scale_arcsec == pytest.approx(0.05)
    assert (record.ra_deg, record.dec_deg) == (pytest.approx(150.1), pytest.approx(2.25))
    assert (record.start_mjd, record.end_mjd, record.exposure_time_s) == (52995.5, 52995.6, 507.0)
    assert (record.visit, record.proposal_id, record.bunit) == ("j8pu25", "9822", "ELECTRONS")
    assert (record.credit, record.simulated) == ("NASA/ESA/STScI", False)
    assert len(record.headers) == 5
    assert ["FILTER2", "F814W", ""] in record.headers[0]
    assert np.array_equal(read_plane(path, 3), PIXELS)


def test_the_footprint_runs_around_the_outer_pixel_corners(tmp_path):
    plane = read(write(tmp_path / "a_drz.fits", primary(), science())).planes[0]
    (left_ra, top_dec), _, (right_ra, bottom_dec), _ = plane.footprint
    assert (left_ra - right_ra) * np.cos(np.radians(2.2)) * 3600 == pytest.approx(128 * 0.05, rel=1e-5)
    assert (bottom_dec - top_dec) * 3600 == pytest.approx(96 * 0.05, rel=1e-5)


@pytest.mark.parametrize("how", ["gzip", "rice", "gzip_tiles"])
def test_packed_files_read_like_plain_ones(tmp_path, how):
    if how == "gzip":
        plain = write(tmp_path / "j8pu25fvq_drz.fits", primary(), science())
        path = tmp_path / "j8pu25fvq_drz.fits.gz"
        path.write_bytes(gzip.compress(plain.read_bytes()))
    else:
        kind = {"rice": "RICE_1", "gzip_tiles": "GZIP_2"}[how]
        packed = fits.CompImageHDU(PIXELS, header=science().header, name="SCI", compression_type=kind)
        path = write(tmp_path / "j8pu25fvq_drz.fits.fz", primary(), packed)
    record = read(path)
    assert (record.observation_id, record.product, record.kind) == ("j8pu25fvq", "drz", "composite")
    assert (record.planes[0].width, record.planes[0].height) == (128, 96)
    assert read_plane(path, 1) == pytest.approx(PIXELS, abs=2.0)
    assert load_wcs(wcs_file(path), 1).all_pix2world([[5, 7]], 0) == pytest.approx(record.planes[0].wcs.all_pix2world([[5, 7]], 0))


def test_a_composite_names_its_members_once(tmp_path):
    names = {f"D{i:03d}DATA": name for i, name in enumerate(["jc1_flt.fits[sci,1]", "jc1_flt.fits[sci,2]", "jc2_flc_sci1.fits"], 1)}
    record = read(write(tmp_path / "x_drc.fits", primary(**names), science()))
    assert (record.members, record.kind) == (("jc1", "jc2"), "composite")


def test_a_composite_without_names_asks_the_association_table_beside_it(tmp_path):
    columns = [fits.Column("MEMNAME", "14A", array=["JC1Q", "JC2Q", "JC0"]), fits.Column("MEMTYPE", "14A", array=["EXP-DTH", "EXP-DTH", "PROD-DTH"])]
    write(tmp_path / "jc0_asn.fits", fits.PrimaryHDU(), fits.BinTableHDU.from_columns(columns))
    record = read(write(tmp_path / "jc0_drz.fits", primary(ROOTNAME="jc0", ASN_TAB="jc0_asn.fits"), science()))
    assert record.members == ("jc1q", "jc2q")


def test_the_support_file_beside_an_exposure_gives_the_orbit(tmp_path):
    write(tmp_path / "j8pu25fvq_spt.fits", primary(POSTNSTX=1234.5, POSTNSTY=-1.0, POSTNSTZ=6800.0, SEMILREC=6.9e6, OTHER=1))
    record = read(write(tmp_path / "j8pu25fvq_flt.fits", primary(), science()))
    assert record.orbit == {"POSTNSTX": 1234.5, "POSTNSTY": -1.0, "POSTNSTZ": 6800.0, "SEMILREC": 6.9e6}
    with pytest.raises(Sidecar):
        read(tmp_path / "j8pu25fvq_spt.fits")


@pytest.mark.parametrize("name", ["../up", "a/b", "with space", "dot.ted", "nul\\0", "/"])
def test_a_support_file_whose_name_is_odd_is_not_looked_for(tmp_path, name):
    record = read(write(tmp_path / "x_drz.fits", primary(ROOTNAME=name, ASN_TAB=f"{name}_asn.fits"), science()))
    assert (record.observation_id, record.members, record.orbit) == ("x_drz", (), {})


@pytest.mark.parametrize("name", ["my copy_flt.fits", "renamed_drc.FITS", "old_raw.fits.gz"])
def test_a_renamed_file_of_the_archive_keeps_its_rootname(tmp_path, name):
    write(tmp_path / "plain", primary(), science())
    data = (tmp_path / "plain").read_bytes()
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    assert read(tmp_path / name).observation_id == "j8pu25fvq"


@pytest.mark.parametrize("name", ["j8p_cutout_543px.fits", "hlsp_field_acs_f814w_drz.fits", "field_drz_part2.fits"])
def test_a_file_made_from_an_exposure_goes_by_its_own_name(tmp_path, name):
    assert read(write(tmp_path / name, primary(), science())).observation_id == name.removesuffix(".fits")


def test_what_the_header_warns_of_is_said(tmp_path):
    record = read(write(tmp_path / "a_flt.fits", primary(MTFLAG="T", EXPFLAG="INTERRUPTED", FILTER="G800L"), science()))
    assert len(record.warnings) == 3
    assert "moving target" in record.warnings[0]


@pytest.mark.parametrize(
    ("filters", "one"),
    [
        ({"FILTER": "F606W"}, "F606W"),
        ({"FILTER1": "F606W", "FILTER2": "CLEAR2L"}, "F606W"),
        ({"FILTER1": "CLEAR1L", "FILTER2": "CLEAR2L"}, "CLEAR"),
        ({"FILTER1": "F606W", "FILTER2": "POL0V"}, "F606W+POL0V"),
        ({}, ""),
    ],
)
def test_two_filter_wheels_give_one_filter(tmp_path, filters, one):
    assert read(write(tmp_path / "a_flt.fits", primary(**filters), science())).filter == one


def test_empty_and_zero_borders_are_no_data(tmp_path):
    pixels = PIXELS.copy()
    pixels[:3], pixels[3:6], pixels[6, 6] = np.nan, 0.0, np.inf
    path = write(tmp_path / "a_drz.fits", primary(), science(pixels))
    loaded = read_plane(path, 1)
    assert np.isnan(loaded[:6]).all()
    assert np.isnan(loaded).sum() == 6 * 128 + 1
    assert loaded.dtype == np.float32
    assert loaded.dtype.isnative


def test_scaled_integers_and_a_primary_image_work_without_any_hst_keyword(tmp_path):
    hdu = fits.PrimaryHDU((PIXELS * 10).astype(np.int16))
    hdu.header["BSCALE"], hdu.header["BZERO"] = 0.1, 3.0
    path = write(tmp_path / "field.fits", hdu)
    record = read(path)
    assert (record.survey, record.kind, record.planes[0].wcs, record.credit) == ("fits", "single", None, "")
    assert record.observation_id.startswith("field-")
    assert read_plane(path, 0) == pytest.approx(PIXELS + 3.0, abs=0.1)


def test_small_planes_are_left_out_and_reported(tmp_path):
    record = read(write(tmp_path / "a_flt.fits", primary(), science(), science(PIXELS[:10, :10], ver=2)))
    assert [plane.index for plane in record.planes] == [1]
    assert "too small: 10 x 10 px" in record.warnings[0]


def test_a_simulated_file_says_so(tmp_path):
    record = read(write(tmp_path / "sim0001_drz.fits", primary(ROOTNAME="sim0001", SIMULATD=True), science()))
    assert (record.survey, record.simulated, record.credit, record.licence) == ("sim", True, "Simulated by Hunter", "CC0-1.0")
    assert record.observation_id == "sim0001"


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_a_picture_is_read_as_luminance_without_coordinates(tmp_path, suffix):
    grey = np.clip(PIXELS, 0, 255).astype(np.uint8)
    path = tmp_path / f"holiday.{suffix}"
    Image.fromarray(np.dstack([grey, grey, grey])).save(path, quality=95)
    record = read(path)
    assert (record.survey, record.zero_point_ab_mag, record.credit) == ("image", None, "")
    assert record.observation_id.startswith("holiday-")
    assert read_plane(path, 0) == pytest.approx(grey, abs=10)
    assert wcs_file(path) == b""


def test_a_picture_with_an_hst_rootname_keeps_name_and_credit(tmp_path):
    path = tmp_path / "ib1f31e9q_flc.png"
    Image.fromarray(PIXELS.astype(np.uint8)).save(path)
    record = read(path)
    assert (record.observation_id, record.product, record.visit, record.credit) == ("ib1f31e9q", "flc", "ib1f31", "NASA/ESA/STScI")


def test_sixteen_bit_pictures_keep_their_depth(tmp_path):
    path = tmp_path / "deep.png"
    Image.fromarray((PIXELS * 100).astype(np.uint16)).save(path)
    assert read_plane(path, 0).max() > 10_000


# what is refused


def test_nothing_text_and_archives_are_no_images(tmp_path):
    (tmp_path / "a.fits").write_bytes(b"")
    refused(tmp_path / "a.fits", "empty")
    (tmp_path / "b.png").write_text("hello, this is a letter")
    refused(tmp_path / "b.png", "not an image")
    with zipfile.ZipFile(tmp_path / "c.npz", "w") as archive:
        archive.writestr("a.npy", b"")
    refused(tmp_path / "c.npz", "archive")
    refused(tmp_path / "gone.fits", "cannot be opened")
    (tmp_path / "d.gz").write_bytes(gzip.compress(b"hello"))
    refused(tmp_path / "d.gz", "FITS")


@pytest.mark.parametrize("name", ["ib1f31e9q_mask.png", "x_drz_wht.fits", "x_ctx.fits", "x_asn.fits"])
def test_sidecars_are_told_by_their_name(tmp_path, name):
    (tmp_path / name).write_bytes(b"anything")
    with pytest.raises(Sidecar):
        read(tmp_path / name)


def test_a_file_of_weights_only_is_a_sidecar(tmp_path):
    with pytest.raises(Sidecar):
        read(write(tmp_path / "weights.fits", primary(), science(name="WHT")))


def test_tables_and_empty_images_hold_nothing_to_show(tmp_path):
    table = fits.BinTableHDU.from_columns([fits.Column("A", "E", array=[1.0, 2.0])])
    refused(write(tmp_path / "table.fits", primary(), table), "no two-dimensional image")
    refused(write(tmp_path / "nan.fits", primary(), science(np.full((80, 80), np.nan, np.float32))), "no data")
    refused(write(tmp_path / "zero.fits", primary(), science(np.zeros((80, 80), np.float32))), "no data")
    Image.new("L", (100, 100), 7).save(tmp_path / "flat.png")
    refused(tmp_path / "flat.png", "same value")


@pytest.mark.parametrize("keep", [100, 2879, 2880 * 2 + 17, 2880 * 4 + 5000])
def test_a_truncated_fits_file_is_refused(tmp_path, keep):
    whole = write(tmp_path / "whole.fits", primary(), science()).read_bytes()
    (tmp_path / "cut.fits").write_bytes(whole[:keep])
    refused(tmp_path / "cut.fits", "Fetch the file again")


def test_truncated_packed_files_are_refused(tmp_path):
    whole = write(tmp_path / "whole.fits", primary(), science()).read_bytes()
    (tmp_path / "a.fits.gz").write_bytes(gzip.compress(whole)[:-3000])
    refused(tmp_path / "a.fits.gz", "cut short")
    Image.fromarray(PIXELS.astype(np.uint8)).save(tmp_path / "whole.jpg")
    (tmp_path / "b.jpg").write_bytes((tmp_path / "whole.jpg").read_bytes()[:600])
    refused(tmp_path / "b.jpg", "damaged or cut short")


def test_damaged_tiles_are_refused(tmp_path):
    packed = fits.CompImageHDU(PIXELS, name="SCI", compression_type="RICE_1")
    whole = bytearray(write(tmp_path / "whole.fits", primary(), packed).read_bytes())
    whole[-8000:-3000] = bytes(5000)
    (tmp_path / "bad.fits").write_bytes(whole)
    refused(tmp_path / "bad.fits", "cannot be read")


@pytest.mark.parametrize("bitpix", [8, -32])
def test_a_header_that_claims_a_hundred_thousand_squared_is_refused_before_any_room_is_made(tmp_path, bitpix):
    cards = {"SIMPLE": "T", "BITPIX": bitpix, "NAXIS": 2, "NAXIS1": 100_000, "NAXIS2": 100_000}
    header = "".join(f"{key:8}= {value:>20}".ljust(80) for key, value in cards.items()) + "END".ljust(80)
    (tmp_path / "bomb.fits").write_bytes(header.ljust(2880).encode() + bytes(2880))
    refused(tmp_path / "bomb.fits", "100,000 x 100,000")
    (tmp_path / "bomb.fits.gz").write_bytes(gzip.compress((tmp_path / "bomb.fits").read_bytes()))
    refused(tmp_path / "bomb.fits.gz", "100,000 x 100,000")


def test_a_gzip_file_that_unpacks_without_end_is_refused(tmp_path):
    whole = write(tmp_path / "whole.fits", primary(), science()).read_bytes()
    (tmp_path / "bomb.fits.gz").write_bytes(gzip.compress(whole + bytes(80 << 20), 1))
    refused(tmp_path / "bomb.fits.gz", "decompression bomb")


def test_a_picture_that_claims_a_hundred_thousand_squared_is_refused(tmp_path):
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    size = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
    (tmp_path / "bomb.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )
    refused(tmp_path / "bomb.png", "more pixels than are safe")


def test_small_images_are_refused_as_too_small(tmp_path):
    refused(write(tmp_path / "a.fits", primary(), science(PIXELS[:63])), "too small", "128 x 63")
    Image.fromarray(PIXELS.astype(np.uint8)[:30]).save(tmp_path / "a.png")
    refused(tmp_path / "a.png", "too small")


def test_a_plane_that_is_not_there_is_refused(tmp_path):
    path = write(tmp_path / "a.fits", primary(), science())
    for index in (0, 2, -1):
        with pytest.raises(Unreadable):
            read_plane(path, index)
    with pytest.raises(Unreadable):
        load_wcs(wcs_file(path), 5)


# real files


@needs_shared
def test_a_real_acs_image_is_read():
    path = SHARED / "hst_fits" / "cosmos_acs_f814w_147246_543px.fits"
    record = read(path)
    assert (record.survey, record.instrument, record.detector, record.filter) == ("HST", "ACS", "WFC", "F814W")
    assert record.observation_id == "cosmos_acs_f814w_147246_543px"
    assert record.zero_point_ab_mag == pytest.approx(25.936, abs=0.01)
    assert record.pixel_scale_arcsec == pytest.approx(0.03)
    assert len(record.headers[0]) == 548
    assert len(record.members) == 4
    assert read_plane(path, 0).shape == (543, 543)


@needs_shared
@pytest.mark.parametrize("name", ["ipppssoot_flc", "svm_flc", "ipppssoot_flt", "svm_flt"])
def test_the_real_layouts_are_refused_as_too_small(name):
    refused(SHARED / "hst_fits" / f"headers_10x10px_sample_{name}.fits", "too small: 10 x 10 px")


@needs_shared
@pytest.mark.parametrize("name", ["ipppssoot_flc", "svm_flc"])
def test_sip_and_lookup_tables_of_a_real_two_chip_header_are_applied(tmp_path, name):
    """The real headers with larger arrays; lookup tables of 10 x 10 nodes keep their own offsets."""
    with fits.open(SHARED / "hst_fits" / f"headers_10x10px_sample_{name}.fits") as hdus:
        for hdu in hdus:
            if hdu.name in {"SCI", "ERR"}:
                hdu.data = PIXELS
            elif hdu.name in {"WCSDVARR", "D2IMARR"}:
                hdu.data = np.full((10, 10), 3.0, np.float32)
        hdus.writeto(tmp_path / "ib4606c5q_flc.fits", output_verify="ignore")
    path = tmp_path / "ib4606c5q_flc.fits"
    record = read(path)
    assert [plane.name for plane in record.planes] == ["Chip 2", "Chip 1"]
    assert (record.filter, record.zero_point_ab_mag) == ("F555W", pytest.approx(25.81, abs=0.05))
    assert record.pixel_scale_arcsec == pytest.approx(0.0396, abs=0.0005)
    for plane in record.planes:
        again = load_wcs(wcs_file(path), plane.index)
        place = plane.wcs.all_pix2world([[50.0, 20.0]], 0)
        assert again.all_pix2world([[50.0, 20.0]], 0) == pytest.approx(place, abs=1e-12)
        linear = plane.wcs.wcs_pix2world([[50.0, 20.0]], 0)
        assert np.abs(place - linear).max() * 3600 > 0.1
        assert again.cpdis1 is not None
        assert again.det2im1 is not None or again.det2im2 is not None


@needs_shared
@pytest.mark.parametrize("root", ["ib1f31e9q", "icjf08j8q", "id8m11g4q"])
def test_real_uvis_pictures_are_read_and_their_masks_are_not(root):
    folder = SHARED / "hst_wfc3uvis_frames"
    record = read(folder / f"{root}_flc.jpg")
    assert (record.observation_id, record.product, record.credit) == (root, "flc", "NASA/ESA/STScI")
    assert (record.planes[0].width, record.planes[0].height) == (4096, 4102)
    with pytest.raises(Sidecar):
        read(folder / f"{root}_mask.png")


@needs_shared
def test_arrays_of_another_project_are_no_image():
    refused(SHARED / "hst_fits" / "uvis_figure8_ghost_examples.npz", "archive")
