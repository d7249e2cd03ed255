"""Names and addresses go from text, and nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models import AuditEntry, Job
from core.redaction import Redaction, redact_rows, rows_with
from tests.factories import NOW

ANN = Redaction(names=("ann", "Ann.Old"), words=("Ann.Old",), addresses=("ann@mail.org", "o'hara+x@mail.org"))
EVERYWHERE = Redaction(names=("ann",), words=("ann",), addresses=("ann@mail.org",))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Thanks @ann!", "Thanks @deleted-user!"),
        ("(@ANN) @ann.", "(@deleted-user) @deleted-user."),
        ("@annette, @ann.smith, @ann-2, x@ann, @@ann", "@annette, @ann.smith, @ann-2, x@ann, @@ann"),
        ("ann said", "ann said"),
        ("Ann.Old said, ann.old's, Ann.Older", "deleted-user said, deleted-user's, Ann.Older"),
        ("/people/ann/ https://h.org/people/ann", "/people/deleted-user/ https://h.org/people/deleted-user"),
        ("mail ann@mail.org.", "mail [removed]."),
        ("joann@mail.org, ann@mail.org.uk, ann@mail.organ", "joann@mail.org, ann@mail.org.uk, ann@mail.organ"),
        ("o&#x27;hara+x@mail.org o'hara+x@mail.org", "[removed] [removed]"),
        ('<p><a href="/people/ann/" class="talk-person" rel="ugc">@ann</a> hi</p>', "<p>@deleted-user hi</p>"),
        ('<a href="/people/ann/">my friend</a>', "@deleted-user"),
        ('<a href="mailto:ann@mail.org">ann@mail.org</a>', '<a href="mailto:[removed]">[removed]</a>'),
    ],
)
def test_what_goes_and_what_stays(before: str, after: str) -> None:
    assert ANN.clean(before) == after


def test_a_bare_name_goes_as_a_whole_word_only_where_it_is_told() -> None:
    assert EVERYWHERE.clean("ann wrote: Joanna can, can't Ann?") == "deleted-user wrote: Joanna can, can't deleted-user?"
    assert EVERYWHERE.clean("ann@other.org") == "ann@other.org"


@given(st.text(alphabet="an@ ./-<>x\n", max_size=60))
def test_cleaning_twice_is_cleaning_once_and_leaves_nothing_to_find(text: str) -> None:
    once = EVERYWHERE.clean(text)

    assert EVERYWHERE.clean(once) == once
    assert not EVERYWHERE.found_in(once)


@given(st.binary(max_size=200).map(lambda raw: raw + "é @ann ann@mail.org ".encode() + raw))
def test_bytes_keep_their_length(data: bytes) -> None:
    blanked = EVERYWHERE.blank(data)

    assert len(blanked) == len(data)
    assert b" @ann " not in blanked
    assert b"ann@mail.org" not in blanked


def test_nothing_to_look_for_changes_nothing() -> None:
    assert Redaction().clean("ann ann@mail.org @ann") == "ann ann@mail.org @ann"
    assert Redaction().needles == set()


@pytest.mark.django_db
def test_rows_lose_the_words_in_text_and_json() -> None:
    umlaut = Redaction(names=("Jürgen",), words=("Jürgen",), addresses=("j@mail.org",))
    touched = AuditEntry.objects.create(
        at=NOW, verb="x", object_type="y", object_id="1", detail={"Jürgen": ["by Jürgen", {"to": "J@mail.org"}], "n": 1}
    )
    other = AuditEntry.objects.create(at=NOW, verb="x", object_type="y", object_id="2", detail={"who": "Jürgens"})
    job = Job.objects.create(kind="k", key="1", title="For Jürgen", created_at=NOW)

    assert redact_rows(AuditEntry.objects.all(), ["detail"], umlaut) == 1
    assert redact_rows(AuditEntry.objects.all(), ["detail"], umlaut) == 0
    assert redact_rows(Job.objects.all(), ["title", "params"], umlaut) == 1
    assert list(rows_with(Job.objects.all(), ["title"], Redaction())) == []

    touched.refresh_from_db()
    other.refresh_from_db()
    job.refresh_from_db()
    assert touched.detail == {"Jürgen": ["by deleted-user", {"to": "[removed]"}], "n": 1}
    assert other.detail == {"who": "Jürgens"}
    assert job.title == "For deleted-user"
