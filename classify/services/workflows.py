"""The lab: workflows are made, drafted, published and switched here. Whoever writes on top of what they have not seen is told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from classify import selection
from classify.changes import Changes, changes, fingerprint
from classify.crowd.consensus import policy_from
from classify.models import Classification, SubjectSet, Tutorial, Workflow, WorkflowDraft, WorkflowText, WorkflowVersion
from classify.steps import answer_keys, check_steps
from core.services import audit

SETTINGS = (
    "name", "summary", "position", "blind", "selection", "purpose", "teaches", "takes_cutouts", "audit_fraction", "suggest_fraction",
    "lease_minutes", "undo_seconds", "pack_size", "pack_hours", "gold_schedule",
)  # fmt: skip
FIXED_BY_VOTES = ("blind", "audit_fraction")  # what the votes there are were cast and drawn under
_POLICY = {"rule": "fractions", "count": 10, "min_votes": 3, "majority": 0.5, "labels": [], "positive": [], "negative": []}


class LabError(Exception):
    """What was asked for in the lab was not done; the message says why."""


class Outdated(LabError):
    """Somebody else has saved meanwhile: nothing was overwritten."""


def create_workflow(*, slug: str, name: str, summary: str, actor: Any, now: datetime) -> Workflow:
    """Make a workflow that only the team sees, without a version: what it asks is written next. The slug is free (the form looks)."""
    last = Workflow.objects.order_by("-position").values_list("position", flat=True).first()
    position = 0 if last is None else min(last + 1, 32767)
    made = Workflow.objects.create(slug=slug, name=name, summary=summary, position=position, live=False, created_at=now)
    _note(made, "make workflow", actor, now, name=name)
    return made


@transaction.atomic
def duplicate_workflow(*, workflow: Workflow, slug: str, name: str, actor: Any, now: datetime) -> Workflow:
    """Make another workflow that begins with this one's draft (else its version), settings, tutorial and translations; no votes, no subjects."""
    made = create_workflow(slug=slug, name=name, summary=workflow.summary, actor=actor, now=now)
    copied = [field for field in SETTINGS if field not in {"name", "summary", "position", "purpose"}]
    Workflow.objects.filter(pk=made.pk).update(**{field: getattr(workflow, field) for field in copied})
    if begun := begun_with(workflow):
        WorkflowDraft.objects.create(workflow=made, steps=begun[0], policy=begun[1], updated_at=now)
    if tutorial := Tutorial.objects.filter(workflow=workflow).first():
        Tutorial.objects.create(workflow=made, pages=tutorial.pages, updated_at=now)
    WorkflowText.objects.bulk_create(
        WorkflowText(workflow=made, language=text.language, steps=text.steps, tutorial=text.tutorial)
        for text in WorkflowText.objects.filter(workflow=workflow)
    )
    _note(made, "copy workflow", actor, now, of=workflow.slug)
    made.refresh_from_db()
    return made


def begun_with(workflow: Workflow) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """What the editor begins with: (steps, policy) of the draft, else of the version that is asked; None where there is neither."""
    draft = WorkflowDraft.objects.filter(workflow=workflow).first()
    row = draft or workflow.current_version
    return (row.steps, row.policy) if row else None


def base_of(workflow: Workflow) -> str:
    """The name of what the editor begins with, handed back when it is saved."""
    return fingerprint([workflow.current_version_id, begun_with(workflow)])


@transaction.atomic
def save_draft(*, workflow: Workflow, steps: Mapping[str, Any], policy: Mapping[str, Any], base: str, actor: Any, now: datetime) -> WorkflowDraft:
    """Keep what would be asked next. Raises BadField or BadPolicy for what cannot be asked, Outdated when the base is another one by now."""
    check_steps(steps)
    policy_from(policy, answer_keys(steps))
    held = _held(workflow)
    begun = begun_with(held)
    if begun != (steps, policy):
        if base != base_of(held):
            raise Outdated
        WorkflowDraft.objects.update_or_create(workflow=held, defaults={"steps": steps, "policy": policy, "updated_at": now})
        _note(held, "save draft", actor, now, before=fingerprint(begun), after=fingerprint((steps, policy)))
    return WorkflowDraft.objects.filter(workflow=held).first() or WorkflowDraft(workflow=held, steps=steps, policy=policy, updated_at=now)


@transaction.atomic
def discard_draft(*, workflow: Workflow, base: str, actor: Any, now: datetime) -> None:
    """Forget the draft: what is asked stays as it is. Raises Outdated when it is another one by now."""
    held = _held(workflow)
    if base != base_of(held):
        raise Outdated
    if WorkflowDraft.objects.filter(workflow=held).delete()[0]:
        _note(held, "discard draft", actor, now)


