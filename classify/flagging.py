"""Which votes are stored but wait until somebody of the team has looked at them.

Two rules, told to whoever sends such a vote (docs/reference/limits.md says the same in words):

- `script`: it came with an API key, or from a program that says that it is one (its User-Agent begins with the name of a library or
  command for programs); or the subject was never handed to this volunteer, which no page does; or it is of one of very many new
  visitors from one address. A browser is no program, nor is one that is driven by a test, nor somebody who says nothing.
- `fast`: it is one of more than 15 votes of the same volunteer within 10 seconds. A quick person with keys gives one a second. What
  counts is when the answer was given (`finished_at`), so that answers that waited for the network are not held to be hasty; a time
  that cannot be (before the subject was handed out, in the future, more than a week ago) or that is missing is that of arrival.
  Of what arrives at once, no more counts than somebody can have had in hand.

A flagged vote is outside of consensus, of the hourly totals and of what is learnt; it can be undone and revised like any other, and
it enters the tally like a late vote once the team says that it counts.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings

from classify.ballots import Ballot
from classify.models import Classification, Serve, Volunteer
from core import counters
from core.addresses import address_id

# Called with the ballot before anything is locked (the counters are asked then), and what it returns with the serve, under the lock.
Verdict = Callable[[Serve | None], str]
Judge = Callable[[Ballot], Verdict]

PACE_SECONDS, PACE_MOST = 10, 15
ARRIVALS_MOST = 100  # in the same seconds: nobody has more images in hand, packs included (classify.services.queue.MOST_HELD)
BELIEVED = timedelta(days=7)  # how far back the time of an answer is believed: a pack is leased for a day, and the way home is long
_KEPT_S = 3600
NEW = timedelta(minutes=10)  # for so long a visitor is new ...
NEW_MOST = 60  # ... and so many of them begin at one address; a school class has 30 to 40

# First words of a User-Agent. Browsers, and the views inside of apps, begin with Mozilla or Opera.
_PROGRAMS = (
    "python", "aiohttp", "httpx", "urllib", "scrapy", "pycurl", "curl", "libcurl", "wget", "httpie", "go-http-client", "okhttp", "java",
    "apache-httpclient", "jersey", "node", "undici", "axios", "got", "superagent", "deno", "bun", "libwww-perl", "lwp", "php", "guzzlehttp",
    "ruby", "faraday", "http.rb", "reqwest", "hyper", "ureq", "rest-client", "restsharp", "dart", "postmanruntime", "insomnia", "powershell",
)  # fmt: skip
_IS_PROGRAM = re.compile(rf"(?:{'|'.join(map(re.escape, _PROGRAMS))})(?![a-z])", re.IGNORECASE)


class Signs(NamedTuple):
    """What is known of a vote before its subject is looked at."""

    program: bool = False  # by key, by User-Agent, or one newcomer too many
    arrived: int = 0  # votes of this volunteer that arrived in the last seconds, this one included
    given: int | None = 0  # those given in the seconds about the time that it claims; None: too far back to be known


def flag_of(signs: Signs, *, served_at: datetime | None, finished_at: datetime | None, now: datetime) -> str:
    """Return the flag of a vote, or nothing. `served_at`: when the subject was handed to the volunteer; None if it never was."""
    if signs.program or served_at is None:
        return Classification.Flag.SCRIPT
    given = signs.given if is_likely(finished_at, served_at, now) else None
    pace = signs.arrived if given is None else given
    return Classification.Flag.FAST if pace > PACE_MOST or signs.arrived > ARRIVALS_MOST else ""


def is_program(agent: str) -> bool:
    """Tell whether a User-Agent is that of a library or command for programs."""
    return _IS_PROGRAM.match(agent.strip()) is not None


def is_likely(finished_at: datetime | None, served_at: datetime, now: datetime) -> bool:
    """Tell whether an answer can have been given when it says (never before it was begun: such a ballot is refused)."""
    return finished_at is not None and max(served_at, now - BELIEVED) <= finished_at <= now


def judge_of(request: Any, *, volunteer: Volunteer, now: datetime) -> Judge:
    """Return what tells the flag of a vote that this request brings; for `record_classification`."""

    def judge(ballot: Ballot) -> Verdict:
        signs = _signs(request, ballot, volunteer, now)
        return lambda serve: flag_of(signs, served_at=serve.served_at if serve else None, finished_at=ballot.finished_at, now=now)

    return judge


def _signs(request: Any, ballot: Ballot, volunteer: Volunteer, now: datetime) -> Signs:
    if getattr(request, "auth", None) is not None or is_program(request.headers.get("User-Agent", "")):
        return Signs(program=True)
    if not settings.THROTTLES:
        return Signs()
    claimed = ballot.finished_at if ballot.finished_at and now - BELIEVED <= ballot.finished_at <= now else now
    member = str(ballot.id)
    arrived, given = counters.paces(
        [
            counters.Moment(f"votes-came:{volunteer.pk}", member, now.timestamp(), PACE_SECONDS, 2 * PACE_SECONDS),
            counters.Moment(f"votes:{volunteer.pk}", member, claimed.timestamp(), PACE_SECONDS, _KEPT_S),
        ]
    )
    return Signs(program=_is_one_too_many(request, volunteer, now), arrived=arrived or 0, given=given)


def _is_one_too_many(request: Any, volunteer: Volunteer, now: datetime) -> bool:
    """A new visitor from an address where more have begun than sit in a room; none of whoever came before is touched by it."""
    if volunteer.kind != Volunteer.Kind.VISITOR or now - volunteer.created_at > NEW:
        return False
    place = counters.place(f"newcomers:{address_id(request)}", str(volunteer.pk), now.timestamp(), seconds=int(NEW.total_seconds()))
    return place > NEW_MOST
