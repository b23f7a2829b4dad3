"""What kind a file of definitions is, by the end of its name: the only place that knows the endings.

Beside the usual endings those of Flowable, Activiti and Camunda 7 are taken, so that their files need no new names. The
ending only says which reader a file is for; whether it is BPMN or DMN is seen from its content.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

BPMN: Final = "bpmn"
DMN: Final = "dmn"
FORM: Final = "form"

ENDINGS: Final[Mapping[str, tuple[str, ...]]] = {
    BPMN: (".bpmn", ".bpmn20.xml"),
    DMN: (".dmn", ".dmn11.xml"),
    FORM: (".form",),
}
"""The endings of each kind, the usual one first."""

EVERY_ENDING: Final = tuple(ending for endings in ENDINGS.values() for ending in endings)


def kind_of_file(name: str) -> str | None:
    """The kind (bpmn, dmn or form) of a file of this name; None where it is of no kind that can be deployed."""
    lower = name.lower()
    return next((kind for kind, endings in ENDINGS.items() if lower.endswith(endings)), None)
