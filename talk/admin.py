"""Django admin of Talk: boards are edited here; what people wrote is shown, and hidden through the services."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classify.visitors import volunteer_of
from core.admin import ReadOnlyAdmin, language_field
from talk import services
from talk.models import Board, BoardText, Comment, Discussion, Tag, TagUse
from talk.viewers import Viewer


def _viewer(request: HttpRequest) -> Viewer:
    return Viewer(user=request.user, volunteer=volunteer_of(request, create=True))


class BoardTextInline(admin.TabularInline):  # type: ignore[type-arg]
    """A board in other languages."""

    model = BoardText
    extra = 0

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return language_field(db_field) or super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(Board)
class BoardAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["title", "slug", "position", "can_read", "can_write"]
    inlines = [BoardTextInline]
    fields = ["slug", "title", "description", "parent", "position", "can_read", "can_write"]

    def get_readonly_fields(self, request: HttpRequest, obj: Board | None = None) -> list[str]:
        return ["slug"] if obj else []  # addresses stay

    def has_delete_permission(self, request: HttpRequest, obj: Board | None = None) -> bool:
        return False


@admin.register(Discussion)
class DiscussionAdmin(ReadOnlyAdmin):
    list_display = ["title", "board", "author", "sticky", "locked", "last_comment_at"]
    list_filter = ["board", "sticky", "locked"]
    search_fields = ["title"]
    list_select_related = ["board", "author"]
    actions = ["lock", "unlock", "stick", "unstick"]

    @admin.action(description=gettext_lazy("Close the discussion"), permissions=["moderate"])
    def lock(self, request: HttpRequest, rows: QuerySet[Discussion]) -> None:
        self._moderate(request, rows, locked=True)

    @admin.action(description=gettext_lazy("Open the discussion again"), permissions=["moderate"])
    def unlock(self, request: HttpRequest, rows: QuerySet[Discussion]) -> None:
        self._moderate(request, rows, locked=False)

    @admin.action(description=gettext_lazy("Pin to the top"), permissions=["moderate"])
    def stick(self, request: HttpRequest, rows: QuerySet[Discussion]) -> None:
        self._moderate(request, rows, sticky=True)

    @admin.action(description=gettext_lazy("Unpin"), permissions=["moderate"])
    def unstick(self, request: HttpRequest, rows: QuerySet[Discussion]) -> None:
        self._moderate(request, rows, sticky=False)

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("talk.moderate")

    def _moderate(self, request: HttpRequest, rows: QuerySet[Discussion], **change: bool) -> None:
        changed = sum(services.moderate(viewer=_viewer(request), discussion=row, now=timezone.now(), **change) for row in rows)
        self.message_user(request, _("%(n)d discussions changed.") % {"n": changed}, messages.SUCCESS)


@admin.register(Comment)
class CommentAdmin(ReadOnlyAdmin):
    list_display = ["id", "discussion", "author", "created_at", "edited_at", "deleted_at", "body"]
    list_filter = ["discussion__board", "deleted_at"]
    search_fields = ["body"]
    list_select_related = ["discussion", "author"]
    actions = ["delete_comments"]

    @admin.action(description=gettext_lazy("Delete the comments (hide them for everybody)"), permissions=["moderate"])
    def delete_comments(self, request: HttpRequest, rows: QuerySet[Comment]) -> None:
        viewer, now = _viewer(request), timezone.now()
        deleted = sum(services.delete_comment(viewer=viewer, comment=row, now=now, reason="admin") for row in rows)
        self.message_user(request, _("%(n)d comments deleted.") % {"n": deleted}, messages.SUCCESS)

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("talk.moderate")


@admin.register(Tag)
class TagAdmin(ReadOnlyAdmin):
    list_display = ["name", "created_at"]
    search_fields = ["name"]


@admin.register(TagUse)
class TagUseAdmin(ReadOnlyAdmin):
    list_display = ["tag", "subject", "discussion", "comment", "volunteer", "at"]
    search_fields = ["tag__name"]
    list_select_related = ["tag", "subject", "discussion", "volunteer"]
