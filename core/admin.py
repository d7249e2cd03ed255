"""Django admin of the plumbing, and the base for rows that services own."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest

from core.models import AuditEntry, Job


def language_field(db_field: Any) -> forms.ChoiceField | None:
    """A choice of the site's languages for a model field named `language`; None for any other field."""
    return forms.ChoiceField(choices=settings.LANGUAGES) if db_field.name == "language" else None


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows rows; changes go through the room's services (admin actions call them)."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ["title", "kind", "state", "phase", "done", "total", "attempt", "heartbeat"]
    list_filter = ["kind", "state"]
    search_fields = ["title", "key"]


@admin.register(AuditEntry)
class AuditAdmin(ReadOnlyAdmin):
    list_display = ["at", "actor", "verb", "object_type", "object_id"]
    list_filter = ["verb", "object_type"]
