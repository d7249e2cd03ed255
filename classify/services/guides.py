"""The lab's texts: tutorials, the field guide, their pictures, and what a workflow says in other languages. Each change is audited."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from classify.changes import fingerprint
from classify.models import FieldGuide, FieldGuideText, Picture, Tutorial, Workflow, WorkflowText
from classify.services.workflows import LabError, Outdated
from core import files
from core.services import audit

MAX_PICTURE_BYTES = 5 * 1024 * 1024
MAX_PICTURE_SIDE = 6000  # of what is sent; kept are at most 1200 pixels
KEPT_SIDE = 1200


def store_picture(*, data: bytes, name: str, actor: Any, now: datetime) -> Picture:
    """Keep a picture (JPEG, PNG or WebP) as a JPEG without what cameras write into files; the same one again is the same row."""
    digest = hashlib.sha256(data).hexdigest()
    if known := Picture.objects.filter(sha256=digest).first():
        return known
    image = _opened(data)
    packed = io.BytesIO()
    image.save(packed, "JPEG", quality=85, optimize=True)
    key = files.put(packed.getvalue(), files.new_key("jpg"))
    fields = {"image_key": key, "width": image.width, "height": image.height, "name": name[:120], "created_at": now}
    made, created = Picture.objects.get_or_create(sha256=digest, defaults=fields)
    if created:
        audit(actor=actor, verb="upload picture", object_type="picture", object_id=str(made.pk), now=now, detail={"name": made.name})
    return made


def _opened(data: bytes) -> Image.Image:
    if len(data) > MAX_PICTURE_BYTES:
        raise LabError(_("The picture has more than 5 MB. Make it smaller first."))
    try:
        image = Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP"])
        if max(image.size) > MAX_PICTURE_SIDE:
            raise LabError(_("The picture is more than %(side)d pixels wide or high. Make it smaller first.") % {"side": MAX_PICTURE_SIDE})
        upright = ImageOps.exif_transpose(image)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise LabError(_("This is no picture that can be read. Use JPEG, PNG or WebP.")) from None
    upright.thumbnail((KEPT_SIDE, KEPT_SIDE))
    flat = Image.new("RGB", upright.size)
    solid = upright.convert("RGBA")
    flat.paste(solid, mask=solid)
    return flat


# --- tutorials -----------------------------------------------------------------------------------


def tutorial_pages(workflow: Workflow, language: str) -> list[dict[str, str]]:
    """The pages as they stand in a language (empty: the one they were written in); titles and bodies of a translation may be empty."""
    tutorial = Tutorial.objects.filter(workflow=workflow).first()
    pages = list(tutorial.pages) if tutorial else []
    if not language:
        return pages
    text = WorkflowText.objects.filter(workflow=workflow, language=language).first()
    given = text.tutorial if text else []
    return [
        {"title": "", "body": "", **(given[number] if number < len(given) else {}), "image": page.get("image", "")}
        for number, page in enumerate(pages)
    ]


@transaction.atomic
def save_tutorial(*, workflow: Workflow, language: str, pages: Sequence[Mapping[str, str]], base: str, actor: Any, now: datetime) -> None:
    """Store the pages of a tutorial, or their words in another language, in the same order. Raises Outdated."""
    Workflow.objects.select_for_update().get(pk=workflow.pk)
    before = tutorial_pages(workflow, language)
    if base != fingerprint(before):
        raise Outdated
    if language:
        words = [{"title": page["title"], "body": page["body"]} for page in pages]
        WorkflowText.objects.update_or_create(workflow=workflow, language=language, defaults={"tutorial": words})
    else:
        _reorder_translations(workflow, pages)
        kept = [{name: page[name] for name in ("title", "body", "image")} for page in pages]
        Tutorial.objects.update_or_create(workflow=workflow, defaults={"pages": kept, "updated_at": now})
    detail = {"language": language, "pages": len(pages)}
    audit(actor=actor, verb="write tutorial", object_type="workflow", object_id=workflow.slug, now=now, detail=detail)


def _reorder_translations(workflow: Workflow, pages: Sequence[Mapping[str, Any]]) -> None:
    """Translations follow their pages: `was` of a page is its place before, if it had one."""
    for text in WorkflowText.objects.filter(workflow=workflow):
        old = text.tutorial
        moved = [old[was] if isinstance(was := page.get("was"), int) and was < len(old) else {"title": "", "body": ""} for page in pages]
        if moved != old and old:
            WorkflowText.objects.filter(pk=text.pk).update(tutorial=moved)


# --- words in other languages --------------------------------------------------------------------


def workflow_words(workflow: Workflow, language: str) -> dict[str, Any]:
    """Name, summary and steps of a workflow in a language, as far as they are written."""
    text = WorkflowText.objects.filter(workflow=workflow, language=language).first()
    return {"name": text.name, "summary": text.summary, "steps": text.steps} if text else {"name": "", "summary": "", "steps": {}}


@transaction.atomic
def save_words(*, workflow: Workflow, language: str, words: Mapping[str, Any], base: str, actor: Any, now: datetime) -> None:
    """Store what a workflow is called and asks in another language. Raises Outdated."""
    Workflow.objects.select_for_update().get(pk=workflow.pk)
    if base != fingerprint(workflow_words(workflow, language)):
        raise Outdated
    WorkflowText.objects.update_or_create(workflow=workflow, language=language, defaults=dict(words))
    audit(actor=actor, verb="translate workflow", object_type="workflow", object_id=workflow.slug, now=now, detail={"language": language})


# --- field guide ---------------------------------------------------------------------------------


def guide_words(entry: FieldGuide, language: str) -> dict[str, str]:
    """Title and body of an entry in a language (empty: the one it was written in), as far as they are written."""
    row = FieldGuideText.objects.filter(entry=entry, language=language).first() if language else entry
    return {"title": row.title, "body": row.body} if row else {"title": "", "body": ""}


@transaction.atomic
def save_guide_entry(
    *, entry: FieldGuide | None, slug: str, language: str, words: Mapping[str, str], image_key: str, base: str, actor: Any, now: datetime
) -> FieldGuide:
    """Write an entry of the field guide, or its words in another language; without `entry` a new last one. Raises Outdated."""
    if entry is None:
        last = FieldGuide.objects.order_by("-position").values_list("position", flat=True).first()
        entry = FieldGuide.objects.create(slug=slug, position=0 if last is None else last + 1, image_key=image_key, **words)
    else:
        held = FieldGuide.objects.select_for_update().get(pk=entry.pk)
        if base != guide_base(held, language):
            raise Outdated
        if language:
            FieldGuideText.objects.update_or_create(entry=held, language=language, defaults=words)
        FieldGuide.objects.filter(pk=held.pk).update(image_key=image_key, **({} if language else words))
    audit(actor=actor, verb="write guide", object_type="guide", object_id=entry.slug, now=now, detail={"language": language})
    return entry


def guide_base(entry: FieldGuide, language: str) -> str:
    """The name of what the editor of an entry begins with."""
    return fingerprint([guide_words(entry, language), entry.image_key])


@transaction.atomic
def move_guide_entry(*, entry: FieldGuide, up: bool, actor: Any, now: datetime) -> None:
    """Change places with the neighbour."""
    rows = list(FieldGuide.objects.select_for_update())
    here = next(number for number, row in enumerate(rows) if row.pk == entry.pk)
    there = here + (-1 if up else 1)
    if 0 <= there < len(rows):
        rows[here], rows[there] = rows[there], rows[here]
        for position, row in enumerate(rows):
            FieldGuide.objects.filter(pk=row.pk).update(position=position)
        audit(actor=actor, verb="move guide", object_type="guide", object_id=entry.slug, now=now)


def delete_guide_entry(*, entry: FieldGuide, actor: Any, now: datetime) -> None:
    """Take an entry out of the guide; the audit entry keeps its words."""
    audit(actor=actor, verb="delete guide", object_type="guide", object_id=entry.slug, now=now, detail={"title": entry.title, "body": entry.body})
    entry.delete()
