"""Every way into an account, on a phone and on a desktop, with the mails as they lie in the outbox."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from playwright.sync_api import Page, expect

from hunter.pages.services import seed_pages
from hunter.roles import make_roles
from tests import factories
from tests.hunter.one_time import code
from tests.hunter.stub_provider import StubProvider

pytestmark = pytest.mark.django_db(transaction=True)
WIDTHS = {"desktop": (1280, 800), "phone": (390, 844)}
PASSWORD = "four words of mine"
NEW = "four other words entirely"


@pytest.fixture(params=WIDTHS)
def site(request: pytest.FixtureRequest, page: Page, live_server: Any, settings: Any, tmp_path: Path) -> str:
    """The site on one kind of screen, writing its mails to an outbox of its own."""
    width, height = WIDTHS[request.param]
    page.set_viewport_size({"width": width, "height": height})
    settings.LOOPBACK, settings.HOME = True, tmp_path
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", str(tmp_path / "outbox")
    return str(live_server.url)


@pytest.fixture
def fine(page: Page, accessible: Callable[[], None]) -> Callable[[], None]:
    """Return a check of the page as it stands: axe finds nothing, and nothing sticks out."""

    def check() -> None:
        accessible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url

    return check


def press(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def sign_in(page: Page, site: str, name: str, password: str = PASSWORD) -> None:
    page.goto(f"{site}/accounts/login/")
    page.get_by_label("Name or e-mail address").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    press(page, "Sign in")


def sign_out(page: Page, site: str) -> None:
    page.goto(f"{site}/accounts/logout/")
    press(page, "Sign out")


def confirm_who(page: Page, password: str = PASSWORD) -> None:
    """Give the password once more, if the site asks for it."""
    if "/reauthenticate/" in page.url:
        page.get_by_label("Password", exact=True).fill(password)
        press(page, "Go on")


def account(name: str = "comet", **fields: Any) -> Any:
    made = factories.user(username=name, password=PASSWORD, email=f"{name}@example.org", **fields)
    EmailAddress.objects.create(user=made, email=made.email, verified=True, primary=True)
    return made


def newest_mail(page: Page, site: str, fine: Callable[[], None], *, to: str) -> str:
    """Read the newest mail as an admin does, in another browser; return the link in it."""
    make_roles()
    admin = factories.user()
    admin.groups.add(Group.objects.get(name="admin"))
    context = page.context.browser.new_context(viewport=page.viewport_size)  # type: ignore[union-attr]
    reader = context.new_page()
    try:
        sign_in(reader, site, admin.username, factories.PASSWORD)
        reader.goto(f"{site}/dev/outbox/")
        reader.locator("main .card").first.click()
        expect(reader.locator("main")).to_contain_text(f"To {to}")
        expect(reader.frame_locator("iframe").locator("h1")).to_have_text(reader.locator("main h1").inner_text())
        return str(reader.locator(".mail-text a").first.get_attribute("href"))
    finally:
        context.close()


def test_from_sign_up_to_a_confirmed_address(page: Page, site: str, fine: Callable[[], None]) -> None:
    seed_pages(factories.NOW)
    page.goto(site)
    page.goto(f"{site}/accounts/signup/")
    fine()
    page.get_by_label("Name", exact=True).fill("comet")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("E-mail address").fill("comet@example.org")
    page.get_by_label("I agree").check()
    press(page, "Make the account")
    page.wait_for_url(f"{site}/")
    expect(page.locator(".toasts")).to_contain_text("A mail is on its way to comet@example.org")

    page.goto(f"{site}/accounts/")
    expect(page.locator("main")).to_contain_text("Not confirmed yet.")
    fine()
    page.goto(newest_mail(page, site, fine, to="comet@example.org"))
    fine()
    press(page, "Yes, confirm it")
    expect(page.locator("main")).to_contain_text("Confirmed.")

    sign_out(page, site)
    sign_in(page, site, "comet")
    page.wait_for_url(f"{site}/")
    expect(page.locator(".toasts")).to_contain_text("Signed in as comet.")


@pytest.mark.console_noise  # what is refused is a 4xx
def test_what_is_wrong_stands_at_its_field(page: Page, site: str, fine: Callable[[], None]) -> None:
    account("comet")
    page.goto(f"{site}/accounts/signup/")
    page.get_by_label("Name", exact=True).fill("Comet")
    page.get_by_label("Password").fill("short")
    page.get_by_label("I agree").check()
    press(page, "Make the account")

    expect(page.locator("#id_username_error")).to_contain_text("This name is taken")
    expect(page.locator("#id_password1_error")).to_be_visible()
    fine()
    sign_in(page, site, "comet", "wrong words")
    expect(page.get_by_role("alert").first).to_contain_text("Name or password are not right")
    fine()


def test_a_forgotten_password(page: Page, site: str, fine: Callable[[], None]) -> None:
    account("comet")
    page.goto(f"{site}/accounts/login/")
    page.get_by_role("link", name="Password forgotten?").click()
    fine()
    page.get_by_label("E-mail address").fill("comet@example.org")
    press(page, "Send the mail")
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")
    fine()
    page.goto(newest_mail(page, site, fine, to="comet@example.org"))
    fine()
    page.get_by_label("New password", exact=True).fill(NEW)
    page.get_by_label("New password again").fill(NEW)
    press(page, "Save the password")
    expect(page.get_by_role("heading", level=1)).to_have_text("The new password is saved")
    sign_in(page, site, "comet", NEW)
    page.wait_for_url(f"{site}/")


def test_another_address_name_and_password(page: Page, site: str, fine: Callable[[], None]) -> None:
    account("comet")
    sign_in(page, site, "comet@example.org")
    page.wait_for_url(f"{site}/")

    page.goto(f"{site}/accounts/email/")
    fine()
    page.get_by_label("New e-mail address").fill("new@example.org")
    press(page, "Change the address")
    confirm_who(page)
    expect(page.locator("main")).to_contain_text("new@example.org is not confirmed yet")
    fine()
    page.goto(newest_mail(page, site, fine, to="new@example.org"))
    press(page, "Yes, confirm it")
    expect(page.locator("main")).to_contain_text("new@example.org")

    page.goto(f"{site}/accounts/name/")
    fine()
    page.get_by_label("New name").fill("meteor")
    press(page, "Save the name")
    expect(page.locator(".toasts")).to_contain_text("You are meteor now.")
    page.goto(f"{site}/people/comet/")
    page.wait_for_url(f"{site}/people/meteor/")

    page.goto(f"{site}/accounts/password/change/")
    fine()
    page.get_by_label("Password until now").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill(NEW)
    page.get_by_label("New password again").fill(NEW)
    press(page, "Save the password")
    expect(page.locator(".toasts")).to_contain_text("The new password is saved")
    page.goto(f"{site}/accounts/email/")
    press(page, "Remove the address")
    expect(page.locator("main")).to_contain_text("There is no address")


def test_staff_set_an_app_up_and_sign_in_with_its_code(page: Page, site: str, settings: Any, fine: Callable[[], None]) -> None:
    settings.STAFF_2FA = True
    account("comet", permissions=["core.view_dashboard"])
    sign_in(page, site, "comet")
    page.wait_for_url(re.compile("/accounts/2fa/"))
    fine()
    page.get_by_role("link", name="Set up an app").click()
    confirm_who(page)
    fine()
    secret = page.locator("[data-secret]").inner_text()
    page.get_by_label("Code").fill(code(secret))
    press(page, "Set it up")
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    fine()
    recovery = page.locator(".codes code").first.inner_text()
    page.goto(f"{site}/dashboard/")
    expect(page).to_have_url(f"{site}/dashboard/")

    sign_out(page, site)
    sign_in(page, site, "comet")
    expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")
    fine()
    page.get_by_label("Code").fill(code(secret, at=time.time() + 30))  # each counts once, that of the set-up too
    press(page, "Sign in")
    page.wait_for_url(f"{site}/")

    sign_out(page, site)
    sign_in(page, site, "comet")
    page.get_by_label("Code").fill(recovery)
    press(page, "Sign in")
    page.wait_for_url(f"{site}/")


@pytest.fixture
def authenticator(page: Page) -> Iterator[Any]:
    """Chromium's own make-believe passkey: always there, always willing."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "automaticPresenceSimulation": True}})
    yield session, made["authenticatorId"]
    session.detach()


