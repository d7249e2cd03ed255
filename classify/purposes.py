"""What sets of subjects are for, in plain words."""

from django.utils.translation import gettext_lazy as _

SET_PURPOSES = {
    "serve": _("to be asked about in workflows"),
    "evaluation": _("to judge the detector by: it never learns from their exposures"),
    "negative": _("images without an asteroid trail, from which the detector learns the empty sky"),
    "gold": _("known answers"),
    "label": _("for labels"),
}
CHOSEN_BY_HAND = ("serve", "evaluation", "negative")  # known answers are made with their keys; nothing reads sets for labels yet
