"""What a volunteer has set for the pages. Small, checked, and theirs alone."""

import json
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from classify import preferences
from classify.models import Volunteer
from classify.services.people import lock_person
from classify.steps import BadField

MOST_CHARACTERS = 4000  # of each part, as JSON


@transaction.atomic
def set_preferences(*, volunteer: Volunteer, change: Any) -> dict[str, dict[str, Any]]:
    """Put the entries given over those there are, and return all. BadField names what cannot be stored; then nothing is."""
    preferences.check(change)
    row = lock_person(volunteer)
    merged = preferences.filled(change, row.preferences)
    for name in change:
        if len(json.dumps(merged[name])) > MOST_CHARACTERS:
            raise BadField(name, _("These are too many settings: at most %(n)d characters.") % {"n": MOST_CHARACTERS})
    Volunteer.objects.filter(pk=row.pk).update(preferences=merged)
    return merged
