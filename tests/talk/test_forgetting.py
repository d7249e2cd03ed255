"""Forgetting an author: theirs goes or stands under nobody; others keep their words, but for the name."""

import pytest

import classify.services
from core.models import AuditEntry
from core.redaction import Redaction
from talk import selectors, services
from talk.models import Board, Comment, Discussion, Tag, TagUse
from talk.templatetags.talk import author_name
from talk.viewers import Viewer
from tests import factories
from tests.factories import NOW
from tests.talk.conftest import person, start, write

pytestmark = pytest.mark.django_db
WORDS = Redaction(names=("annabel7",), words=("annabel7",), addresses=("ann@mail.org",))


def forget(viewer: Viewer, *, keep: bool = True, words: Redaction = WORDS) -> None:
    assert viewer.volunteer is not None
    services.forget_authors(volunteers=[viewer.volunteer.pk], nobody=classify.services.nobody(now=NOW), redaction=words, keep_comments=keep)


def test_kept_comments_stand_under_nobody_and_cannot_be_joined_with_votes(boards: dict[str, Board]) -> None:
    ann, bob, subject = person("annabel7"), person("bob"), factories.subject()
    kept = write(ann, subject, "I am annabel7, ann@mail.org #satellite")
    gone = write(ann, subject, "never mind")
    services.delete_comment(viewer=ann, comment=gone, now=NOW)
    services.add_tag(viewer=ann, subject=subject, name="arc", now=NOW)
    write(bob, subject, "Indeed", reply_to=kept)

    forget(ann)
    forget(ann)  # again does no harm

    nobody = classify.services.nobody(now=NOW)
    kept.refresh_from_db()
    assert (kept.body, kept.author, kept.request_id) == ("I am deleted-user, [removed] #satellite", nobody, None)
    assert "annabel7" not in kept.html
    assert author_name(kept.author) == "deleted user"
    assert not Comment.objects.filter(pk=gone.pk).exists()
    assert set(TagUse.objects.values_list("tag__name", "volunteer")) == {("satellite", nobody.pk), ("arc", nobody.pk)}
    assert Discussion.objects.get().author == nobody
    assert not Comment.objects.filter(author=ann.volunteer).exists()


def test_removed_comments_go_with_their_tags_and_others_stay(boards: dict[str, Board]) -> None:
    ann, bob, subject = person("annabel7"), person("bob"), factories.subject()
    mine = write(ann, subject, "Look #satellite")
    his = write(bob, subject, "Indeed", reply_to=mine)
    alone = start(ann, boards["chat"])
    services.add_tag(viewer=ann, subject=subject, name="arc", now=NOW)

    forget(ann, keep=False)

    assert list(Comment.objects.all()) == [his]
    his.refresh_from_db()
    assert his.reply_to is None
    assert not Discussion.objects.filter(pk=alone.pk).exists()
    assert list(TagUse.objects.values_list("tag__name", flat=True)) == ["arc"]


def test_others_keep_their_words_but_for_the_name(boards: dict[str, Board]) -> None:
    ann, bob = person("annabel7"), person("bob")
    subject = factories.subject()
    write(ann, subject, "Hello")
    named = write(bob, subject, "@annabel7 > annabel7 wrote: mail ann@mail.org, and @bob too ^S5")
    plain = write(bob, subject, "Nothing of her")
    thread = start(bob, boards["chat"], title="A question to annabel7")
    before = plain.html

    forget(ann)

    named.refresh_from_db()
    plain.refresh_from_db()
    thread.refresh_from_db()
    assert named.body == "@deleted-user > deleted-user wrote: mail [removed], and @bob too ^S5"
    assert "annabel7" not in named.html
    assert 'href="/people/bob/"' in named.html
    assert 'href="/subjects/5/"' in named.html
    assert (plain.body, plain.html, named.author, named.edited_at) == ("Nothing of her", before, bob.volunteer, None)
    assert thread.title == "A question to deleted-user"


def test_two_who_put_one_tag_on_one_image_become_one(boards: dict[str, Board]) -> None:
    ann, cat, subject = person("annabel7"), person("cat"), factories.subject()
    for someone in (ann, cat):
        services.add_tag(viewer=someone, subject=subject, name="arc", now=NOW)
    forget(ann)
    forget(cat, words=Redaction(names=("cat",)))

    (use,) = TagUse.objects.all()
    assert use.volunteer == classify.services.nobody(now=NOW)
    assert [(tag.name, tag.people) for tag in selectors.tags_of(subject)] == [("arc", 1)]


def test_a_tag_that_is_the_name_goes(boards: dict[str, Board]) -> None:
    ann, bob, subject = person("annabel7"), person("bob"), factories.subject()
    comment = write(bob, subject, "#annabel7 and #deleted-user")
    services.add_tag(viewer=bob, subject=subject, name="annabel7", now=NOW)

    forget(ann)

    comment.refresh_from_db()
    assert comment.body == "#deleted-user and #deleted-user"
    assert list(Tag.objects.values_list("name", flat=True)) == ["deleted-user"]
    assert TagUse.objects.count() == 2


def test_the_protocol_of_moderation_forgets_whose_comment_it_was(boards: dict[str, Board]) -> None:
    ann, chief = person("annabel7"), person(permissions=["talk.moderate"])
    services.delete_comment(viewer=chief, comment=write(ann, factories.subject(), "Rude"), now=NOW, reason="rude, @annabel7")
    forget(ann)

    assert AuditEntry.objects.get(verb="talk.delete").detail["author"] is None


@pytest.mark.parametrize(("threads", "ordinary"), [(2, False), (3, True)])
def test_a_name_that_is_a_word_is_told_by_its_use_elsewhere(boards: dict[str, Board], threads: int, ordinary: bool) -> None:
    galaxy, bob = person("galaxy"), person("bob")
    own = factories.subject()
    write(galaxy, own, "Hello")
    write(bob, own, "A galaxy, galaxy")
    write(bob, factories.subject(), "@galaxy look, a galaxy")
    for _ in range(threads):
        write(bob, factories.subject(), "This is a Galaxy")
    assert galaxy.volunteer is not None

    assert services.is_ordinary_word(name="galaxy", volunteers=[galaxy.volunteer.pk]) is ordinary


def test_a_tag_of_others_makes_a_word_ordinary(boards: dict[str, Board]) -> None:
    comet = person("comet")
    assert comet.volunteer is not None
    for _ in range(3):
        assert not services.is_ordinary_word(name="Comet", volunteers=[comet.volunteer.pk])
        services.add_tag(viewer=person(), subject=factories.subject(), name="comet", now=NOW)

    assert services.is_ordinary_word(name="Comet", volunteers=[comet.volunteer.pk])
