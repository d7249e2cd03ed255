"""Which votes are stored but wait until somebody of the team has looked at them.

Two rules, told to whoever sends such a vote (docs/reference/limits.md says the same in words):

- `script`: it came with an API key, or from a program that says that it is one (its User-Agent begins with the name of a library or
  command for programs). A browser is no program, nor is one that is driven by a test, nor somebody who says nothing.
- `fast`: it is one of more than 15 votes of the same volunteer within 10 seconds. A quick person with keys gives one a second. What
  counts is when the answer was given (`finished_at`), so that answers that waited for the network are not held to be hasty; a time
  that is missing, in the future or older than an hour is that of arrival.

A flagged vote is outside of consensus, of the hourly totals and of what is learnt; it can be undone and revised like any other, and
it enters the tally like a late vote once the team says that it counts.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from classify.ballots import Ballot
from classify.models import Classification, Volunteer
from core import counters

Judge = Callable[[Ballot], str]

PACE_SECONDS, PACE_MOST = 10, 15
BELIEVED = timedelta(hours=1)  # how far back the time of an answer is believed

# First words of a User-Agent. Browsers, and the views inside of apps, begin with Mozilla or Opera.
_PROGRAMS = (
    "python", "aiohttp", "httpx", "urllib", "scrapy", "pycurl", "curl", "libcurl", "wget", "httpie", "go-http-client", "okhttp", "java",
    "apache-httpclient", "jersey", "node", "undici", "axios", "got", "superagent", "deno", "bun", "libwww-perl", "lwp", "php", "guzzlehttp",
    "ruby", "faraday", "http.rb", "reqwest", "hyper", "ureq", "rest-client", "restsharp", "dart", "postmanruntime", "insomnia", "powershell",
)  # fmt: skip
_IS_PROGRAM = re.compile(rf"(?:{'|'.join(map(re.escape, _PROGRAMS))})(?![a-z])", re.IGNORECASE)


def flag_of(*, by_key: bool, agent: str, pace: int) -> str:
    """Return the flag of a vote, or nothing. `pace`: votes of this volunteer in the last seconds, this one included."""
    if by_key or is_program(agent):
        return Classification.Flag.SCRIPT
    return Classification.Flag.FAST if pace > PACE_MOST else ""


def is_program(agent: str) -> bool:
    """Tell whether a User-Agent is that of a library or command for programs."""
    return _IS_PROGRAM.match(agent.strip()) is not None


def moment_of(finished_at: datetime | None, now: datetime) -> datetime:
    """When an answer was given, as far as that can be believed."""
    return finished_at if finished_at and now - BELIEVED <= finished_at <= now else now


def judge_of(request: Any, *, volunteer: Volunteer, now: datetime) -> Judge:
    """Return what tells the flag of a vote that this request brings; for `record_classification`."""
    by_key, agent = getattr(request, "auth", None) is not None, request.headers.get("User-Agent", "")

    def judge(ballot: Ballot) -> str:
        return flag_of(by_key=by_key, agent=agent, pace=0 if by_key else _pace(ballot, volunteer, now))

    return judge


def _pace(ballot: Ballot, volunteer: Volunteer, now: datetime) -> int:
    if not settings.THROTTLES:
        return 0
    at = moment_of(ballot.finished_at, now).timestamp()
    keep_s = int(BELIEVED.total_seconds()) + PACE_SECONDS
    return counters.pace(f"votes:{volunteer.pk}", str(ballot.id), at, seconds=PACE_SECONDS, keep_s=keep_s)
