"""What a database keeps of rows that are gone, until it writes over them."""

import logging
from datetime import datetime

from django.db import connection

log = logging.getLogger(__name__)

TABLES = ("hunter_user", "account_emailaddress", "talk_comment", "django_session", "classify_volunteer", "core_job", "hunter_letter")


def wipe() -> None:
    """Write over what the last transactions deleted, as far as it can be done while others work.

    SQLite zeroes deleted rows by itself (secure_delete, see the settings); what remains is the write-ahead log, which is emptied here.
    PostgreSQL is told to clear the touched tables at once; otherwise its autovacuum does so within hours.
    """
    if connection.in_atomic_block:  # a test, or somebody's larger transaction: nothing to do yet
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy = cursor.fetchone()[0]
            if busy:
                log.info("The write-ahead log is in use; it is emptied at its next checkpoint.")
        else:
            for table in TABLES:
                cursor.execute(f"VACUUM {table}")  # names from above


def wipe_again(now: datetime) -> int:
    """For the daily tidying: empty the write-ahead log of SQLite, in case somebody read from it when the last deletion ended."""
    if connection.vendor == "sqlite":
        wipe()
    return 0
