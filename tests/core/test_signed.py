"""Signed links carry what they name, for one purpose and for a time."""

from datetime import timedelta

import pytest
from django.test import override_settings

from core import signed

MINUTE = timedelta(minutes=1)


def test_a_link_says_what_was_signed() -> None:
    token = signed.sign({"n": 7}, purpose="copy")

    assert signed.read(token, purpose="copy", max_age=MINUTE) == {"n": 7}


@pytest.mark.parametrize("spoil", [lambda t: t[:-1] + ("A" if t[-1] != "A" else "B"), lambda t: "x" + t, lambda t: "", lambda t: "ä:b:c"])
def test_a_changed_link_is_forged(spoil) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(signed.Forged):
        signed.read(spoil(signed.sign(7, purpose="copy")), purpose="copy", max_age=MINUTE)


def test_a_link_for_another_purpose_or_by_another_site_is_forged() -> None:
    token = signed.sign(7, purpose="copy")

    with pytest.raises(signed.Forged):
        signed.read(token, purpose="other", max_age=MINUTE)
    with override_settings(SECRET_KEY="another"), pytest.raises(signed.Forged):
        signed.read(token, purpose="copy", max_age=MINUTE)


def test_an_old_link_has_expired() -> None:
    with pytest.raises(signed.Expired):
        signed.read(signed.sign(7, purpose="copy"), purpose="copy", max_age=-MINUTE)
