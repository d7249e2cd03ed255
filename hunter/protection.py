"""What every answer tells the browser beyond Django's own security headers, and what is refused without TLS."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.utils.translation import gettext as _

from hunter.views.errors import problem

# Nothing here needs a sensor, a payment or a place; passkeys and the full-screen viewer are for this site's own pages only.
_OFF = ("accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "geolocation", "gyroscope", "magnetometer", "microphone")
_OFF_TOO = ("midi", "payment", "picture-in-picture", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking")
_OURS = ("fullscreen", "publickey-credentials-create", "publickey-credentials-get")
PERMISSIONS = ", ".join([*(f"{name}=()" for name in (*_OFF, *_OFF_TOO)), *(f"{name}=(self)" for name in _OURS)])
# Pages about one person, or with what only some may see: no copy stays in a browser or on the way.
PRIVATE = ("/accounts/", "/admin/", "/dashboard/", "/dev/", "/me/")


class ProtectionMiddleware:
    """Stands first, so that it sees every answer, redirects and static files included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = _without_tls(request) or self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if request.path.startswith(PRIVATE):
            add_never_cache_headers(response)
        elif "cookie" in response.get("Vary", "").lower() and "Cache-Control" not in response:
            patch_cache_control(response, private=True, no_cache=True)
        if request.method == "POST" and request.path == reverse("account_logout"):
            response["Clear-Site-Data"] = '"cache"'  # the back button shows nothing of the one who has left
        return response

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        """Refuse NUL in an address: nothing here has it in its name, and no database can look for it."""
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("NUL in the address")


def _without_tls(request: HttpRequest) -> HttpResponse | None:
    """Refuse the API over plain HTTP: a redirect would hide that a token has just been sent in the open."""
    if settings.SECURE_SSL_REDIRECT and request.path.startswith("/api/") and not request.is_secure():
        return problem(403, _("Not without TLS"), _("Nothing was done. Use the https:// address; if a token was sent, revoke it."))
    return None
