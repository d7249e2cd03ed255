"""Tutorials, translations and the field guide: written by language, with pictures, and nobody's words overwritten."""

import io
import re
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from classify.models import FieldGuide, FieldGuideText, Picture, Tutorial, WorkflowText
from core.models import AuditEntry
from hunter.tidying import named_keys
from tests import factories as f
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def picture(name: str = "sky.png", size: tuple[int, int] = (1600, 800), colour: Any = (10, 20, 30, 128)) -> SimpleUploadedFile:
    packed = io.BytesIO()
    Image.new("RGBA", size, colour).save(packed, "PNG")
    return SimpleUploadedFile(name, packed.getvalue(), "image/png")


def base(page: Any) -> str:
    found = re.search(r'name="base" value="(\w*)"', page.content.decode())
    assert found
    return found[1]


def test_a_tutorial_is_written_with_pictures_and_translated(boss: Client) -> None:
    flow = f.workflow(slug="trails")
    address = "/lab/trails/tutorial/"
    form: dict[str, Any] = {"base": base(boss.get(address)), "page-0-title": "One", "page-0-body": "Look **closely**", "page-0-was": ""}
    taken = boss.post(address, {**form, "do": "add-page", "page-0-picture": picture()}).content.decode()
    key = re.search(r'name="page-0-image" value="([^"]+)"', taken)
    assert key
    assert "Page 2" in taken
    form |= {"page-0-image": key[1], "page-1-title": "", "page-1-body": "Two", "page-1-was": "", "page-1-image": "../../etc/passwd"}
    wrong = boss.post(address, {**form, "do": "save"})
    assert wrong.status_code == 400
    assert "A page needs a title and a text." in wrong.content.decode()
    assert boss.post(address, {**form, "do": "save", "page-1-title": "Two"}).status_code == 302
    pages = Tutorial.objects.get(workflow=flow).pages
    assert [(page["title"], page["image"]) for page in pages] == [("One", key[1]), ("Two", "")]
    kept = Picture.objects.get()
    assert (kept.width, kept.height) == (1200, 600)
    assert named_keys([key[1]]) == {key[1]}, "the tidying up leaves it"
    with default_storage.open(key[1]) as handle, Image.open(handle) as image:
        assert (image.format, image.size) == ("JPEG", (1200, 600))

    spanish = f"{address}?language=es"
    words = {"base": base(boss.get(spanish)), "page-0-title": "Uno", "page-0-body": "Mira", "page-1-title": "Dos", "page-1-body": "", "do": "save"}
    assert boss.post(spanish, words).status_code == 302
    assert boss.post(spanish, {**words, "page-0-title": "Otro"}).status_code == 409
    page = boss.get(address)
    moved = boss.post(address, {**form, "base": base(page), "page-0-was": "0", "page-1-was": "1", "page-1-title": "Two", "do": "raise-page 1"})
    html = moved.content.decode()
    assert html.index('value="Two"') < html.index('value="One"')
    rows = {
        "base": base(page),
        "page-0-title": "Two",
        "page-0-body": "Two",
        "page-0-was": "1",
        "page-1-title": "One",
        "page-1-body": "L",
        "page-1-was": "0",
    }
    boss.post(address, {**rows, "do": "save"})
    text = WorkflowText.objects.get(workflow=flow, language="es")
    assert [page["title"] for page in text.tutorial] == ["Dos", "Uno"], "a translation follows its page"
    assert AuditEntry.objects.filter(verb="write tutorial").count() == 3


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (SimpleUploadedFile("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"), "no picture that can be read"),
        (SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\n" + b"0" * 50), "no picture that can be read"),
        (SimpleUploadedFile("a.png", b"0" * (5 * 1024 * 1024 + 1)), "more than 5 MB"),
        (picture(size=(6001, 1)), "more than 6000 pixels"),
    ],
)
def test_what_is_no_picture_is_refused_and_the_words_stay(boss: Client, sent: Any, said: str) -> None:
    sent.seek(0)
    words = {"slug": "comet", "title": "Comet", "body": "A tail."}
    answer = boss.post("/lab/guide/new/", {**words, "picture": sent})
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert "A tail." in answer.content.decode()
    assert not FieldGuide.objects.exists()
    assert not Picture.objects.exists()


def test_the_field_guide_is_written_ordered_and_thinned(boss: Client) -> None:
    for slug in ("one", "two"):
        assert boss.post("/lab/guide/new/", {"slug": slug, "title": slug.title(), "body": "Words", "picture": picture()}).status_code == 302
    assert boss.post("/lab/guide/new/", {"slug": "two", "title": "Again", "body": "Words"}).status_code == 400
    assert Picture.objects.count() == 1, "the same picture is stored once"
    page = boss.get("/lab/guide/two/")
    boss.post("/lab/guide/two/", {"base": base(page), "title": "Second", "body": "<script>x</script>", "no_picture": "1"})
    assert boss.post("/lab/guide/two/", {"base": base(page), "title": "Third", "body": "B"}).status_code == 409
    entry = FieldGuide.objects.get(slug="two")
    assert (entry.title, entry.image_key) == ("Second", "")
    assert "<script>x" not in boss.get("/lab/guide/two/").content.decode()
    spanish = "/lab/guide/two/?language=es"
    boss.post(spanish, {"base": base(boss.get(spanish)), "title": "Segundo", "body": "Palabras"})
    assert FieldGuideText.objects.get(entry=entry).title == "Segundo"
    boss.post("/lab/guide/", {"do": "up two"})
    assert list(FieldGuide.objects.values_list("slug", flat=True)) == ["two", "one"]
    boss.post("/lab/guide/", {"do": "delete one"})
    assert list(FieldGuide.objects.values_list("slug", flat=True)) == ["two"]
    assert AuditEntry.objects.get(verb="delete guide").detail == {"title": "One", "body": "Words"}


def test_a_workflow_speaks_another_language_where_it_is_written(boss: Client) -> None:
    flow = f.workflow(slug="trails")
    page = boss.get("/lab/trails/words/?language=es")
    form = {"base": base(page), "name": "Trazas", "T0-question": "¿Hay una traza?", "T0-answer-yes": "Sí", "T1-instruction": "  "}
    assert boss.post("/lab/trails/words/?language=es", form).status_code == 302
    text = WorkflowText.objects.get(workflow=flow)
    assert (text.name, text.summary) == ("Trazas", "")
    assert text.steps == {"T0": {"question": "¿Hay una traza?", "answers": {"yes": "Sí"}}}
    assert boss.post("/lab/trails/words/?language=es", form).status_code == 409
    seen = boss.get("/api/v1/workflows/trails/", headers={"Accept-Language": "es"}).json()
    assert (seen["name"], seen["question"]) == ("Trazas", "¿Hay una traza?")
    assert AuditEntry.objects.get(verb="translate workflow").at >= NOW
