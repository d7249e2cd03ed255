"""Personal keys: shown once, stored as a fingerprint, good for their scopes and for no more than their owner may."""

import hashlib
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from classify.models import Classification
from core import throttles
from core.models import AuditEntry
from core.throttles import Limit, Window
from hunter import tokens
from hunter.models import ApiToken
from talk.seeds import seed_boards
from tests.factories import NOW, subject, user, workflow

pytestmark = pytest.mark.django_db


def key_of(person: Any, *scopes: str, lifetime: timedelta | None = None, now: Any = None) -> str:
    """A fresh key of a person."""
    return tokens.make_token(user=person, name="test", scopes=scopes, lifetime=lifetime, now=now or timezone.now())[1]


def ask(key: str, method: str = "get", path: str = "/api/v1/workflows/", body: Any = None, client: Client | None = None) -> Any:
    """A request with a key; CSRF is checked as it is for browsers."""
    client = client or Client(enforce_csrf_checks=True)
    return getattr(client, method)(path, body, content_type="application/json", headers={"Authorization": f"Bearer {key}"})


def ballot(**fields: Any) -> dict[str, Any]:
    flow = workflow()
    return {
        "id": "8c2d1f0e-3b4a-4c5d-9e6f-7a8b9c0d1e2f",
        "workflow": flow.slug,
        "subject": subject(workflow=flow).public_id,
        "answer": "no",
        **fields,
    }


def test_only_the_fingerprint_is_stored() -> None:
    person = user()
    key = key_of(person, "read")
    row = ApiToken.objects.get()

    assert re.fullmatch(r"hnt_[A-Za-z0-9]{40}", key)
    assert row.digest == hashlib.sha256(key.encode()).hexdigest()
    assert key not in str(list(ApiToken.objects.values()))
    assert key not in str(list(AuditEntry.objects.values()))
    assert key_of(person, "read") != key


def test_key_acts_as_its_owner() -> None:
    person = user()
    answer = ask(key_of(person, "classify"), "post", "/api/v1/classifications/", ballot())

    assert answer.status_code == 201
    assert person.volunteer.classifications.count() == 1


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        ("read", "get", "/api/v1/exposures/"),
        ("read", "get", "/api/v1/talk/tags/"),
        ("read", "get", "/api/v1/ml/runs/"),
        ("read", "get", "/api/schema/"),
        ("classify", "post", "/api/v1/classifications/"),
        ("classify", "delete", "/api/v1/classifications/8c2d1f0e-3b4a-4c5d-9e6f-7a8b9c0d1e2f/"),
        ("talk", "post", "/api/v1/talk/comments/"),
        ("team", "post", "/api/v1/ml/runs/"),
    ],
)
def test_each_action_needs_its_scope_and_no_other(scope: str, method: str, path: str) -> None:
    person = user(permissions=["ml.train"])
    others = key_of(person, *(set(tokens.SCOPES) - {scope}))
    refused = ask(others, method, path, {})

    assert refused.status_code == 403
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["missing_scope"] == scope
    assert scope in refused.json()["detail"]
    assert ask(key_of(person, scope), method, path, {}).status_code not in {401, 403}


def test_a_key_that_classifies_reads_what_it_classifies() -> None:
    flow = workflow()
    shown = subject(workflow=flow)
    alone, others = key_of(user(), "classify"), key_of(user(), "talk", "team")
    paths = ["/api/v1/workflows/", f"/api/v1/workflows/{flow.slug}/", f"/api/v1/workflows/{flow.slug}/queue/", f"/api/v1/subjects/{shown.public_id}/"]

    assert [ask(alone, path=path).status_code for path in paths] == [200] * 4
    refused = [ask(others, path=path) for path in paths]
    assert [(answer.status_code, answer.json()["missing_scope"]) for answer in refused] == [(403, "read")] * 4
    assert ask(alone, path="/api/v1/exposures/").status_code == 403


@pytest.mark.parametrize("word", ["Token ", "Basic ", "hnt_", "Digest "])
def test_a_key_that_is_sent_in_another_form_is_not_taken_for_a_visitor(word: str) -> None:
    key = key_of(user(), "read", "classify")
    sent = key if word == "hnt_" else f"{word}{key}"
    for method, path in (("get", "/api/v1/workflows/"), ("post", "/api/v1/classifications/")):
        answer = getattr(Client(), method)(
            path, ballot() if method == "post" else None, content_type="application/json", headers={"Authorization": sent}
        )
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="hunter"')
        assert '"Authorization: Bearer hnt_..."' in answer.json()["detail"]
    assert Classification.objects.count() == 0


def test_scope_gives_nothing_that_the_owner_lacks() -> None:
    everything = key_of(user(), *tokens.SCOPES)

    assert ask(everything, "post", "/api/v1/ml/runs/", {}).status_code == 403
    assert ask(everything, path="/api/v1/exports/labels/?workflow=none&all=1").status_code in {403, 404}
    assert ask(key_of(user(permissions=["ml.train"]), "team"), "post", "/api/v1/ml/runs/", {}).status_code != 403


