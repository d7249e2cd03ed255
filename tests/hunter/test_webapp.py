"""What browsers keep for times without connection: the right files, and nothing of anybody."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from PIL import Image, ImageChops

from classify.models import Serve, Volunteer
from hunter import icons, webapp
from tests import factories

pytestmark = pytest.mark.django_db


def test_the_service_worker_keeps_all_that_the_classify_page_names(client: Client) -> None:
    flow = factories.workflow()
    factories.subject(workflow=flow)

    answer = client.get("/sw.js")
    page = client.get(f"/classify/{flow.slug}/").content.decode()

    assert (answer.headers["Content-Type"], answer.headers["Cache-Control"]) == ("text/javascript; charset=utf-8", "no-cache")
    config = json.loads(answer.content.decode().split("start(")[1].rsplit(")", 1)[0])
    named = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page))
    assert named - set(config["files"]) - {"/static/css/rtl.css"} == set()
    assert all(finders.find(name.removeprefix("/static/")) for name in config["files"])
    imported = {name for name in config["files"] for name in _imports(name)}
    assert imported - set(config["files"]) == set()
    assert len(config["version"]) == 16


def _imports(name: str) -> list[str]:
    path = Path(str(finders.find(name.removeprefix("/static/"))))
    found = re.findall(r'(?:from|import|import\() ?"\./([\w-]+\.js)"', path.read_text()) if path.suffix == ".js" and "min" not in name else []
    return [f"/static/js/{other}" for other in found]


def test_what_is_kept_names_nobody_and_hands_out_nothing(client: Client) -> None:
    flow = factories.workflow()
    factories.subject(workflow=flow)
    user = factories.user(username="Vera_Rubin")
    client.force_login(user)

    kept = [client.get(reverse("classify_offline", args=[flow.slug])), client.get(reverse("offline"))]

    for answer in kept:
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "Vera_Rubin" not in page
        assert "data-owner" not in page
        assert "classify-first" not in page
    assert (Serve.objects.count(), Volunteer.objects.count()) == (0, 0)
    assert f'data-owner="{user.pk}"' in client.get("/").content.decode()
    assert client.get(reverse("classify_offline", args=["no-such-flow"])).status_code == 404
    draft = factories.workflow(live=False)
    assert client.get(reverse("classify_offline", args=[draft.slug])).status_code == 404


def test_a_page_learns_who_is_signed_in_and_gets_a_token_that_works() -> None:
    flow = factories.workflow()
    shown = factories.subject(workflow=flow)
    client, user = Client(enforce_csrf_checks=True), factories.user()
    assert client.get("/session/").json()["owner"] == ""
    client.force_login(user)

    answer = client.get("/session/")

    assert answer.json()["owner"] == str(user.pk)
    assert "no-store" in answer.headers["Cache-Control"]
    body = {"id": "9f8b4f0e-3c39-4a7e-9d0e-1d2a6f3b7c11", "workflow": flow.slug, "subject": shown.public_id, "answer": "no"}
    url = reverse("api_classifications")
    assert client.post(url, body, content_type="application/json").status_code == 403
    token = answer.json()["csrf"]
    assert client.post(url, body, content_type="application/json", headers={"X-CSRFToken": token}).status_code == 201


def test_a_phone_can_install_it(client: Client) -> None:
    manifest = client.get("/manifest.webmanifest").json()

    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/classify/", "/", "standalone")
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        path = Path(str(finders.find(icon["src"].removeprefix("/static/"))))
        assert "x".join(map(str, Image.open(path).size)) == icon["sizes"]
    assert client.get("/manifest.webmanifest", headers={"Accept-Language": "es"}).json()["lang"] == "es"


@pytest.mark.parametrize("name", icons.SIZES)
def test_icons_are_those_that_the_command_draws(name: str) -> None:
    kept = Image.open(settings.BASE_DIR / "static" / "img" / f"{name}.png").convert("RGBA")

    difference = ImageChops.difference(kept, icons.draw(name).convert("RGBA"))

    assert max(high for _low, high in difference.getextrema()) <= 8
    assert {icon for icon, _size, _purpose in webapp.ICONS} <= set(icons.SIZES)


def test_pages_and_json_go_out_compressed_and_images_as_they_are(client: Client) -> None:
    flow = factories.workflow()
    shown = factories.subject(workflow=flow)
    asked = {"Accept-Encoding": "gzip"}

    page, queue = client.get(f"/classify/{flow.slug}/", headers=asked), client.get(reverse("api_queue", args=[flow.slug]), headers=asked)
    image = client.get(f"/{shown.frames.get().cutout.preview_key}", headers=asked)

    assert page.headers["Content-Encoding"] == queue.headers["Content-Encoding"] == "gzip"
    assert len(page.content) < 25_000
    assert "Content-Encoding" not in image.headers
