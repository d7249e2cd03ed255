"""The recipe of a training set: pure functions of what people decided."""

import dataclasses
import json

import pytest

from ml import labels
from ml.detector.samples import split_of
from ml.labels import Fact, FactTrail

LINE = ((10.0, 10.0), (90.0, 60.0))
OTHER = ((10.0, 200.0), (120.0, 220.0))


def fact(says: str = "no", *, cutout: int = 1, exposure: int = 1, source: str = "classify", **fields: object) -> Fact:
    defaults = {"asked": ("asteroid",), "origin": f"{source} {cutout}"}
    return Fact(cutout, exposure, source, says, **{**defaults, **fields})  # type: ignore[arg-type]


def test_an_agreed_trail_makes_a_yes_row_with_its_line() -> None:
    row = labels.merge([fact("yes", trails=(FactTrail("asteroid", LINE, 0.9),))])
    assert row is not None
    assert (row["label"], row["hard"], row["asked"]) == ("yes", False, ["asteroid"])
    assert row["trails"] == [{"klass": "asteroid", "points": [[10.0, 10.0], [90.0, 60.0]], "weight": 0.9}]


def test_a_confirmed_find_replaces_the_two_clicked_ends_at_the_same_place() -> None:
    curve = ((10.0, 11.0), (50.0, 36.0), (91.0, 60.0))
    row = labels.merge(
        [
            fact("yes", trails=(FactTrail("asteroid", LINE),)),
            fact("yes", source="review", trails=(FactTrail("asteroid", curve, labels.CONFIRMED_WEIGHT),)),
        ]
    )
    assert row is not None
    assert [t["points"] for t in row["trails"]] == [[list(p) for p in curve]]


def test_trails_at_different_places_are_kept_side_by_side() -> None:
    row = labels.merge([fact("yes", trails=(FactTrail("asteroid", LINE), FactTrail("satellite", OTHER)))])
    assert row is not None
    assert [t["klass"] for t in row["trails"]] == ["asteroid", "satellite"]
    assert row["asked"] == ["asteroid", "satellite"]


def test_a_rejected_find_makes_a_hard_negative() -> None:
    row = labels.merge([fact("no", source="review", rejected=(FactTrail("asteroid", LINE),))])
    assert row is not None
    assert (row["label"], row["hard"], row["trails"]) == ("no", True, [])


def test_a_rejection_on_an_agreed_trail_is_a_conflict_and_left_out() -> None:
    agreed = fact("yes", trails=(FactTrail("asteroid", LINE),))
    rejected = fact("no", source="review", rejected=(FactTrail("asteroid", LINE),))
    assert labels.merge([agreed, rejected]) is None
    assert labels.build_rows([agreed, rejected], barred_cutouts=frozenset(), barred_exposures=frozenset()) == ([], 1)


def test_a_rejection_elsewhere_on_a_yes_cutout_takes_nothing_away() -> None:
    row = labels.merge([fact("yes", trails=(FactTrail("asteroid", LINE),)), fact("no", source="review", rejected=(FactTrail("asteroid", OTHER),))])
    assert row is not None
    assert (row["label"], len(row["trails"]), row["hard"]) == ("yes", 1, False)


def test_a_yes_without_agreed_marks_stays_yes_without_trails() -> None:
    row = labels.merge([fact("yes")])
    assert row is not None
    assert (row["label"], row["trails"]) == ("yes", [])


def test_barred_cutouts_and_exposures_never_enter() -> None:
    facts = [fact(cutout=1, exposure=1), fact(cutout=2, exposure=1), fact(cutout=3, exposure=2)]
    rows, _ = labels.build_rows(facts, barred_cutouts=frozenset({1}), barred_exposures=frozenset({2}))
    assert [row["cutout"] for row in rows] == [2]


def test_the_split_is_by_exposure_and_stable() -> None:
    rows, _ = labels.build_rows([fact(cutout=c, exposure=c // 4) for c in range(400)], barred_cutouts=frozenset(), barred_exposures=frozenset())
    by_exposure: dict[int, set[str]] = {}
    for row in rows:
        by_exposure.setdefault(row["exposure"], set()).add(row["split"])
    assert all(splits == {split_of(str(exposure))} for exposure, splits in by_exposure.items())
    assert {s for splits in by_exposure.values() for s in splits} == {"train", "val", "test"}


def test_the_hash_names_rows_and_recipe_whatever_their_order() -> None:
    rows, _ = labels.build_rows([fact(cutout=c) for c in (3, 1, 2)], barred_cutouts=frozenset(), barred_exposures=frozenset())
    how = labels.recipe(seed=1, include_demo=False)
    assert labels.set_hash(rows, how) == labels.set_hash(rows[::-1], dict(reversed(how.items())))
    assert labels.set_hash(rows, how) != labels.set_hash(rows, labels.recipe(seed=2, include_demo=False))
    assert labels.set_hash(rows, how) != labels.set_hash(rows[:-1], how)


def test_the_manifest_is_one_canonical_line_per_cutout() -> None:
    rows, _ = labels.build_rows([fact(cutout=c) for c in (2, 1)], barred_cutouts=frozenset(), barred_exposures=frozenset())
    lines = labels.manifest(rows).decode().splitlines()
    assert [json.loads(line)["cutout"] for line in lines] == [1, 2]
    assert lines[0] == json.dumps(rows[0], sort_keys=True, separators=(",", ":"))


def test_a_new_revision_of_a_label_changes_the_hash() -> None:
    how = labels.recipe(seed=1, include_demo=False)
    before = fact(origin="classify 1 revision 1")
    after = dataclasses.replace(before, origin="classify 1 revision 2")
    hashes = {labels.set_hash([row], how) for f in (before, after) if (row := labels.merge([f]))}
    assert len(hashes) == 2


def test_too_few_labels_are_refused_with_numbers() -> None:
    rows, _ = labels.build_rows([fact(cutout=c) for c in range(3)], barred_cutouts=frozenset(), barred_exposures=frozenset())
    with pytest.raises(labels.TooFewLabels, match=r"0 of 5 cutouts with agreed trails, 3 of 5 cutouts without a trail, from 1 of 3") as caught:
        labels.check_enough(rows)
    assert caught.value.have == {"yes": 0, "no": 3, "exposures": 1}
