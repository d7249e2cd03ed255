"""Pages of an account that the library does not have: the overview, another name, the end of one session or of all."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.adapter import get_adapter as sessions_adapter
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import throttles
from hunter.accounts import second_factor, services
from hunter.accounts.forms import NameForm


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The account at a glance, with a way to each part of it."""
    addresses = EmailAddress.objects.filter(user=request.user)
    return render(
        request,
        "account/overview.html",
        {
            "address": addresses.filter(primary=True).first() or addresses.first(),
            "has_factor": second_factor.has(request.user),
            "needs_factor": second_factor.is_needed(request.user),
            "sessions": UserSession.objects.filter(user=request.user).count(),
            "providers": get_adapter().list_providers(request),
            "connected": SocialAccount.objects.filter(user=request.user).count(),
        },
    )


@login_required
@reauthentication_required(allow_get=True, app="allauth.account")
def change_name(request: HttpRequest) -> HttpResponse:
    """Another pseudonym."""
    form = NameForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        throttles.spend("names", person=throttles.person_of(request))
        if form.save():
            messages.success(request, _("You are {name} now.").format(name=request.user.get_username()))
            return redirect("account")
    return render(request, "account/name.html", {"form": form})


class ActivateApp(ActivateTOTPView):
    """The library's view; the code that shows that the app works does not sign anybody in as well."""

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        second_factor.spend_code(self.request.user, form.cleaned_data["code"])
        return response


@login_required
@require_POST
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """Sign one of my devices out."""
    session = get_object_or_404(UserSession, pk=session_id, user=request.user)
    if session.session_key == request.session.session_key:
        return _all_done(request)
    sessions_adapter().end_sessions([session])
    messages.success(request, _("That device is signed out."))
    return redirect("usersessions_list")


@login_required
@require_POST
def end_all_sessions(request: HttpRequest) -> HttpResponse:
    """Sign all my devices out, this one too."""
    services.end_sessions(request.user)
    return _all_done(request)


def _all_done(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, _("You are signed out."))
    return redirect("home")


def too_many(request: HttpRequest) -> HttpResponse:
    """The library's limits, all of one minute, answer like all others."""
    return throttles.page_of(request, throttles.TooMany(60))
