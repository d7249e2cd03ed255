"""Who is meant by what somebody types to sign in, and whether the password is theirs."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.userkit import filter_users_by_email, get_user_by_username
from django.http import HttpRequest

from hunter.models import User


class OneHashBackend(AuthenticationBackend):
    """One way in for names and addresses; permissions are those of Django's own backend, on which the library's builds.

    Each try costs exactly one hash, whoever is named: how long it takes tells nobody which addresses are known.
    """

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
