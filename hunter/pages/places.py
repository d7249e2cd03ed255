"""Which pages there are, and where. Their texts and titles are rows; their addresses stay."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.markdown import PAGE, Style

FOLDED = Style(last_heading=3, fold=True)


@dataclass(frozen=True)
class Place:
    """One page: its slug, its address, and the short name on tabs and in the footer."""

    slug: str
    path: str
    name: Any
    style: Style = PAGE
    about: bool = False  # stands among the tabs under /about/
    asks: bool = False  # people agree to it, and a new version may ask them again


PLACES = {
    place.slug: place
    for place in (
        Place("about", "about", _("The project"), about=True),
        Place("research", "about/research", _("Research"), about=True),
        Place("team", "about/team", _("Team"), about=True),
        Place("results", "about/results", _("Results"), about=True),
        Place("questions", "about/questions", _("Questions"), about=True, style=FOLDED),
        Place("rules", "about/rules", _("Community rules"), about=True),
        Place("acknowledgement", "about/acknowledgement", _("How to cite"), about=True),
        Place("terms", "terms", _("Terms"), asks=True),
        Place("privacy", "privacy", _("Privacy")),
        Place("cookies", "cookies", _("Cookies")),
        Place("licence", "licence", _("Contribution licence")),
        Place("accessibility", "accessibility", _("Accessibility")),
    )
}
ABOUT = tuple(place for place in PLACES.values() if place.about)
LEGAL = tuple(place for place in PLACES.values() if not place.about)


class PlaceConverter:
    """Turns the part of an address that names a page into its slug, and back."""

    regex = "|".join(sorted((place.path for place in PLACES.values()), key=len, reverse=True))
    _slugs = {place.path: place.slug for place in PLACES.values()}

    def to_python(self, value: str) -> str:
        return self._slugs[value]

    def to_url(self, value: str) -> str:
        return PLACES[value].path
