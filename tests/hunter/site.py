"""A small site with one of everything, and people of every role."""

import io
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from classify.crowd.trials import Row
from classify.selectors import any_workflow
from classify.services import ask_simulation, create_set
from core import identity
from core.models import Job
from hunter.accounts.second_factor import SHOWN
from hunter.roles import make_roles, set_roles
from talk.models import Board
from talk.services import About, make_collection
from tests import factories
from tests.factories import NOW
from tests.ml import rows
from tests.talk.conftest import person, start, write

ROLES = ("anonymous", "visitor", "volunteer", "moderator", "scientist", "model operator", "admin")
TEAM = ROLES[3:]


def build() -> dict[Any, Any]:
    """Make the site and return the values of the parameters in its addresses, as `walk.Address.path` takes them."""
    call_command("setup_site", stdout=io.StringIO())
    flow = any_workflow("classify")
    for _ in range(3):
        factories.subject(workflow=flow)
    shown = finished_subject(flow)
    model, frame = _machine(shown)
    author = person("author")
    comment = write(author, shown, "A long #asteroid trail.")
    shared = make_collection(viewer=author, about=About("Long trails", public=True), roots=[shown.pk], now=NOW)
    create_set(slug="long-trails", name="Long trails", purpose="serve", subject_ids=[shown.pk], actor=None, now=NOW)
    thread = start(author, Board.objects.get(slug="help"))
    return {
        **{"public_id": shown.public_id, "cutout_id": frame.pk, "exposure_id": frame.plane.exposure_id, "key": frame.preview_key},
        "observation_id": frame.plane.exposure.observation_id,
        **{
            "discussion_id": thread.pk,
            "comment_id": comment.pk,
            "tag": "asteroid",
            "collection_id": shared.public_id,
            ("talk/boards/", "slug"): "help",
        },
        **{
            ("people/", "name"): "author",
            ("ml/", "name"): model.name,
            ("api/v1/ml/", "name"): model.name,
            "run_id": rows.Run.objects.latest("pk").pk,
        },
        **{"job_id": Job.objects.latest("pk").pk, "slug": "classify", ("<place:", "slug"): "about", ("lab/guide/", "slug"): "asteroid-trail"},
        ("lab/sets/", "slug"): "long-trails",
        **{("science/policies/", "job_id"): _trial(flow), ("science/policies/", "figure"): "table"},
        **{"classification_id": identity.random_uuid(), ("<place:", "language"): "en", ("<place:", "number"): 1},
        # What is made for one person only, and here for none of those who ask: a key, a session, a mail, a file, a link of a mail.
        **{"token_id": 10**9, "session_id": 10**9, "pk": 10**9, "token": "x", ("dev/outbox/", "key"): "0" * 32, "uidb36": "1"},
        **{("accounts/^", "key"): "x-y", "provider_id": "orcid", "figure": "effort"},
    }


def finished_subject(flow: Any) -> Any:
    """A subject that enough people have answered, so that everybody may see what they said."""
    shown = factories.subject(workflow=flow)
    while not shown.statuses.filter(workflow=flow, state="retired").exists():
        factories.vote(subject=shown, workflow=flow, answer="yes", marks=[(10, 20, 90, 60)], now=timezone.now() - timedelta(hours=1))
    return shown


def _trial(flow: Any) -> int:
    """A policy that was tried, with one row of its result."""
    job, _ = ask_simulation(workflow=flow, policy=flow.current_version.policy, demo=True, actor=None, now=NOW)
    row = dict.fromkeys(Row._fields, 0.5) | {"n": 20}
    result = {"rows": [{"kind": "trial", "name": "", "order": "arrival", "size": 0, "labels": row}], "histograms": [], "positive": ["yes"]}
    about = {"n_votes": 100, "n_people": 10, "n_subjects": 20, "n_gold": 0, "only_ended": True, "is_joint": False}
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE, finished_at=NOW, result=result | about)
    return int(job.pk)


def _machine(shown: Any) -> tuple[Any, Any]:
    """A live model that was trained here and has found the trail."""
    rows.training_run(yes=1, no=1)
    model, frame = rows.model(1), shown.frames.get().cutout
    rows.detection(frame, model)
    return model, frame


def people() -> dict[str, Any]:
    """One account per signed-in role, by role; its name is the role's."""
    make_roles()
    made = {role: factories.user(username=role.replace(" ", "-"), email=f"{role.split()[0]}@example.org") for role in ROLES[2:]}
    admin = made["admin"]
    set_roles(user=admin, roles=["admin"], actor=None, now=NOW)
    for role in ROLES[2:-1]:
        set_roles(user=made[role], roles=[role], actor=admin, now=NOW)
    for role in TEAM:
        Authenticator.objects.create(user=made[role], type=Authenticator.Type.TOTP, data={"secret": "x"})
    return {role: get_user_model().objects.get(pk=user.pk) for role, user in made.items()}


def signed_in(user: Any, *, factor: bool = True) -> Client:
    """A browser of this person, who has shown a second factor."""
    client = Client()
    client.force_login(user)
    if factor:
        session = client.session
        session[SHOWN] = user.pk
        session.save()
    return client


def visitor() -> Client:
    """A browser without an account that has given one answer."""
    client = Client()
    item = client.get("/api/v1/workflows/classify/queue/?n=1").json()["results"][0]
    body = {"id": str(identity.random_uuid()), "workflow": "classify", "subject": item["id"], "serve": item["serve"], "answer": "no"}
    stored = client.post("/api/v1/classifications/", body, content_type="application/json")
    assert stored.status_code == 201, stored.content
    return client


def clients() -> dict[str, Client]:
    """A browser of each role."""
    return {"anonymous": Client(), "visitor": visitor(), **{role: signed_in(user) for role, user in people().items()}}
