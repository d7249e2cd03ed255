"""Counts that many processes share, kept in Redis for a while. Where it is away, nothing is counted and nobody waits for it."""

import logging
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import redis
from django.core.cache import cache
from django_redis import get_redis_connection

log = logging.getLogger(__name__)

REST_S = 5.0  # how long a server that did not answer is left alone
_KEPT_MOMENTS = 200
_resting_until = 0.0

# One round trip: count in each window, narrowest first, and stop at the first that is full, so that who is refused uses up no more.
_COUNT = """
for i, key in ipairs(KEYS) do
  local n = redis.call('INCR', key)
  if n == 1 then redis.call('EXPIRE', key, ARGV[2 * i - 1]) end
  if n > tonumber(ARGV[2 * i]) then return {i, math.max(redis.call('TTL', key), 1)} end
end
return {0, 0}
"""


def count(windows: Sequence[tuple[str, int, int]]) -> tuple[int, int] | None:
    """Count once in each (name, seconds, limit). Returns (position, seconds left) of the first that is full, or None."""
    keys = [cache.make_key(name) for name, _, _ in windows]
    limits = [number for _, seconds, limit in windows for number in (seconds, limit)]
    answer = _asked(lambda server: server.eval(_COUNT, len(keys), *keys, *limits))
    if not answer or not answer[0]:
        return None
    return int(answer[0]) - 1, int(answer[1])


class Moment(NamedTuple):
    """That `member` happened `at` a moment (of time.time()), in a line that is forgotten when nothing was added for `keep_s`."""

    name: str
    member: str
    at: float
    seconds: float
    keep_s: int


def paces(moments: Sequence[Moment]) -> list[int | None]:
    """Note moments, each member once however often it is told; for each, how many of its line lie in its `seconds` up to it, or from it.

    The larger number is given, since they may be told in any order. None: so far back that its line is not kept any more.
    """

    def ask(server: Any) -> Any:
        asked = server.pipeline(transaction=False)
        for each in moments:
            key = cache.make_key(each.name)
            asked.zadd(key, {each.member: each.at})
            asked.zremrangebyrank(key, 0, -_KEPT_MOMENTS - 1)
            asked.expire(key, each.keep_s)
            asked.zscore(key, each.member)
            asked.zcount(key, f"({each.at - each.seconds}", each.at)
            asked.zcount(key, each.at, f"({each.at + each.seconds}")
        rows = asked.execute()
        return [None if kept is None else max(before, after) for kept, before, after in zip(rows[3::6], rows[4::6], rows[5::6], strict=True)]

    return _asked(ask) or [0] * len(moments)


def place(name: str, member: str, at: float, *, seconds: int) -> int:
    """The how-manieth member is this, of those that were first told of in the last `seconds`? 1 for the first; 0 while nobody counts."""
    key = cache.make_key(name)

    def ask(server: Any) -> Any:
        asked = server.pipeline(transaction=False)
        asked.zadd(key, {member: at}, nx=True)
        asked.zremrangebyscore(key, "-inf", at - seconds)
        asked.expire(key, seconds)
        asked.zrank(key, member)
        return asked.execute()[-1]

    rank = _asked(ask)
    return 0 if rank is None else int(rank) + 1


def _asked(ask: Any) -> Any:
    """The server's answer; None, said once in the log, while it is away."""
    global _resting_until
    if time.monotonic() < _resting_until:
        return None
    try:
        answer = ask(get_redis_connection("default"))
    except redis.RedisError as error:
        if not _resting_until:
            log.warning("counters: the broker is away, so nobody is asked to slow down until it is back: %s", error)
        _resting_until = time.monotonic() + REST_S
        return None
    if _resting_until:
        log.info("counters: the broker is back")
        _resting_until = 0.0
    return answer
