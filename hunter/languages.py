"""The reader's language: chosen in the menu, kept in a cookie, and with the account so that mails and other browsers have it."""

from contextlib import AbstractContextManager
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers


def supported(code: str) -> bool:
    """Say whether the site speaks this language."""
    return code in dict(settings.LANGUAGES)


def language_of(user: Any) -> str:
    """The language in which to write to a person: the one chosen, else that of the site."""
    code = getattr(user, "language", "")
    return code if supported(code) else settings.LANGUAGE_CODE


def in_language_of(user: Any) -> AbstractContextManager[None]:
    """Within this context texts are those of the person's language: `with in_language_of(user): send(...)`."""
    return translation.override(language_of(user))


def remember(response: HttpResponseBase, code: str) -> None:
    """Keep the language in the browser. Called after a sign-in with the account's language, so that it follows its owner."""
    if supported(code):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            code,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite=settings.LANGUAGE_COOKIE_SAMESITE,  # type: ignore[arg-type]  # a plain str in the settings
            secure=settings.LANGUAGE_COOKIE_SECURE,
        )


class ReaderLanguageMiddleware(LocaleMiddleware):
    """Django's, which names the language of each answer and what it depends on: here also the cookie of the menu.

    Images are the same in every language, so what caches know of them stays as it is.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.headers.get("Content-Type", "").startswith("image/"):
            return response
        patch_vary_headers(response, ("Cookie",))
        return super().process_response(request, response)
