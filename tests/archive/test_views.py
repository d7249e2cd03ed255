from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from archive.models import IngestRecord
from core import files
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


@pytest.fixture
def signed_in(client: Client) -> Callable[..., Client]:
    def sign_in(*permissions: str) -> Client:
        client.force_login(factories.user(permissions=permissions))
        return client

    return sign_in


# --- images --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("extension", "content_type"), [("jpg", "image/jpeg"), ("png", "image/png")])
def test_an_image_is_served_for_ever_under_its_key(client: Client, extension: str, content_type: str) -> None:
    key = files.put(b"picture", files.new_key(extension))
    response = client.get(f"/{key}")
    assert (response.status_code, body(response), response["Content-Type"]) == (200, b"picture", content_type)
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["Content-Length"] == "7"
    assert "Vary" not in response  # shared caches keep one copy for everybody
    again = client.get(f"/{key}", headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_an_image_costs_no_query(client: Client) -> None:
    key = files.put(b"picture", files.new_key("jpg"))
    with CaptureQueriesContext(connection) as queries:
        body(client.get(f"/{key}"))
    assert len(queries) == 0


@pytest.mark.parametrize(
    "path",
    [
        "/px/ab/" + 40 * "a" + ".jpg",
        "/px/../hunter.sqlite3",
        "/px/ab/../../originals/x.fits",
        "/px/ab/%2e%2e/" + 40 * "a" + ".jpg",
        "/px//etc/passwd",
        "/originals/ab/" + 64 * "a" + ".fits",
        "/px/ab/" + 40 * "a" + ".jpg%0a",
        "/px/ab/" + 40 * "A" + ".jpg",
        "/px/",
    ],
)
def test_nothing_else_is_served(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_originals_cannot_be_fetched(client: Client) -> None:
    default_storage.save("originals/ab/" + 64 * "a" + ".fits", ContentFile(b"original"))
    assert client.get("/originals/ab/" + 64 * "a" + ".fits").status_code == 404
    assert client.post("/px/ab/" + 40 * "a" + ".jpg").status_code == 405


# --- the list ------------------------------------------------------------------------------------


def test_the_list_asks_the_database_as_often_for_30_exposures_as_for_one(client: Client) -> None:
    counts = []
    for wanted in (1, 3, 30):
        while wanted > IngestRecord.objects.count():
            shown = factories.exposure()
            factories.cutout(exposure=shown)
            IngestRecord.objects.create(path=shown.observation_id, outcome="added", exposure=shown, at=NOW)
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/exposures/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] == counts[2]


def test_the_list_shows_image_credit_and_search(client: Client) -> None:
    shown = factories.cutout(exposure=factories.exposure(observation_id="jbt1a3010", credit="NASA/ESA/STScI", licence="Free to use"))
    factories.exposure(observation_id="ib1f31e9q")
    page = client.get("/exposures/", {"q": "bt1a"}).content.decode()
    assert f'src="/{shown.preview_key}"' in page
    assert "Image: NASA/ESA/STScI · Free to use" in page
    assert "ib1f31e9q" not in page
    assert "1 exposure<" in page


def test_an_empty_list_and_an_empty_search_say_what_to_do(client: Client) -> None:
    assert "No exposures yet" in client.get("/exposures/").content.decode()
    assert "Nothing fits this search" in client.get("/exposures/", {"q": "nothing"}).content.decode()


@pytest.mark.parametrize("query", [{"page": "x"}, {"page": "99"}, {"instrument": "unknown"}, {"q": "x" * 500}])
def test_odd_queries_do_no_harm(client: Client, query: dict[str, str]) -> None:
    factories.exposure()
    assert client.get("/exposures/", query).status_code == 200


def test_a_search_that_no_database_can_carry_out_is_refused(client: Client) -> None:
    assert client.get("/exposures/", {"q": "\x00"}).status_code == 400


# --- one exposure --------------------------------------------------------------------------------


def test_the_page_of_an_exposure_shows_all_that_is_known(client: Client) -> None:
    exposure = factories.exposure(observation_id="jbt1a3010", members=["jbt1a3abq"], warnings=["A remark."])
    plane = factories.plane(exposure=exposure)
    cutouts = [factories.cutout(plane=plane) for _ in range(2)]
    page = client.get("/exposures/jbt1a3010/").content.decode()
    for text in ("jbt1a3abq", "A remark.", "F606W", "Image: NASA/ESA/STScI", "150.100000°", *(f"/{cutout.preview_key}" for cutout in cutouts)):
        assert text in page
    assert exposure.source not in page


def test_the_page_asks_as_often_for_30_cutouts_as_for_one(client: Client) -> None:
    plane = factories.plane(exposure=factories.exposure(observation_id="jbt1a3010"))
    counts = []
    for wanted in (1, 3, 30):
        while plane.cutouts.count() < wanted:
            factories.cutout(plane=plane)
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/exposures/jbt1a3010/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] == counts[2]


def test_several_products_of_an_observation_are_tabs(client: Client) -> None:
    for product in ("drc", "drz"):
        factories.exposure(observation_id="jbt1a3010", product=product, survey="HST", target_name=f"target of {product}")
    page = client.get("/exposures/jbt1a3010/", {"product": "HST:drz"}).content.decode()
    assert "?product=HST%3Adrc" in page
    assert "target of drz" in page
    assert client.get("/exposures/jbt1a3010/", {"product": "HST:none"}).status_code == 404


def test_unknown_superseded_and_private_exposures_have_no_page(client: Client) -> None:
    factories.exposure(observation_id="old", superseded_at=NOW)
    factories.exposure(observation_id="mine", survey="upload")
    assert [client.get(f"/exposures/{name}/").status_code for name in ("old", "mine", "nowhere")] == [404, 404, 404]


def test_all_header_cards_are_shown_unit_by_unit(client: Client) -> None:
    headers = [[["SIMPLE", True, "standard"]], [["CRVAL1", 150.1, "degrees <RA>"], ["COMMENT", None, ""]]]
    factories.plane(exposure=factories.exposure(observation_id="jbt1a3010", headers=headers))
    page = client.get("/exposures/jbt1a3010/headers/", {"unit": "1"}).content.decode()
    assert '<td class="data">150.1</td>' in page
    assert "degrees &lt;RA&gt;" in page
    assert [client.get("/exposures/jbt1a3010/headers/", {"unit": unit}).status_code for unit in ("0", "2", "-1", "x")] == [200, 404, 404, 404]


# --- the team's report ---------------------------------------------------------------------------


def test_the_files_page_is_for_the_team(client: Client, signed_in: Callable[..., Client]) -> None:
    assert client.get("/exposures/files/").status_code == 302
    assert signed_in().get("/exposures/files/").status_code == 403


def test_the_files_page_gives_reasons_and_failures(signed_in: Callable[..., Client]) -> None:
    client = signed_in("archive.ingest")
    factories.exposure(observation_id="jbt1a3010", state="failed", error="The original is not readable here.")
    IngestRecord.objects.create(path="/data/bad.fits", outcome="refused", reason="The file is cut short.", at=NOW)
    IngestRecord.objects.create(path="/data/mask.png", outcome="sidecar", reason="A mask.", at=NOW)
    page = client.get("/exposures/files/", {"outcome": "refused"}).content.decode()
    assert "The file is cut short." in page
    assert "/data/mask.png" not in page
    assert "The original is not readable here." in page
    assert "Refused (1)" in page
    assert client.get("/exposures/files/", {"outcome": "nonsense"}).status_code == 200