def test_a_comment_by_key_is_its_owners() -> None:
    seed_boards(NOW)
    person, shown = user(), subject()
    answer = ask(key_of(person, "talk"), "post", "/api/v1/talk/comments/", {"subject": shown.public_id, "body": "A #satellite."})

    assert answer.status_code == 201, answer.content
    assert answer.json()["author"]["name"] == person.username


def test_team_keys_need_that_the_owner_has_a_second_factor(settings: Any) -> None:
    from allauth.mfa.models import Authenticator

    settings.STAFF_2FA = True
    person = user(permissions=["core.view_dashboard", "ml.train"])
    key = key_of(person, "read", "team")

    assert ask(key).status_code == 200
    refused = ask(key, "post", "/api/v1/ml/runs/", {})
    assert (refused.status_code, refused.json()["title"]) == (403, "A second factor is needed")
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={})
    assert ask(key, "post", "/api/v1/ml/runs/", {}).status_code == 409  # nothing to learn from


def test_wrong_expired_revoked_and_ownerless_keys_are_refused() -> None:
    person, gone = user(), user(is_active=False)
    now = timezone.now()
    expired = key_of(person, "read", lifetime=timedelta(days=30), now=now - timedelta(days=31))
    revoked = key_of(person, "read")
    assert ask(revoked).status_code == 200
    assert tokens.revoke_token(user=person, token_id=ApiToken.objects.order_by("-pk")[0].pk, now=now)

    for key in (expired, revoked, key_of(gone, "read"), "hnt_" + "x" * 40, "hnt_ü", "", "something else"):
        answer = ask(key)
        assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json"), key
        assert answer["WWW-Authenticate"] == 'Bearer realm="hunter"'


def test_guessing_is_slowed_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(throttles.LIMITS, "wrong keys", Limit((), (Window(2, 60),)))
    statuses = [ask(f"hnt_{n:040d}").status_code for n in range(3)]

    assert statuses == [401, 401, 429]


def test_each_key_has_limits_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(throttles.LIMITS, "reads", Limit((Window(1, 60),), ()))
    person = user()
    first, second = key_of(person, "read"), key_of(person, "read")

    assert [ask(first).status_code, ask(first).status_code, ask(second).status_code] == [200, 429, 200]


def test_last_use_is_noted_once_a_minute() -> None:
    key = key_of(user(), "read")
    ask(key)
    noted = ApiToken.objects.get().last_used_at
    with CaptureQueriesContext(
        connection,
    ) as queries:
        ask(key)

    assert noted is not None
    assert [query["sql"] for query in queries if query["sql"].startswith("UPDATE")] == []
    assert sum("hunter_apitoken" in query["sql"] for query in queries) == 1
    ApiToken.objects.update(last_used_at=noted - timedelta(minutes=2))
    ask(key)
    assert ApiToken.objects.get().last_used_at >= noted


# --- the page ------------------------------------------------------------------------------------


def make(client: Client, **fields: Any) -> Any:
    return client.post("/me/tokens/", {"name": "notebook", "scopes": ["read", "talk"], "lifetime": "30", **fields})


def test_page_shows_the_key_once() -> None:
    person, client = user(), Client()
    client.force_login(person)
    answer = make(client)
    (key,) = set(re.findall(r"hnt_[A-Za-z0-9]{40}", answer.content.decode()))

    assert "no-store" in answer["Cache-Control"]
    assert "curl -H" in answer.content.decode()
    assert ask(key).status_code == 200
    later = client.get("/me/tokens/").content.decode()
    assert key not in later
    assert key[:8] in later
    row = ApiToken.objects.get()
    assert (row.scopes, row.expires_at - row.created_at) == (["read", "talk"], timedelta(days=30))


def test_page_needs_an_account_a_name_and_a_scope() -> None:
    assert Client().get("/me/tokens/").status_code == 302
    client = Client()
    client.force_login(user())

    assert make(client, name="").status_code == 400
    assert make(client, scopes=[]).status_code == 400
    assert make(client, scopes=["everything"]).status_code == 400
    assert make(client, lifetime="1").status_code == 400
    assert ApiToken.objects.count() == 0
    assert make(client, lifetime="").status_code == 200
    assert ApiToken.objects.get().expires_at is None


def test_team_is_offered_to_the_team() -> None:
    for person, offered in ((user(), 0), (user(permissions=["ml.train"]), 1)):
        client = Client()
        client.force_login(person)
        assert client.get("/me/tokens/").content.decode().count('value="team"') == offered
        assert make(client, scopes=["team"]).status_code == (200 if offered else 400)


def test_revoking_is_for_the_owner() -> None:
    owner, other = user(), user()
    key = key_of(owner, "read")
    path = f"/me/tokens/{ApiToken.objects.get().pk}/revoke/"
    for person, status in ((other, 200), (owner, 401)):
        client = Client()
        client.force_login(person)
        client.post(path)
        assert ask(key).status_code == status
    assert client.get("/me/tokens/").content.decode().count("hnt_") == 0


def test_there_is_an_end_to_keys() -> None:
    person, client = user(), Client()
    client.force_login(person)
    for _ in range(tokens.MOST_PER_PERSON):
        key_of(person, "read")

    assert make(client).status_code == 400
    assert ApiToken.objects.count() == tokens.MOST_PER_PERSON
