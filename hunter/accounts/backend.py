"""Who is meant by what somebody types to sign in, and whether the password is theirs."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.userkit import filter_users_by_email, get_user_by_username
from django.contrib.auth.models import Group
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from core.prepared import Prepared
from hunter.models import User


def _signed_in(pk: int) -> QuerySet[User]:
    """The account of a session with its volunteer, and whether there is any permission to be looked up for it: most have none."""
    own = User.user_permissions.through.objects.filter(user=OuterRef("pk"))
    of_groups = Group.permissions.through.objects.filter(group__user=OuterRef("pk"))
    return User.objects.filter(pk=pk).select_related("volunteer").annotate(has_permissions=Exists(own) | Exists(of_groups))


_SIGNED_IN = Prepared(_signed_in, int)


class OneHashBackend(AuthenticationBackend):
    """One way in for names and addresses; permissions are those of Django's own backend, on which the library's builds.

    Each try costs exactly one hash, whoever is named: how long it takes tells nobody which addresses are known.
    """

    def get_user(self, user_id: Any) -> User | None:
        """The account of a session, if it may still sign in."""
        user: User | None = _SIGNED_IN.first(int(user_id))
        if user is None or not self.user_can_authenticate(user):
            return None
        if not (user.is_superuser or user.has_permissions):  # type: ignore[attr-defined]
            user._user_perm_cache, user._group_perm_cache = set(), set()  # type: ignore[attr-defined]  # as the backend keeps them
        return user

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> Any:
        user = find(username=credentials.get("username"), email=credentials.get("email"))
        return self._check_password(user, credentials["password"])  # for nobody the library makes one hash afterwards


def find(*, username: str | None = None, email: str | None = None) -> User | None:
    """Return the one account that is meant: that of the name, else that of the confirmed address, else the oldest of those that claim it."""
    name, address = username or "", email or username or ""
    found = get_user_by_username(name) if name else None
    if found is None and address:
        claims = filter_users_by_email(address, prefer_verified=True, for_login=True)
        found = min(claims, key=lambda user: (not user.is_active, user.pk), default=None)
    return found
