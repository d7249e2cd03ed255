"""What the account library asks this site: names, mails, addresses, words of its errors."""

import logging
import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.addresses import address_id
from hunter.accounts import mails, names, second_factor, secrets, services, tries
from hunter.accounts.backend import find
from hunter.addresses import pseudo_address
from hunter.languages import remember

log = logging.getLogger("hunter.security")  # who came in, who did not: by number and by the day's pseudonym of the address, never by name

_NOT_RIGHT = _("Name or password are not right. Nothing was changed; try again, or reset the password.")


class AccountAdapter(DefaultAccountAdapter):
    """Accounts with a pseudonym, a password and perhaps an e-mail address."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed."),
        "cannot_remove_primary_email": _("This address cannot be removed while another one waits to be confirmed."),
        "duplicate_email": _("This is your address already."),
        "email_password_mismatch": _NOT_RIGHT,
        "username_password_mismatch": _NOT_RIGHT,
        "invalid_login": _NOT_RIGHT,
        "enter_current_password": _("This is not your password."),
        "incorrect_password": _("This is not your password."),
        "incorrect_code": _("This code is not right, or has been used. Wait for the next one and try again."),
        "invalid_or_expired_key": _("This link has been used or is too old."),
        "invalid_password_reset": _("This link has been used or is too old."),
        "max_email_addresses": _("One address waits to be confirmed already. Confirm or cancel it first."),
        "same_as_current": _("This is what it was before."),
        "too_many_login_attempts": _("Too many attempts. Nothing is lost; try again in a few minutes."),
        "rate_limited": _("Too many attempts. Nothing is lost; try again in a few minutes."),
        "username_taken": _("This name is taken. Please choose another."),
        "username_blacklisted": _("This name is kept for the team. Please choose another."),
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        """The library never sees an address: this made-up one differs by day and stands for it in limits and in the list of sessions."""
        return pseudo_address(request)

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """Return the name as it is stored; refuse one that is, or was, somebody's."""
        name = names.tidy(username)
        super().clean_username(name, shallow=True)
        if not shallow and services.is_taken(name):
            raise self.validation_error("username_taken")
        return name

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail in the language of its receiver. Where no server takes it the person is told; nothing else fails."""
        user = context.get("user") or _owner(email)
        words = {**context, "email": email, "site": self._site(), "name": user.get_username() if user else ""}
        if not mails.send(template_prefix, to=email, context=words, language=getattr(user, "language", "")):
            text = gettext("A mail could not be sent just now. Nothing else was lost; ask for it again a little later.")
            messages.warning(self.request, text)

    def send_notification_mail(self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None) -> None:
        """Tell the owner of a change, in their language."""
        super().send_notification_mail(template_prefix, user, {**(context or {}), "user": user}, email)

    def post_login(self, request: HttpRequest, user: Any, **how: Any) -> HttpResponse:
        """Give the browser the language of the account, so that it follows its owner."""
        ways = "+".join(record.get("method", "") for record in get_authentication_records(request, user)) or "password"
        log.info("signed in: account %s by %s from %s", user.pk, ways, address_id(request))
        response: HttpResponse = super().post_login(request, user, **how)
        remember(response, user.language)
        return response

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count a try at the account, by whatever name it is called, before its password is looked at."""
        name, email = credentials.get("username"), credentials.get("email")
        who = tries.name_of(find(username=name, email=email), email or name or "")
        self._take_back = tries.count(tries.PASSWORDS, who=who, request=request)

    def _rollback_login_failed_rl_usage(self) -> None:
        """The password was right, so it was no guess. (The library's word for it.)"""
        self._take_back()

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """Whoever has chosen a new password by mail gets in with it. (The library's word for it.)"""
        tries.forget(tries.PASSWORDS, who=tries.name_of(find(**credentials)), request=request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Leave a line for whoever looks for guessing; the name that was tried may be a password typed into the wrong field."""
        log.warning("sign-in failed from %s", address_id(request))
        super().authentication_failed(request, **credentials)

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Whoever has just signed in is not asked again at once."""
        records = get_authentication_records(self.request, self.request.user)
        if records and time.time() - records[-1]["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
            return False
        return bool(super().is_reauthentication_required(app=app))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return "/accounts/"

    def _site(self) -> str:
        return self.request.build_absolute_uri("/").rstrip("/")


def _owner(email: str) -> Any:
    """The account of an address, if exactly one has it."""
    found = EmailAddress.objects.filter(email__iexact=email).select_related("user")[:2]
    return found[0].user if len(found) == 1 else None


class SecondFactorAdapter(DefaultMFAAdapter):
    """Apps, passkeys and recovery codes; their seeds lie sealed in the database."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "add_email_blocked": _("Take the second factor away before you add an address, and set it up again after."),
        "cannot_delete_authenticator": _("What you may do here needs a second factor. Add another before you take the last one away."),
        "cannot_generate_recovery_codes": _("Recovery codes come with an authenticator app or a passkey. Set one up first."),
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
        "unverified_email": _("Please confirm your e-mail address first, so that nobody can lock you out of it."),
    }

    def get_totp_label(self, user: Any) -> str:
        return str(user.get_username())

    def _get_site_name(self) -> str:
        return "Hunter"

    def encrypt(self, text: str) -> str:
        return secrets.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return secrets.unseal(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Whoever needs a second factor keeps one."""
        others = Authenticator.objects.filter(user=authenticator.user, type__in=second_factor.FACTORS).exclude(pk=authenticator.pk)
        return others.exists() or not second_factor.is_needed(authenticator.user)

    def generate_authenticator_name(self, user: Any, type: str) -> str:
        """A name to tell keys apart, as a suggestion."""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return gettext("Passkey {number}").format(number=count + 1)


class NotSwitchedOn(SocialApp.DoesNotExist, Http404):
    """The library's word where it asks, the site's own where it does not."""


class ProviderAdapter(DefaultSocialAccountAdapter):
    """Sign-in by other sites. Of what they tell only the identifier is kept, and the e-mail address where the person wants it."""

    error_messages = {
        **DefaultSocialAccountAdapter.error_messages,
        "email_taken": _("This address belongs to an account here. Sign in to it first and connect %s there."),
        "invalid_token": _("The answer of the other site could not be believed. Nothing was changed; try again."),
        "no_password": _("Set a password first; without it you could not sign in any more."),
        "no_verified_email": _("Confirm an e-mail address first; without it you could not sign in any more."),
        "disconnect_last": _("Set a password first; without it you could not sign in any more."),
        "connected_other": _("This sign-in belongs to another account here."),
    }

    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> SocialApp:
        """A site that is not switched on is not there: 404."""
        try:
            return super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist as error:
            raise NotSwitchedOn(provider) from error

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Any:
        """Take the address, never the name: people choose a pseudonym."""
        user = super().populate_user(request, sociallogin, {"email": data.get("email")})
        sociallogin.account.extra_data = {}
        return user
