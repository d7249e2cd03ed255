"""What all addresses share: authors, pages of a list, and refusals as problem documents."""

from typing import Any

from rest_framework import serializers
from rest_framework.pagination import CursorPagination

from core.problems import Problem
from talk.services import TalkError


class AuthorOut(serializers.Serializer[Any]):
    id = serializers.CharField(source="public_id", help_text="Public id of the volunteer; one and the same for all who deleted their account.")
    name = serializers.CharField(source="user.username", default=None, allow_null=True, help_text="Name of the account, if there is one.")


class ByAge(CursorPagination):
    ordering = "id"
    page_size = 50


def problem_of(error: TalkError) -> Problem:
    """The problem document of a refusal."""
    problem = Problem(str(error.message), status=error.status, code=error.code, **error.extra)
    problem.wait = error.extra.get("retry_after")  # becomes the header Retry-After
    return problem
