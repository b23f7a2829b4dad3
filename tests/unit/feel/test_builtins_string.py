"""String functions (DMN 1.5, 10.3.4.3) and regular expressions (XPath F&O, 5.6)."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('substring("foobar", 3)', "obar"),
        ('substring("foobar", 3, 3)', "oba"),
        ('substring("foobar", -2, 1)', "a"),
        ('substring("foobar", 3, 3.8)', "oba"),
        ('substring("foobar", 5, 100)', "ar"),
        ('substring("foobar", 0)', None),
        ('substring("foobar", 7)', None),
        ('substring("foobar", -7)', None),
        ('substring("foobar", 1, 0)', None),
        ('substring("🐎马b", 2, 1)', "马"),
        ('substring(string: "foobar", start position: 3)', "obar"),
        ('string length("🐎马")', 2),
        ('string length("")', 0),
        ('upper case("aBc4é")', "ABC4É"),
        ('lower case("ABC")', "abc"),
        ('substring before("foobar", "bar")', "foo"),
        ('substring before("foobar", "x")', ""),
        ('substring before("foobar", "")', ""),
        ('substring after("foobar", "ob")', "ar"),
        ('substring after("foobar", "x")', ""),
        ('substring after("", "a")', ""),
        ('substring after("foo", "")', "foo"),
        ('contains("foobar", "of")', False),
        ('contains("foobar", "")', True),
        ('starts with("foobar", "fo")', True),
        ('ends with("foobar", "r")', True),
        ("contains(null, null)", None),
        ('contains("a")', None),
        ('split("John Doe", "\\s")', ["John", "Doe"]),
        ('split("a;b;c;;", ";")', ["a", "b", "c", "", ""]),
        ('split("abc", "")', None),
        ('split("a1b22c", "[0-9]+")', ["a", "b", "c"]),
        ('string join(["a", "b", "c"], ", ")', "a, b, c"),
        ('string join(["a", "b"])', "ab"),
        ('string join(["a", null, "b"], "-")', "a-b"),
        ('string join(["a", null, "b"], null)', "ab"),
        ('string join([], "-")', ""),
        ('string join(["a", "b"], "-", "<", ">")', "<a-b>"),
        ('string join([1], "-")', None),
        ('string join("a", "-")', "a"),
    ],
)
def test_string_functions(feel, text, expected):
    assert feel(text) == expected


@pytest.mark.parametrize(
    ("pattern", "flags", "subject", "expected"),
    [
        ("bra", "", "abracadabra", True),
        ("^bra", "", "abracadabra", False),
        ("^a.*a$", "", "abracadabra", True),
        ("a.b", "", "a\nb", False),
        ("a.b", "", "a\rb", False),
        ("a.b", "s", "a\nb", True),
        ("^b$", "", "a\nb", False),
        ("^b$", "m", "a\nb\nc", True),
        ("a$", "", "a\n", False),
        ("A", "i", "a", True),
        ("k", "i", "\u212a", True),
        (r"\p{Lu}", "", "a", False),
        (r"\p{Lu}", "i", "a", False),
        (r"[\p{Lu}]", "i", "a", False),
        (r"[x\p{Nd}]", "i", "X", True),
        (r"\p{IsBasicLatin}+", "", "abc", True),
        (r"\P{L}", "", "abc", False),
        (r"\d", "", "٣", True),
        (r"\w+", "", "日本", True),
        (r"\i\c*", "", "_a-b", True),
        ("[a-z-[aeiou]]", "", "e", False),
        ("[a-z-[aeiou]]", "", "f", True),
        ("[^a-z-[0-9]]", "", "5", False),
        ("[A-Z-[OI]]", "i", "o", False),
        ("[A-Z-[OI]]", "i", "x", True),
        ("[^Q]", "i", "q", False),
        ("[0-9-.]", "", "-", True),
        ("[-a]", "", "-", True),
        ("[a--[a]]", "", "-", True),
        (r"[\-\]]", "", "]", True),
        ("(a)(b)\\2", "", "abb", True),
        ("(a)\\10", "", "aa0", True),
        ("(?:ab)+c", "", "ababc", True),
        ("a{2,3}", "", "aa", True),
        ("a{2,}?b", "", "aaab", True),
        ("h e l l o", "x", "hello", True),
        ("hello[ ]world", "x", "hello world", True),
        (r"\p{ I s B a s i c L a t i n }+", "x", "abc", True),
        ("a.b", "q", "a.b", True),
        ("a.b", "q", "axb", False),
        ("", "", "abc", True),
    ],
)
def test_patterns(feel, pattern, flags, subject, expected):
    assert feel("matches(s, p, f)", s=subject, p=pattern, f=flags) is expected


@pytest.mark.parametrize(
    ("pattern", "flags"),
    [
        ("(", ""),
        (")", ""),
        ("a)", ""),
        ("[", ""),
        ("[]", ""),
        ("[z-a]", ""),
        ("a**", ""),
        ("*a", ""),
        ("a{3,2}", ""),
        ("a{x}", ""),
        ("(?=a)", ""),
        ("(?P<x>a)", ""),
        ("(?i)a", ""),
        (r"\b", ""),
        (r"\x41", ""),
        (r"\p{Foo}", ""),
        (r"\p{IsNowhere}", ""),
        (r"(.)\3", ""),
        (r"(a\1)", ""),
        (r"(a)[\1]", ""),
        (r"\p{ IsBasicLatin}", ""),
        ("a", "p"),
        ("a", " "),
        ("\\", ""),
        ("a{5000}", ""),
    ],
)
def test_patterns_that_xpath_does_not_know_are_null_with_a_reason(feel, diagnose, pattern, flags):
    assert feel("matches(s, p, f)", s="a", p=pattern, f=flags) is None
    assert diagnose("matches(s, p, f)", s="a", p=pattern, f=flags) == ["invalid-argument"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('replace("abracadabra", "bra", "*")', "a*cada*"),
        ('replace("abracadabra", "a.*?a", "*")', "*c*bra"),
        ('replace("abracadabra", "a(.)", "a$1$1")', "abbraccaddabbra"),
        ('replace("darted", "^(.*?)d(.*)$", "$1c$2")', "carted"),
        ('replace("0123456789", "(\\d{3})(\\d{3})(\\d{4})", "($1) $2-$3")', "(012) 345-6789"),
        ('replace("facetiously", "[iouy]", "[$0]")', "facet[i][o][u]sl[y]"),
        ('replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', "[1=ab][2=]cd"),
        ('replace("abc", "b", "\\\\$")', "a$c"),
        ('replace("abc", "b", "\\\\\\\\")', "a\\c"),
        ('replace("abc", "(b)", "$12")', "ab2c"),
        ('replace("abc", "b", "$x")', None),
        ('replace("abc", "b", "\\x")', None),
        ('replace("abc", "x*", "-")', None),
        ('replace("a.c", ".", "$", "q")', "a$c"),
        ('replace("aBc", "b", "#", "i")', "a#c"),
        ('replace("abc", "b", "#", "z")', None),
        ('replace(input: "abc", pattern: "b", replacement: "#")', "a#c"),
    ],
)
def test_replace(feel, text, expected):
    assert feel(text) == expected
