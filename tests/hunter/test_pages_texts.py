"""The pages that the team writes: shown to everybody, written by few, never lost."""

import threading
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.models import AuditEntry
from hunter.models import PageVersion
from hunter.pages import selectors
from hunter.pages.diffs import changes
from hunter.pages.places import PLACES
from hunter.pages.services import BadText, Outdated, Text, seed_pages, seeds, write_version
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def laid() -> None:
    seed_pages(NOW)


@pytest.fixture
def editor() -> Client:
    client = Client()
    client.force_login(factories.user(username="ed", permissions=["hunter.edit_pages"]))
    return client


def write(body: str, *, slug: str = "about", language: str = "en", base: int = 1, author: Any = None, asks_again: bool = False) -> PageVersion:
    text = Text(title="A title", body=body, base=base, asks_again=asks_again)
    return write_version(slug=slug, language=language, text=text, author=author, now=NOW)


# --- what comes with the software ----------------------------------------------------------------


def test_there_is_a_text_for_every_page_in_every_language() -> None:
    found = {(slug, language) for slug, language, title, body in seeds() if title and len(body) > 200}

    assert found == {(slug, code) for slug in PLACES for code, _ in settings.LANGUAGES}


def test_setting_up_lays_the_texts_once_and_keeps_what_the_team_wrote() -> None:
    call_command("setup_site")
    write("Ours.")
    before = list(PageVersion.objects.values_list("slug", "language", "version", "body"))

    call_command("setup_site")

    assert list(PageVersion.objects.values_list("slug", "language", "version", "body")) == before
    assert len(before) == 2 * len(PLACES) + 1
    assert b"Ours." in Client().get("/about/").content


@pytest.mark.usefixtures("laid")
@pytest.mark.parametrize("place", PLACES.values(), ids=lambda place: place.slug)
def test_every_page_is_public_in_both_languages(place: Any) -> None:
    for language in ("en", "es"):
        answer = Client(headers={"accept-language": language}).get(f"/{place.path}/")
        shown = selectors.newest(place.slug, language)
        assert answer.status_code == 200
        assert shown
        assert f"<h1>{shown.title}</h1>" in answer.content.decode()


@pytest.mark.usefixtures("laid")
def test_links_between_the_pages_lead_somewhere() -> None:
    import re

    client = Client()
    targets = {link for *_, body in seeds() for link in re.findall(r"\]\((/[^)#]*)", body)}
    factories.workflow(slug="training")

    assert len(targets) > 15
    assert {link: client.get(link).status_code for link in targets if not link.startswith("/me/")} == {
        link: 200 for link in targets if not link.startswith("/me/")
    }


@pytest.mark.usefixtures("laid")
def test_the_cookies_page_names_every_cookie_of_the_site() -> None:
    names = [settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.VISITOR_COOKIE, settings.LANGUAGE_COOKIE_NAME]

    for language in ("en", "es"):
        page = Client(headers={"accept-language": language}).get("/cookies/").content.decode()
        assert [name for name in names if f"<code>{name.removeprefix('__Host-')}</code>" not in page] == []


def test_a_page_that_nobody_has_written_says_so() -> None:
    answer = Client().get("/about/team/")

    assert answer.status_code == 200
    assert b"has not written this page yet" in answer.content


# --- languages -----------------------------------------------------------------------------------


def test_a_page_missing_in_the_readers_language_is_shown_in_english_with_a_note() -> None:
    write("English words.", base=0)

    page = Client(headers={"accept-language": "es"}).get("/about/").content.decode()

    assert "English words." in page
    assert 'lang="en">A title</h1>' in page
    assert "text-foot" in page


@pytest.mark.usefixtures("laid")
def test_a_translation_says_that_the_original_is_newer_until_it_follows() -> None:
    write("Changed.", slug="terms")
    reader = Client(headers={"accept-language": "es"})
    assert "/terms/versions/en/2/" in reader.get("/terms/").content.decode()

    write("Cambiado.", slug="terms", language="es")

    assert "/terms/versions/en/2/" not in reader.get("/terms/").content.decode()
    assert selectors.newest("terms", "es").version == 3  # type: ignore[union-attr]


# --- writing -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("laid")
@pytest.mark.parametrize("path", ["/about/edit/", "/terms/edit/", "/about/team/edit/preview/"])
def test_only_people_with_the_permission_write(path: str) -> None:
    stranger = Client()
    stranger.force_login(factories.user())

    for client in (Client(), stranger):
        assert client.post(path, {"title": "T", "body": "Mine", "base": "1"}).status_code == 403
    assert PageVersion.objects.filter(version__gt=1).count() == 0


@pytest.mark.usefixtures("laid")
def test_saving_adds_a_version_with_author_and_trace(editor: Client) -> None:
    assert "Edit this page" in editor.get("/about/team/").content.decode()
    form = editor.get("/about/team/edit/?language=es")
    assert "Quién lleva este sitio" in form.content.decode()

    answer = editor.post("/about/team/edit/?language=es", {"title": "  Nuestro   equipo ", "body": "Somos\r\n**dos**.\r\n", "base": "1"})

    assert answer.headers["Location"] == "/about/team/"
    made = PageVersion.objects.get(slug="team", version=2)
    assert (made.language, made.title, made.body, made.author.get_username()) == ("es", "Nuestro equipo", "Somos\n**dos**.", "ed")  # type: ignore[union-attr]
    assert AuditEntry.objects.get().object_id == "team/es/2"
    assert "<strong>dos</strong>" in Client(headers={"accept-language": "es"}).get("/about/team/").content.decode()
    assert "Who runs this site" in Client().get("/about/team/").content.decode()


