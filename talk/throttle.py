"""How much one person may write in a while: counters in the cache, one per person, kind and window."""

import logging
from dataclasses import dataclass

import redis
from django.core.cache import cache

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Window:
    """At most `limit` times in `seconds`."""

    limit: int
    seconds: int


LIMITS = {
    "comment": (Window(6, 60), Window(100, 86_400)),
    "tag": (Window(30, 60), Window(1_000, 86_400)),
}


class TooFast(Exception):
    """This person has used up a window; `seconds` is how long it lasts."""

    def __init__(self, *, limit: int, seconds: int) -> None:
        super().__init__(f"more than {limit} in {seconds} s")
        self.limit = limit
        self.seconds = seconds


def spend(*, volunteer_id: int, kind: str) -> None:
    """Count one act of this kind. Raises TooFast when a window is full. Without a cache server nothing is refused."""
    try:
        for window in LIMITS[kind]:
            key = f"talk-throttle:{kind}:{window.seconds}:{volunteer_id}"
            cache.add(key, 0, window.seconds)
            if cache.incr(key) > window.limit:
                raise TooFast(limit=window.limit, seconds=window.seconds)
    except (redis.RedisError, ValueError) as error:  # ValueError: the counter ran out between the two calls
        log.warning("talk: no throttle: %s", error)