def has_votes(workflow: Workflow) -> bool:
    """Say whether anybody has voted in a workflow, ever."""
    return Classification.objects.filter(workflow=workflow).exists()


def draft_changes(workflow: Workflow) -> Changes | None:
    """What publishing the draft would change; None without a draft or without a version before it."""
    draft, current = WorkflowDraft.objects.filter(workflow=workflow).first(), workflow.current_version
    if draft is None or current is None:
        return None
    return changes(current.steps, current.policy, draft.steps, draft.policy)


@transaction.atomic
def publish(*, workflow: Workflow, base: str, actor: Any, now: datetime) -> WorkflowVersion:
    """Make the draft the next version, which is asked from now on: minor where only words changed, else major.

    Raises LabError where there is nothing new, or where there are votes and a key came or went; Outdated when the draft is another one.
    """
    held = _held(workflow)
    draft = WorkflowDraft.objects.filter(workflow=held).first()
    if base != base_of(held):
        raise Outdated
    if draft is None:
        raise LabError(_("There is no draft to publish."))
    check_steps(draft.steps)
    policy_from(draft.policy, answer_keys(draft.steps))
    major, minor, what = _number(held, draft)
    made = WorkflowVersion.objects.create(workflow=held, major=major, minor=minor, steps=draft.steps, policy=draft.policy, created_at=now)
    Workflow.objects.filter(pk=held.pk).update(current_version=made)
    draft.delete()
    _note(held, "publish version", actor, now, version=made.label, changes=[*what.forbidden, *what.rules, *what.words])
    return made


def _number(workflow: Workflow, draft: WorkflowDraft) -> tuple[int, int, Changes]:
    current = workflow.current_version
    if current is None:
        return 1, 0, Changes()
    what = changes(current.steps, current.policy, draft.steps, draft.policy)
    if not what.level:
        raise LabError(_("The draft is the same as version %(version)s.") % {"version": current.label})
    if what.forbidden and has_votes(workflow):
        raise LabError(_("People have voted here, so questions and answers keep their keys. Make a copy of the workflow instead."))
    newest = WorkflowVersion.objects.filter(workflow=workflow).order_by("-major", "-minor").values_list("major", "minor")[0]
    return *what.next_after(*newest), what


@transaction.atomic
def set_live(*, workflow: Workflow, live: bool, actor: Any, now: datetime) -> bool:
    """Open a workflow to everybody, or show it to the team alone; says whether that changed. Raises LabError without a version."""
    held = _held(workflow)
    if live and held.current_version_id is None:
        raise LabError(_("Publish a version first: until then there is nothing to ask."))
    if held.live == live:
        return False
    Workflow.objects.filter(pk=held.pk).update(live=live)
    _note(held, "open workflow" if live else "close workflow", actor, now)
    return True


def settings_of(workflow: Workflow) -> dict[str, Any]:
    """The settings that hold at once, whatever the version."""
    return {name: getattr(workflow, name) for name in SETTINGS}


@transaction.atomic
def change_settings(*, workflow: Workflow, values: Mapping[str, Any], base: str, actor: Any, now: datetime) -> list[str]:
    """Change settings and return which. What votes were cast under stays as it is once there are any.

    Raises Outdated, and LabError for a mixture of selection that cannot be followed.
    """
    held = _held(workflow)
    before = settings_of(held)
    fixed = FIXED_BY_VOTES if has_votes(held) else ()
    new = {name: value for name, value in values.items() if name in SETTINGS and name not in fixed and before[name] != value}
    if new and base != fingerprint(before):
        raise Outdated
    if "selection" in new:
        _check_selection(new["selection"])
    if new:
        Workflow.objects.filter(pk=held.pk).update(**new)
        _note(held, "change workflow", actor, now, **{name: [before[name], value] for name, value in new.items()})
    return sorted(new)


def _check_selection(data: Any) -> None:
    try:
        wanted = selection.sets_of(selection.mixture_of(data))
    except selection.BadSelection as error:
        raise LabError(str(error)) from None
    if unknown := set(wanted) - set(SubjectSet.objects.filter(slug__in=wanted).values_list("slug", flat=True)):
        raise LabError(_("There is no set of subjects %(slug)s.") % {"slug": repr(min(unknown))})


def _held(workflow: Workflow) -> Workflow:
    """The row with its version, held against others who write in the lab until the transaction ends."""
    Workflow.objects.select_for_update().get(pk=workflow.pk)
    return Workflow.objects.select_related("current_version").get(pk=workflow.pk)


def _note(workflow: Workflow, verb: str, actor: Any, now: datetime, **detail: Any) -> None:
    audit(actor=actor, verb=verb, object_type="workflow", object_id=workflow.slug, now=now, detail=detail)
