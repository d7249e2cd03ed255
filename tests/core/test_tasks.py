"""Signs of life do not pile up behind long work."""

import redis
from django.conf import settings

from core.tasks import ask_beat


def test_a_queue_in_which_something_waits_is_not_asked_again() -> None:
    with redis.Redis.from_url(settings.BROKER_URL) as broker:
        broker.delete("ml")
        assert [ask_beat("ml"), ask_beat("ml"), ask_beat("ml")] == [True, False, False]
        assert broker.llen("ml") == 1
        broker.delete("ml")
