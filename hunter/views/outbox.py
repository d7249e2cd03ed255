"""The mails that this site wrote, on the embedded default only: there they are files, and somebody has to read them."""

import email
import email.policy
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

PER_PAGE = 30
_BETWEEN = b"\n" + b"-" * 79 + b"\n"
_NOTHING = "default-src 'none'; frame-ancestors 'self'; sandbox"  # a mail may show itself, and no more
_KEY = re.compile(r"([\w.-]+)\.log-(\d+)")


@dataclass(frozen=True)
class Mail:
    """One mail of the outbox folder; `key` names it in addresses."""

    key: str
    at: datetime
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "")

    @property
    def to(self) -> str:
        return str(self.message["To"] or "")

    @property
    def text(self) -> str:
        return self._body("plain")

    @property
    def html(self) -> str:
        return self._body("html")

    def _body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part else ""


@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    """Newest mails first."""
    _only_here(request)
    found = [mail for path in _files() for mail in reversed(_read(path))]
    return render(request, "hunter/outbox.html", {"page_obj": Paginator(found, PER_PAGE).get_page(request.GET.get("page"))})


@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]
@require_safe
def mail(request: HttpRequest, key: str) -> HttpResponse:
    """One mail: who gets it, its text with links to follow, and its HTML form in a frame that may do nothing."""
    return render(request, "hunter/outbox_mail.html", {"mail": _find(request, key)})


@xframe_options_sameorigin
@require_safe
def html(request: HttpRequest, key: str) -> HttpResponse:
    """The HTML form as a mail program gets it."""
    return HttpResponse(_find(request, key).html, headers={"Content-Security-Policy": _NOTHING})


def _only_here(request: HttpRequest) -> None:
    if not settings.LOOPBACK or not request.user.has_perm("hunter.read_outbox"):
        raise Http404


def _find(request: HttpRequest, key: str) -> Mail:
    _only_here(request)
    named = _KEY.fullmatch(key)
    path = _folder() / f"{named[1]}.log" if named else None
    found = _read(path) if named and path and path.is_file() else []
    if named is None or int(named[2]) >= len(found):
        raise Http404
    return found[int(named[2])]


def _folder() -> Path:
    return Path(settings.HOME) / "outbox"


def _files() -> list[Path]:
    return sorted(_folder().glob("*.log"), key=lambda path: path.name, reverse=True)


def _read(path: Path) -> list[Mail]:
    """The mails of one file; Django writes those of one sending into one file."""
    at = datetime.strptime(path.name[:15], "%Y%m%d-%H%M%S")  # noqa: DTZ007  # of this machine's clock, as Django names it
    raw = [part for part in path.read_bytes().split(_BETWEEN) if part.strip()]
    return [Mail(f"{path.name}-{n}", at, email.message_from_bytes(part, policy=email.policy.default)) for n, part in enumerate(raw)]  # type: ignore[arg-type]
