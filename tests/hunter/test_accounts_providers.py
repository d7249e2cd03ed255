"""Signing in by another site, at a stub that speaks real HTTP; what it does wrong costs a page, never a 500."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from hunter.accounts import providers
from hunter.models import Consent, PageVersion
from tests import factories
from tests.hunter.stub_provider import CLIENT, SECRET, StubProvider

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/oidc/oidc/login/"


@pytest.fixture
def stub(settings: Any) -> Iterator[StubProvider]:
    with StubProvider() as started:
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [started.app()]}}
        yield started


def go(client: Client, stub: StubProvider, *, choice: str = "yes", process: str = "login", at: str = LOGIN) -> Any:
    """Press the button, decide at the provider, come back; return the site's answer."""
    left = client.post(f"{at}?process={process}")
    if left.status_code != 302:
        return left
    query = {name: values[0] for name, values in parse_qs(urlsplit(left["Location"]).query).items()}
    assert requests.get(left["Location"], timeout=5).status_code == 200
    decided = requests.post(f"{stub.url}/decide", data={**query, "choice": choice}, allow_redirects=False, timeout=5)
    back = urlsplit(decided.headers["Location"])
    return client.get(f"{back.path}?{back.query}")


def join(client: Client, **fields: str) -> Any:
    return client.post("/accounts/3rdparty/signup/", {"username": "comet", "email": "", "agree": "on", **fields})


def test_the_first_time_a_name_is_chosen_and_nothing_of_the_other_site_is_kept(client: Client, stub: StubProvider) -> None:
    PageVersion.objects.create(slug="terms", version=1, title="Terms", body="Be kind.", created_at=factories.NOW)

    assert go(client, stub)["Location"] == "/accounts/3rdparty/signup/"
    page = client.get("/accounts/3rdparty/signup/").content.decode()
    assert "Lovelace" not in page
    assert 'value="ada@example.org"' in page
    assert join(client, email="ada@example.org")["Location"] == "/"

    person = get_user_model().objects.get()
    assert (person.username, person.first_name, person.last_name, person.has_usable_password()) == ("comet", "", "", False)
    account = SocialAccount.objects.get(user=person)
    assert (account.uid, account.extra_data) == ("0000-0001-2345-6789", {})
    assert not SocialToken.objects.exists()
    assert EmailAddress.objects.get(user=person).verified  # the provider vouched for it
    assert Consent.objects.get(user=person).version == 1


def test_later_it_signs_in_at_once(client: Client, stub: StubProvider) -> None:
    go(client, stub)
    join(client)
    client.post("/accounts/logout/")

    assert go(client, stub)["Location"] == "/"
    assert client.get("/accounts/").status_code == 200
    assert SocialAccount.objects.get().extra_data == {}


def test_orcid_gives_no_address_and_none_is_needed(client: Client, stub: StubProvider) -> None:
    stub.person = {"sub": "0000-0002-1825-0097"}

    go(client, stub)
    join(client)

    assert get_user_model().objects.get().email == ""


