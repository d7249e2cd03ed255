"""The least that Django and its ORM can do for "next subject, vote": the measure for `benchmarks.serving`.

One page gives the next subject that somebody has not seen, from a random start on an indexed key; the other stores the answer and counts
it, in one transaction. Sessions, CSRF and sign-in as Django has them; no leases, consensus, retirement, languages, limits or log lines.

    python -m benchmarks.bare_pair SUBJECTS VOTES PEOPLE      make its tables in the database BARE_DATABASE_URL; prints a cookie a line
    gunicorn benchmarks.bare_pair:application
"""

import json
import os
import random
import sys
from urllib.parse import urlsplit

import django
from django.conf import settings

_PARTS = urlsplit(os.environ["BARE_DATABASE_URL"])
settings.configure(
    SECRET_KEY="bare",  # noqa: S106 - of nothing
    ALLOWED_HOSTS=["127.0.0.1"],
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    ROOT_URLCONF=__name__,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql", "NAME": _PARTS.path.lstrip("/"), "USER": _PARTS.username, "HOST": _PARTS.hostname,
            "PORT": str(_PARTS.port), "CONN_MAX_AGE": 60,
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)  # fmt: skip
django.setup()

from django.core.management import call_command  # noqa: E402 - these need the settings
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, models, transaction  # noqa: E402
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402


class Task(models.Model):  # noqa: DJ008
    """A subject."""

    shuffle = models.FloatField(db_index=True)
    n_votes = models.IntegerField(default=0)

    class Meta:
        app_label = "bare"


class Answer(models.Model):  # noqa: DJ008
    """A vote."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE)
    user = models.ForeignKey("auth.User", on_delete=models.CASCADE)
    answer = models.CharField(max_length=40)
    created_at = models.DateTimeField()

    class Meta:
        app_label = "bare"
        constraints = [models.UniqueConstraint(fields=["task", "user"], name="bare_once")]


def next_task(request: HttpRequest) -> HttpResponse:
    """The next subject that this person has not seen."""
    if not request.user.is_authenticated:
        return HttpResponseForbidden()
    seen = Answer._default_manager.filter(task=models.OuterRef("pk"), user=request.user)
    fresh = Task._default_manager.filter(~models.Exists(seen)).order_by("shuffle")
    found = fresh.filter(shuffle__gte=random.random()).first() or fresh.first()
    return JsonResponse({"id": found.pk if found else None})


def store(request: HttpRequest) -> HttpResponse:
    """One vote."""
    if not request.user.is_authenticated:
        return HttpResponseForbidden()
    body = json.loads(request.body)
    with transaction.atomic():
        vote = Answer._default_manager.create(task_id=body["id"], user=request.user, answer=body["answer"], created_at=timezone.now())
        Task._default_manager.filter(pk=body["id"]).update(n_votes=models.F("n_votes") + 1)
    return JsonResponse({"id": vote.pk}, status=201)


urlpatterns = [path("next", next_task), path("vote", store)]
application = get_wsgi_application()


def fill(n_tasks: int, n_votes: int, n_people: int) -> list[str]:
    """Make and fill the tables; return a session cookie for each person."""
    from django.contrib.auth.models import User

    from benchmarks.filling import signed_in

    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Task)
        editor.create_model(Answer)
    voters = User.objects.bulk_create([User(username=f"voter{number}") for number in range(max(1000, n_votes // n_tasks))])
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bare_task (shuffle, n_votes) SELECT random(), 0 FROM generate_series(1, %s)", [n_tasks])
        cursor.execute(
            "INSERT INTO bare_answer (task_id, user_id, answer, created_at) "
            "SELECT i %% %s + 1, %s + i / %s, 'no', now() FROM generate_series(0, %s - 1) i",
            [n_tasks, voters[0].pk, n_tasks, n_votes],
        )
        cursor.execute("VACUUM ANALYZE bare_task")
        cursor.execute("VACUUM ANALYZE bare_answer")
    return [signed_in(User.objects.create_user(f"bench{number}")) for number in range(n_people)]


if __name__ == "__main__":
    print("\n".join(fill(*map(int, sys.argv[1:]))))
