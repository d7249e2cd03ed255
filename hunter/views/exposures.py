"""From an image of the archive to the subject that people see."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

import classify.selectors


@require_safe
def subject_of_cutout(request: HttpRequest, cutout_id: int) -> HttpResponse:
    """Go to the subject of a cutout; 404 while it is none yet."""
    subject = classify.selectors.subject_of_cutout(cutout_id)
    if subject is None:
        raise Http404(_("This cutout is no subject yet. It becomes one within a minute."))
    return HttpResponseRedirect(reverse("subject", args=[subject.public_id]))
