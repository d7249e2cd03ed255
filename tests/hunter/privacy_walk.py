"""The life and the end of one account, and a search for what is left of it. A script, run by test_privacy_deletion.py on both databases.

privacy_walk.py keep|remove      walks through the whole site, deletes the account, and prints what it found before and after
"""

import json
import logging
import re
import sys
import uuid
from pathlib import Path
from typing import Any

import django

FORMER, NAME, MAIL, CREDIT, ADDRESS = "Zwyx-before66", "Zwyxnara-77", "zwyx.mail@quuxmail.example", "Zara Wyxworth", "203.0.113.77"
NEEDLES = [word.lower() for word in (FORMER, NAME, MAIL, CREDIT, ADDRESS)]
AGENT = "Mozilla/5.0 (Walk)"
PASSWORD = "seven-quiet-lanterns-11"


def prepare() -> Any:
    """A site with its seeds, one workflow with three subjects, an admin and another person; returns the workflow."""
    from django.conf import settings
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    from tests import factories as f

    setup_test_environment()
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = settings.HOME / "outbox"
    (settings.HOME / "log").mkdir(parents=True, exist_ok=True)
    logging.basicConfig(filename=settings.HOME / "log" / "web.log", level=logging.INFO, force=True)
    call_command("setup_site", stdout=sys.stderr)
    flow = f.workflow(slug="walk", count=1, undo_seconds=0)
    for _ in range(3):
        f.subject(workflow=flow)
    f.user(username="chief", is_superuser=True, is_staff=True)
    f.user(username="other")
    return flow


def browser(**extra: str) -> Any:
    """A browser with the address that must not be found."""
    from django.test import Client

    return Client(REMOTE_ADDR=ADDRESS, HTTP_USER_AGENT=AGENT, **extra)


def post(client: Any, path: str, data: dict[str, Any], status: tuple[int, ...] = (302,)) -> Any:
    """Post a form; fails with the answer where it is not what it should be."""
    answer = client.post(path, data)
    assert answer.status_code in status, (path, answer.status_code, re.sub(r"\s+", " ", answer.content.decode())[:3000])
    return answer


def vote(client: Any, subject: Any, answer: str, **extra: Any) -> None:
    """Send a classification, with a viewer that says more than it should."""
    viewer = {"invert": True, "width": 1717, "said": f"{NAME} {MAIL} {ADDRESS}"}
    marks = [{"x1": 10, "y1": 20, "x2": 90, "y2": 60}] if answer == "yes" else []
    body = {"id": str(uuid.uuid4()), "workflow": "walk", "subject": subject.public_id, "answer": answer, "marks": marks, "viewer": viewer}
    client.get("/api/v1/workflows/walk/queue/?n=10")  # as the page does: what was never handed out would not count
    sent = client.post("/api/v1/classifications/", {**body, **extra}, content_type="application/json")
    assert sent.status_code == 201, sent.content


def live(flow: Any) -> Any:
    """Everything a person can leave behind; returns their browser."""
    from classify.models import Subject

    first, second, third = Subject.objects.order_by("pk")
    client = browser()
    vote(client, first, "yes")  # as a visitor
    post(client, "/accounts/signup/", {"username": FORMER, "email": MAIL, "password1": PASSWORD, "agree": "on"})
    vote(client, second, "yes", annotations={"T9": f"free words by {NAME}"})
    post(client, "/accounts/reauthenticate/", {"password": PASSWORD})
    post(client, "/accounts/name/", {"name": NAME, "leads": "on"})
    vote(client, third, "no")
    client.get(f"/people/{NAME}/")
    logging.getLogger("walk").info("GET /people/%s/ for %s", NAME, MAIL)
    post(client, "/me/privacy/credit/", {"name": CREDIT})
    post(client, "/me/tokens/", {"name": f"notebook of {NAME}", "scopes": ["read"], "lifetime": "30"}, (200, 302))
    post(client, "/contact/", {"subject": f"I am {NAME}", "body": "Hello", "name": CREDIT, "email": MAIL})
    for _ in range(2):
        browser().post("/accounts/login/", {"login": NAME, "password": "wrong"})
    browser().post("/accounts/password/reset/", {"email": MAIL})
    talk(client, first, second, third)
    staff_looks()
    download(client)
    return client


