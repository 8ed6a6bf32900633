"""The cache for answers about texts."""

from __future__ import annotations

from iam_catalog.cache import MAX_ENTRIES, MAX_LENGTH, BoundedCache


def test_so_many_answers_are_cached_and_none_about_very_long_texts() -> None:
    cache: BoundedCache[int] = BoundedCache()
    for number in range(MAX_ENTRIES + 5):
        assert cache.keep(str(number), number) == number
    assert cache.keep("x" * (MAX_LENGTH + 1), 1) == 1

    assert len(cache) == 5
