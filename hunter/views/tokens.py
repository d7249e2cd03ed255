"""Personal keys for programs: /me/tokens/."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from core import throttles
from hunter import tokens

LIFETIMES = [("30", gettext_lazy("30 days")), ("365", gettext_lazy("1 year")), ("", gettext_lazy("never"))]


class TokenForm(forms.Form):
    """What somebody wants a key for."""

    name = forms.CharField(
        label=gettext_lazy("What it is for"),
        max_length=80,
        help_text=gettext_lazy("For example: notebook at the university. Only you see it."),
        error_messages={"required": gettext_lazy("Give it a name, so that you know later which one it is.")},
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one.")},
    )
    lifetime = forms.ChoiceField(label=gettext_lazy("When it ends"), choices=LIFETIMES, initial="365", required=False)

    def __init__(self, *arguments: Any, user: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        offered = tokens.scopes_for(user)
        self.fields["scopes"].choices = [(scope, f"{scope}: {words}") for scope, words in offered.items()]  # type: ignore[attr-defined]


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def token_list(request: HttpRequest) -> HttpResponse:
    """One's keys, and the form for a new one. The new key is in the answer to the form and nowhere else."""
    if request.method != "POST":
        return _page(request, TokenForm(user=request.user, initial={"scopes": ["read"]}))
    throttles.spend_request("writes", request)
    form = TokenForm(request.POST, user=request.user)
    if not form.is_valid():
        return _page(request, form, status=400)
    data = form.cleaned_data
    try:
        token, key = tokens.make_token(
            user=request.user, name=data["name"], scopes=data["scopes"], lifetime=tokens.LIFETIMES[data["lifetime"]], now=timezone.now()
        )
    except tokens.TooManyTokens:
        form.add_error(
            None, _("You have %(n)d keys, which is as many as one may have. Revoke one that is not used any more.") % {"n": tokens.MOST_PER_PERSON}
        )
        return _page(request, form, status=400)
    return _page(request, TokenForm(user=request.user, initial={"scopes": ["read"]}), made=token, key=key)


@login_required
@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """End a key."""
    if tokens.revoke_token(user=request.user, token_id=token_id, now=timezone.now()):
        messages.success(request, _("The key was revoked. Programs that use it are refused from now on."))
    return redirect("tokens")


def _page(request: HttpRequest, form: TokenForm, *, status: int = 200, **made: Any) -> HttpResponse:
    now = timezone.now()
    rows = [{"token": token, "expired": token.expires_at is not None and token.expires_at <= now} for token in tokens.tokens_of(request.user)]
    context = {"form": form, "rows": rows, "scopes": tokens.SCOPES, "root": request.build_absolute_uri("/api/v1/workflows/"), **made}
    return render(request, "hunter/tokens.html", context, status=status)
