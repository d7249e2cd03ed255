"""What strangers may try with a request: forged posts, odd hosts and targets, giant and twisted bodies, paths that lead elsewhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.test.client import MULTIPART_CONTENT

from hunter.protection import PERMISSIONS
from tests import factories
from tests.hunter import site, walk

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("hunter", "ml", "talk", "classify", "archive", "core", "sky")

pytestmark = pytest.mark.django_db


@pytest.fixture
def values(settings: Any) -> dict[Any, Any]:
    settings.THROTTLES = False
    return site.build()


# --- cross-site request forgery ----------------------------------------------------------------------

UNPROTECTED: dict[str, str] = {
    # address: why a post without a token is harmless there
}


def _posts(values: dict[Any, Any]) -> Iterator[tuple[walk.Address, str]]:
    for address in walk.addresses():
        if not address.route.startswith("admin/"):
            yield address, address.path(values)
    for name in ("login/", "logout/", "password_change/", "", "hunter/user/add/", "classify/workflow/"):
        yield walk.Address(f"admin/{name}", name, None), f"/admin/{name}"


def test_no_address_takes_a_post_of_another_site(values: dict[Any, Any]) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    inner = site.signed_in(site.people()["admin"])
    client.cookies = inner.cookies
    taken = {}
    for address, path in _posts(values):
        with transaction.atomic():
            status = client.post(path, {}, content_type="application/json" if path.startswith("/api/") else MULTIPART_CONTENT).status_code
            transaction.set_rollback(True)
        if status != 403 and address.route not in UNPROTECTED:
            taken[address.route] = status

    assert taken == {}


def test_the_api_reads_nothing_that_a_form_of_another_site_could_send(client: Client) -> None:
    """A visitor's vote needs no token: a foreign page cannot send JSON without asking first, and is never answered with a permission."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        refused = client.post("/api/v1/classifications/", b'{"answer": "yes"}', content_type=kind)
        assert (refused.status_code, refused.json()["title"]) == (415, "The request cannot be carried out")
        assert kind.split(";")[0] in refused.json()["detail"]
    asked = client.options("/api/v1/classifications/", headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"})
    assert not [name for name in asked.headers if name.lower().startswith("access-control-")]
    assert client.get("/api/v1/labels/?callback=f", headers={"Origin": "https://evil.example"}).status_code in {200, 404}


# --- where a request may lead ------------------------------------------------------------------------

ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "\\\\evil.example",
    "/%09/evil.example",
    "talk",
    "http://testserver@evil.example/",
]


def test_no_redirect_leads_to_another_site(values: dict[Any, Any], client: Client) -> None:
    factories.user(username="somebody")
    for target in ELSEWHERE:
        ways = [
            ("/accounts/login/", {"login": "somebody", "password": factories.PASSWORD, "next": target}),
            ("/i18n/setlang/", {"language": "es", "next": target}),
            (f"/talk/subjects/{values['public_id']}/show/", {"next": target}),
            ("/accounts/logout/", {"next": target}),
        ]
        for path, data in ways:
            where = client.post(path, data).get("Location", "/")
            assert where == "talk" or re.match(r"/(?![/\\])", where), (path, target, where)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "testserver.evil.example", "testserver@evil.example", "testserver, evil.example"]
)
def test_another_host_name_is_refused(host: str, client: Client) -> None:
    answer = client.get("/", headers={"Host": host})

    assert answer.status_code == 400
    assert b"evil" not in answer.content