def test_github_has_a_way_of_its_own(client: Client, stub: StubProvider, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    app = {"client_id": CLIENT, "secret": SECRET, "settings": {"scope": ["user:email"], "oauth_pkce_enabled": True}}
    settings.SOCIALACCOUNT_PROVIDERS = {"github": {"APPS": [app]}}
    for name, end in (("authorize", "authorize"), ("access_token", "token"), ("profile", "user"), ("emails", "user/emails")):
        monkeypatch.setattr(GitHubOAuth2Adapter, f"{name}_url", f"{stub.url}/{end}")

    assert go(client, stub, at="/accounts/github/login/")["Location"] == "/accounts/3rdparty/signup/"
    assert "lovelace" not in client.get("/accounts/3rdparty/signup/").content.decode()
    join(client)

    account = SocialAccount.objects.get()
    assert (account.provider, account.uid, account.extra_data, account.user.username) == ("github", "4711", {}, "comet")


def test_without_agreement_there_is_no_account(client: Client, stub: StubProvider) -> None:
    go(client, stub)

    assert "needs your agreement" in join(client, agree="").content.decode()
    assert not get_user_model().objects.exists()


def test_an_address_never_opens_somebody_elses_account(client: Client, stub: StubProvider) -> None:
    owner = factories.user(username="owner", email="ada@example.org")
    EmailAddress.objects.create(user=owner, email="ada@example.org", verified=True, primary=True)

    go(client, stub)
    join(client, email="ada@example.org")

    assert SocialAccount.objects.get().user != owner
    assert not EmailAddress.objects.filter(user__username="comet", verified=True).exists()


def test_connecting_and_disconnecting(client: Client, stub: StubProvider) -> None:
    owner = factories.user(username="owner", email="owner@example.org")
    EmailAddress.objects.create(user=owner, email="owner@example.org", verified=True, primary=True)
    client.post("/accounts/login/", {"login": "owner", "password": factories.PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})

    assert go(client, stub, process="connect")["Location"] == "/accounts/3rdparty/"
    assert "Stub University" in client.get("/accounts/3rdparty/").content.decode()
    client.post("/accounts/3rdparty/", {"account": SocialAccount.objects.get().pk})

    assert not SocialAccount.objects.exists()
    assert [each.subject.split(" ")[0] for each in mail.outbox] == ["Another", "A"]  # connected, disconnected


def test_the_last_way_in_cannot_be_taken_away(client: Client, stub: StubProvider) -> None:
    go(client, stub)
    join(client)

    assert "Set a password first" in client.post("/accounts/3rdparty/", {"account": SocialAccount.objects.get().pk}).content.decode()
    assert SocialAccount.objects.exists()


def test_a_provider_that_was_switched_off_breaks_no_page(client: Client, stub: StubProvider, settings: Any) -> None:
    go(client, stub)
    join(client)
    settings.SOCIALACCOUNT_PROVIDERS = {}

    assert client.get("/accounts/3rdparty/").status_code == 200
    assert client.post(LOGIN).status_code == 404


def test_who_refuses_there_reads_so_here(client: Client, stub: StubProvider) -> None:
    answer = go(client, stub, choice="no")

    assert answer["Location"] == "/accounts/3rdparty/login/cancelled/"
    assert "You turned back" in client.get(answer["Location"]).content.decode()


MOODS = [
    "down",
    "another issuer",
    *(f"{what} {path}" for what in ("garbage", "odd") for path in ("/.well-known/openid-configuration", "/token", "/userinfo")),
]


@pytest.mark.parametrize("mood", MOODS)
def test_errors_of_the_provider_are_a_friendly_page(client: Client, stub: StubProvider, mood: str) -> None:
    stub.mood = mood

    answer = go(client, stub)

    assert answer.status_code in {401, 502}
    assert "Nothing was changed and nothing is lost" in answer.content.decode()
    assert not SocialAccount.objects.exists()


def test_nobody_answers_at_all(client: Client, stub: StubProvider, settings: Any) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [stub.app(server_url="http://127.0.0.1:9")]}}

    assert "could not be reached" in client.post(LOGIN).content.decode()


@pytest.mark.parametrize("query", ["", "?code=x", "?code=x&state=forged", "?error=server_error&state=forged"])
def test_a_forged_way_back_signs_nobody_in(client: Client, stub: StubProvider, query: str) -> None:
    answer = client.get(f"{LOGIN}callback/{query}")

    assert answer.status_code == 401
    assert not get_user_model().objects.exists()


def test_the_buttons_stand_on_both_pages_and_nowhere_without_a_provider(client: Client, stub: StubProvider, settings: Any) -> None:
    pages = ["/accounts/login/", "/accounts/signup/"]

    assert all("Go on with Stub University" in client.get(page).content.decode() for page in pages)
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert not any("Go on with" in client.get(page).content.decode() for page in pages)


# --- settings -------------------------------------------------------------------------------------


def test_the_environment_switches_providers_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for prefix in ("ORCID", "OIDC", "GITHUB"):
        monkeypatch.setenv(f"HUNTER_{prefix}_ID", "id")
        monkeypatch.setenv(f"HUNTER_{prefix}_SECRET", "secret")
    monkeypatch.setenv("HUNTER_OIDC_URL", "https://id.example.org/realms/staff")
    monkeypatch.setenv("HUNTER_SIGN_IN_ORIGINS", "https://federation.example.org")

    configured, origins = providers.read()

    assert [app["provider_id"] for app in configured["openid_connect"]["APPS"]] == ["orcid", "oidc"]
    assert configured["openid_connect"]["APPS"][0]["settings"]["scope"] == ["openid"]
    assert "github" in configured
    assert origins == ["https://orcid.org", "https://id.example.org", "https://github.com", "https://federation.example.org"]


@pytest.mark.parametrize(
    "given", [{"HUNTER_ORCID_ID": "id"}, {"HUNTER_OIDC_ID": "id", "HUNTER_OIDC_SECRET": "s", "HUNTER_OIDC_URL": "id.example.org"}]
)
def test_half_a_provider_stops_the_start(monkeypatch: pytest.MonkeyPatch, given: dict[str, str]) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(ImproperlyConfigured, match="HUNTER_O"):
        providers.read()


def test_without_any_no_form_leads_away() -> None:
    assert providers.read() == ({"openid_connect": {"APPS": []}}, [])


@pytest.mark.parametrize("path", ["/accounts/github/login/", "/accounts/github/login/callback/", LOGIN])
def test_a_site_that_is_not_switched_on_is_not_there(client: Client, caplog: pytest.LogCaptureFixture, path: str) -> None:
    assert (client.get(path).status_code, client.post(path).status_code) == (404, 404)
    assert not [row for row in caplog.records if row.levelname == "ERROR"]