def talk(client: Any, first: Any, second: Any, third: Any) -> None:
    """Comments of the person and about them."""
    from django.test import Client

    from talk.models import Comment

    mine = [f"Mail me at {MAIL}, I am {NAME} #comet", "To be deleted", f"#{NAME.lower()} is my tag"]
    for subject, text in zip((first, second, third), mine, strict=True):
        client.post("/api/v1/talk/comments/", {"subject": subject.public_id, "body": text}, content_type="application/json")
    assert Comment.objects.count() == 3, Comment.objects.count()
    post(client, f"/talk/comments/{Comment.objects.get(body='To be deleted').pk}/delete/", {})
    other = Client()
    assert other.login(username="other", password="a-long-test-password")
    collect(client, other, first)
    reply = Comment.objects.order_by("pk").first()
    words = [f"@{NAME} and @{FORMER.upper()}: thanks", f"> {NAME} wrote: mail {MAIL}", f"[see]( /people/{NAME}/ ) or /people/{NAME}/"]
    for text in words:
        body = {"discussion": reply.discussion_id, "reply_to": reply.pk, "body": text}  # type: ignore[union-attr]
        answer = other.post("/api/v1/talk/comments/", body, content_type="application/json")
        assert answer.status_code == 201, answer.content
    post(other, "/contact/", {"subject": f"About {NAME}", "body": f"{NAME} is kind", "name": "", "email": ""})


def collect(client: Any, other: Any, subject: Any) -> None:
    """A favourite and a collection of the person, and somebody else's that names them."""
    assert client.put(f"/api/v1/talk/favourites/{subject.public_id}/").status_code == 204
    own = {"title": f"Finds of {NAME}", "description": f"Write to {MAIL}", "public": True, "subjects": [subject.public_id]}
    about = {"title": f"Seen with {NAME}", "description": f"@{NAME} showed me", "public": True}
    for browser_of, body in ((client, own), (other, about)):
        made = browser_of.post("/api/v1/talk/collections/", body, content_type="application/json")
        assert made.status_code == 201, made.content


def staff_looks() -> None:
    """What the team and its software write down about people."""
    from django.contrib.admin.models import CHANGE, LogEntry
    from django.contrib.contenttypes.models import ContentType
    from django.utils import timezone

    from core.services import audit, open_job
    from hunter.models import User

    chief, user = User.objects.get(username="chief"), User.objects.get(username=NAME)
    kind = ContentType.objects.get_for_model(User).pk
    LogEntry.objects.create(user=chief, content_type_id=kind, object_id=str(user.pk), object_repr=NAME, action_flag=CHANGE, change_message="[]")
    audit(actor=chief, verb="look", object_type="user", object_id="1", now=timezone.now(), detail={"name": NAME, "mail": MAIL})
    open_job(kind="test", key="1", title=f"Work for {NAME}", params={"who": [MAIL]}, actor=user, now=timezone.now())


def download(client: Any) -> None:
    """A copy of the data lies in the storage."""
    from django.utils import timezone

    from core.models import Job
    from hunter.privacy import downloads

    post(client, "/me/privacy/download/", {})
    job = Job.objects.get(kind=downloads.KIND)
    assert downloads.make(job_id=job.pk, worker="walk", clock=timezone.now) == "done"


def die(client: Any, comments: str) -> None:
    """Delete the account on its page, and let the worker do its part."""
    from django.utils import timezone

    from core.models import Job
    from hunter.privacy import closing

    post(client, "/me/privacy/delete/", {"comments": comments, "proof": PASSWORD})
    job = Job.objects.get(kind=closing.KIND)
    assert closing.carry_out(job_id=job.pk, worker="walk", clock=timezone.now) == "done"


# --- the search ----------------------------------------------------------------------------------