def test_a_passkey_in_place_of_the_password(page: Page, site: str, authenticator: Any, fine: Callable[[], None]) -> None:
    session, key = authenticator
    account("comet")
    sign_in(page, site, "comet")
    page.wait_for_url(f"{site}/")
    page.goto(f"{site}/accounts/2fa/webauthn/add/")
    confirm_who(page)
    fine()
    page.get_by_label("Name", exact=True).fill("phone")
    page.get_by_label("Sign in with this passkey alone").check()
    press(page, "Add it")
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    assert len(session.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]) == 1
    page.goto(f"{site}/accounts/2fa/webauthn/")
    expect(page.locator("main")).to_contain_text("Signs you in without the password.")
    fine()

    sign_out(page, site)
    page.goto(f"{site}/accounts/login/")
    press(page, "Sign in with a passkey")
    page.wait_for_url(f"{site}/")
    sign_out(page, site)

    sign_in(page, site, "comet")  # and as a second factor after the password
    expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")
    press(page, "Use a passkey")
    page.wait_for_url(f"{site}/")

    session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": key})
    page.goto(f"{site}/accounts/2fa/webauthn/")
    page.get_by_role("link", name="Remove").click()
    confirm_who(page)
    fine()
    press(page, "Remove it")
    expect(page.locator("main")).to_contain_text("None yet.")


