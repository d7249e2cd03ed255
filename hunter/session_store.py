"""Sessions in the database, as Django keeps them; only that looking one up, which every page does, costs less."""

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from core.prepared import Prepared

_OPEN = Prepared(lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now), str, datetime)


class SessionStore(db.SessionStore):
    """Django's."""

    def _get_session_from_db(self) -> Any:
        found = _OPEN.first(self.session_key, timezone.now())
        if found is None:
            self._session_key = None
        return found