def everything(home: Path) -> dict[str, str]:
    """Return all that is stored, as text, by place: each table, each file, the broker's keys, new exports, and the database file."""
    return {**tables(), **contents(home), **broker(), **exports(home)}


def tables() -> dict[str, str]:
    from django.contrib.sessions.models import Session
    from django.db import connection

    found = {"table sessions, decoded": repr([row.get_decoded() for row in Session.objects.all()])}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found[f"table {table}"] = repr(cursor.fetchall())
    return found


def contents(home: Path) -> dict[str, str]:
    """Files below HUNTER_HOME; the SQLite file with its log lies there too. Zip files are opened."""
    import zipfile

    found = {}
    for path in home.rglob("*"):
        if path.is_file():
            found[f"file {path.relative_to(home)}"] = path.read_bytes().decode("latin-1")
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as bundle:
                    found[f"file {path.relative_to(home)}"] = "\n".join(bundle.read(name).decode() for name in bundle.namelist())
    return found


def broker() -> dict[str, str]:
    import redis
    from django.conf import settings

    server, found = redis.Redis.from_url(settings.BROKER_URL), {}
    for key in server.scan_iter():
        kind = server.type(key)
        value = server.get(key) if kind == b"string" else server.lrange(key, 0, -1) if kind == b"list" else repr(server.object("encoding", key))
        found[f"broker {key!r}"] = f"{key!r} {value!r}"
    return found


def exports(home: Path) -> dict[str, str]:
    from classify.exports.files import label_lines
    from classify.exports.rows import Choice
    from classify.models import Workflow

    choice = Choice(workflow=Workflow.objects.get(slug="walk"), everything=True)
    return {f"export {kind}": "".join(label_lines(choice, kind)) for kind in ("csv", "jsonl")}


def hits(stored: dict[str, str]) -> dict[str, list[str]]:
    """Return where which words stand, in upper or lower case, plain or as in a mail or address."""
    lower = {place: text.lower() for place, text in stored.items()}
    return {place: words for place, text in lower.items() if (words := [needle for needle in NEEDLES if needle in text])}


def science() -> dict[str, Any]:
    """What must not change."""
    from classify.models import Classification, Consensus, HourlyTotal, Mark, Serve, SubjectStatus

    rows = Consensus.objects.order_by("pk").values_list("subject", "label", "counts", "n_votes", "settled", "revision")
    votes = Classification.objects.order_by("pk").values_list("pk", "answer", "counted", "volunteer_id", "superseded_by_id")
    return {
        "consensus": [list(row) for row in rows],
        "statuses": [list(row) for row in SubjectStatus.objects.order_by("pk").values_list("state", "n_votes", "tally")],
        "votes": [[str(value) for value in row] for row in votes],
        "counts": [Mark.objects.count(), Serve.objects.count(), sum(HourlyTotal.objects.values_list("n", flat=True))],
    }


def walk(comments: str) -> dict[str, Any]:
    """The whole story; JSON for the test."""
    from django.conf import settings

    from classify.models import Volunteer
    from talk.models import Comment, TagUse

    client = live(prepare())
    before, labels = science(), exports(settings.HOME)
    known = hits(everything(settings.HOME))
    ids = list(Volunteer.objects.filter(user__username=NAME).values_list("public_id", flat=True))
    die(client, comments)
    client.get("/me/privacy/")
    left = everything(settings.HOME)
    return {
        "known": known,
        "left": hits(left),
        "old_ids_left": [place for place, text in left.items() if ids[0] in text],
        "science_is_the_same": science() == before,
        "labels_are_the_same": exports(settings.HOME) == labels,
        "n_labels": len(labels["export csv"].splitlines()),
        "comments": list(Comment.objects.order_by("pk").values_list("author__source", "body", "html")),
        "tags": list(TagUse.objects.order_by("pk").values_list("tag__name", "volunteer__source")),
    }


if __name__ == "__main__":
    django.setup()
    print(json.dumps(walk(sys.argv[1])))
