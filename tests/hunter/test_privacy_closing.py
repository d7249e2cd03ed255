"""Deleting an account: who may, how it is confirmed, and that a killed deletion is carried on."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from classify.models import Classification, Volunteer
from core.models import AuditEntry, Job
from core.redaction import Redaction
from core.services import SILENT_S
from hunter.models import ApiToken, Letter, User
from hunter.privacy import closing, downloads, traces
from hunter.privacy.people import addresses_of, names_of, telling_words
from talk.models import Board, Comment
from talk.seeds import seed_boards
from tests import factories
from tests.conftest import ROOT
from tests.factories import NOW, PASSWORD
from tests.talk.conftest import person as talker
from tests.talk.conftest import write

pytestmark = pytest.mark.django_db


@pytest.fixture
def boards(db: None) -> dict[str, Board]:
    seed_boards(NOW)
    return {board.slug: board for board in Board.objects.all()}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def carried_out(job: Job | None = None) -> str:
    return closing.carry_out(job_id=(job or Job.objects.get(kind=closing.KIND)).pk, worker="test", clock=timezone.now)


# --- the page ------------------------------------------------------------------------------------


def test_the_right_password_ends_everything_at_once(client: Client) -> None:
    user = factories.user(username="ann")
    ApiToken.objects.create(user=user, name="x", digest="d", hint="h", created_at=NOW)
    elsewhere, here = signed_in(user), Client()
    assert here.login(username="ann", password=PASSWORD)

    wrong = here.post("/me/privacy/delete/", {"comments": "keep", "proof": "wrong"})
    assert "This is not your password. Nothing was deleted." in wrong.content.decode()
    assert "wrong" not in wrong.content.decode().replace('class="wrong', "").replace("wrong;", "")
    assert here.post("/me/privacy/delete/", {"proof": PASSWORD}).status_code == 200  # the choice is theirs
    assert Job.objects.count() == 0

    done = here.post("/me/privacy/delete/", {"comments": "keep", "proof": PASSWORD})

    assert done["Location"] == "/me/privacy/deleted/"
    assert "You are signed out" in here.get("/me/privacy/deleted/").content.decode()
    assert here.get("/accounts/").status_code == elsewhere.get("/accounts/").status_code == 302
    assert not Client().login(username="ann", password=PASSWORD)
    assert client.get("/people/ann/").status_code == 404
    assert ApiToken.objects.count() == 0
    assert carried_out() == "done"
    assert not User.objects.filter(username="ann").exists()
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True)) == ["close account", "delete account"]
    assert carried_out() == "not mine"


def test_an_account_without_password_types_its_name() -> None:
    user = factories.user(username="ann")
    user.set_unusable_password()
    user.save()
    client = signed_in(user)

    assert "Your name here" in client.get("/me/privacy/delete/").content.decode()
    assert "This is not your name" in client.post("/me/privacy/delete/", {"comments": "keep", "proof": "Ann"}).content.decode()
    assert client.post("/me/privacy/delete/", {"comments": "keep", "proof": " ann "}).status_code == 302


def test_guessing_the_password_is_limited() -> None:
    client = signed_in(factories.user())
    answers = [client.post("/me/privacy/delete/", {"comments": "keep", "proof": str(n)}).status_code for n in range(12)]

    assert answers[0] == 200
    assert answers[-1] == 429


def test_the_last_admin_stays(settings) -> None:  # type: ignore[no-untyped-def]
    chief = factories.user(is_superuser=True, is_staff=True)
    with pytest.raises(closing.LastAdmin):
        closing.close(user=chief, keep_comments=True, now=NOW)
    with pytest.raises(CommandError, match="only admin"):
        call_command("delete_account", chief.username, "--comments", "keep", "--yes")

    factories.user(is_superuser=True, is_staff=True)
    call_command("delete_account", chief.username, "--comments", "keep", "--yes")
    assert not User.objects.filter(pk=chief.pk).exists()
    with pytest.raises(CommandError, match="There is no account"):
        call_command("delete_account", chief.username, "--comments", "keep", "--yes")


def test_a_visitor_is_forgotten(client: Client) -> None:
    flow = factories.workflow()
    body = {
        "id": "8c2d1f0e-3b4a-4c5d-9e6f-7a8b9c0d1e2f",
        "workflow": flow.slug,
        "subject": factories.subject(workflow=flow).public_id,
        "answer": "no",
    }
    client.post("/api/v1/classifications/", {**body, "viewer": {"width": 1717}}, content_type="application/json")
    old = Volunteer.objects.get().public_id

    assert client.post("/me/privacy/forget/")["Location"] == "/me/privacy/deleted/"
    assert carried_out() == "done"

    assert "have not classified anything" in client.get("/me/privacy/").content.decode()
    assert Volunteer.objects.get().public_id != old
    assert Classification.objects.get().viewer == {}
    assert signed_in(factories.user()).post("/me/privacy/forget/")["Location"] == "/me/privacy/delete/"


# --- carried on ----------------------------------------------------------------------------------


class Killed(BaseException):
    """What a clock raises here, as kill -9 would: nothing of ours catches it."""


class Clock:
    """Tells the time so often, and is the end of whoever asks once more."""

    def __init__(self, now: datetime, *, lives: int) -> None:
        self.now, self.lives = now, lives

    def __call__(self) -> datetime:
        self.lives -= 1
        if self.lives < 0:
            raise Killed
        return self.now


def test_a_deletion_killed_at_any_moment_is_carried_on(boards: dict[str, Board]) -> None:
    ann, bob = talker("annabel7", email="ann@mail.org"), talker("bob")
    flow = factories.workflow()
    subject = factories.subject(workflow=flow)
    factories.vote(subject=subject, workflow=flow, volunteer=ann.volunteer, viewer={"width": 1})
    shown = factories.subject()
    write(ann, shown, "I am annabel7")
    write(bob, shown, "@annabel7 annabel7")
    job = closing.close(user=ann.user, keep_comments=True, now=NOW)
    now, outcome, deaths = NOW, "", 0
    while outcome != "done":
        assert deaths < 40, outcome
        try:
            outcome = closing.carry_out(job_id=job.pk, worker="test", clock=Clock(now, lives=deaths + 1))
        except Killed:
            deaths += 1
            now += timedelta(seconds=SILENT_S + 1)

    assert deaths >= 8
    assert not User.objects.filter(username="annabel7").exists()
    assert sorted(Comment.objects.values_list("body", flat=True)) == ["@deleted-user deleted-user", "I am deleted-user"]
    assert Classification.objects.get().viewer == {}
    assert Job.objects.get(pk=job.pk).params == {}
    assert AuditEntry.objects.filter(verb="delete account").count() == 1


def test_a_failed_deletion_is_tried_again_and_tells_no_name() -> None:
    user = factories.user(username="annabel7")
    job = closing.close(user=user, keep_comments=True, now=NOW)
    Job.objects.filter(pk=job.pk).update(params={"user": user.pk, "volunteers": ["annabel7"], "keep_comments": True})
    assert carried_out(job) == "failed"
    assert Job.objects.get(pk=job.pk).error == "ValueError"

    Job.objects.filter(pk=job.pk).update(params={"user": user.pk, "volunteers": [], "keep_comments": True})
    assert closing.retry_failed(timezone.now()) == 1
    assert carried_out(job) == "done"
    assert closing.retry_failed(timezone.now()) == 0
    assert not User.objects.filter(pk=user.pk).exists()


# --- traces --------------------------------------------------------------------------------------


def test_addresses_and_letters_of_others_are_safe_from_people_who_only_claim_them() -> None:
    from allauth.account.models import EmailAddress

    owner, claimer = factories.user(), factories.user(username="claimer", email="Mine@mail.org")
    EmailAddress.objects.create(user=owner, email="mine@mail.org", verified=True, primary=True)
    EmailAddress.objects.create(user=claimer, email="other@mail.org", verified=False)
    for address in ("mine@mail.org", "other@mail.org"):
        Letter.objects.create(email=address, name="Mine", subject="s", body=f"b {address}", created_at=NOW)

    assert addresses_of(claimer) == ["other@mail.org"]
    closing.close(user=claimer, keep_comments=True, now=NOW)
    carried_out()

    assert list(Letter.objects.order_by("pk").values_list("name", "email", "body")) == [
        ("Mine", "mine@mail.org", "b mine@mail.org"),
        ("", "", "b [removed]"),  # never confirmed: the letter may be somebody else's, so it stays, without a sender
    ]


def test_sessions_that_remember_the_person_go_and_others_stay() -> None:
    ann, bob = factories.user(username="annabel7"), factories.user()
    signed_in(ann)
    other = signed_in(bob)
    half = Client()
    session = half.session
    session["unfinished"] = {"login": "annabel7"}
    session.save()

    closing.close(user=ann, keep_comments=True, now=NOW)
    carried_out()

    assert list(Session.objects.values_list("session_key", flat=True)) == [other.session.session_key]


def test_mails_on_disk_go_in_whatever_encoding_and_others_stay(settings, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    settings.EMAIL_FILE_PATH = tmp_path / "outbox"
    settings.HOME = tmp_path
    backend = "django.core.mail.backends.filebased.EmailBackend"

    def mail(*, to: str, text: str) -> EmailMultiAlternatives:
        message = EmailMultiAlternatives("Año", text, "hunter@localhost", [to])
        message.attach_alternative(f"<p>{text}</p>", "text/html")
        return message

    with get_connection(backend) as connection:
        connection.send_messages([mail(to="bob@mail.org", text="Grüße an Jürgen7: ñ" + "x" * 1200), mail(to="bob@mail.org", text="Nothing here")])
    with get_connection(backend) as connection:
        connection.send_messages([mail(to="J@Mail.org", text="Your code")])
    (log := tmp_path / "log" / "web.log").parent.mkdir()
    log.write_text("one\nGET /people/Jürgen7/ J@mail.org\nthree\n")
    size = log.stat().st_size

    traces.forget_files(Redaction(names=("Jürgen7",), words=("Jürgen7",), addresses=("j@mail.org",)))

    (left,) = (tmp_path / "outbox").iterdir()
    assert left.read_text().count("Subject:") == 1
    assert "Nothing here" in left.read_text()
    assert log.read_text() == "one\nGET /people/********/ **********\nthree\n"
    assert log.stat().st_size == size


def test_former_names_count_and_words_of_roles_do_not() -> None:
    from hunter.accounts.services import rename

    user = factories.user(username="before66")
    rename(user=user, name="moderator", leads=True, now=NOW)

    assert names_of(user) == ["before66", "moderator"]
    assert telling_words(user, []) == [True, False]


def test_copies_go_with_the_account() -> None:
    from django.core.files.storage import default_storage

    from hunter.privacy.people import person_of

    user = factories.user()
    job, _ = downloads.ask(person=person_of(user), language="en", now=timezone.now())
    downloads.make(job_id=job.pk, worker="test", clock=timezone.now)
    closing.close(user=user, keep_comments=True, now=NOW)
    carried_out()

    assert not default_storage.exists(job.params["file"])
    assert not Job.objects.filter(kind=downloads.KIND).exists()


# --- nothing forgotten ---------------------------------------------------------------------------


def test_every_table_that_points_to_a_person_is_in_the_register() -> None:
    page = (ROOT / "docs/reference/personal-data.md").read_text()
    people = {get_user_model(), Volunteer}
    fields = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model in people
    ]

    assert len(fields) > 15
    assert [name for name in fields if f"`{name}`" not in page] == []
