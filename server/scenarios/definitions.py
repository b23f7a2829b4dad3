"""The processes, decisions and forms that a scenario runs with, each under its id, as a deployment would have them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePath

from server import file_kinds
from server.bpmn import ProcessModel, read_processes
from server.dmn import DecisionModel, read_dmn
from server.file_kinds import kind_of_file
from server.forms import Form, read_form
from server.messages import LendloomError, Message

from .errors import ScenarioError, malformed

Resource = tuple[str, bytes]
"""A file's name, as messages and reports show it, and its content."""


@dataclass(frozen=True, slots=True)
class PlacedDecision:
    """A decision's model and the file that it stands in."""

    resource: str
    model: DecisionModel


@dataclass(frozen=True, slots=True)
class Definitions:
    """What is deployed, by kind and id. ``process_files`` tells in which file a process stands."""

    processes: Mapping[str, ProcessModel] = field(default_factory=dict)
    process_files: Mapping[str, str] = field(default_factory=dict)
    decisions: Mapping[str, PlacedDecision] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    form_keys: Mapping[str, int] = field(default_factory=dict)

    def form(self, key: int) -> Form:
        """The form under the key that :attr:`form_keys` gives it."""
        return next(self.forms[form_id] for form_id, known in self.form_keys.items() if known == key)


def read_definitions(resources: Iterable[Resource]) -> Definitions:
    """Read files of all kinds. Raises the errors of the readers, and ScenarioError where two files define the same."""
    files = tuple(dict.fromkeys(resources))
    processes: dict[str, ProcessModel] = {}
    process_files: dict[str, str] = {}
    decisions: dict[str, PlacedDecision] = {}
    forms: dict[str, Form] = {}
    models = tuple((name, content) for name, content in files if kind_of_file(name) == file_kinds.DMN)
    for name, content in files:
        match kind_of_file(name):
            case file_kinds.BPMN:
                for process in _processes(name, content):
                    _only_once(process.process_id, process_files.get(process.process_id), name)
                    processes[process.process_id] = process
                    process_files[process.process_id] = name
            case file_kinds.DMN:
                model = _decisions(name, content, tuple(other for other in models if other[0] != name))
                for decision in model.decisions:
                    known = decisions.get(decision)
                    _only_once(decision, None if known is None else known.resource, name)
                    decisions[decision] = PlacedDecision(name, model)
            case file_kinds.FORM:
                form = _form(name, content)
                forms[form.id] = form
            case _:
                raise malformed(
                    None,
                    f"资源 {name} 不是 .bpmn、.dmn 或 .form 文件。",
                    f"The resource {name} is no .bpmn, .dmn or .form file.",
                )
    return Definitions(processes, process_files, decisions, forms, {form: n for n, form in enumerate(forms, 1)})


def _only_once(identity: str, first: str | None, second: str) -> None:
    if first is not None:
        raise malformed(
            None,
            f"“{identity}”在 {first} 和 {second} 中都有定义；请只用其中一个。",
            f"'{identity}' is defined in {first} and in {second}; use only one of them.",
        )


@lru_cache(maxsize=256)
def _processes(name: str, content: bytes) -> tuple[ProcessModel, ...]:
    with _naming(name):
        return tuple(read_processes(content, resource=name))


@lru_cache(maxsize=256)
def _decisions(name: str, content: bytes, others: tuple[Resource, ...]) -> DecisionModel:
    beside = {PurePath(other).name: text for other, text in others}
    with _naming(name):
        return read_dmn(content, resource=name, imports=beside)


@lru_cache(maxsize=256)
def _form(name: str, content: bytes) -> Form:
    with _naming(name):
        return read_form(content, resource=name)


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Let an error say which file it is about, where its reader does not."""
    try:
        yield
    except LendloomError as error:
        message = error.message
        if name in message.en:
            raise
        raise ScenarioError(Message(message.code, f"{name}：{message.zh}", f"{name}: {message.en}")) from error
