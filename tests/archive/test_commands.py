import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from archive import selectors
from archive.models import Cutout, Exposure, IngestRecord
from tests.archive import skies

Manage = Callable[..., Any]


def run(*arguments: object) -> str:
    out = io.StringIO()
    call_command(*map(str, arguments), stdout=out)
    return out.getvalue()


@pytest.fixture
def sky_folder(tmp_path: Path) -> Path:
    """Three good files, a bad one, a mask, and a text."""
    skies.write_drz(tmp_path / "jbt1a3010_drz.fits")
    skies.write_drz(tmp_path / "below" / "jbt1a3020_drz.fits.gz", rootname="jbt1a3020", seed=2)
    skies.write_flc(tmp_path / "jbt1a3abq_flc.fits")
    skies.write_drz(tmp_path / "jbt1a3010_mask.fits", seed=3)
    (tmp_path / "bad.fits").write_bytes(b"SIMPLE  = nonsense")
    (tmp_path / "notes.txt").touch()
    return tmp_path


@pytest.mark.django_db
def test_ingest_reports_each_file_and_the_sum(sky_folder: Path) -> None:
    text = run("ingest", sky_folder)
    assert "[1/5] refused  bad.fits: " in text
    assert "added    jbt1a3abq_flc.fits: 2 cutouts" in text
    table = dict(re.findall(r"^  (\S.*?) {2,}([\d,]+)$", text, re.MULTILINE))
    assert table == {
        "new exposures": "3",
        "already here": "0",
        "sidecars (masks, maps, support files)": "1",
        "refused": "1",
        "other files passed by": "1",
        "cutouts made": "4",
        "exposures that could not be cut": "0",
    }
    assert "files/s" in text
    assert IngestRecord.objects.count() == 5


@pytest.mark.django_db
def test_a_second_ingest_changes_nothing(sky_folder: Path) -> None:
    run("ingest", sky_folder)
    before = list(Cutout.objects.order_by("pk").values())
    text = run("ingest", sky_folder)
    assert "Already here as jbt1a3010 (drz)." in text
    assert list(Cutout.objects.order_by("pk").values()) == before
    assert Exposure.objects.count() == 3


@pytest.mark.django_db
def test_ingest_goes_on_where_an_earlier_run_stopped_before_cutting(sky_folder: Path) -> None:
    run("ingest", sky_folder, "--no-cut")
    assert not Cutout.objects.exists()
    assert "cutouts made                                     4" in run("ingest", sky_folder)


@pytest.mark.django_db
def test_a_missing_path_or_nothing_usable_ends_with_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no file or folder"):
        run("ingest", tmp_path / "nowhere")
    with pytest.raises(CommandError, match="No image file was found"):
        run("ingest", tmp_path)
    (tmp_path / "bad.fits").write_bytes(b"x")
    with pytest.raises(CommandError, match="None of the 1 files is a usable image"):
        run("ingest", tmp_path)


@pytest.mark.django_db
def test_a_missing_path_among_others_is_refused_and_the_others_come_in(sky_folder: Path) -> None:
    with pytest.raises(CommandError, match="1 of the paths do not exist") as caught:
        run("ingest", sky_folder / "nowhere.fits", sky_folder / "jbt1a3010_drz.fits")
    assert caught.value.returncode == 1
    assert (Exposure.objects.count(), Cutout.objects.count()) == (1, 1)
    record = IngestRecord.objects.get(outcome="refused")
    assert record.reason.startswith(f"There is no file or folder {sky_folder / 'nowhere.fits'}.")


@pytest.mark.django_db
def test_cut_and_encode_do_what_waits_and_can_be_named(sky_folder: Path) -> None:
    run("ingest", sky_folder, "--no-cut")
    assert "3 exposures, 4 cutouts made, 0 failed." in run("cut")
    assert "3 exposures, 4 images made." in run("encode")
    assert "1 cutouts made, 1 in all" not in run("cut", "jbt1a3010")
    assert "0 exposures, 0 images made." in run("encode")
    with pytest.raises(CommandError, match="There is no observation nowhere here"):
        run("cut", "nowhere")
    with pytest.raises(CommandError, match="--native needs the names"):
        run("cut", "--native")


@pytest.mark.django_db
def test_encode_tells_of_failures_and_retries_them(sky_folder: Path) -> None:
    run("ingest", sky_folder)
    path = sky_folder / "jbt1a3010_drz.fits"
    data = path.read_bytes()
    path.unlink()
    assert "1 failed: see the admin, or try --retry." in run("encode")
    path.write_bytes(data)
    assert "1 exposures, 1 images made.\n" in run("encode", "--retry")


@pytest.mark.django_db(transaction=True)
def test_several_processes_bring_in_the_same_as_one(sky_folder: Path, manage: Manage) -> None:
    for number in range(4):  # the same content at two places, at the same moment
        folder = sky_folder / f"twin{number % 2}"
        skies.write_drz(folder / f"jbt1a304{number // 2}_drz.fits", rootname=f"jbt1a304{number // 2}", seed=10 + number // 2)
    done = manage("ingest", sky_folder, "--jobs", 2)
    assert "refused                                          1" in done.stdout
    assert Exposure.objects.filter(superseded_at__isnull=True).count() == 5
    assert Cutout.objects.count() == 6
    manage("encode", "--jobs", 2)
    assert selectors.cutouts_with_pixels().count() == 6


@pytest.mark.django_db(transaction=True)
def test_it_works_with_object_storage_and_no_shared_disk(
    sky_folder: Path, tmp_path: Path, manage: Manage, s3_server: dict[str, str], settings: Any, client: Any
) -> None:
    manage("ingest", sky_folder / "jbt1a3abq_flc.fits", "--store", env={**s3_server, "HUNTER_HOME": str(tmp_path / "one")})
    (sky_folder / "jbt1a3abq_flc.fits").unlink()
    done = manage("encode", env={**s3_server, "HUNTER_HOME": str(tmp_path / "two")})
    assert "1 exposures, 2 images made." in done.stdout
    options = {name.removeprefix("HUNTER_S3_").lower(): value for name, value in s3_server.items()}
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": options["bucket"], "endpoint_url": options["endpoint"], "region_name": options["region"],
                "access_key": options["access_key"], "secret_key": options["secret_key"],
            },
        },
    }  # fmt: skip
    for cutout in Cutout.objects.all():
        response = client.get(f"/{cutout.pixels_key}")
        assert b"".join(response.streaming_content).startswith(b"\x89PNG")
        assert response["Content-Type"] == "image/png"
        assert selectors.pixels_in_sigma(cutout.pk).shape == (cutout.height, cutout.width)
    assert client.get("/px/ab/" + 40 * "a" + ".jpg").status_code == 404
