"""Django admin of accounts: people are found, given roles and blocked; everything else they do themselves."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.admin import ReadOnlyAdmin
from hunter.letters import settle
from hunter.models import Letter, User
from hunter.roles import ADMIN, ROLES, LastAdmin, is_last_admin, set_roles

# One way in for all: limits, second factor and passkeys hold for the admin pages as well.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


class RolesForm(forms.ModelForm):  # type: ignore[type-arg]
    """An account's roles, checked before anything is stored."""

    class Meta:
        model = User
        fields = ["is_active", "groups"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        roles = {group.name for group in cleaned.get("groups", [])}
        if is_last_admin(self.instance) and (ADMIN not in roles or not cleaned.get("is_active")):
            raise forms.ValidationError(str(LastAdmin()))
        return cleaned


@admin.register(User)
class AccountAdmin(UserAdmin):  # type: ignore[type-arg]
    """Roles are the only rights given here. An account is deleted by its owner, or by `./run manage delete_account`, which keeps the votes."""

    form = RolesForm
    list_display = ["username", "email", "roles", "is_active", "date_joined", "last_login"]
    list_filter = ["groups", "is_active"]
    search_fields = ["username", "email"]
    readonly_fields = ["username", "email", "last_login", "date_joined"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["username", "email", "is_active"]}),
        (_("Roles"), {"fields": ["groups"]}),
        (_("Important dates"), {"fields": ["last_login", "date_joined"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=_("Roles"))
    def roles(self, user: User) -> str:
        return ", ".join(sorted(group.name for group in user.groups.all()))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs |= {"queryset": Group.objects.filter(name__in=ROLES), "widget": forms.CheckboxSelectMultiple, "required": False}
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        set_roles(user=form.instance, roles=[group.name for group in form.cleaned_data["groups"]], actor=request.user, now=timezone.now())


@admin.register(Letter)
class LetterAdmin(ReadOnlyAdmin):
    """Letters to the team; they are answered by mail and marked here."""

    list_display = ["created_at", "subject", "name", "email", "user", "done_at"]
    list_filter = [("done_at", admin.EmptyFieldListFilter)]
    search_fields = ["subject", "body", "name", "email"]
    list_select_related = ["user"]
    actions = ["mark_done"]

    @admin.action(description=_("Mark as done (deleted a year later)"), permissions=["view"])
    def mark_done(self, request: HttpRequest, letters: QuerySet[Letter]) -> None:
        n = settle(letters=letters, now=timezone.now())
        self.message_user(request, ngettext("%(n)d letter is done.", "%(n)d letters are done.", n) % {"n": n})


admin.site.unregister(Group)  # roles are code, see hunter/roles.py
admin.site.site_header = "Hunter"
admin.site.site_title = "Hunter"
