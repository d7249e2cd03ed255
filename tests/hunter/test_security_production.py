"""The production profile on a real web server, behind a proxy that says https: what browsers are told, what plain HTTP gets."""

import http.client
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests import factories
from tests.conftest import ROOT, child_environment, end_group, wait_until
from tests.services import free_port

HOST = "hunter.example.org"


class Site:
    """Asks the server as the proxy does."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, path: str, *, method: str = "GET", https: bool = True, body: str = "", **headers: str) -> http.client.HTTPResponse:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {"Host": HOST, "X-Forwarded-Proto": "https" if https else "http", **{name.replace("_", "-"): value for name, value in headers.items()}}
        line.request(method, path, body=body or None, headers=sent)
        return line.getresponse()

    def cookies(self, response: http.client.HTTPResponse) -> dict[str, str]:
        """Return the cookies that a response sets: {name: the whole line}."""
        return {line.split("=")[0]: line for line in response.headers.get_all("Set-Cookie", [])}


@pytest.fixture(scope="module")
def site(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """gunicorn as docker-compose.yml starts it, with the settings of a public site."""
    port, tmp_path = free_port(), tmp_path_factory.mktemp("production")
    settings = {
        "HUNTER_HTTPS": "1",
        "HUNTER_ALLOWED_HOSTS": f"{HOST},localhost",
        "HUNTER_TRUSTED_ORIGINS": f"https://{HOST}",
        "HUNTER_THROTTLES": "1",
    }
    command = [sys.executable, "-m", "gunicorn", "hunter.wsgi:application", "--bind", f"127.0.0.1:{port}", "--threads", "2", "--no-control-socket"]
    with (tmp_path / "web.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=child_environment(**settings), stdout=log, stderr=log, start_new_session=True)
    try:
        wait_until(lambda: server.poll() is not None or _answers(port), what="the web server")
        assert server.poll() is None, (tmp_path / "web.log").read_text()
        yield Site(port)
    finally:
        end_group(server)


def _answers(port: int) -> bool:
    try:
        return Site(port).ask("/healthz", https=False).status < 600
    except OSError:
        return False


def test_a_public_site_speaks_https_only_and_says_so(site: Site) -> None:
    page = site.ask("/")
    assert page.status == 200
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert "upgrade-insecure-requests" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]

    plain = site.ask("/classify/?a=1", https=False)
    assert (plain.status, plain.headers["Location"]) == (301, f"https://{HOST}/classify/?a=1")
    assert plain.headers["Permissions-Policy"]

    static = site.ask("/static/css/base.css")
    assert (static.status, static.headers["X-Content-Type-Options"]) == (200, "nosniff")
    assert "frame-ancestors 'none'" in static.headers["Content-Security-Policy"]


def test_programs_are_refused_without_tls_and_health_is_asked_from_inside(site: Site) -> None:
    refused = site.ask("/api/v1/workflows/", https=False, Authorization="Bearer hnt_x")
    assert (refused.status, refused.headers["Content-Type"]) == (403, "application/problem+json")
    assert site.ask("/api/v1/workflows/").status == 200
    assert site.ask("/healthz", https=False).status in {200, 503}


def test_cookies_belong_to_this_host_over_tls_alone(site: Site, transactional_db: None) -> None:
    factories.user(username="jane")
    form = site.ask("/accounts/login/")
    token = site.cookies(form)["__Host-csrftoken"]
    value = token.split(";")[0].split("=", 1)[1]
    body = f"login=jane&password={factories.PASSWORD}&csrfmiddlewaretoken={value}"
    sent = {"Cookie": f"__Host-csrftoken={value}", "Content_Type": "application/x-www-form-urlencoded", "Referer": f"https://{HOST}/accounts/login/"}

    answer = site.ask("/accounts/login/", method="POST", body=body, **sent)

    made = site.cookies(answer)
    assert answer.status == 302, answer.read()
    assert set(made) <= {"__Host-sessionid", "__Host-csrftoken", "__Host-language", "__Host-hunter_visitor"}
    for line in [token, *made.values()]:
        assert "; Secure" in line
        assert "SameSite=Lax" in line
        assert "Path=/" in line
        assert "Domain" not in line
    assert "HttpOnly" in made["__Host-sessionid"]


def test_a_form_of_another_site_is_refused_even_with_a_token(site: Site) -> None:
    value = site.cookies(site.ask("/accounts/login/"))["__Host-csrftoken"].split(";")[0].split("=", 1)[1]
    sent = {"Cookie": f"__Host-csrftoken={value}", "Content_Type": "application/x-www-form-urlencoded", "Origin": "https://evil.example"}

    refused = site.ask("/accounts/login/", method="POST", body=f"login=x&password=y&csrfmiddlewaretoken={value}", **sent)

    assert refused.status == 403
    assert b"Traceback" not in refused.read()


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT"])
def test_methods_that_nobody_needs_are_not_supported(method: str, site: Site) -> None:
    answer = site.ask("/", method=method)
    assert answer.status in {400, 403, 405, 501}, answer.read()


def test_a_request_with_two_lengths_is_refused(site: Site) -> None:
    import socket

    with socket.create_connection(("127.0.0.1", site.port), timeout=60) as line:
        line.sendall(
            f"POST /api/v1/classifications/ HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".encode()
        )
        assert b" 400 " in line.recv(200).split(b"\r\n")[0]
