import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_exposures_come_newest_first_in_pages(client: Client) -> None:
    made = [factories.exposure() for _ in range(51)]
    first = client.get("/api/v1/exposures/").json()
    assert [row["id"] for row in first["results"]] == [exposure.pk for exposure in reversed(made[1:])]
    second = client.get(first["next"]).json()
    assert [row["id"] for row in second["results"]] == [made[0].pk]
    assert second["next"] is None


def test_the_list_asks_the_database_as_often_for_30_as_for_one(client: Client) -> None:
    counts = []
    for more in (1, 2, 27):
        for _ in range(more):
            factories.cutout()
        with CaptureQueriesContext(connection) as queries:
            client.get("/api/v1/exposures/")
        counts.append(len(queries))
    assert counts[0] == counts[1] == counts[2] == 1


def test_the_list_can_be_searched_and_hides_what_is_not_of_the_survey(client: Client) -> None:
    exposure = factories.exposure(observation_id="jbt1a3010", instrument="WFC3")
    factories.exposure(survey="injected")
    factories.exposure(superseded_at=NOW)
    factories.exposure()
    for query in ({"observation_id": "jbt1a3010"}, {"instrument": "WFC3"}, {"q": "bt1a"}):
        assert [row["id"] for row in client.get("/api/v1/exposures/", query).json()["results"]] == [exposure.pk]
    assert len(client.get("/api/v1/exposures/").json()["results"]) == 2


def test_one_exposure_comes_with_planes_cutouts_and_headers(client: Client) -> None:
    cutout = factories.cutout(exposure=factories.exposure(headers=[[["SIMPLE", True, ""]]]))
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(f"/api/v1/exposures/{cutout.plane.exposure_id}/").json()
    assert len(queries) == 3
    assert answer["headers"] == [[["SIMPLE", True, ""]]]
    assert answer["planes"][0]["cutouts"][0]["preview"] == f"/{cutout.preview_key}"
    assert answer["planes"][0]["cutouts"][0]["wcs"]["crval"] == [150.1, 2.2]
    assert "source" not in answer


def test_a_private_exposure_is_not_found(client: Client) -> None:
    assert client.get(f"/api/v1/exposures/{factories.exposure(survey='upload').pk}/").status_code == 404
