"""What people may write, and what becomes of it."""

import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

import classify.services
from core.models import AuditEntry
from talk import services
from talk.models import Board, Comment, Discussion, Tag, TagUse
from talk.seeds import BOARDS, seed_boards
from talk.services import BadText, Conflict, Hidden, Locked, NotAllowed, SignInFirst, Slower
from talk.viewers import ANYBODY, Viewer
from tests import factories
from tests.factories import NOW
from tests.talk.conftest import draft, person, start, write

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=5)


def test_boards_are_made_once_and_keep_what_the_team_changed() -> None:
    assert seed_boards(NOW) == len(BOARDS)
    Board.objects.filter(slug="chat").update(title="Tea room")
    assert seed_boards(NOW) == 0
    assert Board.objects.get(slug="chat").title == "Tea room"


def test_the_first_comment_makes_the_thread_of_the_root_on_the_board_notes(boards: dict[str, Board]) -> None:
    root, ann, bob = factories.subject(), person(), person()
    find = factories.find(root=root)
    first = write(ann, find, "Look at ^S5 #satellite")
    second = write(bob, root, "Yes")
    thread = Discussion.objects.get()
    assert (thread.subject, thread.board, thread.author) == (root, boards["notes"], ann.volunteer)
    assert list(thread.comments.order_by("id")) == [first, second]
    assert thread.last_comment_at == NOW
    assert 'href="/subjects/5/"' in first.html
    use = TagUse.objects.get()
    assert (use.tag.name, use.subject, use.comment, use.volunteer, use.discussion) == ("satellite", root, first, ann.volunteer, None)


def test_sending_twice_stores_once(boards: dict[str, Board]) -> None:
    ann, subject, sent = person(), factories.subject(), draft("Once #tag")
    first = services.comment_on_subject(viewer=ann, subject=subject, draft=sent, now=NOW)
    again = services.comment_on_subject(viewer=ann, subject=subject, draft=sent, now=LATER)
    elsewhere = services.post_comment(viewer=ann, discussion=first.discussion, draft=sent, now=LATER)
    assert first == again == elsewhere
    assert (Comment.objects.count(), TagUse.objects.count()) == (1, 1)
    with pytest.raises(Conflict):
        services.post_comment(viewer=person(), discussion=first.discussion, draft=sent, now=NOW)


def test_starting_twice_starts_once(boards: dict[str, Board]) -> None:
    ann, sent = person(), draft("Hello")
    first = services.start_discussion(viewer=ann, board=boards["chat"], title="  A   title ", draft=sent, now=NOW)
    again = services.start_discussion(viewer=ann, board=boards["chat"], title="Another", draft=sent, now=NOW)
    assert first == again
    assert (first.title, first.comments.count()) == ("A title", 1)


@pytest.mark.parametrize("title", ["", "ab", "x" * 141, "a\u0000b\u0007c"])
def test_a_title_has_3_to_140_printable_characters(boards: dict[str, Board], title: str) -> None:
    with pytest.raises(BadText):
        start(person(), boards["chat"], title)
    assert Discussion.objects.count() == 0


def test_only_people_with_an_account_write(boards: dict[str, Board]) -> None:
    subject = factories.subject()
    visitor = Viewer(user=None, volunteer=factories.volunteer(kind="visitor"))
    for nobody in (ANYBODY, visitor):
        with pytest.raises(SignInFirst):
            write(nobody, subject)
        with pytest.raises(SignInFirst):
            start(nobody, boards["chat"])
        with pytest.raises(SignInFirst):
            services.add_tag(viewer=nobody, subject=subject, name="satellite", now=NOW)
    assert not Comment.objects.exists()
    assert not Tag.objects.exists()


def test_who_writes_on_which_board(boards: dict[str, Board]) -> None:
    ann, moderator, scientist = person(), person(permissions=["talk.moderate"]), person(permissions=["core.view_dashboard"])
    with pytest.raises(NotAllowed):
        start(ann, boards["announcements"])
    with pytest.raises(NotAllowed):
        start(moderator, boards["notes"])
    news = start(scientist, boards["announcements"])
    with pytest.raises(NotAllowed):
        services.post_comment(viewer=ann, discussion=news, draft=draft("Me too"), now=NOW)
    assert services.post_comment(viewer=moderator, discussion=news, draft=draft("Good"), now=NOW).discussion == news
    Board.objects.filter(slug="chat").update(can_read=Board.Who.MODERATORS)
    with pytest.raises(NotAllowed):
        start(scientist, Board.objects.get(slug="chat"))


