"""/dev/outbox: on the embedded default, for admins, and nowhere else."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.mail import EmailMultiAlternatives, get_connection
from django.test import Client
from django.utils import timezone

from hunter.accounts import services
from hunter.roles import make_roles
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def outbox(settings: Any, tmp_path: Path) -> Path:
    """The folder of mails of an embedded site, with two mails of one sending in it."""
    settings.LOOPBACK, settings.HOME = True, tmp_path
    connection = get_connection("django.core.mail.backends.filebased.EmailBackend", file_path=str(tmp_path / "outbox"))
    for subject in ("First", "Señal ☄"):
        mail = EmailMultiAlternatives(subject, "Follow https://hunter.example.org/x?a=1&b=2 <now>", "a@example.org", ["ada@example.org"])
        mail.attach_alternative("<p>Follow <a href='https://hunter.example.org/x'>this</a></p><script>alert(1)</script>", "text/html")
        connection.send_messages([mail])
    return tmp_path / "outbox"


@pytest.fixture
def admin(client: Client) -> Client:
    make_roles()
    made = factories.user()
    made.groups.add(Group.objects.get(name="admin"))
    client.force_login(made)
    return client


def keys(client: Client) -> list[str]:
    import re

    return re.findall(r'href="/dev/outbox/([^/"]+)/"', client.get("/dev/outbox/").content.decode())


def test_admins_read_mails_newest_first(admin: Client, outbox: Path) -> None:
    page = admin.get("/dev/outbox/").content.decode()

    assert page.index("Señal") < page.index("First")
    assert len(keys(admin)) == 2


def test_the_text_has_links_to_follow_and_the_html_may_do_nothing(admin: Client, outbox: Path) -> None:
    key = keys(admin)[0]
    page = admin.get(f"/dev/outbox/{key}/")
    frame = admin.get(f"/dev/outbox/{key}/html/")

    assert 'href="https://hunter.example.org/x?a=1&amp;b=2"' in page.content.decode()
    assert "&lt;now&gt;" in page.content.decode()
    assert 'sandbox=""' in page.content.decode()
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    policy = frame["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    assert "<script>" in frame.content.decode()  # as it is: what keeps it quiet is the policy


@pytest.mark.parametrize("role", ["", "volunteer", "moderator", "scientist", "model operator"])
def test_nobody_else_learns_that_it_exists(client: Client, outbox: Path, role: str) -> None:
    if role:
        make_roles()
        made = factories.user()
        made.groups.add(Group.objects.get(name=role))
        client.force_login(made)

    assert [client.get(f"/dev/outbox/{rest}").status_code for rest in ("", "x.log-0/", "x.log-0/html/")] == [404, 404, 404]


def test_a_site_that_others_reach_has_none(admin: Client, outbox: Path, settings: Any) -> None:
    key = keys(admin)[0]
    settings.LOOPBACK = False

    assert [admin.get(f"/dev/outbox/{rest}").status_code for rest in ("", f"{key}/", f"{key}/html/")] == [404, 404, 404]


@pytest.mark.parametrize("key", ["..%2Fsecret.log-0", "x", "x.log-0", "x.log-99999999999999999999", "20260101-000000-1.log-7"])
def test_made_up_keys_find_nothing(admin: Client, outbox: Path, key: str) -> None:
    (outbox.parent / "secret.log").write_text("no mail")

    assert admin.get(f"/dev/outbox/{key}/").status_code == 404


def test_an_empty_outbox_is_a_page_too(admin: Client, settings: Any, tmp_path: Path) -> None:
    settings.LOOPBACK, settings.HOME = True, tmp_path

    assert "None yet." in admin.get("/dev/outbox/").content.decode()


def test_mails_are_forgotten_after_a_month(outbox: Path, settings: Any) -> None:
    now = timezone.now()
    old, *new = sorted(outbox.glob("*.log"))
    os.utime(old, (now.timestamp(), (now - timedelta(days=31)).timestamp()))
    settings.EMAIL_FILE_PATH = str(outbox)

    assert services.forget_old_mails(now) == 1
    assert sorted(outbox.glob("*.log")) == new
