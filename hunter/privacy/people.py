"""Whose data they are: an account with its volunteer, or a visitor whom only a cookie names; and the words that name them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress

import classify.selectors
import talk.services
from core.redaction import Redaction
from hunter.models import FormerName
from hunter.roles import ROLES

if TYPE_CHECKING:
    from classify.models import Volunteer


@dataclass(frozen=True)
class Person:
    """An account (`user`), its volunteer if it has one, or a visitor's volunteer alone."""

    user: Any = None
    volunteer: "Volunteer | None" = None

    @property
    def key(self) -> str:
        """Name for the one open job of a kind about this person."""
        return f"user:{self.user.pk}" if self.user is not None else f"visitor:{self.volunteer.pk if self.volunteer else 0}"

    @property
    def volunteers(self) -> list[int]:
        """The volunteer and the visitors merged into it."""
        return classify.selectors.same_person(self.volunteer.pk if self.volunteer else None)


def person_of(user: Any) -> Person:
    """Return the person of an account."""
    return Person(user=user, volunteer=getattr(user, "volunteer", None))


def addresses_of(user: Any) -> list[str]:
    """Return the e-mail addresses of an account, but for those that another account has proved to be its own."""
    rows = EmailAddress.objects.filter(user=user).values_list("email", flat=True)
    found = {address.lower() for address in (user.email, *rows) if address}
    others = EmailAddress.objects.filter(verified=True).exclude(user=user)
    return sorted(address for address in found if not others.filter(email__iexact=address).exists())


def names_of(user: Any) -> list[str]:
    """Return the names of an account, those it had before included."""
    return sorted({user.get_username(), *FormerName.objects.filter(user=user).values_list("name", flat=True)})


def telling_words(user: Any, volunteers: list[int]) -> list[bool]:
    """Tell of each name of an account whether it means the person wherever it stands, rather than being an ordinary word here."""
    return [name.lower() not in ROLES and not talk.services.is_ordinary_word(name=name, volunteers=volunteers) for name in names_of(user)]


def words_of(user: Any, telling: list[bool]) -> Redaction:
    """Return the words by which an account is known; `telling` is what `telling_words` said."""
    names = tuple(names_of(user))
    words = tuple(name for name, tells in zip(names, telling, strict=True) if tells)
    return Redaction(names=names, words=words, addresses=tuple(addresses_of(user)))