def test_a_passkey_that_does_not_come_is_said(page: Page, site: str, authenticator: Any) -> None:
    session, key = authenticator
    session.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    page.goto(f"{site}/accounts/login/")
    press(page, "Sign in with a passkey")
    expect(page.locator("[data-passkey-error]")).to_contain_text("Nothing was changed; try again.")

    page.goto(f"{site.replace('localhost', '127.0.0.1')}/accounts/login/")
    press(page, "Sign in with a passkey")
    expect(page.locator("[data-passkey-error]")).to_contain_text("Open this site as http://localhost:")


def test_devices_are_listed_and_signed_out(page: Page, site: str, fine: Callable[[], None], another_browser: Callable[..., Any]) -> None:
    account("comet")
    sign_in(page, site, "comet")
    page.wait_for_url(f"{site}/")
    other = another_browser().new_page()
    sign_in(other, site, "comet")
    other.wait_for_url(f"{site}/")

    page.goto(f"{site}/accounts/sessions/")
    expect(page.locator("main .card")).to_have_count(2)
    expect(page.locator("main")).to_contain_text("Chrome on Linux")
    fine()
    page.locator("main .card").get_by_role("button", name="Sign out").click()
    expect(page.locator("main .card")).to_have_count(1)
    other.goto(f"{site}/accounts/")
    expect(other).to_have_url(re.compile("/accounts/login/"))
    press(page, "Sign out everywhere")
    page.goto(f"{site}/accounts/")
    expect(page).to_have_url(re.compile("/accounts/login/"))


@pytest.fixture
def stub(settings: Any) -> Iterator[StubProvider]:
    with StubProvider() as started:
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [started.app()]}}
        directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": {**directives, "form-action": [*directives["form-action"], started.url]}}
        yield started


@pytest.mark.console_noise  # the page about the broken answer is a 5xx
def test_another_site_vouches(page: Page, site: str, stub: StubProvider, fine: Callable[[], None]) -> None:
    page.goto(f"{site}/accounts/login/")
    fine()
    press(page, "Go on with Stub University")
    page.get_by_role("button", name="Refuse").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Not signed in")
    fine()

    page.goto(f"{site}/accounts/signup/")
    press(page, "Go on with Stub University")
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("One last step")
    fine()
    page.get_by_label("Name", exact=True).fill("comet")
    page.get_by_label("I agree").check()
    press(page, "Make the account")
    page.wait_for_url(f"{site}/")
    page.goto(f"{site}/accounts/3rdparty/")
    expect(page.locator("main .card")).to_contain_text("Stub University")
    fine()

    sign_out(page, site)
    page.goto(f"{site}/accounts/login/")
    press(page, "Go on with Stub University")
    page.get_by_role("button", name="Allow").click()
    page.wait_for_url(f"{site}/")
    sign_out(page, site)

    stub.mood = "odd /token"
    page.goto(f"{site}/accounts/login/")
    press(page, "Go on with Stub University")
    page.get_by_role("button", name="Allow").click()
    expect(page.locator("main")).to_contain_text("Nothing was changed and nothing is lost")
    fine()