def test_a_forwarded_host_counts_for_nothing(client: Client) -> None:
    page = client.get("/accounts/login/", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Server": "evil.example"})

    assert (page.status_code, b"evil" in page.content) == (200, False)


ODD = ["a%0d%0aSet-Cookie:%20x=1", "a%0aX-Evil:1", "%00", "%c0%ae%c0%ae", "..%2f..%2fetc%2fpasswd", "%f0%9f%98%80", "a" * 300]


def test_odd_names_in_addresses_break_nothing(values: dict[Any, Any], client: Client) -> None:
    """No header of theirs, no file of ours, and never a fault."""
    client.raise_request_exception = False
    named = [a for a in walk.addresses() if re.search(r"<(str:)?\w+>", a.route) and not a.route.startswith(("admin/", "accounts/", "^"))]
    assert len(named) > 8
    for address in named:
        for name in ODD:
            route = re.sub(r"<(?:str:)?\w+>", name, address.route)
            answer = client.get(walk.Address(route, "", None).path(values))
            assert answer.status_code < 500, route
            assert not {"x-evil", "set-cookie"} & {header.lower() for header in answer.headers}
            assert b"root:" not in answer.getvalue()


NAMES = ("answer", "body", "email", "language", "login", "message", "name", "next", "product", "q", "reply_to", "request_id", "tag", "title")


def test_nul_in_a_form_breaks_nothing(values: dict[Any, Any]) -> None:
    client = site.signed_in(site.people()["admin"])
    client.raise_request_exception = False
    broken = {}
    for address in walk.addresses():
        if not address.route.startswith("admin/"):
            with transaction.atomic():
                status = client.post(address.path(values), dict.fromkeys(NAMES, "a\x00b")).status_code
                transaction.set_rollback(True)
            if status == 500:
                broken[address.route] = status

    assert broken == {}


@pytest.mark.parametrize(
    "key", ["../hunter.sqlite3", "%2e%2e/secret_key", "px/00/../../secret_key", "originals/00/" + "0" * 64 + ".fits", "px//etc/passwd"]
)
def test_only_images_are_served_from_the_storage(key: str, client: Client) -> None:
    assert client.get(f"/{key}").status_code == 404


def test_an_image_says_what_it_is_and_nothing_else_is_made_of_it(values: dict[Any, Any], client: Client) -> None:
    image = client.get(f"/{values['key']}")

    assert (image["Content-Type"], image["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert "default-src 'none'" in image["Content-Security-Policy"]
    assert image.getvalue()[:3] == b"\xff\xd8\xff"
    admin = site.signed_in(site.people()["admin"], factor=False).get(f"/{values['key']}")
    assert (admin["Cache-Control"], "Vary" in admin) == ("public, max-age=31536000, immutable", False), (
        "nobody is asked for, so any cache may keep it"
    )


# --- bodies ------------------------------------------------------------------------------------------


def test_a_giant_body_is_refused_before_it_is_read_to_its_end(client: Client) -> None:
    giant = b'{"id": "' + b"x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE + b'"}'
    answer = client.post("/api/v1/classifications/", giant, content_type="application/json")

    assert answer.status_code in {400, 413}
    assert "too large" in f"{answer.json()}".lower()


def test_a_giant_form_is_refused(client: Client) -> None:
    giant = "login=" + "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)

    assert client.post("/accounts/login/", giant, content_type="application/x-www-form-urlencoded").status_code in {400, 413}


@pytest.mark.parametrize(
    "body",
    ["[" * 100_000, '{"a":' * 50_000 + "1" + "}" * 50_000, '{"marks": ' + "[" * 900 + "]" * 900 + "}", "NaN", '{"id": 1e999}', '"\\ud800"', "\x00"],
)
def test_twisted_json_is_the_senders_fault(body: str, client: Client) -> None:
    client.raise_request_exception = False
    answer = client.post("/api/v1/classifications/", body, content_type="application/json")

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


# --- what every answer says --------------------------------------------------------------------------

STRICT = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "object-src": "'none'", "base-uri": "'none'",
    "frame-ancestors": "'none'", "connect-src": "'self'",
}  # fmt: skip


def test_every_page_carries_the_same_strict_policy(values: dict[Any, Any]) -> None:
    browsers = {"anonymous": Client(raise_request_exception=False), "admin": site.signed_in(site.people()["admin"])}
    paths = [address.path(values) for address in walk.addresses() if not address.route.startswith("admin/")]
    for client in browsers.values():
        client.raise_request_exception = False
        for path in [*paths, "/admin/", "/admin/classify/workflow/", "/nothing/here/", "/static/css/base.css"]:
            with transaction.atomic():
                answer = client.get(path)
                transaction.set_rollback(True)
            policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";") if " " in part.strip())
            assert {name: policy.get(name) for name in STRICT} == STRICT, path
            assert "unsafe" not in answer["Content-Security-Policy"], path
            assert answer["Permissions-Policy"] == PERMISSIONS, path
            assert answer["X-Content-Type-Options"] == "nosniff", path
            assert answer["Referrer-Policy"] == "same-origin", path
            assert answer["Cross-Origin-Opener-Policy"] == "same-origin", path
            assert answer["Cross-Origin-Resource-Policy"] == "same-origin", path


def test_private_pages_leave_no_copy() -> None:
    client = site.signed_in(site.people()["admin"])
    for path in ("/me/", "/accounts/login/", "/accounts/", "/dashboard/", "/admin/", "/admin/hunter/user/"):
        cache = client.get(path)["Cache-Control"]
        assert {"no-store", "private"} <= set(cache.replace(" ", "").split(",")), path


def test_pages_that_depend_on_who_asks_are_nobody_elses(client: Client) -> None:
    assert "private" in client.get("/talk/")["Cache-Control"]


def test_signing_out_empties_the_browsers_cache(client: Client) -> None:
    client.force_login(factories.user())

    assert client.post("/accounts/logout/")["Clear-Site-Data"] == '"cache"'


@pytest.mark.parametrize("path", ["/nothing/", "/api/v1/nothing/", "/subjects/1/"])
def test_errors_say_nothing_of_the_inside(path: str, client: Client) -> None:
    answer = client.get(path)

    assert answer.status_code == 404
    assert not re.search(rb"Traceback|site-packages|urlpatterns|Django", answer.content)


def test_a_fault_of_ours_is_a_page_without_a_traceback(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: Any) -> None:
        raise RuntimeError("the inside of Hunter")

    client.raise_request_exception = False
    monkeypatch.setattr("archive.selectors.search_exposures", broken)
    for path in ("/exposures/", "/api/v1/exposures/"):
        answer = client.get(path)
        assert answer.status_code == 500
        assert b"inside of Hunter" not in answer.content
        assert b"Traceback" not in answer.content
        assert "default-src 'none'" in answer["Content-Security-Policy"]


# --- the server asks nobody ---------------------------------------------------------------------------

# Only allauth asks another server (the sign-in providers of the settings), boto3 (the bucket) and the mail, database and cache clients.
FETCHES = re.compile(
    r"(?m)^\s*(?:import|from)\s+(?:requests|httpx|aiohttp|urllib3|http\.client|urllib\.request|urllib import request)\b"
    r"|socket\.(?:create_connection|socket)\("
)


def test_no_address_that_somebody_pasted_is_ever_fetched() -> None:
    files = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]

    assert {str(path.relative_to(ROOT)): found[0] for path in files if (found := FETCHES.search(path.read_text()))} == {}
