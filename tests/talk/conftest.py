"""People and places of Talk."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from talk import services
from talk.models import Board, Comment
from talk.seeds import seed_boards
from talk.viewers import Viewer
from tests import factories
from tests.factories import NOW, PASSWORD


@pytest.fixture
def boards(db: None) -> dict[str, Board]:
    """The boards that come with the software, by slug."""
    seed_boards(NOW)
    return {board.slug: board for board in Board.objects.all()}


def person(name: str = "", **fields: Any) -> Viewer:
    """Somebody with an account, who has classified before."""
    user = factories.user(**({"username": name} if name else {}), **fields)
    return Viewer(user=user, volunteer=factories.volunteer(user=user))


def draft(body: str, **fields: Any) -> services.Draft:
    """A text as a page sends it, with its own request id."""
    return services.Draft(body=body, **{"request_id": uuid.uuid4(), **fields})


def write(viewer: Viewer, subject: Any, body: str = "What is this?", **fields: Any) -> Comment:
    """A comment on a subject."""
    return services.comment_on_subject(viewer=viewer, subject=subject, draft=draft(body, **fields), now=NOW)


def start(viewer: Viewer, board: Board, title: str = "A question", body: str = "What is this?") -> Any:
    """A discussion with its first comment."""
    return services.start_discussion(viewer=viewer, board=board, title=title, draft=draft(body), now=NOW)


@pytest.fixture
def signed_in(boards: dict[str, Board]) -> Callable[[Viewer], Client]:
    """Return a browser of this person."""

    def client(viewer: Viewer) -> Client:
        browser = Client()
        assert browser.login(username=viewer.user.get_username(), password=PASSWORD)
        return browser

    return client


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one person write as much as the test needs."""
    from core import throttles

    for scope in ("comments", "tags"):
        monkeypatch.setitem(throttles.LIMITS, scope, throttles.Limit((), ()))
