"""Django admin of the archive: rows are shown; the actions call the services."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from archive.models import Cutout, Exposure, IngestRecord, Plane
from archive.services import states
from core.admin import ReadOnlyAdmin

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class ArchiveAdmin(ReadOnlyAdmin):
    """Actions are for those who may bring exposures in."""

    def has_ingest_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("archive.ingest")

    def say(self, request: HttpRequest, number: int) -> None:
        """Tell how many rows wait again."""
        text = ngettext(
            "%(n)d waits again; the workers take it up within seconds.", "%(n)d wait again; the workers take them up within seconds.", number
        )
        self.message_user(request, text % {"n": number}, messages.SUCCESS if number else messages.INFO)


def _action(description: "StrPromise", service: Callable[..., int], key: str) -> Callable[..., None]:
    """Return an admin action that calls a service with the exposure ids of the chosen rows."""

    @admin.action(description=description, permissions=["ingest"])
    def act(modeladmin: ArchiveAdmin, request: HttpRequest, queryset: QuerySet[Exposure]) -> None:
        ids = sorted(set(queryset.order_by().values_list(key, flat=True)))
        modeladmin.say(request, service(ids, now=timezone.now(), actor=request.user))

    act.__name__ = service.__name__
    return act


@admin.register(Exposure)
class ExposureAdmin(ArchiveAdmin):
    list_display = ["observation_id", "product", "survey", "instrument", "filter", "start", "state", "attempt", "created_at", "superseded_at"]
    list_filter = ["state", "survey", "instrument", "kind", "simulated"]
    search_fields = ["observation_id", "target_name", "checksum"]
    exclude = ["headers"]
    actions = [_action(_("Cut again"), states.cut_again, "pk"), _action(_("Retry failed"), states.retry_failed, "pk")]


@admin.register(Plane)
class PlaneAdmin(ReadOnlyAdmin):
    list_display = ["id", "exposure", "index", "name", "width", "height", "has_wcs"]
    list_select_related = ["exposure"]
    search_fields = ["exposure__observation_id"]


@admin.register(Cutout)
class CutoutAdmin(ArchiveAdmin):
    list_display = ["id", "plane", "x0", "y0", "width", "height", "bin", "valid_fraction", "pixels_state"]
    list_filter = ["pixels_state", "bin"]
    list_select_related = ["plane__exposure"]
    search_fields = ["plane__exposure__observation_id"]
    actions = [
        _action(_("Cut their exposures again"), states.cut_again, "plane__exposure_id"),
        _action(_("Retry failed"), states.retry_failed, "plane__exposure_id"),
    ]


@admin.register(IngestRecord)
class IngestRecordAdmin(ReadOnlyAdmin):
    list_display = ["path", "outcome", "reason", "exposure", "at"]
    list_filter = ["outcome"]
    list_select_related = ["exposure"]
    search_fields = ["path", "checksum"]
