"""What is written to the logs and how: one line per event, with the id of the request that caused it, and nothing that names a person.

Used by the settings, by gunicorn (hunter/serving.py) and, through the settings, by the workers.
"""

import logging
import re
import uuid
from collections.abc import MutableMapping
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares import RequestMiddleware

HEADER = "X-Request-ID"
_GOOD_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{7,63}")
# What must not be in a log, whatever put it into a message: mails, addresses, our keys, and the values that PostgreSQL quotes in its errors.
_PRIVATE = re.compile(
    r"(?P<mail>[\w.+-]+@[\w-]+\.[\w.-]+)"
    r"|(?P<token>\bhnt_\w{8,}|(?<=Bearer )\S+)"
    r"|(?P<value>(?<=\)=)\([^)\n]*\))"
    r"|(?P<address>\b(?!127\.0\.0\.1\b|0\.0\.0\.0\b)(?:\d{1,3}\.){3}\d{1,3}\b|(?<![\w:])(?=[\da-fA-F:]*::|(?:[\da-fA-F]{1,4}:){7})[\da-fA-F:]{3,})"
)
Event = MutableMapping[str, Any]


def scrub(_logger: Any, _method: str, event: Event) -> Event:
    """Take out of every text what could name a person."""
    for key, value in event.items():
        if isinstance(value, str) and key not in {"timestamp", "request_id", "task_id"}:
            event[key] = _PRIVATE.sub(lambda found: f"[{found.lastgroup}]", value)
    return event


def _one_line(_logger: Any, _method: str, event: Event) -> str:
    """A readable line: time, level, logger, event, the rest as name=value; a traceback below it."""
    head = " ".join(str(event.pop(name, "")) for name in ("timestamp", "level", "logger"))
    below = event.pop("exception", "")
    text = event.pop("event", "")
    rest = "".join(f" {key}={value}" for key, value in event.items() if value is not None)
    return f"{head}: {text}{rest}" + (f"\n{below}" if below else "")


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


class Refusals(logging.Filter):
    """Keeps Django's word on why a request was refused (400, 403), without the path: it may hold a name or the key of a mailed link.

    What else Django says of requests RequestMiddleware says better, by the route.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        request, status = getattr(record, "request", None), getattr(record, "status_code", None)
        if record.name == "django.request" and status not in {400, 403}:
            return False
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            record.args = tuple(route_of(request) if one == request.path else one for one in record.args)
            record.exc_info = None
        return True


def configure(*, form: str, level: str) -> dict[str, Any]:
    """Set structlog up and return the LOGGING of Django (or gunicorn) in the form `json` or `line`."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.PositionalArgumentsFormatter(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    ending = structlog.processors.JSONRenderer(ensure_ascii=False) if form == "json" else _one_line
    last = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.format_exc_info, scrub, ending]
    formatter = {"()": structlog.stdlib.ProcessorFormatter, "foreign_pre_chain": SHARED, "processors": last}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"hunter": formatter},
        "filters": {"refusals": {"()": Refusals}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "hunter", "filters": ["refusals"]}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django.server": {"level": "WARNING"},
            "botocore": {"level": "WARNING"},
            # One line for each task is enough; django_structlog writes it.
            "celery.app.trace": {"level": "CRITICAL"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
        },
    }


def route_of(request: HttpRequest) -> str:
    """The pattern that a request matched (`people/<str:name>/`), never the path itself."""
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match else "(none)"


class RequestIds(RequestMiddleware):  # type: ignore[misc]
    """Gives each request an id, which its answer, its log lines and the tasks that it starts carry; one line when it is answered."""

    def prepare(self, request: HttpRequest) -> None:
        """Take a well-formed id from a trusted proxy, or make one."""
        given = request.headers.get(HEADER, "") if settings.PROXIES else ""
        request_id = given if _GOOD_ID.fullmatch(given) else str(uuid.uuid4())
        request.META["HUNTER_REQUEST_ID"] = request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        """Tell the id, and write the line; static files are not worth one."""
        response[HEADER] = request.META["HUNTER_REQUEST_ID"]
        if request.path.startswith(settings.STATIC_URL) and response.status_code < 400:
            structlog.contextvars.clear_contextvars()
        else:
            super().handle_response(request, response)

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Method and route: no name, no key, no query."""
        return f"{request.method} {route_of(request)}"
