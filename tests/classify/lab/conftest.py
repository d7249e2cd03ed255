"""Who works in the lab."""

import pytest
from django.test import Client

from tests import factories as f


@pytest.fixture
def boss() -> Client:
    """Somebody signed in who may change workflows."""
    client = Client()
    client.force_login(f.user(username="boss", permissions=["classify.change_workflow"]))
    return client
