"""The one guard: who may see more of a subject than pixels and position."""

from copy import copy

from django.db.models import Exists, OuterRef, Q, QuerySet

from classify.models import Classification, Reveal, Subject, SubjectStatus, Volunteer


def _open_and_blind() -> QuerySet[SubjectStatus]:
    return SubjectStatus.objects.filter(workflow__blind=True).exclude(state=SubjectStatus.State.RETIRED)


def may_see(volunteer: Volunteer | None, root: Subject) -> bool:
    """Say whether this volunteer may see votes, tags, scores and threads of a subject (its root is meant).

    Yes unless it, or a subject derived from it, is still asked about in a blind workflow and they have not opened it. One or two
    queries.
    """
    root_id = root.root_id or root.pk
    if not _open_and_blind().filter(Q(subject_id=root_id) | Q(subject__root_id=root_id)).exists():
        return True
    return volunteer is not None and Reveal.objects.filter(volunteer=volunteer, root_id=root_id).exists()


def shown_as(volunteer: Volunteer | None, subject: Subject) -> Subject:
    """The subject whose page and Talk this volunteer gets: its root. One made for calibration stands for itself until they have opened it
    (a vote does), so that nothing tells it from the others before: it comes as if it were a root."""
    if subject.root is None:
        return subject
    told = volunteer is not None and Reveal.objects.filter(volunteer=volunteer, root_id=subject.root_id).exists()
    if told or subject.kind != Subject.Kind.INJECTED:
        return subject.root
    alone = copy(subject)
    alone.root = None
    return alone


def has_voted(volunteer: Volunteer | None, root: Subject) -> bool:
    """Say whether a vote of this volunteer stands on a root or on a subject derived from it."""
    here = Q(subject=root) | Q(subject__root=root)
    standing = Classification.objects.filter(here, volunteer=volunteer, superseded_by__isnull=True).exclude(answer="")
    return volunteer is not None and standing.exists()


def hidden_roots(volunteer: Volunteer | None) -> QuerySet[Subject]:
    """The same rule as a queryset: the roots that this volunteer (None: nobody in particular) may not see yet."""
    itself = _open_and_blind().filter(subject=OuterRef("pk"))
    derived = _open_and_blind().filter(subject__root=OuterRef("pk"))
    hidden = Subject.objects.filter(Exists(itself) | Exists(derived), root__isnull=True)
    if volunteer is not None:
        hidden = hidden.filter(~Exists(Reveal.objects.filter(volunteer=volunteer, root=OuterRef("pk"))))
    return hidden.order_by()
