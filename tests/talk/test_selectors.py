"""What a person sees of Talk: constant queries, and nothing of what others still classify."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

import classify.services
from classify.models import Subject
from talk import selectors, services
from talk.models import Board, Comment, Discussion, Tag, TagUse
from talk.selectors.discussions import COMMENTS_PER_PAGE
from talk.viewers import ANYBODY, Viewer
from tests import factories
from tests.factories import NOW
from tests.talk.conftest import draft, person, start, write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unlimited")]


def threads(count: int, viewer: Viewer) -> list[Comment]:
    """Threads about finished subjects, each with one comment and a tag."""
    return [write(viewer, factories.subject(), f"Number {number} #satellite #tag{number}") for number in range(count)]


def hidden_thread(body: str = "A secret #satellite") -> Comment:
    """A thread about a subject that is still being classified blind."""
    subject = factories.subject()
    comment = write(person(), subject, body)
    factories.status(subject=subject, workflow=factories.workflow())
    return comment


@pytest.mark.parametrize("count", [1, 3, 30])
def test_board_list(boards: dict[str, Board], count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    ann = person()
    threads(count, ann)
    for slug in ("help", "science", "chat"):
        start(ann, boards[slug], f"About {slug}")
    with django_assert_num_queries(4):
        rows = selectors.board_list(ANYBODY)
    assert [(row.slug, row.n_discussions) for row in rows] == [("notes", count), ("help", 1), ("science", 1), ("chat", 1), ("announcements", 0)]
    assert rows[3].last.title == "About chat"
    assert rows[4].last is None


@pytest.mark.parametrize("count", [1, 3, 20])
def test_a_page_of_a_board(boards: dict[str, Board], count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    threads(count, person())
    with django_assert_num_queries(4):
        page = selectors.discussion_page(ANYBODY, boards["notes"], None)
        titles = [(row.title, row.n_comments, row.thumbnail.credit, row.author.user.username) for row in page.object_list]
    assert len(titles) == count
    assert titles[0][1:3] == (1, "NASA/ESA/STScI")


@pytest.mark.parametrize("count", [1, 3, 20])
def test_a_page_of_comments(boards: dict[str, Board], count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    subject, people = factories.subject(), [person() for _ in range(3)]
    for number in range(count):
        last = write(people[number % 3], subject)
    with django_assert_num_queries(2):
        page = selectors.comment_page(last.discussion, None)
        names = [comment.author.user.username for comment in page.object_list]
    assert len(names) == count


@pytest.mark.parametrize("count", [1, 3, 24])
def test_a_tag_page(boards: dict[str, Board], count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    threads(count, person())
    with django_assert_num_queries(5):
        page = selectors.tag_page(ANYBODY, "satellite")
    assert len(page.subjects) == count
    assert all(item.thumbnail and item.people == 1 for item in page.subjects)
    assert (page.n_people, page.n_hidden, len(page.comments)) == (1, 0, min(count, 10))


@pytest.mark.parametrize("count", [1, 3, 20])
def test_the_part_on_a_subjects_page(boards: dict[str, Board], count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    ann, subject = person(), factories.subject()
    for number in range(count):
        write(ann, subject, f"#tag{number}")
    with django_assert_num_queries(6):
        shown = selectors.subject_context(subject, ann.volunteer)["talk"]
        names = [comment.author.user.username for comment in shown["page"].object_list]
    assert (len(names), len(shown["tags"])) == (count, count)


def test_deleted_comments_keep_their_place_and_pages_hold(boards: dict[str, Board]) -> None:
    ann, subject = person(), factories.subject()
    comments = [write(ann, subject, f"Comment {number}") for number in range(COMMENTS_PER_PAGE + 1)]
    services.delete_comment(viewer=ann, comment=comments[0], now=NOW)
    assert selectors.page_of(comments[COMMENTS_PER_PAGE - 1]) == 1
    assert selectors.page_of(comments[-1]) == 2
    assert list(selectors.comment_page(comments[0].discussion, "last").object_list) == comments[-1:]
    assert selectors.comment_page(comments[0].discussion, "1").object_list[0].deleted_at == NOW


def test_popular_tags_count_different_people(boards: dict[str, Board]) -> None:
    subject, ann, bob = factories.subject(), person(), person()
    for viewer, name in [(ann, "arc"), (ann, "satellite"), (bob, "satellite")]:
        services.add_tag(viewer=viewer, subject=subject, name=name, now=NOW)
    write(ann, subject, "#satellite again")
    start(ann, boards["chat"], body="#satellite #chatter")
    assert selectors.popular_tags() == [
        {"name": "satellite", "n_people": 2, "n_subjects": 1},
        {"name": "arc", "n_people": 1, "n_subjects": 1},
        {"name": "chatter", "n_people": 1, "n_subjects": 0},
    ]
    assert [row["name"] for row in selectors.popular_tags(5, boards["chat"])] == ["chatter", "satellite"]


def test_words_of_closed_boards_stay_there(boards: dict[str, Board]) -> None:
    moderator = person(permissions=["talk.moderate"])
    Board.objects.filter(slug="chat").update(can_read=Board.Who.MODERATORS)
    thread = start(moderator, Board.objects.get(slug="chat"), body="#secretplan")
    assert selectors.popular_tags() == []
    assert selectors.recent_comments(5) == []
    assert selectors.tag_page(person(), "secretplan").comments == []
    assert selectors.discussion_for(ANYBODY, thread.pk) is None
    assert selectors.discussion_for(moderator, thread.pk) == thread
    assert selectors.recent_comments(5, moderator) == [thread.comments.get()]


def test_tags_of_a_subject_say_which_are_mine(boards: dict[str, Board]) -> None:
    subject, ann, bob = factories.subject(), person(), person()
    write(ann, subject, "#arc #satellite")
    services.add_tag(viewer=ann, subject=subject, name="satellite", now=NOW)
    services.add_tag(viewer=bob, subject=subject, name="satellite", now=NOW)
    rows = [(tag.name, tag.people, tag.mine, tag.my_chip) for tag in selectors.tags_of(subject, ann.volunteer)]
    assert rows == [("satellite", 2, True, True), ("arc", 1, True, False)]
    assert not any(tag.mine for tag in selectors.tags_of(factories.find(root=subject)))


# --- the blind rule ------------------------------------------------------------------------------


def leaks(viewer: Viewer, comment: Comment, boards: dict[str, Board]) -> list[str]:
    """Where a thread, its subject or its tags can be recognised by this person."""
    subject: Any = comment.discussion.subject
    tag = selectors.tag_page(viewer, "satellite")
    shown = selectors.subject_context(subject, viewer.volunteer)["talk"]
    notes = next(row for row in selectors.board_list(viewer) if row.slug == "notes")
    page = selectors.discussion_page(viewer, boards["notes"], None)
    found = {
        "tag page, subjects": any(item.public_id == subject.public_id for item in tag.subjects),
        "tag page, comments": comment in tag.comments,
        "recent comments": comment in selectors.recent_comments(5, viewer),
        "board list": bool(notes.last) and not notes.last.hidden,
        "board page": any(not row.hidden for row in page.object_list),
        "subject's page": not shown["hidden"] or "tags" in shown,
        "comment": selectors.comment_for(viewer, comment.pk) is not None,
    }
    return [place for place, leak in found.items() if leak]


def test_nothing_of_a_hidden_thread_can_be_recognised(boards: dict[str, Board]) -> None:
    comment, ann = hidden_thread(), person()
    assert leaks(ANYBODY, comment, boards) == []
    assert leaks(ann, comment, boards) == []
    assert leaks(person(permissions=["talk.moderate"]), comment, boards) == []
    assert selectors.tag_page(ann, "satellite").n_hidden == 1
    subject: Any = comment.discussion.subject
    classify.services.reveal(volunteer=ann.volunteer, root=subject, now=NOW)
    assert len(leaks(ann, comment, boards)) == 7
    assert leaks(ANYBODY, comment, boards) == []
    classify.services.retire_subject(workflow=subject.statuses.get().workflow.slug, public_id=subject.public_id, reason="human", actor=None, now=NOW)
    assert len(leaks(ANYBODY, comment, boards)) == 7
    assert selectors.tag_page(ANYBODY, "satellite").n_hidden == 0


def test_a_find_that_is_reviewed_blind_hides_the_thread_of_its_root(boards: dict[str, Board]) -> None:
    root = factories.subject()
    comment = write(person(), root, "#satellite")
    factories.find(root=root, workflow=factories.workflow())
    assert leaks(ANYBODY, comment, boards) == []


def test_chips_on_hidden_subjects_do_not_show(boards: dict[str, Board]) -> None:
    subject, ann = factories.subject(), person()
    services.add_tag(viewer=ann, subject=subject, name="arc", now=NOW)
    factories.status(subject=subject, workflow=factories.workflow())
    page = selectors.tag_page(person(), "arc")
    assert (page.subjects, page.n_hidden) == ([], 1)


def test_rows_of_the_room(boards: dict[str, Board]) -> None:
    comment = write(person(), factories.subject(), "A long text " * 10 + "#arc")
    names = [str(row) for row in (boards["notes"], comment.discussion, comment, Tag.objects.get())]
    assert names == ["Notes", f"S{Subject.objects.get().public_id}", comment.body[:60], "#arc"]
    assert str(TagUse.objects.get()) == f"#arc by {comment.author_id}"
    assert Discussion.objects.get().title == names[1]
    assert draft("x").body == "x"
