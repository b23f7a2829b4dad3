"""JavaScript patterns find in Python what they find in the browser."""

from __future__ import annotations

import pytest

from server.forms.patterns import PatternError, PatternTimeoutError, compile_pattern


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"^\d{3}$", "123", True),
        (r"^\d{3}$", "123\n", False),  # Python's own $ would match
        (r"^\d{3}$", "１２３", False),  # Python's own \d would match
        (r"b+", "abbbc", True),  # anywhere, as RegExp.test
        (r"^\s$", "\u3000", True),  # the space of Chinese typesetting
        (r"^[\s-]+$", "\u3000- ", True),
        (r"^\S+$", "a\u3000b", False),
        (r"^[\u4e00-\u9fa5·]{2,20}$", "阿凡提·买买提", True),
        (r"^(?<year>\d{4})-\k<year>$", "2026-2026", True),
        (r"^(?=.*[A-Z])(?!.*x).+$", "aBc", True),
        (r"^(?<!a)b\/c$", "b/c", True),
        (r"^[^]$", "\n", True),
        (r"[]", "a", False),
        (r"^[[a]$", "[", True),
        (r"^[a&&b]$", "&", True),
        (r"^a{,2}$", "a{,2}", True),
        (r"^\$[$]$", "$$", True),
        (r"^a{e}$", "a{e}", True),  # fuzzy matching in the regex package
        (r"^a{2}?b+?}$", "aab}", True),
        (r"(?<=a+)b$", "aab", True),
    ],
)
def test_finds_what_the_browser_finds(pattern: str, text: str, found: bool) -> None:
    assert compile_pattern(pattern).matches(text) is found


@pytest.mark.parametrize(
    "pattern",
    [r"(", r"[a", r"a++", r"(?>a)", r"(?i)a", r"(?P<n>a)", r"\p{Han}", r"\Aa", r"a**", r"a{2}+", "a\\"],
)
def test_refuses_what_only_one_dialect_knows(pattern: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern(pattern)


def test_a_search_without_end_is_stopped() -> None:
    with pytest.raises(PatternTimeoutError):
        compile_pattern(r"^((a|aa)+)+\1$").matches("a" * 60 + "!")


def test_a_value_of_unreasonable_length_does_not_match() -> None:
    assert not compile_pattern("a").matches("a" * 10_001)
