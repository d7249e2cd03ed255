"""Sign-in by other sites, each switched on by the environment. Read by the settings; knows no Django.

ORCID, Google, Microsoft and any other OpenID Connect provider share one way; GitHub has its own.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from hunter import env


@dataclass(frozen=True)
class Known:
    """A provider by its prefix of variables: HUNTER_<prefix>_ID, _SECRET and _URL."""

    prefix: str
    id: str
    name: str
    url: str
    scope: tuple[str, ...] = ("openid", "email")  # no names: a pseudonym is chosen here


KNOWN = (
    Known("ORCID", "orcid", "ORCID", "https://orcid.org", scope=("openid",)),  # it gives no e-mail address
    Known("GOOGLE", "google", "Google", "https://accounts.google.com"),
    # Tenant `consumers`: personal accounts. An institution gives its own tenant; `common` has no issuer that could be checked.
    Known("MICROSOFT", "microsoft", "Microsoft", "https://login.microsoftonline.com/consumers/v2.0"),
    Known("OIDC", "oidc", "", ""),
)
GITHUB_URL = "https://github.com"


def read() -> tuple[dict[str, Any], list[str]]:
    """Return allauth's settings of the providers that are switched on, and the origins that a sign-in form may lead to."""
    urls: list[str] = []
    apps = [app for known in KNOWN if (app := _openid_app(known, urls))]
    configured: dict[str, Any] = {"openid_connect": {"APPS": apps}}
    client, secret = _credentials("GITHUB")
    url = env.text("HUNTER_GITHUB_URL", GITHUB_URL)
    if client:
        urls.append(url)
        app = {"client_id": client, "secret": secret, "settings": {"scope": ["user:email"], "oauth_pkce_enabled": True}}
        configured["github"] = {"APPS": [app], "GITHUB_URL": url} if url != GITHUB_URL else {"APPS": [app]}
    return configured, [*dict.fromkeys(origin(each) for each in urls), *env.words("HUNTER_SIGN_IN_ORIGINS")]


def origin(url: str) -> str:
    """Return scheme and host of an address, as a Content-Security-Policy names it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _openid_app(known: Known, urls: list[str]) -> dict[str, Any] | None:
    client, secret = _credentials(known.prefix)
    url = env.text(f"HUNTER_{known.prefix}_URL", known.url)
    name = known.name or env.text("HUNTER_OIDC_NAME", "OpenID Connect")
    if not client:
        return None
    if urlsplit(url).scheme not in {"http", "https"}:
        raise ImproperlyConfigured(f"HUNTER_{known.prefix}_URL={url!r} is no address: give the issuer, e.g. https://id.example.org.")
    urls.append(url)
    settings = {"server_url": url, "scope": list(known.scope), "oauth_pkce_enabled": True}
    return {"provider_id": known.id, "name": name, "client_id": client, "secret": secret, "settings": settings}


def _credentials(prefix: str) -> tuple[str, str]:
    client, secret = env.text(f"HUNTER_{prefix}_ID", ""), env.secret(f"HUNTER_{prefix}_SECRET", "")
    if bool(client) != bool(secret):
        raise ImproperlyConfigured(f"HUNTER_{prefix}_ID and HUNTER_{prefix}_SECRET go together; one of them is missing.")
    return client, secret
