"""/me/privacy/: what people see of their data, what they take away, and who may."""

import csv
import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from classify.models import Classification, Volunteer
from core import identity, signed
from core.models import AuditEntry, Job
from hunter import consents, tokens
from hunter.models import Letter, User
from hunter.privacy import downloads
from hunter.privacy.bundle import kinds_of_data, write_bundle
from hunter.privacy.people import Person, person_of
from hunter.privacy.records import personal_records
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> User:
    """Somebody with an account who has voted and marked."""
    user: User = factories.user(username="ann", email="ann@mail.org")
    flow = factories.workflow()
    person = factories.volunteer(user=user)
    factories.vote(subject=factories.subject(workflow=flow), workflow=flow, answer="yes", volunteer=person, marks=[(1, 2, 30, 40)])
    return user


@pytest.fixture
def hers(ann: User) -> Client:
    """Her browser."""
    return browser_of(ann)


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def made(client: Client, clock: Callable[[], datetime] = timezone.now) -> Job:
    """Ask for a copy on the page and let the worker make it."""
    assert client.post("/me/privacy/download/").status_code == 302
    job = Job.objects.filter(kind=downloads.KIND).latest("pk")
    assert downloads.make(job_id=job.pk, worker="test", clock=clock) == "done"
    return Job.objects.get(pk=job.pk)


def link_on(client: Client) -> str:
    """The address of the file as the page shows it."""
    page = client.get("/me/privacy/").content.decode()
    return page.partition('href="/me/privacy/files/')[2].partition('"')[0].join(("/me/privacy/files/", ""))


def unzipped(answer: Any) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as bundle:
        assert bundle.testzip() is None
        return {name: bundle.read(name).decode() for name in bundle.namelist()}


# --- the page ------------------------------------------------------------------------------------


def test_somebody_unknown_sees_that_nothing_is_stored(client: Client) -> None:
    page = client.get("/me/privacy/")

    assert "have not classified anything in this browser" in page.content.decode()
    assert page.headers["Cache-Control"].count("no-store") == 1
    assert Volunteer.objects.count() == 0
    assert client.post("/me/privacy/download/").status_code == 302
    assert Job.objects.count() == 0


def test_a_person_sees_counts_consents_and_the_name_in_publications(hers: Client, ann: User) -> None:
    consents.record(user=ann, now=NOW, language="en")
    assert "You are not named in publications" in hers.get("/me/privacy/").content.decode()
    hers.post("/me/privacy/credit/", {"name": "  Ann\tExample "})

    page = hers.get("/me/privacy/").content.decode()

    assert "Publications may name you as <strong>Ann Example</strong>" in page
    assert "on 2026-03-01" in page
    assert "Your answers, with what you marked" in page
    hers.post("/me/privacy/credit/", {"name": ""})
    assert Volunteer.objects.get(user=ann).credit_name == ""
    assert hers.post("/me/privacy/credit/", {"name": "x\u202ey"}).status_code == 200
    assert Volunteer.objects.get(user=ann).credit_name == ""


def test_a_name_in_publications_needs_an_account(client: Client) -> None:
    assert client.post("/me/privacy/credit/", {"name": "X"})["Location"].startswith("/accounts/login/")


# --- a copy --------------------------------------------------------------------------------------


def test_the_copy_holds_everything_twice_and_no_secret(hers: Client, ann: User) -> None:
    EmailAddress.objects.create(user=ann, email="ann@mail.org", verified=True, primary=True)
    Letter.objects.create(user=ann, subject="Hello", body="line 1\nline 2, with a comma", created_at=NOW)
    token, key = tokens.make_token(user=ann, name="notebook", scopes=["read"], lifetime=None, now=NOW)
    made(hers)

    answer = hers.get(link_on(hers))
    files = unzipped(answer)

    assert answer["Content-Type"] == "application/zip"
    assert "no-store" in answer["Cache-Control"]
    assert f'filename="hunter-data-{timezone.now():%Y-%m-%d}.zip"' in answer["Content-Disposition"]
    kinds = set(kinds_of_data())
    assert set(files) == {"README.txt"} | {f"{ending}/{kind}.{ending}" for kind in kinds for ending in ("json", "csv")}
    (vote,) = json.loads(files["json/classifications.json"])
    (row,) = csv.DictReader(io.StringIO(files["csv/classifications.csv"]))
    assert (vote["answer"], row["answer"], json.loads(row["marks"])) == ("yes", "yes", vote["marks"])
    assert vote["marks"][0]["x2"] == 30.0
    assert json.loads(files["json/account.json"])[0]["email"] == "ann@mail.org"
    assert json.loads(files["json/letters.json"])[0]["body"] == "line 1\nline 2, with a comma"
    assert json.loads(files["json/jobs.json"]) == []  # not the one that made the file
    everything = "\n".join(files.values())
    for secret in (key, token.digest, ann.password, *[cookie.value for cookie in hers.cookies.values()]):
        assert secret not in everything
    assert "classifications: your answers" in files["README.txt"]


def test_a_visitor_gets_a_copy_too(client: Client) -> None:
    flow = factories.workflow()
    body = {"id": str(identity.random_uuid()), "workflow": flow.slug, "subject": factories.subject(workflow=flow).public_id, "answer": "no"}
    client.post("/api/v1/classifications/", body, content_type="application/json")
    made(client)

    files = unzipped(client.get(link_on(client)))

    assert len(json.loads(files["json/classifications.json"])) == 1
    assert "json/account.json" not in files


