"""Keys betray nothing; files come back as they were."""

import re

import pytest

from core import files


def test_keys_are_random_and_sharded() -> None:
    keys = {files.new_key("png") for _ in range(50)}
    assert len(keys) == 50
    assert all(re.fullmatch(r"px/([0-9a-f]{2})/\1[0-9a-f]{38}\.png", key) for key in keys)


def test_bytes_come_back_and_a_local_copy_can_be_read() -> None:
    key = files.put(b"pixels", files.new_key("bin"))
    assert files.get(key) == b"pixels"
    with files.local_copy(key) as path:
        assert files.sha256_of(path) == "6ec9c2b0eb14010746c8bce8939303b382344b296206612eb8a907a37b2b2f37"
    files.delete(key)
    with pytest.raises(FileNotFoundError):
        files.get(key)
