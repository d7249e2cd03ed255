"""The language menu: one address that takes the choice and leads back to the page."""

from django.http import HttpRequest, HttpResponseBase
from django.views import i18n
from django.views.decorators.http import require_POST

from hunter.languages import supported
from hunter.models import User


@require_POST
def set_language(request: HttpRequest) -> HttpResponseBase:
    """Keep the language in this browser, and with the account of who is signed in; go back to where the person was."""
    code = request.POST.get("language", "")
    if request.user.is_authenticated and supported(code):
        User.objects.filter(pk=request.user.pk).update(language=code)
    return i18n.set_language(request)
