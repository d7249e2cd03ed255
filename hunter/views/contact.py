"""How to reach the team: the form, and what programs read about it."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from core.throttles import TooMany, spend_request
from hunter.letters import Words, mail_letter, write_letter
from hunter.pages.forms import LetterForm

SECURITY_DAYS = 180
QUIET = ("/admin/", "/accounts/", "/api/", "/me/", "/dashboard/", "/i18n/", "/certificates/")  # for search engines: nothing to find there


@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    """The form, and its sending: stored, then mailed. Nobody has to sign in or say who they are."""
    if request.method != "POST":
        return _page(request, LetterForm(initial={"subject": request.GET.get("subject", "")[:140]}))
    form = LetterForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    try:
        spend_request("letters", request)
    except TooMany as error:
        return _page(request, form, status=error.status_code, wait=error.wait or 1)
    data = form.cleaned_data
    words = Words(subject=data["subject"], body=data["body"], name=data["name"], email=data["email"])
    letter = write_letter(words=words, user=request.user, now=timezone.now())
    mail_letter(letter, site=f"{request.scheme}://{request.get_host()}")
    return redirect("/contact/?" + urlencode({"sent": "answer" if letter.email else "1"}))


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Search engines are welcome on what is public."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in QUIET), ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Where to report a weakness of the site (RFC 9116)."""
    expires = (timezone.now() + timedelta(days=SECURITY_DAYS)).strftime("%Y-%m-%dT00:00:00Z")
    lines = [f"Contact: mailto:{settings.CONTACT}"] if settings.CONTACT else []
    lines += [f"Contact: {request.build_absolute_uri('/contact/')}", f"Expires: {expires}"]
    lines += [f"Preferred-Languages: {', '.join(code for code, _name in settings.LANGUAGES)}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


def _page(request: HttpRequest, form: LetterForm, status: int = 200, wait: int = 0) -> HttpResponse:
    """The form with what was written so far; `wait`: so many seconds before another letter is taken."""
    response = render(request, "hunter/contact.html", {"form": form, "sent": request.GET.get("sent", ""), "wait": wait}, status=status)
    if wait:
        response["Retry-After"] = str(wait)
    return response
