"""Workflows, tutorials and field guide in the reader's language (the one that is active), with fall back piece by piece."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import get_language

from classify.models import FieldGuide, FieldGuideText, Tutorial, Workflow, WorkflowText, WorkflowVersion
from classify.pictures import entry_picture, picture_of
from classify.wording import Words, pages_in, steps_in


def worded(workflows: Iterable[Workflow]) -> list[Any]:
    """The workflows (with their current versions), each with `words`. One query more, however many there are."""
    rows = list(workflows)
    texts = _texts(row.pk for row in rows)
    for row in rows:
        if row.current_version is not None:
            row.words = _words(row, row.current_version, texts.get(row.pk))  # type: ignore[attr-defined]
    return rows


def words_of(workflow: Workflow, version: WorkflowVersion | None = None) -> Words:
    """The words of one workflow (in its current version, or the one named). One query."""
    asked = version or workflow.current_version
    if asked is None:
        raise LookupError(f"The workflow {workflow.slug} has no version yet.")
    return _words(workflow, asked, _texts([workflow.pk]).get(workflow.pk))


def words_by_workflow(workflows: Iterable[Workflow]) -> dict[int, Words]:
    """{workflow's primary key: its words}, for lists of votes and labels; two queries."""
    wanted = {row.pk for row in workflows}
    return {row.pk: row.words for row in worded(Workflow.objects.filter(pk__in=wanted).select_related("current_version")) if row.current_version}


def tutorial_of(workflow: Workflow) -> Tutorial | None:
    """The tutorial of a workflow in the reader's language, if it has one; each page with its `picture`."""
    found = Tutorial.objects.filter(workflow=workflow).first()
    if found is not None:
        text = _texts([workflow.pk]).get(workflow.pk)
        pages = pages_in(found.pages, text.tutorial) if text else found.pages
        found.pages = [{**page, "picture": picture_of(page.get("image", ""), page.get("alt", ""))} for page in pages]
    return found


def field_guide() -> list[FieldGuide]:
    """All entries of the field guide in their order, in the reader's language, each with its `picture`. Two queries."""
    entries = list(FieldGuide.objects.all())
    texts = {text.entry_id: text for text in FieldGuideText.objects.filter(language=_language())}
    for entry in entries:
        if text := texts.get(entry.pk):
            entry.title, entry.body = text.title or entry.title, text.body or entry.body
        entry.picture = entry_picture(entry.slug, entry.image_key, entry.title)  # type: ignore[attr-defined]
    return entries


def _words(workflow: Workflow, version: WorkflowVersion, text: WorkflowText | None) -> Words:
    if text is None:
        return Words(workflow.name, workflow.summary, version.steps)
    return Words(text.name or workflow.name, text.summary or workflow.summary, steps_in(version.steps, text.steps))


def _texts(ids: Iterable[int]) -> dict[int, WorkflowText]:
    return {text.workflow_id: text for text in WorkflowText.objects.filter(language=_language(), workflow__in=list(ids))}


def _language() -> str:
    return get_language() or ""
