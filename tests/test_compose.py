"""docker-compose.yml, Dockerfile and .env.example say what the code says. (The image itself is not built here.)"""

import importlib
import re
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.management import get_commands

from hunter.env import KNOBS

ROOT = Path(__file__).resolve().parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if "build" in service}


def test_services_are_those_promised() -> None:
    assert set(COMPOSE["services"]) == {"db", "redis", "prepare", "web", "worker", "trainer", "beat", "proxy"}


def test_commands_are_entry_points() -> None:
    for name, service in OURS.items():
        command = service["command"]
        if command[0] == "gunicorn":
            module, _, attribute = command[1].partition(":")
            assert callable(getattr(importlib.import_module(module), attribute)), name
        elif command[0] == "celery":
            assert command[1:3] == ["-A", "hunter"]
            assert command[3] in {"worker", "beat"}
        else:
            assert command[:2] == ["python", "manage.py"]
            assert command[2] in get_commands()


def test_all_queues_have_a_worker() -> None:
    queues = {settings.CELERY_TASK_DEFAULT_QUEUE} | {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}

    assert {s["command"][s["command"].index("-Q") + 1] for s in OURS.values() if "-Q" in s["command"]} == queues


def test_environment_names_are_those_that_the_settings_read() -> None:
    for service in OURS.values():
        assert set(service["environment"]) <= set(KNOBS)


def test_every_variable_is_in_the_example() -> None:
    used = set(re.findall(r"(?<!\$)\$\{([A-Z0-9_]+)", (ROOT / "docker-compose.yml").read_text()))
    used |= set(re.findall(r"\{\$([A-Z_]+)\}", (ROOT / "Caddyfile").read_text()))

    assert used == set(re.findall(r"(?m)^([A-Z0-9_]+)=", (ROOT / ".env.example").read_text()))


def test_what_is_waited_for_can_tell_its_health() -> None:
    for service in COMPOSE["services"].values():
        for other, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "healthcheck" in COMPOSE["services"][other]


def test_only_the_proxy_is_open_to_the_world() -> None:
    assert {name for name, service in COMPOSE["services"].items() if "ports" in service} == {"proxy"}


def test_image_takes_the_python_and_the_torch_of_the_project() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    python = re.search(r"FROM python:3\.(\d+)", dockerfile)
    low, high = map(int, re.search(r'requires-python = ">=3\.(\d+),<3\.(\d+)"', (ROOT / "pyproject.toml").read_text()).groups())  # type: ignore[union-attr]

    assert python
    assert low <= int(python.group(1)) < high
    assert "./run setup" in dockerfile, "one place knows which packages and which PyTorch"
    assert not re.search(r"pip install|torch==", dockerfile)