@pytest.mark.usefixtures("laid")
def test_the_second_of_two_editors_is_told_and_loses_nothing(editor: Client) -> None:
    write("From the first.", author=factories.user(username="first"))

    answer = editor.post("/about/edit/?language=en", {"title": "Mine", "body": "From the second.", "base": "1"})

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "saved by first" in page
    assert "From the second.</textarea>" in page
    assert '<input type="hidden" name="base" value="2"' in page
    assert "<del>first.</del><ins>second.</ins>" in page
    assert editor.post("/about/edit/?language=en", {"title": "Mine", "body": "From both.", "base": "2"}).status_code == 302
    assert [row.body for row in selectors.versions("about", "en")][:2] == ["From both.", "From the first."]


@pytest.mark.usefixtures("laid")
def test_a_text_that_cannot_be_stored_comes_back_with_the_reason(editor: Client) -> None:
    for body, said in [("", "needs a title and a text"), ("x" * 100_001, "has at most 100000 characters"), ("a\x07b", "control characters")]:
        answer = editor.post("/about/edit/?language=en", {"title": "Kept title", "body": body, "base": "1"})
        assert answer.status_code == 400
        assert said in answer.content.decode()
        assert 'value="Kept title"' in answer.content.decode()
    with pytest.raises(BadText):
        write("x", base=1, author=None, slug="about") and write("", base=2)
    assert PageVersion.objects.filter(slug="about", language="en").count() == 2


def test_the_same_words_again_add_nothing() -> None:
    first = write("Words.", base=0)

    assert write("Words.\n", base=0) == first


@pytest.mark.usefixtures("laid")
def test_an_earlier_version_is_compared_and_brought_back(editor: Client) -> None:
    write("One two three.")
    write("One 2 three.", base=2)
    page = Client().get("/about/versions/en/3/").content.decode()
    assert "<del>two </del><ins>2 </ins>" in page
    assert Client().get("/about/versions/en/99/").status_code == 404
    listed = Client().get("/about/versions/?language=en").content.decode()
    assert listed.count("/about/versions/en/") == 3
    assert "from=2" not in listed
    assert "from=2" in editor.get("/about/versions/?language=en").content.decode()

    form = editor.get("/about/edit/?language=en&from=2").content.decode()

    assert "One two three.</textarea>" in form
    assert 'name="base" value="3"' in form
    seed = next(body for slug, language, _, body in seeds() if (slug, language) == ("about", "en"))
    assert seed[:40] in editor.get("/about/edit/?language=en&from=seed").content.decode()


@pytest.mark.usefixtures("laid")
def test_the_preview_shows_and_stores_nothing(editor: Client) -> None:
    fragment = editor.post("/about/edit/preview/", {"body": "## Part\n\n<script>x</script>"}).content.decode()
    whole = editor.post("/about/edit/?language=en", {"title": "T", "body": "*So*", "base": "1", "preview": "1"}).content.decode()

    assert "<h2>Part</h2>" in fragment
    assert "<script>x" not in fragment
    assert "<em>So</em>" in whole
    assert "*So*</textarea>" in whole
    assert PageVersion.objects.filter(version__gt=1).count() == 0


@pytest.mark.usefixtures("laid")
@pytest.mark.parametrize("query", ["?since=99999999999999999999999999", "?since=٣", "?since=-1", "?since=0", "?language=xx"])
def test_odd_addresses_are_no_fault(query: str) -> None:
    for path in ("/about/versions/", "/about/versions/en/1/"):
        assert Client().get(path + query).status_code in {200, 302}
    assert Client().get("/about/versions/en/99999999999999999999/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_writers_at_the_same_moment_one_is_first() -> None:
    seed_pages(NOW)
    ready, said = threading.Barrier(6), []

    def save(number: int) -> None:
        ready.wait()
        try:
            write(f"Text {number}", slug="terms", language="en" if number % 2 else "es")
            said.append("stored")
        except Outdated:
            said.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(number,)) for number in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert sorted(said) == ["stored"] * 2 + ["told"] * 4
    assert sorted(PageVersion.objects.filter(slug="terms").values_list("version", flat=True)) == [1, 1, 2, 3]


def test_a_page_costs_the_same_queries_however_many_versions_it_has() -> None:
    counts = []
    for number in range(1, 31):
        write(f"Version {number}", base=number - 1)
        if number in {1, 3, 30}:
            with CaptureQueriesContext(connection) as queries:
                Client().get("/about/")
                Client().get("/about/versions/")
            counts.append(len(queries))

    assert counts[0] == counts[1] == counts[2]


# --- what changed --------------------------------------------------------------------------------


def test_changes_name_words_and_leave_out_what_stayed() -> None:
    old = "\n".join(f"line {n}" for n in range(20))
    new = old.replace("line 10", "row 10")

    pieces = changes(old, new)

    assert [(piece.kind, piece.text) for piece in pieces if piece.kind in {"gone", "new"}] == [("gone", "line "), ("new", "row ")]
    assert sum(piece.kind == "skip" for piece in pieces) == 2
    assert changes(old, old) == []


def test_changes_of_the_largest_texts_are_found_in_a_moment() -> None:
    pieces = changes("a b " * 12_000, "b a " * 12_000)

    assert {piece.kind for piece in pieces} == {"gone", "new"}
