"""The API of Talk, /api/v1/talk/...: the same services and selectors as the pages, errors as problem documents."""

from talk.api import collections, tags, threads

__all__ = ["collections", "tags", "threads"]
