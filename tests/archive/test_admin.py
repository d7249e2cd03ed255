import pytest
from django.test import Client

from archive.models import Cutout, Exposure
from core.models import AuditEntry
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_client(client: Client) -> Client:
    client.force_login(factories.user(is_staff=True, is_superuser=True))
    return client


@pytest.mark.parametrize("model", ["exposure", "plane", "cutout", "ingestrecord"])
def test_rows_are_shown_and_cannot_be_changed(admin_client: Client, model: str) -> None:
    cutout = factories.cutout()
    pk = {"exposure": cutout.plane.exposure_id, "plane": cutout.plane_id, "cutout": cutout.pk}.get(model)
    assert admin_client.get(f"/admin/archive/{model}/").status_code == 200
    assert admin_client.get(f"/admin/archive/{model}/add/").status_code == 403
    if pk:
        page = admin_client.get(f"/admin/archive/{model}/{pk}/change/")
        assert page.status_code == 200
        assert 'name="_save"' not in page.content.decode()


def test_failed_exposures_are_retried_by_an_action(admin_client: Client) -> None:
    exposure = factories.exposure(state="failed", error="No.", attempt=5)
    admin_client.post("/admin/archive/exposure/", {"action": "retry_failed", "_selected_action": [exposure.pk]})
    exposure.refresh_from_db()
    assert (exposure.state, exposure.error, exposure.attempt) == (Exposure.State.NEW, "", 0)
    assert AuditEntry.objects.get().verb == "retry"


def test_cutouts_send_their_exposures_back_to_be_cut(admin_client: Client) -> None:
    cutout = factories.cutout()
    failed = factories.cutout(pixels_state=Cutout.State.FAILED, error="No.")
    admin_client.post("/admin/archive/cutout/", {"action": "cut_again", "_selected_action": [cutout.pk]})
    assert Exposure.objects.get(state=Exposure.State.NEW) == cutout.plane.exposure
    admin_client.post("/admin/archive/cutout/", {"action": "retry_failed", "_selected_action": [failed.pk]})
    failed.refresh_from_db()
    assert failed.pixels_state == Cutout.State.NEW


def test_staff_without_the_permission_has_no_actions(client: Client) -> None:
    exposure = factories.exposure(state="failed")
    client.force_login(factories.user(is_staff=True, permissions=["archive.view_exposure"]))
    client.post("/admin/archive/exposure/", {"action": "retry_failed", "_selected_action": [exposure.pk]})
    exposure.refresh_from_db()
    assert exposure.state == Exposure.State.FAILED
