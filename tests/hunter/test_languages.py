"""The reader's language: found, chosen, kept and followed; catalogues compiled, complete and as the sources say."""

import os
import re
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import translation

from hunter import extraction
from hunter.languages import in_language_of, language_of
from hunter.messages import PART, catalogue_files, compile_messages, read
from tests import factories

pytestmark = pytest.mark.django_db
SPANISH = {"accept-language": "es-MX,es;q=0.9,en;q=0.5"}
COOKIE = settings.LANGUAGE_COOKIE_NAME


def choose(client: Client, code: str, **more: str) -> Any:
    return client.post("/i18n/setlang/", {"language": code, **more})


# --- which language ------------------------------------------------------------------------------


def test_the_browsers_language_is_the_first_guess(client: Client) -> None:
    page = client.get("/", headers=SPANISH)
    assert '<html lang="es" dir="ltr"' in page.content.decode()
    assert page.headers["Content-Language"] == "es"
    assert "¿Cruzó un asteroide esta imagen?" in page.content.decode()
    assert "Did an asteroid cross this picture?" in client.get("/", headers={"accept-language": "fr"}).content.decode()


def test_the_menu_says_every_language_in_its_own_words_and_works_as_a_plain_form(client: Client) -> None:
    page = client.get("/talk/?page=2").content.decode()
    menu = page[page.index("language-menu") :][:1500]
    assert 'method="post" action="/i18n/setlang/"' in menu
    assert 'name="next" value="/talk/?page=2"' in menu
    assert re.search(r'name="language" value="en" lang="en" aria-current="true">English<', menu)
    assert re.search(r'name="language" value="es" lang="es">Español<', menu)


def test_a_choice_leads_back_to_the_page_and_is_kept_in_the_browser(client: Client) -> None:
    answer = choose(client, "es", next="/talk/?page=2")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/talk/?page=2")
    cookie = answer.cookies[COOKIE]
    assert (cookie.value, cookie["max-age"], bool(cookie["httponly"]), cookie["samesite"]) == ("es", 365 * 86400, True, "Lax")
    assert 'lang="es"' in client.get("/talk/", headers={"accept-language": "en"}).content.decode()


@pytest.mark.parametrize("code", ["xx", "", "es; drop", "e" * 5000])
def test_a_language_that_the_site_does_not_speak_changes_nothing(client: Client, code: str) -> None:
    user = factories.user(language="es")
    client.force_login(user)
    answer = choose(client, code, next="/talk/")
    user.refresh_from_db()
    assert answer.status_code == 302
    assert COOKIE not in answer.cookies
    assert user.language == "es"


def test_the_way_back_never_leaves_the_site(client: Client) -> None:
    for elsewhere in ("https://example.org/", "//example.org/", "javascript:alert(1)"):
        assert choose(client, "es", next=elsewhere).headers["Location"] == "/"


def test_the_address_takes_posts_with_a_token_only() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.get("/i18n/setlang/").status_code == 405
    assert strict.post("/i18n/setlang/", {"language": "es"}).status_code == 403


def test_the_choice_of_an_account_is_stored_and_comes_along_to_another_browser(client: Client) -> None:
    user = factories.user()
    client.force_login(user)
    choose(client, "es")
    user.refresh_from_db()
    assert user.language == "es"
    other = Client()
    answer = other.post("/accounts/login/", {"login": user.username, "password": factories.PASSWORD})
    assert answer.status_code == 302, answer.content
    assert other.cookies[COOKIE].value == "es"
    assert 'lang="es"' in other.get("/me/", headers={"accept-language": "en"}).content.decode()


def test_an_account_without_a_choice_leaves_the_browser_as_it_is(client: Client) -> None:
    user = factories.user()
    client.cookies[COOKIE] = "es"
    client.post("/accounts/login/", {"login": user.username, "password": factories.PASSWORD})
    assert client.cookies[COOKIE].value == "es"


def test_a_person_is_written_to_in_their_language() -> None:
    spanish, silent, odd = factories.user(language="es"), factories.user(), factories.user(language="xx")
    assert [language_of(user) for user in (spanish, silent, odd, None)] == ["es", "en", "en", "en"]
    with in_language_of(spanish):
        assert translation.gettext("Sign in") == "Iniciar sesión"


def test_a_mail_comes_in_the_receivers_language_whoever_asks_for_it(client: Client) -> None:
    factories.user(username="alba", email="alba@example.org", language="es")
    client.post("/accounts/password/reset/", {"email": "alba@example.org"}, headers={"accept-language": "en"})
    (letter,) = mail.outbox
    assert letter.subject == "Una contraseña nueva para Hunter"
    assert "Alguien, probablemente tú, pidió una contraseña nueva." in letter.body
    ((html, kind),) = letter.alternatives  # type: ignore[attr-defined]
    assert (kind, '<html lang="es"' in str(html)) == ("text/html", True)


# --- caches --------------------------------------------------------------------------------------


