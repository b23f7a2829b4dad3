"""Comparing files: what an editor leaves out when it saves is no change."""

from __future__ import annotations

from server.runtime.comparison import compare
from server.runtime.file_parts import parts_of

MODEL = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def _table(attributes: str, limit: str = "20000") -> str:
    rule = f'<rule id="r"><inputEntry id="e"><text>&lt;= {limit}</text></inputEntry></rule>'
    table = f'<decisionTable id="t" {attributes}><input id="i" label="金额"/>{rule}</decisionTable>'
    return f'<definitions xmlns="{MODEL}" id="f"><decision id="d" name="D">{table}</decision></definitions>'


def _changes(old: str, new: str, kind: str = "dmn") -> list[tuple[str, str | None, str | None]]:
    compared = compare(parts_of(kind, old), parts_of(kind, new))
    return [(p.path, p.old, p.new) for change in compared.changes for p in change.properties]


def test_an_assumed_value_that_is_written_or_not_is_no_change() -> None:
    assert _changes(_table('hitPolicy="UNIQUE"'), _table("")) == []


def test_a_value_that_becomes_the_assumed_one_is_told_with_both() -> None:
    (changed,) = _changes(_table('hitPolicy="FIRST"'), _table(""))
    assert changed == ("decisionTable.hitPolicy", "FIRST", "UNIQUE")


def test_what_is_left_out_hides_no_other_change() -> None:
    (changed,) = _changes(_table('hitPolicy="UNIQUE"'), _table("", "30000"))
    assert changed[1:] == ("<= 20000", "<= 30000")


def test_a_boundary_event_interrupts_where_it_says_nothing() -> None:
    def process(attributes: str) -> str:
        return (
            '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p"><task id="a"/>'
            f'<boundaryEvent id="b" attachedToRef="a" {attributes}/></process></definitions>'
        )

    assert _changes(process('cancelActivity="true"'), process(""), "bpmn") == []
    assert _changes(process(""), process('cancelActivity="false"'), "bpmn") == [("cancelActivity", "true", "false")]
