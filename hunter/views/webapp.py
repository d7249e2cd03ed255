"""The site as an app on a phone: its service worker, its manifest, the page without connection, and who is signed in."""

import json

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hunter import webapp

COLOUR = "#0a0f17"  # --grey-1 of tokens.css


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The service worker: which files it keeps stands here, so that the browser sees by this text whether there is anything new."""
    config: dict[str, object] = {
        "version": webapp.version(),
        "prefix": settings.STATIC_URL,
        "offline": reverse("offline"),
        "session": reverse("session"),
    }
    config["files"] = webapp.files()
    code = f"import {{ start }} from {json.dumps(static(webapp.WORKER))};\nstart({json.dumps(config, indent=1)});\n"
    return HttpResponse(code, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to install the site."""
    icons = [
        {"src": static(f"img/{name}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose} for name, size, purpose in webapp.ICONS
    ]
    content = {
        "id": "/",
        "name": _("Hunter: asteroid trails in Hubble images"),
        "short_name": "Hunter",
        "description": _("Look at images of the Hubble Space Telescope and mark the trails of asteroids."),
        "lang": get_language() or "en",
        "start_url": reverse("classify_index"),
        "scope": "/",
        "display": "standalone",
        "background_color": COLOUR,
        "theme_color": COLOUR,
        "categories": ["education", "science"],
        "icons": icons,
    }
    return JsonResponse(content, content_type="application/manifest+json", headers={"Cache-Control": "no-cache"})


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What the service worker shows in the place of a page that it cannot reach. The same for everybody, as every browser keeps it."""
    request.user = AnonymousUser()
    return render(request, "hunter/offline.html", {"kept": True})


@never_cache
@require_safe
def session(request: HttpRequest) -> JsonResponse:
    """Who is signed in (empty: nobody), and a fresh CSRF token: for a page that was without connection for long."""
    return JsonResponse({"owner": str(request.user.pk or ""), "csrf": get_token(request)})