def test_what_others_still_classify_is_closed_until_shown(boards: dict[str, Board]) -> None:
    ann, flow = person(), factories.workflow(count=1)
    subject = factories.subject(workflow=flow)
    for attempt in (
        lambda: write(ann, subject),
        lambda: services.add_tag(viewer=ann, subject=subject, name="satellite", now=NOW),
        lambda: services.remove_tag(viewer=ann, subject=subject, name="satellite"),
    ):
        with pytest.raises(Hidden):
            attempt()
    assert not Discussion.objects.exists()
    classify.services.reveal(volunteer=ann.volunteer, root=subject, now=NOW)
    comment = write(ann, subject)
    bob = person()
    with pytest.raises(Hidden):
        services.post_comment(viewer=bob, discussion=comment.discussion, draft=draft("And I"), now=NOW)
    factories.vote(subject=subject, workflow=flow)  # the one vote that retires it
    assert services.post_comment(viewer=bob, discussion=comment.discussion, draft=draft("And I"), now=NOW)


@pytest.mark.parametrize("body", ["", "  \n ", "x" * 10_001, "a\x00b", "bell \x07", "\ud800"])
def test_texts_that_are_refused(boards: dict[str, Board], body: str) -> None:
    with pytest.raises(BadText):
        write(person(), factories.subject(), body)
    assert not Discussion.objects.exists()


def test_line_ends_and_outer_blanks_are_normalised(boards: dict[str, Board]) -> None:
    assert write(person(), factories.subject(), "  one\r\ntwo\rthree \n").body == "one\ntwo\nthree"


def test_editing_moves_the_tags_and_says_when(boards: dict[str, Board]) -> None:
    ann, subject = person(), factories.subject()
    comment = write(ann, subject, "#satellite #trail")
    services.edit_comment(viewer=ann, comment=comment, body="#trail #arc", now=LATER)
    comment.refresh_from_db()
    assert (comment.body, comment.edited_at) == ("#trail #arc", LATER)
    assert set(TagUse.objects.values_list("tag__name", flat=True)) == {"trail", "arc"}
    for stranger in (person(), person(permissions=["talk.moderate"])):
        with pytest.raises(NotAllowed):
            services.edit_comment(viewer=stranger, comment=comment, body="Mine", now=LATER)


def test_editing_without_a_change_changes_nothing(boards: dict[str, Board]) -> None:
    ann = person()
    comment = write(ann, factories.subject(), "Same")
    assert services.edit_comment(viewer=ann, comment=comment, body=" Same\r\n", now=LATER).edited_at is None


def test_deleting_hides_the_text_and_takes_the_tags_back(boards: dict[str, Board]) -> None:
    ann, subject = person(), factories.subject()
    comment = write(ann, subject, "#satellite")
    services.add_tag(viewer=ann, subject=subject, name="trail", now=NOW)
    with pytest.raises(NotAllowed):
        services.delete_comment(viewer=person(), comment=comment, now=LATER)
    assert services.delete_comment(viewer=ann, comment=comment, now=LATER)
    assert not services.delete_comment(viewer=ann, comment=comment, now=LATER)
    comment.refresh_from_db()
    assert comment.deleted_at == LATER
    assert list(TagUse.objects.values_list("tag__name", flat=True)) == ["trail"]
    assert not AuditEntry.objects.exists()
    with pytest.raises(NotAllowed):
        services.edit_comment(viewer=ann, comment=comment, body="Back", now=LATER)


def test_a_moderator_deletes_and_closes_and_it_is_recorded(boards: dict[str, Board]) -> None:
    ann, moderator = person(), person(permissions=["talk.moderate"])
    thread = start(ann, boards["chat"])
    services.delete_comment(viewer=moderator, comment=thread.comments.get(), now=LATER, reason="spam")
    assert services.moderate(viewer=moderator, discussion=thread, now=LATER, locked=True)
    thread.refresh_from_db()
    assert not services.moderate(viewer=moderator, discussion=thread, now=LATER, locked=True)
    assert services.moderate(viewer=moderator, discussion=thread, now=LATER, sticky=True)
    with pytest.raises(NotAllowed):
        services.moderate(viewer=ann, discussion=thread, now=LATER, locked=False)
    rows = list(AuditEntry.objects.order_by("id").values_list("actor", "verb", "object_type", "object_id", "detail"))
    assert rows == [
        (
            moderator.user.pk,
            "talk.delete",
            "comment",
            str(thread.comments.get().pk),
            {"discussion": thread.pk, "author": ann.volunteer.pk, "reason": "spam"},
        ),  # type: ignore[union-attr]
        (moderator.user.pk, "talk.moderate", "discussion", str(thread.pk), {"locked": True}),
        (moderator.user.pk, "talk.moderate", "discussion", str(thread.pk), {"sticky": True}),
    ]
    thread.refresh_from_db()
    with pytest.raises(Locked):
        services.post_comment(viewer=ann, discussion=thread, draft=draft("One more thing"), now=LATER)
    assert services.post_comment(viewer=moderator, discussion=thread, draft=draft("Closed."), now=LATER)


