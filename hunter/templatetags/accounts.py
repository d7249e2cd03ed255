"""Small words for the pages of accounts."""

import json
import re
from typing import Any

from allauth.socialaccount.models import SocialAccount, SocialApp
from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

register = template.Library()

_BROWSERS = [("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari")]
_SYSTEMS = [("Android", "Android"), ("iPhone|iPad", "iOS"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")]


@register.filter
def as_json(value: Any) -> str:
    """Return JSON for an attribute of an element (the template escapes it)."""
    return json.dumps(value, cls=DjangoJSONEncoder)


@register.filter
def browser(agent: str) -> str:
    """Return "Firefox on Linux" for what a browser says of itself."""
    program = next((name for sign, name in _BROWSERS if sign in agent), "")
    system = next((name for sign, name in _SYSTEMS if re.search(sign, agent)), "")
    if program and system:
        return _("{browser} on {system}").format(browser=program, system=system)
    return program or system or _("Unknown device")


@register.filter
def provider_name(account: SocialAccount) -> str:
    """Return the name of the site that an account is of, also where it is switched off by now."""
    try:
        return str(account.get_provider().name)
    except SocialApp.DoesNotExist:
        return account.provider
