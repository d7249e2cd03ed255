"""Counts that many processes share, kept in Redis for a while. Where it is away, nothing is counted and nobody waits for it."""

import logging
import time
from collections.abc import Sequence
from typing import Any

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


def pace(name: str, member: str, at: float, *, seconds: float, keep_s: int) -> int:
    """Note that `member` happened at a moment (of time.time()), once however often it is told; return how many did in the `seconds` up to it."""
    key = cache.make_key(name)

    def ask(server: Any) -> Any:
        line = server.pipeline(transaction=False)
        line.zadd(key, {member: at})
        line.zremrangebyrank(key, 0, -_KEPT_MOMENTS - 1)
        line.expire(key, keep_s)
        line.zcount(key, f"({at - seconds}", at)
        return line.execute()[-1]

    return int(_asked(ask) or 0)


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
