"""Pages and JSON go out compressed. Files of the site are compressed beforehand (WhiteNoise), images are compressed as they are."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

KINDS = frozenset({"text/html", "text/javascript", "application/json", "application/problem+json", "application/manifest+json"})


class CompressionMiddleware(GZipMiddleware):
    """Django's, which adds a random length so that nobody guesses a token from how well a page is compressed; for text that is whole only."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if response.streaming or kind not in KINDS:
            return response
        return super().process_response(request, response)
