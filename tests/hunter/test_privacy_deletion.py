"""After an account is deleted, nothing names its owner any more, and every label is as it was; on both databases."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, child_environment

WALK = Path(__file__).with_name("privacy_walk.py")


@pytest.fixture
def environment(request: pytest.FixtureRequest, transactional_db: None, tmp_path: Path) -> dict[str, str]:
    """The environment of a site with a HUNTER_HOME of its own and an empty database."""
    home = tmp_path / "home"
    home.mkdir()
    environment = child_environment(PYTHONPATH=str(ROOT), HUNTER_HOME=str(home))
    if request.param == "sqlite":
        environment |= {"DATABASE_URL": f"sqlite:///{home / 'hunter.sqlite3'}"}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    return environment


def walk(environment: dict[str, str], comments: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, str(WALK), comments], cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("environment", ["postgresql", "sqlite"], indirect=True)
def test_nothing_names_a_person_who_deleted_their_account(environment: dict[str, str]) -> None:
    said = walk(environment, "keep")

    places = " ".join(said["known"])
    for place in ("hunter_user", "account_emailaddress", "talk_comment", "talk_collection", "core_job", "core_auditentry", "hunter_letter",
                  "django_admin_log", "hunter_formername", "classify_volunteer", "classify_classification", "outbox", "log", "private"):  # fmt: skip
        assert place in places, f"the search would find nothing in {place} anyway"
    assert said["left"] == {}
    assert said["old_ids_left"] == []
    assert said["science_is_the_same"]
    assert said["labels_are_the_same"]
    assert said["n_labels"] == 4
    bodies = [body for _source, body, _html in said["comments"]]
    assert bodies[0] == "Mail me at [removed], I am deleted-user #comet"
    assert "@deleted-user and @deleted-user: thanks" in bodies
    assert "> deleted-user wrote: mail [removed]" in bodies
    assert "To be deleted" not in bodies
    assert [source for source, *_ in said["comments"]] == ["deleted", "deleted", "", "", ""]
    assert ["comet", "deleted"] in said["tags"]


@pytest.mark.parametrize("environment", ["sqlite"], indirect=True)
def test_comments_go_where_their_author_wants_it(environment: dict[str, str]) -> None:
    said = walk(environment, "remove")

    assert said["left"] == {}
    assert said["science_is_the_same"]
    assert [source for source, *_ in said["comments"]] == ["", "", ""]
    assert said["tags"] == []
