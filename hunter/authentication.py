"""Who asks the API with a key: `Authorization: Bearer hnt_...`. A key acts as its owner, within its scopes.

The scope is asked for here and not by a permission class, so that no view can forget it: reading needs `read`, or what the view names
as `read_with`; what changes something needs what the view names as `needs_scope`, else `team`. A key shows no second factor; for
`team` its owner must have set one up.
"""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from core import throttles
from core.addresses import address_id
from core.problems import Problem
from hunter import tokens
from hunter.accounts import second_factor
from hunter.models import ApiToken, User

WORD, TEAM = "Bearer", "team"


class TokenAuthentication(BaseAuthentication):
    """Personal keys. Requests without an Authorization header are left to the session; nobody who sends one is taken for a visitor."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        word, _space, key = get_authorization_header(request).partition(b" ")
        if not word:
            return None
        if word.lower() != WORD.lower().encode():
            raise AuthenticationFailed(
                _('This site takes keys in one form only: "Authorization: Bearer hnt_...". Nothing was stored. Make a key at /me/tokens/.')
            )
        now = timezone.now()
        token = tokens.find_token(key.strip().decode("latin-1"), now=now)
        if token is None:
            throttles.spend("wrong keys", address=address_id(request))
            raise AuthenticationFailed(_("This key is unknown, revoked or expired. Nothing was stored. Make a new one at /me/tokens/."))
        _require(scopes_of(request), token)
        tokens.note_use(token=token, now=now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return f'{WORD} realm="hunter"'


def scopes_of(request: Request) -> tuple[str, ...]:
    """The scopes of which a key needs one for this request; the one to ask for stands first."""
    view: Any = request.parser_context.get("view")
    if request.method in throttles.SAFE:
        return ("read", *getattr(view, "read_with", ()))
    return (str(getattr(view, "needs_scope", TEAM)),)


def _require(scopes: tuple[str, ...], token: ApiToken) -> None:
    scope = scopes[0]
    if not set(scopes) & set(token.scopes):
        raise Problem(
            _("This key may not be used for that: it lacks the scope %(scope)s. Nothing was stored. Make a key with it at /me/tokens/.")
            % {"scope": scope},
            title=_("Not allowed"),
            status=403,
            missing_scope=scope,
        )
    if scope == TEAM and second_factor.is_needed(token.user) and not second_factor.has(token.user):
        raise Problem(  # the key may be older than the role
            _("What you may do here needs a second factor. Nothing was done; set one up at /accounts/2fa/ and try again."),
            title=_("A second factor is needed"),
            status=403,
        )


class TokenScheme(OpenApiAuthenticationExtension):
    """How the schema says it."""

    target_class = "hunter.authentication.TokenAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": f"{tokens.PREFIX}...", "description": "A personal key, made at /me/tokens/."}
