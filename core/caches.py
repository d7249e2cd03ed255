"""The cache of the site: where its server is away, nothing that somebody does fails for that."""

from typing import Any

from django_redis.cache import RedisCache


class OpenCache(RedisCache):
    """Redis or Valkey. While it is away `get` knows nothing, `set` does nothing, and `add` lets pass.

    `add` is what locks and limits ask ("am I the first?"): a site whose cache is down lets people sign in without limits rather than not at all.
    """

    def add(self, *args: Any, **kwargs: Any) -> bool:
        """Return whether the key was new; True where nobody can tell."""
        added = super().add(*args, **kwargs)
        return True if added is None else bool(added)
