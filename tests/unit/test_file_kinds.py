"""The kind of a file follows from its ending, those of Flowable, Activiti and Camunda 7 included."""

from __future__ import annotations

import pytest

from server.file_kinds import kind_of_file


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("loan.bpmn", "bpmn"),
        ("loan.bpmn20.xml", "bpmn"),
        ("folder/Loan.BPMN20.XML", "bpmn"),
        ("rates.dmn", "dmn"),
        ("rates.dmn11.xml", "dmn"),
        ("apply.form", "form"),
        ("loan.xml", None),
        ("loan.bpmn.xml", None),
        ("bpmn20.xml", None),
        ("apply.json", None),
        ("loan", None),
    ],
)
def test_the_ending_tells_the_kind(name, kind):
    assert kind_of_file(name) == kind
