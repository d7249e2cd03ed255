"""The OpenAPI schema is valid, and who takes it at its word gets what it says: as nobody, as a volunteer and as an admin."""

import random
from collections import Counter
from typing import Any

import pytest
import requests
import schemathesis
from django.test import override_settings
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate
from pytest_django.live_server_helper import LiveServer
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from hunter import roles, tokens
from tests import factories
from tests.factories import NOW, subject, user, workflow

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance, response_schema_conformance]
EXAMPLES, LEAST_IN_ALL = 22, 2_000


@pytest.fixture
def site(transactional_db: None, live_server: LiveServer) -> dict[str, Any]:
    """A running site with something in it, what it says about itself, a key for each kind of person, and names that exist."""
    from talk.seeds import seed_boards

    flow = workflow(slug="classify")
    shown = [subject(workflow=flow, created_at=NOW) for _ in range(5)]
    seed_boards(NOW)
    roles.make_roles()
    people = {"volunteer": user(), "admin": user(is_staff=True, is_superuser=True)}
    keys = {
        name: tokens.make_token(user=person, name=name, scopes=list(tokens.SCOPES), lifetime=None, now=timezone.now())[1]
        for name, person in people.items()
    }
    discussion = _discussion(people["volunteer"], shown[0])
    document = requests.get(f"{live_server.url}/api/schema/?format=json", timeout=60).json()
    known = {
        "slug": ["classify"], "workflow": ["classify"], "public_id": [each.public_id for each in shown],
        "subject": [each.public_id for each in shown], "answer": ["yes", "no"], "exposure_id": [_exposure(shown[0])], "discussion": [discussion],
        "discussion_id": [discussion], "tag": ["satellite"], "format": ["csv", "jsonl"],
    }  # fmt: skip
    return {"url": live_server.url, "document": document, "keys": {"anonymous": "", **keys}, "known": known}


def _discussion(person: Any, about: Any) -> int:
    import classify.services
    import talk.services
    from talk.viewers import Viewer

    writer = factories.volunteer(user=person)
    classify.services.reveal(volunteer=writer, root=about, now=NOW)
    draft = talk.services.Draft(body="A #satellite, I think.")
    return int(talk.services.comment_on_subject(viewer=Viewer(user=person, volunteer=writer), subject=about, draft=draft, now=NOW).discussion_id)


def _exposure(shown: Any) -> int:
    return int(shown.frames.get().cutout.plane.exposure_id)


def test_schema_is_valid_openapi(site: dict[str, Any]) -> None:
    document = site["document"]
    validate(document)

    assert "/api/v1/classifications/" in document["paths"]
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    operations = [operation for operations in document["paths"].values() for operation in operations.values()]
    assert all({"key": []} in operation["security"] for operation in operations)
    assert all({"400", "401", "403", "404", "429"} <= set(operation["responses"]) for operation in operations)


def test_no_request_that_fits_the_schema_is_answered_otherwise(site: dict[str, Any]) -> None:
    loaded = schemathesis.openapi.from_dict(site["document"])
    operations = [result.ok() for result in loaded.get_all_operations()]
    asked: Counter[str] = Counter()
    statuses: Counter[int] = Counter()

    with override_settings(THROTTLES=False):  # that they answer 429 is tested elsewhere; here each request is to reach its view
        for name, key in site["keys"].items():
            for operation in operations:
                _ask(operation, site, name, key, asked, statuses)

    assert set(asked) == {"anonymous", "volunteer", "admin"}
    assert asked.total() >= LEAST_IN_ALL, asked
    assert {200, 201, 400, 401, 403, 404} <= set(statuses), statuses


def _ask(operation: Any, site: dict[str, Any], name: str, key: str, asked: "Counter[str]", statuses: "Counter[int]") -> None:
    """Send many requests to one address as one person; half of them with names that exist."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    session = requests.Session()  # one connection, and one visitor where there is no key

    @seed(20260301)
    @given(case=operation.as_strategy(), real=st.randoms(use_true_random=False))
    @settings(max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    def ask(case: Any, real: random.Random) -> None:
        for part in (case.path_parameters, case.query, case.body):
            _put_real(part, site["known"], real)
        response = case.call(base_url=site["url"], headers=headers, session=session, timeout=60)
        asked[name] += 1
        statuses[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)

    ask()
    session.close()


def _put_real(part: Any, known: dict[str, list[Any]], real: random.Random) -> None:
    for field in part if isinstance(part, dict) else ():
        if field in known and real.random() < 0.7:
            part[field] = real.choice(known[field])
