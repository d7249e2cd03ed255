"""The label export, read by what scientists read tables with."""

import io
from typing import Any

import pandas
import pytest
import requests
from astropy.table import Table
from pytest_django.live_server_helper import LiveServer

from tests.factories import subject, vote, workflow


@pytest.fixture
def labels(transactional_db: None, live_server: LiveServer) -> dict[str, Any]:
    """Two finished subjects, and the bytes of their export in both formats."""
    flow = workflow(slug="classify", count=2)
    shown = [subject(workflow=flow) for _ in range(2)]
    for answer, one in zip(("yes", "no"), shown, strict=True):
        for _ in range(2):
            vote(subject=one, workflow=flow, answer=answer, marks=[(10, 20, 90, 40)] if answer == "yes" else [])
    files = {kind: requests.get(f"{live_server.url}/api/v1/exports/labels/?format={kind}", timeout=60).content for kind in ("csv", "jsonl")}
    return {"ids": [one.public_id for one in shown], **files}


def test_pandas_reads_csv(labels: dict[str, Any]) -> None:
    frame = pandas.read_csv(io.BytesIO(labels["csv"]), comment="#")

    assert list(frame["subject_id"]) == labels["ids"]
    assert list(frame["label"]) == ["yes", "no"]
    assert list(frame["count_yes"]) == [2, 0]


def test_pandas_reads_json_lines(labels: dict[str, Any]) -> None:
    frame = pandas.read_json(io.BytesIO(labels["jsonl"]), lines=True)

    assert list(frame["subject_id"]) == labels["ids"]
    assert list(frame["count_no"]) == [0, 2]


def test_astropy_reads_csv(labels: dict[str, Any]) -> None:
    table = Table.read(io.BytesIO(labels["csv"]), format="ascii.csv")

    assert list(table["subject_id"]) == labels["ids"]
    assert list(table["agreement"]) == [1.0, 1.0]