def test_only_the_owner_can_fetch_it(hers: Client, client: Client) -> None:
    made(hers)
    link = link_on(hers)

    assert hers.get(link).status_code == 200
    assert browser_of(factories.user()).get(link).status_code == 404
    assert browser_of(factories.user(is_superuser=True, is_staff=True)).get(link).status_code in {302, 404}  # asked for a second factor, or not found
    assert client.get(link)["Location"].startswith("/accounts/login/")
    assert hers.get(link[:-2] + "x/").status_code == 404
    assert hers.get(f"/me/privacy/files/{signed.sign(1, purpose='other')}/").status_code == 404


def test_the_link_ends_after_seven_days_and_the_file_is_removed(hers: Client, ann: User) -> None:
    job = made(hers, clock=lambda: timezone.now() - timedelta(days=7, seconds=5))
    token, key = signed.sign(job.pk, purpose=downloads.PURPOSE), job.result["file"]

    assert hers.get(f"/me/privacy/files/{token}/").status_code == 410
    assert link_on(hers) == "/me/privacy/files/"
    assert default_storage.exists(key)
    assert downloads.forget_old(timezone.now()) == 1
    assert not default_storage.exists(key)
    assert downloads.forget_old(timezone.now()) == 0


def test_a_file_that_is_gone_from_the_storage_is_said_to_be_gone(hers: Client) -> None:
    job = made(hers)
    default_storage.delete(job.result["file"])

    assert hers.get(link_on(hers)).status_code == 410


def test_a_copy_made_just_now_is_given_again_and_a_newer_one_takes_its_place(hers: Client, ann: User) -> None:
    first = made(hers)
    hers.post("/me/privacy/download/")
    assert Job.objects.filter(kind=downloads.KIND).count() == 1
    Job.objects.filter(pk=first.pk).update(finished_at=timezone.now() - downloads.FRESH)
    second = made(hers)

    assert not Job.objects.filter(pk=first.pk).exists()
    assert not default_storage.exists(first.result["file"])
    assert default_storage.exists(second.result["file"])


def test_the_page_shows_progress_while_a_worker_is_at_it(hers: Client, ann: User) -> None:
    hers.post("/me/privacy/download/")
    hers.post("/me/privacy/download/")
    job = Job.objects.get(kind=downloads.KIND)

    waiting = hers.get("/me/privacy/progress/").content.decode()
    assert "Waits for a free worker" in waiting
    assert 'hx-trigger="every 1s"' in waiting
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, done=5, total=10)
    assert 'value="5"' in hers.get("/me/privacy/progress/").content.decode()
    Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED)
    failed = hers.get("/me/privacy/progress/").content.decode()
    assert "could not be made" in failed
    assert "hx-get" not in failed


def test_a_copy_that_nobody_wants_any_more_leaves_no_file(ann: User) -> None:
    """The account's copies are forgotten after the file was stored and before the row was closed: the last moment there is."""
    person = person_of(ann)
    job, _ = downloads.ask(person=person, language="en", now=timezone.now())
    key = job.params["file"]

    def clock() -> datetime:
        if default_storage.exists(key):
            downloads.forget(person.key)
        return timezone.now()

    assert downloads.make(job_id=job.pk, worker="test", clock=clock) == "cancelled"
    assert not default_storage.exists(key)
    assert downloads.make(job_id=job.pk, worker="test", clock=timezone.now) == "not mine"


def test_a_copy_that_fails_says_so_and_leaves_no_file(ann: User) -> None:
    job, _ = downloads.ask(person=person_of(ann), language="en", now=timezone.now())
    Job.objects.filter(pk=job.pk).update(params={**job.params, "user": -1})

    assert downloads.make(job_id=job.pk, worker="test", clock=timezone.now) == "failed"
    assert Job.objects.get(pk=job.pk).error == "DoesNotExist"


def test_memory_does_not_grow_with_the_votes(ann: User) -> None:
    person = person_of(ann)
    assert person.volunteer is not None
    (model,) = Classification.objects.all()

    def peak(n: int) -> int:
        Classification.objects.bulk_create(
            Classification(
                id=identity.random_uuid(), workflow=model.workflow, version=model.version, subject=model.subject, volunteer=person.volunteer,
                answer="no", repeat=k + 1, created_at=NOW, counted=False, viewer={"said": "x" * 200},
            )
            for k in range(Classification.objects.count(), n)
        )  # fmt: skip
        tracemalloc.start()
        rows = write_bundle(_Sink(), personal_records(person), now=NOW)  # type: ignore[arg-type]
        at_most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert rows >= n
        return at_most

    assert peak(12_000) < 1.3 * peak(3_000)


class _Sink(io.RawIOBase):
    """Takes bytes and forgets them."""

    def write(self, data: Any) -> int:
        return len(data)

    def writable(self) -> bool:
        return True


def test_the_command_writes_the_same_file(ann: User, tmp_path: Any) -> None:
    out = tmp_path / "ann.zip"
    call_command("personal_data", "ann", "--out", str(out))

    assert oct(out.stat().st_mode & 0o777) == "0o600"
    assert AuditEntry.objects.get().verb == "copy personal data"
    with zipfile.ZipFile(out) as bundle:
        assert json.loads(bundle.read("json/account.json"))[0]["name"] == "ann"
    with pytest.raises(CommandError, match="is there already"):
        call_command("personal_data", "ann", "--out", str(out))
    with pytest.raises(CommandError, match="no account nobody-here"):
        call_command("personal_data", "nobody-here", "--out", str(out))


def test_keys_of_people_do_not_meet() -> None:
    user = factories.user()
    guest = factories.volunteer(pk=user.pk)

    assert Person(user=user).key != Person(volunteer=guest).key
