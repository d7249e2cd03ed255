"""Demo accounts, one per role, with random passwords; only on the embedded default, never on a site that others can reach."""

import secrets
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone

from core.identity import random_name
from hunter import consents
from hunter.roles import make_roles

ACCOUNTS = {"admin": ("admin",), "scientist": ("scientist", "model operator"), "moderator": ("moderator",), "volunteer": ("volunteer",)}


class NotADemoSite(Exception):
    """Demo accounts are asked for on a site that is not the embedded default."""


def password_file() -> Path:
    return Path(settings.HOME) / "demo_accounts.txt"


def require_demo_site() -> None:
    """Raise NotADemoSite unless this is the embedded default that only this machine can reach."""
    if not (settings.EMBEDDED and settings.DEMO and settings.HOST in settings.LOOPBACK_HOSTS):
        raise NotADemoSite(
            "Demo accounts and the sample sky are only made by ./run on its embedded default (no HUNTER_HOST). "
            "Here, make a first account with: ./run manage createsuperuser"
        )


def make_accounts() -> list[tuple[str, str]]:
    """Make the demo accounts that are missing and return all (name, password) pairs, kept in a file that only the owner can read."""
    require_demo_site()
    make_roles()
    known = read_accounts()
    users = get_user_model()
    for name, roles in ACCOUNTS.items():
        if name in known and users.objects.filter(username=name).exists():
            continue
        password = f"{random_name(5)}-{random_name(5)}-{secrets.randbelow(90) + 10}"
        user, _ = users.objects.get_or_create(username=name)
        user.set_password(password)
        user.email = f"{name}@example.org"
        user.is_staff = user.is_superuser = name == "admin"
        user.save()
        EmailAddress.objects.get_or_create(user=user, email=f"{name}@example.org", defaults={"primary": True, "verified": True})  # for /dev/outbox/
        user.groups.set(Group.objects.filter(name__in=roles))
        consents.record(user=user, now=timezone.now(), language=settings.LANGUAGE_CODE)  # so that the demo asks nobody to agree
        known[name] = password
    _write(known)
    return list(known.items())


def read_accounts() -> dict[str, str]:
    """Return {name: password} of the accounts made before."""
    path = password_file()
    if not path.exists():
        return {}
    pairs = (line.partition(" / ") for line in path.read_text().splitlines() if " / " in line)
    return {name: password for name, _, password in pairs}


def _write(accounts: dict[str, str]) -> None:
    path = password_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text("".join(f"{name} / {password}\n" for name, password in accounts.items()))
