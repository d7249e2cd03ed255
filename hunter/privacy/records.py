"""Everything the site holds about a person, room by room, as streams of rows."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry

import classify.selectors
import ml.selectors
import talk.selectors
from core.models import AuditEntry, Job
from core.streaming import Records, records_of
from hunter.models import ApiToken, Consent, FormerName, Letter, PageVersion
from hunter.privacy.people import Person
from hunter.roles import roles_of


def same(*names: str) -> dict[str, str]:
    """Columns that are named as their fields."""
    return {name: name for name in names}


def personal_records(person: Person, *, but: int = 0) -> list[Records]:
    """Return all kinds of data about a person. Secrets (password, keys, cookies) are left out; that they exist is told.

    `but`: the job that makes the copy, which is no news to anybody.
    """
    volunteers = person.volunteers
    account = _account(person.user, but) if person.user is not None else []
    return [*account, *classify.selectors.personal_records(volunteers), *talk.selectors.personal_records(volunteers)]


def _account(user: Any, but: int) -> list[Records]:
    """What hangs on the account itself."""
    return [
        Records("account", list(_row_of(user)), lambda: 1, lambda: [_row_of(user)]),
        records_of("former_names", FormerName.objects.filter(user=user).order_by("pk"), same("name", "since", "leads")),
        records_of("email_addresses", EmailAddress.objects.filter(user=user).order_by("pk"), same("email", "verified", "primary")),
        records_of("consents", Consent.objects.filter(user=user).order_by("pk"), same("document", "version", "language", "at")),
        records_of(
            "sessions", UserSession.objects.filter(user=user).order_by("pk"),
            {"created_at": "created_at", "last_seen_at": "last_seen_at", "address_pseudonym": "ip", "browser": "user_agent"},
        ),
        records_of(
            "tokens", ApiToken.objects.filter(user=user).order_by("pk"),
            same("name", "hint", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at"),
        ),
        records_of("second_factors", Authenticator.objects.filter(user=user).order_by("pk"), same("type", "created_at", "last_used_at")),
        records_of(
            "other_sign_ins", SocialAccount.objects.filter(user=user).order_by("pk"),
            {"provider": "provider", "id_there": "uid", "what_it_told": "extra_data", "since": "date_joined", "last_login": "last_login"},
        ),
        records_of("letters", Letter.objects.filter(user=user).order_by("pk"), same("name", "email", "subject", "body", "created_at", "done_at")),
        records_of("pages_written", PageVersion.objects.filter(author=user).order_by("pk"), same("slug", "language", "version", "created_at")),
        records_of(
            "jobs", Job.objects.filter(actor=user).exclude(pk=but).order_by("pk"), same("kind", "title", "state", "created_at", "finished_at")
        ),
        records_of(
            "protocol", AuditEntry.objects.filter(actor=user).order_by("pk"),
            {"at": "at", "did": "verb", "to": "object_type", "id": "object_id"},
        ),
        records_of(
            "admin_protocol", LogEntry.objects.filter(user=user).order_by("pk"),
            {"at": "action_time", "did": "action_flag", "to": "content_type__model", "id": "object_id"},
        ),
        *ml.selectors.personal_records(user),
    ]  # fmt: skip


def _row_of(user: Any) -> dict[str, Any]:
    return {
        "id": user.pk,
        "name": user.get_username(),
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "language": user.language,
        "roles": roles_of(user),
        "has_password": user.has_usable_password(),
        "joined_at": user.date_joined,
        "last_login": user.last_login,
        "is_active": user.is_active,
    }
