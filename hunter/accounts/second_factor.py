"""Who needs a second factor, and whether this session has shown one."""

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt, is_mfa_enabled
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from hunter.roles import is_team

FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]  # recovery codes stand in for one of these
SHOWN = "second_factor_shown"  # of the session: set when an app or passkey was added in it


def is_needed(user: Any) -> bool:
    """Return whether this person may do so much that a password alone is too little."""
    return settings.STAFF_2FA and user.is_active and is_team(user)


def has(user: Any) -> bool:
    """Return whether the person has set up an app or a passkey."""
    return is_mfa_enabled(user, FACTORS)


def was_shown(request: HttpRequest) -> bool:
    """Return whether this session was opened with a second factor or has shown one since."""
    records = get_authentication_records(request, request.user)
    return request.session.get(SHOWN) == request.user.pk or any(record.get("method") == "mfa" for record in records)


def note_shown(request: HttpRequest) -> None:
    """Remember that this session has just proved a second factor by setting it up."""
    request.session[SHOWN] = request.user.pk


def has_app(user: Any) -> bool:
    """Return whether the person can give a code."""
    return is_mfa_enabled(user, [Authenticator.Type.TOTP])


@transaction.atomic
def spend_code(user: Any, code: str) -> bool:
    """Note in the database that a right code of the app was used. False if it, or a later one, was used before (RFC 6238, 5.2)."""
    app = Authenticator.objects.select_for_update().get(user=user, type=Authenticator.Type.TOTP)
    secret = decrypt(app.data["secret"])
    steps = (step for step in yield_hotp_counters_from_time() if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step))))
    step = next(steps, 0)
    if step <= app.data.get("last_step", 0):
        return False
    app.data["last_step"] = step
    app.save(update_fields=["data"])
    return True