def test_a_reply_belongs_to_its_discussion(boards: dict[str, Board]) -> None:
    ann = person()
    here, there = start(ann, boards["chat"]), start(ann, boards["help"])
    first = here.comments.get()
    assert services.post_comment(viewer=ann, discussion=here, draft=draft("Yes", reply_to=first), now=NOW).reply_to == first
    assert services.post_comment(viewer=ann, discussion=there, draft=draft("Yes", reply_to=first), now=NOW).reply_to is None


def test_tag_chips_are_one_per_person_and_ones_own(boards: dict[str, Board]) -> None:
    root, ann, bob = factories.subject(), person(), person()
    find = factories.find(root=root)
    for viewer, name in [(ann, "#Satellite"), (ann, "satellite "), (bob, "satellite")]:
        services.add_tag(viewer=viewer, subject=find, name=name, now=NOW)
    assert list(TagUse.objects.order_by("id").values_list("tag__name", "subject", "volunteer")) == [
        ("satellite", root.pk, ann.volunteer.pk),  # type: ignore[union-attr]
        ("satellite", root.pk, bob.volunteer.pk),  # type: ignore[union-attr]
    ]
    assert services.remove_tag(viewer=bob, subject=root, name="Satellite")
    assert not services.remove_tag(viewer=bob, subject=root, name="satellite")
    assert TagUse.objects.get().volunteer == ann.volunteer
    for name in ("", "ab", "two words", "#", "a/b"):
        with pytest.raises(BadText):
            services.add_tag(viewer=ann, subject=root, name=name, now=NOW)


def test_tags_of_a_free_discussion_hang_on_the_discussion(boards: dict[str, Board]) -> None:
    thread = start(person(), boards["science"], body="All about #lenses")
    use = TagUse.objects.get()
    assert (use.discussion, use.subject, use.tag.name) == (thread, None, "lenses")


def test_writing_too_fast_is_refused_with_words_and_loses_nothing(boards: dict[str, Board]) -> None:
    ann, subject = person(), factories.subject()
    sent = [draft(f"Comment {number}") for number in range(7)]
    for each in sent[:6]:
        services.comment_on_subject(viewer=ann, subject=subject, draft=each, now=NOW)
    with pytest.raises(Slower, match="a lot in a short time") as refused:
        services.comment_on_subject(viewer=ann, subject=subject, draft=sent[6], now=NOW)
    assert refused.value.extra["retry_after"] <= 60
    assert services.comment_on_subject(viewer=ann, subject=subject, draft=sent[0], now=NOW).body == "Comment 0"  # sent again: still stored
    assert write(person(), subject).pk
    assert Comment.objects.count() == 7


@pytest.mark.django_db(transaction=True)
def test_many_first_comments_at_once_make_one_thread(unlimited: None) -> None:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():  # type: ignore[attr-defined]
        pytest.skip("threads share one SQLite database in memory, which locks whole tables")
    seed_boards(NOW)
    subject, people = factories.subject(), [person() for _ in range(4)]
    same, failures = draft("Same #trail #arc #lens"), list[BaseException]()

    def post(viewer: Viewer, text: services.Draft) -> None:
        try:
            services.comment_on_subject(viewer=viewer, subject=subject, draft=text, now=NOW)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    texts: list[tuple[Viewer, Any]] = [(viewer, draft(f"#lens #trail #tag{n}")) for n, viewer in enumerate(people)] + [(people[0], same)] * 4
    threads = [threading.Thread(target=post, args=pair) for pair in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert Discussion.objects.count() == 1
    assert Comment.objects.count() == 5
    assert TagUse.objects.count() == 4 * 3 + 3


def test_request_ids_are_optional(boards: dict[str, Board]) -> None:
    ann, subject = person(), factories.subject()
    for _ in range(2):
        services.comment_on_subject(viewer=ann, subject=subject, draft=services.Draft(body="Same"), now=NOW)
    assert Comment.objects.count() == 2
    assert not Comment.objects.filter(request_id=uuid.UUID(int=0)).exists()