def test_pages_say_what_they_depend_on_and_images_do_not(client: Client) -> None:
    frame = factories.cutout()
    page = client.get("/how-it-works/")
    assert {"Accept-Language", "Cookie"} <= {word.strip() for word in page.headers["Vary"].split(",")}
    picture = client.get(f"/px/{frame.preview_key.removeprefix('px/')}", headers=SPANISH)
    assert picture.status_code == 200
    assert "Accept-Language" not in picture.headers.get("Vary", "")
    assert "Content-Language" not in picture.headers


def test_what_is_kept_for_everybody_holds_no_words(client: Client) -> None:
    for _ in range(2):
        assert "respuestas dadas" in client.get("/home/counters/", headers=SPANISH).content.decode()
        assert "answers given" in client.get("/home/counters/", headers={"accept-language": "en"}).content.decode()
    assert all(isinstance(value, int) for value in cache.get("home-stats").values())


# --- numbers -------------------------------------------------------------------------------------


def test_numbers_are_written_as_the_reader_writes_them() -> None:
    from core.figures import short
    from core.models import Job
    from core.templatetags.core_tags import job_rate, job_title

    job = Job(title="Scan with net-1", rate=3.25, unit="cutouts", params={"title": ["Scan with %(name)s", {"name": "net-1"}]})
    assert (short(0.25), job_rate(job), job_title(job)) == ("0.25", "3.2 cutouts per second", "Scan with net-1")
    with translation.override("es"):
        assert (short(0.25), job_rate(job), job_title(job)) == ("0,25", "3,2 recortes por segundo", "Buscar con net-1")


# --- catalogues ----------------------------------------------------------------------------------


def test_every_language_of_the_site_is_complete_and_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert set(catalogue_files()) == {code for code, _name in settings.LANGUAGES} - {settings.LANGUAGE_CODE}
    call_command("translations", "--check")
    assert "es: 0 not translated, 0 uncertain, 0 wrong" in capsys.readouterr().out


def test_a_catalogue_that_lags_behind_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "es" / PART
    copy.parent.mkdir(parents=True)
    text = catalogue_files()["es"].read_text()
    broken = text.replace('msgstr "Iniciar sesión"', 'msgstr ""', 1).replace("de como mucho %(most)d.", "de como mucho %(more)d.", 1)
    copy.write_text(broken + '\nmsgid "No page says this"\nmsgstr "Nada"\n')
    monkeypatch.setattr("hunter.messages.SOURCES", tmp_path)
    with pytest.raises(CommandError):
        call_command("translations", "--check")
    said = capsys.readouterr().out
    assert "es: the file is not that of the program's texts." in said
    assert "not translated: Sign in" in said
    assert "wrong: A whole number of at most %(most)d. (%(more)d, %(most)d)" in said
    call_command("translations")
    assert "No page says this" not in copy.read_text()
    assert read(copy).get("Sign out").string == "Cerrar sesión"  # type: ignore[union-attr]


def test_texts_are_found_wherever_they_are_marked() -> None:
    texts = {message.id: message for message in extraction.extracted() if message.id}
    assert "Sign in" in texts  # {% translate %}
    assert ("%(n)s comment", "%(n)s comments") in texts  # {% blocktranslate count %}
    assert "Image of subject {subject}" in texts  # words of scripts
    assert "Sign in to write here. Reading needs no account." in texts  # gettext_lazy
    assert ("marked by %(n)d person", "marked by %(n)d people") in texts  # ngettext
    assert texts["Sign in"].locations[0][0].startswith("templates/")


def test_a_catalogue_is_compiled_once_and_again_when_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources, target = tmp_path / "sources", tmp_path / "target"
    path = sources / "es" / PART
    path.parent.mkdir(parents=True)
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    path.write_text(head + 'msgid "Home"\nmsgstr "Inicio"\n')
    monkeypatch.setattr("hunter.messages.SOURCES", sources)
    assert compile_messages(target) == ["es"]
    assert compile_messages(target) == []
    path.write_text(head + 'msgid "Home"\nmsgstr "Portada"\n')
    old = time.time() - 9e6  # an image of a release may carry files older than what is on the volume

    os.utime(path, (old, old))
    assert compile_messages(target) == ["es"]
    compiled = (target / "es" / PART).with_suffix(".mo").read_bytes()
    assert b"Portada" in compiled
    assert sorted(each.name for each in (target / "es" / "LC_MESSAGES").iterdir()) == ["django.mo", "django.sha256"]


def test_scripts_hold_no_words_of_their_own() -> None:
    words = re.compile(
        r"""(?:textContent|innerText|title|placeholder|ariaLabel)\s*=\s*["'`]([A-Za-z][^"'`]*)|(?<!event\.)\b(?:alert|confirm|prompt)\("""
    )
    found = [(path.name, match.group(0)) for path in Path("static/js").glob("*.js") for match in words.finditer(path.read_text())]
    assert [one for one in found if one[1] != 'textContent = "K'] == []
