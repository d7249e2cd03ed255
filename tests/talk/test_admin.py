"""Talk in the Django admin."""

import pytest
from django.test import Client

from talk.models import Board, Comment, Discussion
from tests import factories
from tests.talk.conftest import person, start, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(boards: dict[str, Board]) -> Client:
    client = Client()
    client.force_login(factories.user(is_staff=True, is_superuser=True))
    return client


def test_lists_show_and_nothing_but_boards_can_be_edited(admin: Client) -> None:
    comment = write(person(), factories.subject(), "#arc")
    for name in ("board", "discussion", "comment", "tag", "taguse"):
        assert admin.get(f"/admin/talk/{name}/").status_code == 200
    assert admin.get("/admin/talk/comment/add/").status_code == 403
    assert admin.post(f"/admin/talk/comment/{comment.pk}/change/", {"body": "Changed"}).status_code == 403
    assert admin.post(f"/admin/talk/comment/{comment.pk}/delete/", {"post": "yes"}).status_code == 403
    board = Board.objects.get(slug="chat")
    fields = {"title": "Tea room", "description": "", "position": 9, "can_read": "all", "can_write": "all", "slug": "changed"}
    words = {"texts-0-language": "es", "texts-0-title": "Sala de té", "texts-0-description": ""}
    board.texts.all().delete()
    admin.post(f"/admin/talk/board/{board.pk}/change/", {**fields, **words, "texts-TOTAL_FORMS": "1", "texts-INITIAL_FORMS": "0"})
    board.refresh_from_db()
    assert (board.title, board.slug) == ("Tea room", "chat")
    assert board.texts.get().title == "Sala de té"


def test_actions_go_through_the_services(admin: Client) -> None:
    thread = start(person(), Board.objects.get(slug="chat"))
    for action, field, value in [("lock", "locked", True), ("unlock", "locked", False), ("stick", "sticky", True), ("unstick", "sticky", False)]:
        admin.post("/admin/talk/discussion/", {"action": action, "_selected_action": [thread.pk]})
        assert getattr(Discussion.objects.get(), field) is value
    admin.post("/admin/talk/comment/", {"action": "delete_comments", "_selected_action": [thread.comments.get().pk]})
    assert Comment.objects.get().deleted_at is not None
