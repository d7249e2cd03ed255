"""/me/privacy/: what is stored about me, my name in publications, a copy of my data, and the end of my account."""

from typing import cast

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import classify.services
import talk.selectors
from classify.visitors import volunteer_of
from core import signed
from core.throttles import spend_request
from hunter.models import User
from hunter.privacy import closing, downloads
from hunter.privacy.bundle import kinds_of_data
from hunter.privacy.forms import CreditForm, DeleteForm
from hunter.privacy.people import Person
from hunter.privacy.records import personal_records
from hunter.privacy.tasks import enqueue
from hunter.roles import LastAdmin, is_last_admin


def person_for(request: HttpRequest) -> Person:
    """Return whose data this request may see: its account's, or those of the visitor whom its cookie names."""
    return Person(user=request.user if request.user.is_authenticated else None, volunteer=volunteer_of(request))


@never_cache
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """The page."""
    person = person_for(request)
    return render(request, "hunter/privacy.html", _page(person) | {"form": CreditForm(initial={"name": _credit(person)})})


def _page(person: Person) -> dict[str, object]:
    words = kinds_of_data()
    counts = [{"kind": words[kind.name], "n": kind.count()} for kind in personal_records(person)]
    return {
        "person": person,
        "stored": [row for row in counts if row["n"]] if person.user or person.volunteer else [],
        "consents": person.user.consents.all() if person.user else [],
        "credit": _credit(person),
        "download": downloads.newest(person, now=timezone.now()),
    }


def _credit(person: Person) -> str:
    return person.volunteer.credit_name if person.volunteer else ""


@login_required
@require_POST
def credit(request: HttpRequest) -> HttpResponse:
    """Store the name for publications, or take it back."""
    form = CreditForm(request.POST)
    if not form.is_valid():
        return render(request, "hunter/privacy.html", _page(person_for(request)) | {"form": form})
    name = form.cleaned_data["name"]
    classify.services.set_credit_name(volunteer=volunteer_of(request, create=True), name=name)
    done = _("Publications from now on may name you as {name}.").format(name=name) if name else _("Publications from now on do not name you.")
    messages.success(request, done)
    return redirect("privacy")


# --- a copy of my data ---------------------------------------------------------------------------


@require_POST
def ask_download(request: HttpRequest) -> HttpResponse:
    """Ask for a copy; a worker makes it while the page shows how far it is."""
    spend_request("writes", request)
    person = person_for(request)
    if person.user is not None or person.volunteer is not None:
        job, created = downloads.ask(person=person, language=translation.get_language() or "en", now=timezone.now())
        if created:
            enqueue(job)
    return redirect("privacy")


@never_cache
@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    """The part of the page about the copy; it asks for itself while the copy is being made."""
    return render(request, "hunter/privacy_download.html", {"download": downloads.newest(person_for(request), now=timezone.now())})


@never_cache
@require_safe
def download(request: HttpRequest, token: str) -> HttpResponseBase:
    """The file itself: for its owner only, as long as the link is valid."""
    try:
        job = downloads.file_of(token, person_for(request), now=timezone.now())
        if job is None and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if job is None or job.finished_at is None:
            raise Http404
        handle = default_storage.open(job.result["file"], "rb")
    except signed.Forged as error:
        raise Http404 from error
    except (signed.Expired, FileNotFoundError):
        return render(request, "hunter/privacy_expired.html", status=410)
    return FileResponse(handle, as_attachment=True, filename=f"hunter-data-{job.finished_at:%Y-%m-%d}.zip", content_type="application/zip")


# --- the end -------------------------------------------------------------------------------------


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest) -> HttpResponse:
    """Delete my account."""
    user = cast(User, request.user)
    form = DeleteForm(request.POST or None, user=user)
    if request.method == "POST":
        if not ratelimit.consume(request, action="reauthenticate", user=user):
            return ratelimit.respond_429(request)
        if form.is_valid() and _closed(user, form):
            logout(request)
            return redirect("privacy_deleted")
    volunteers = person_for(request).volunteers
    context = {"form": form, "last_admin": is_last_admin(user), "n_comments": talk.selectors.comments_by(volunteers)}
    return render(request, "hunter/privacy_delete.html", context)


def _closed(user: User, form: DeleteForm) -> bool:
    try:
        enqueue(closing.close(user=user, keep_comments=form.keep_comments, now=timezone.now()))
    except LastAdmin as error:
        form.add_error(None, str(error))
        return False
    return True


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """A visitor without an account is forgotten; somebody with one deletes that."""
    if request.user.is_authenticated:
        return redirect("privacy_delete")
    spend_request("writes", request)
    person = person_for(request)
    if person.volunteer is not None:
        enqueue(closing.forget_visitor(person=person, now=timezone.now()))
    return redirect("privacy_deleted")


@require_safe
def deleted(request: HttpRequest) -> HttpResponse:
    """What happens now."""
    return render(request, "hunter/privacy_deleted.html")
