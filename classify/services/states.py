"""People change the state of a subject in a workflow: retire, take back, pause. Each change leaves an audit entry."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from classify.models import SubjectStatus
from classify.services import tallies
from core import services as core
from core.problems import Problem

MAX_NOTE = 500
_State, _Reason = SubjectStatus.State, SubjectStatus.Reason
BY_HAND = (_Reason.HUMAN, _Reason.NOTHING_HERE, _Reason.FLAGGED, _Reason.OTHER)  # reasons that people give; the others are those of votes


def retire_subject(*, workflow: str, public_id: int, reason: str, actor: Any, now: datetime, note: str = "") -> SubjectStatus:
    """Ask nobody about this subject any more; its label stands, and so does this, whatever becomes of its votes.

    One that a person has retired stays as it is. `note`: why, in one's own words.
    """
    if reason not in BY_HAND:
        raise Problem(
            _("%(answer)s is not one of: %(keys)s.") % {"answer": repr(reason), "keys": ", ".join(BY_HAND)},
            title=_("Unknown reason"),
        )
    return _change(workflow, public_id, _State.RETIRED, tuple(_State), actor, now, reason=reason, note=note)


def unretire_subject(*, workflow: str, public_id: int, actor: Any, now: datetime, note: str = "") -> SubjectStatus:
    """Ask about a retired subject again, for one more vote at least; that one decides anew."""
    return _change(workflow, public_id, _State.ACTIVE, (_State.RETIRED,), actor, now, note=note)


def pause_subject(*, workflow: str, public_id: int, actor: Any, now: datetime, note: str = "") -> SubjectStatus:
    """Stop asking about a subject for a while, without a label."""
    return _change(workflow, public_id, _State.PAUSED, (_State.ACTIVE,), actor, now, note=note)


def resume_subject(*, workflow: str, public_id: int, actor: Any, now: datetime, note: str = "") -> SubjectStatus:
    """Ask about a paused subject again."""
    return _change(workflow, public_id, _State.ACTIVE, (_State.PAUSED,), actor, now, note=note)


@transaction.atomic
def _change(
    workflow: str, public_id: int, to: str, of: tuple[str, ...], actor: Any, now: datetime, *, reason: str = "", note: str = ""
) -> SubjectStatus:
    if len(note) > MAX_NOTE:
        raise Problem(_("At most %(limit)d characters; these are %(n)d.") % {"limit": MAX_NOTE, "n": len(note)}, title=_("Note too long"))
    status = tallies.locked().filter(workflow__slug=workflow, subject__public_id=public_id).first()
    if status is None:
        raise Problem(
            _("Subject %(subject)s is not in the workflow %(workflow)s.") % {"subject": public_id, "workflow": repr(workflow)},
            title=_("Not found"),
            status=404,
        )
    done = status.by_hand and status.state == to == _State.RETIRED
    if status.state not in of or done:
        return status
    status.by_hand = to == _State.RETIRED or status.state == _State.RETIRED  # retired or opened by hand
    retired_at = status.retired_at or now  # it may be the votes' own retirement that is made to stay
    status.state, status.reason, status.retired_at = to, reason, retired_at if to == _State.RETIRED else None
    if status.n_votes:
        _publish(status, now)
    else:
        tallies.store(status)
    verb = {_State.RETIRED: "retire", _State.PAUSED: "pause"}.get(_State(to), "reopen")
    detail = {"workflow": workflow, "reason": reason, "n_votes": status.n_votes, **({"note": note} if note else {})}
    core.audit(actor=actor, verb=verb, object_type="subject", object_id=str(public_id), now=now, detail=detail)
    return status


def _publish(status: SubjectStatus, now: datetime) -> None:
    """Bring the consensus row up to the new state without letting the rule overturn what a person decided."""
    tallies.store(status)
    tallies.write_consensus(status, last=None, now=now)
