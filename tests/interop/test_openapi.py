"""The OpenAPI schema is valid, and a client that takes it at its word meets no server error."""

from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import validate
from pytest_django.live_server_helper import LiveServer
from schemathesis.checks import not_a_server_error

from tests.factories import NOW, subject, workflow


@pytest.fixture
def schema(transactional_db: None, live_server: LiveServer) -> dict[str, Any]:
    """A running site with something in it, and what it says about itself."""
    flow = workflow(slug="classify")
    subject(workflow=flow, created_at=NOW)
    answer = requests.get(f"{live_server.url}/api/schema/?format=json", timeout=60)
    return {"url": live_server.url, "document": answer.json()}


def test_schema_is_valid_openapi(schema: dict[str, Any]) -> None:
    validate(schema["document"])

    assert "/api/v1/classifications/" in schema["document"]["paths"]


def test_no_request_that_fits_the_schema_is_a_server_error(schema: dict[str, Any]) -> None:
    loaded = schemathesis.openapi.from_dict(schema["document"])
    operations = [result.ok() for result in loaded.get_all_operations()]
    assert operations

    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(max_examples=15, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        def ask(case: Any) -> None:
            case.call_and_validate(base_url=schema["url"], checks=[not_a_server_error], timeout=60)

        ask()
