"""Lists and filters (DMN 1.5, 10.3.2.8, 10.3.2.9.4)."""

from __future__ import annotations

import pytest

PEOPLE = [
    {"name": "Ann", "age": 30, "dept": 10},
    {"name": "Bob", "age": 20, "dept": 20},
    {"name": "Cid", "age": None},
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[]", []),
        ("[1, [2], null]", [1, [2], None]),
        ("l[1]", 1),
        ("l[3]", 3),
        ("l[-1]", 3),
        ("l[-3]", 1),
        ("l[0]", None),
        ("l[4]", None),
        ("l[-4]", None),
        ("l[1.5]", None),
        ("l[i]", 2),
        ("l[i + 1]", 3),
        ("l[count(l)]", 3),
        ("[][i]", None),
        ("[][true]", []),
        ("[][item > 1]", []),
        ("l[true]", [1, 2, 3]),
        ("l[false]", []),
        ("l[null]", []),
        ('l["a"]', None),
        ("l[item > 1]", [2, 3]),
        ("l[item >= i][1]", 2),
        ("5[1]", 5),
        ("5[item > 3]", [5]),
        ("5[item > 7]", []),
        ("null[1]", None),
        ("{a: 1}[1]", {"a": 1}),
        ("people[age > 25].name", ["Ann"]),
        ('people[name = "Bob"].age', [20]),
        ("people[item.age < 25].name", ["Bob"]),
        ("people[dept = i * 10].name", ["Bob"]),
        ("people[2].name", "Bob"),
        ("people[age = null].name", ["Cid"]),
        ("people[some n in l satisfies n * 10 = age].name", ["Ann", "Bob"]),
        ("[{item: 1}, {item: 2}][item >= 2]", [{"item": 2}]),
        ("[[1, 2], [3]][item[1] = 3]", [[3]]),
        ("[{x: [{y: 1}, {y: 2}]}][count(x[y > 1]) = 1].x.y", [[1, 2]]),
        ("[1, 2, 3, 4][item > 1][item < 4]", [2, 3]),
        ("[[1, 2], [3, 4]][1][2]", 2),
        ("[> 3, < 2][1] = (> 3)", True),
    ],
)
def test_lists_and_filters(feel, text, expected):
    assert feel(text, l=[1, 2, 3], i=2, people=PEOPLE) == expected


def test_an_outer_variable_is_seen_where_the_element_has_no_such_entry(feel):
    assert feel("people[dept = limit].name", people=PEOPLE, limit=20) == ["Bob"]
    assert feel("[{limit: 1}, {x: 5}][limit = 20]", limit=20) == [{"x": 5}]


def test_a_list_of_one_stands_for_its_element_where_an_argument_wants_one(feel):
    assert feel('upper case(["a"])') == "A"
    assert feel('upper case(["a", "b"])') is None
    assert feel("count(5)") == 1
