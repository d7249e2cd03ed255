"""Who reads or writes: an account (or none) with its volunteer (or none), and what the boards allow them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from talk.models import Board, Discussion

if TYPE_CHECKING:
    from classify.models import Volunteer

Who = Board.Who


@dataclass(frozen=True)
class Viewer:
    """The person in front of a page. `user` is None or anonymous for people who have not signed in."""

    user: Any = None
    volunteer: "Volunteer | None" = None
    address: str = ""  # `core.addresses.address_id` of a request that writes

    @property
    def signed_in(self) -> bool:
        return bool(self.user is not None and self.user.is_authenticated and self.volunteer is not None)

    @property
    def moderates(self) -> bool:
        return bool(self.user is not None and self.user.has_perm("talk.moderate"))

    @property
    def circles(self) -> tuple[str, ...]:
        """The circles this person belongs to; a board names one for reading and one for writing."""
        if self.moderates:
            return (Who.ALL, Who.TEAM, Who.MODERATORS)
        if self.user is not None and self.user.has_perm("core.view_dashboard"):
            return (Who.ALL, Who.TEAM)
        return (Who.ALL,)

    def may_read(self, board: Board) -> bool:
        return board.can_read in self.circles

    def may_write(self, board: Board) -> bool:
        """Writing needs an account, and a board that can be both read and written."""
        return self.signed_in and self.may_read(board) and board.can_write in self.circles

    def may_comment(self, discussion: Discussion) -> bool:
        return self.may_write(discussion.board) and (self.moderates or not discussion.locked)


ANYBODY = Viewer()
