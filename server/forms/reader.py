"""Reading a form: form-js JSON (schema version 19) into components, with everything that is wrong with it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn

from server.forms import wording
from server.forms.binding import Binding, BoundTree, parse_binding
from server.forms.components import Component, Computed, DynamicList, Field, Group, Presentation
from server.forms.errors import FormError
from server.forms.field_reader import FIELD_TYPES, read_field
from server.forms.form import Form
from server.forms.settings import Settings
from server.messages import Finding, Message, Severity

SCHEMA_VERSION = 19
"""The newest version of form-js's schema whose components are known here."""

PRESENTATION_TYPES = frozenset(
    {"text", "html", "image", "table", "documentPreview", "spacer", "separator", "button", "iframe"}
)
CONTAINER_TYPES = frozenset({"group", "dynamiclist"})
_DEEPEST = 20


def read_form(text: str | bytes, *, resource: str = "") -> Form:
    """Read the form in ``text``; ``resource`` is the file's name in findings.

    Raises :class:`FormError` with all findings when there is any error; warnings stay with the form.
    """
    content = text.encode() if isinstance(text, str) else text
    return _Reader(content, resource).form()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the form's data the components being read lie: at ``prefix`` below what ``bound`` holds."""

    bound: BoundTree
    prefix: Binding = ()
    depth: int = 0

    def within(self, path: Binding) -> _Place:
        """Inside a group bound at ``path``."""
        return _Place(self.bound, (*self.prefix, *path), self.depth + 1)

    def row_of(self, path: Binding) -> _Place:
        """Inside a row of the dynamic list bound at ``path``."""
        return _Place(self.bound.at((*self.prefix, *path)), (), self.depth + 1)


class _Reader:
    """One reading of one file."""

    def __init__(self, content: bytes, resource: str) -> None:
        self._content = content
        self._resource = resource
        self._text = ""
        self._findings: list[Finding] = []
        self._ids: set[str] = set()
        self._unnamed = 0
        self._variables: frozenset[str] = frozenset()

    def form(self) -> Form:
        schema = self._schema()
        version = schema.get("schemaVersion")
        if isinstance(version, int) and version > SCHEMA_VERSION:
            self._report(wording.newer_schema(version, SCHEMA_VERSION), Severity.WARNING)
        identity = schema["id"]
        assert isinstance(identity, str)
        self._ids.add(identity)
        self._variables = frozenset(_variables(schema, 0))
        bound = BoundTree()
        components = self._components(schema, identity, _Place(bound))
        if any(finding.severity is Severity.ERROR for finding in self._findings):
            self._refuse()
        return Form(
            id=identity,
            content_hash=hashlib.sha256(self._content).hexdigest(),
            schema=schema,
            components=components,
            bound=bound,
            findings=tuple(self._findings),
        )

    def _schema(self) -> dict[str, object]:
        try:
            self._text = self._content.decode("utf-8-sig")
            schema: object = json.loads(
                self._text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_object
            )
        except (ValueError, RecursionError) as error:
            self._report(wording.not_json(str(error)), line=getattr(error, "lineno", None))
            self._refuse()
        if (
            not isinstance(schema, dict)
            or schema.get("type") != "default"
            or not isinstance(schema.get("id"), str)
            or not isinstance(schema.get("components"), list)
        ):
            self._report(wording.not_a_form())
            self._refuse()
        return schema

    def _components(self, parent: Mapping[str, object], name: str, place: _Place) -> tuple[Component, ...]:
        """The components in ``parent``."""
        listed = parent.get("components", [])
        if place.depth > _DEEPEST:
            self._report(wording.nested_too_deep(_DEEPEST), element=name)
            return ()
        components = []
        for raw in listed if isinstance(listed, list) else [None]:
            if isinstance(raw, dict) and isinstance(raw.get("type"), str):
                component = self._component(raw, place)
                components += [component] if component else []
            else:
                self._report(wording.not_a_component(name), element=name)
        return tuple(components)

    def _component(self, raw: dict[str, object], place: _Place) -> Component | None:
        kind = str(raw["type"])
        identity = self._identity(raw, kind)
        settings = self._settings(raw, identity)
        settings.check_shown_formulas()
        if kind in PRESENTATION_TYPES:
            settings.formula("conditional.hide")
            return Presentation(identity, kind)
        if kind == "group":
            return self._group(raw, identity, settings, place)
        if kind == "dynamiclist":
            return self._dynamic_list(raw, identity, settings, place)
        if kind in FIELD_TYPES or kind == "expression":
            return self._field(kind, identity, settings, place)
        known = FIELD_TYPES | PRESENTATION_TYPES | CONTAINER_TYPES | {"expression"}
        settings.error(wording.unknown_type(identity, kind, known))
        return None

    def _field(self, kind: str, identity: str, settings: Settings, place: _Place) -> Field | Computed | None:
        key = self._claimed("key", settings, place, closed=True)
        if kind != "expression":
            field = read_field(kind, identity, key or (identity,), settings)
            return field if key else None
        settings.choice("computeOn", ("change", "presubmit"), "change")
        hide = settings.formula("conditional.hide")
        formula = settings.formula("expression")
        if formula is None and not settings.get("expression"):
            settings.error(wording.feel_expected(settings.name, "expression"))
        return Computed(identity, key, formula, hide) if key and formula else None

    def _group(self, raw: dict[str, object], identity: str, settings: Settings, place: _Place) -> Group:
        path: Binding = ()
        if settings.get("path") not in (None, ""):
            path = self._claimed("path", settings, place) or ()
        components = self._components(raw, identity, place.within(path))
        return Group(identity, path, components, settings.formula("conditional.hide"))

    def _dynamic_list(self, raw: dict[str, object], identity: str, settings: Settings, place: _Place) -> DynamicList:
        path = self._claimed("path", settings, place, rows=True)
        row = place.row_of(path) if path else _Place(BoundTree(), (), place.depth + 1)
        repetitions = settings.count("defaultRepetitions")
        return DynamicList(
            id=identity,
            label=settings.text("label") or ".".join(path or ()),
            path=path or (identity,),
            components=self._components(raw, identity, row),
            default_rows=1 if repetitions is None else repetitions,
            fixed=not settings.flag("allowAddRemove", True),
            hide=settings.formula("conditional.hide"),
        )

    def _claimed(
        self,
        setting: str,
        settings: Settings,
        place: _Place,
        *,
        rows: bool = False,
        closed: bool = False,
    ) -> Binding | None:
        """The key or path of a component, when it is one and nobody else has it."""
        binding = parse_binding(settings.get(setting))
        if binding is None:
            settings.error(wording.wrong_binding(settings.name, setting, settings.get(setting) or ""))
        elif not place.bound.claim((*place.prefix, *binding), rows=rows, closed=closed):
            settings.error(wording.duplicate_binding(settings.name, ".".join((*place.prefix, *binding))))
        else:
            return binding
        return None

    def _identity(self, raw: dict[str, object], kind: str) -> str:
        """The component's id; form-js makes one up where there is none, and so must we."""
        identity = raw.get("id")
        if not isinstance(identity, str) or not identity:
            self._unnamed += 1
            return f"{raw.get('key') or raw.get('path') or kind} #{self._unnamed}"
        if identity in self._ids:
            self._report(wording.duplicate_id(identity), element=identity)
            self._unnamed += 1
            return f"{identity} #{self._unnamed}"
        self._ids.add(identity)
        return identity

    def _settings(self, raw: dict[str, object], identity: str) -> Settings:
        def report(message: Message, severity: Severity) -> None:
            self._report(message, severity, element=identity)

        return Settings(raw, identity, self._variables, report)

    def _report(
        self,
        message: Message,
        severity: Severity = Severity.ERROR,
        *,
        element: str = "",
        line: int | None = None,
    ) -> None:
        if line is None and element:
            line = self._line_of(element)
        self._findings.append(Finding(severity, message, self._resource, element, line))

    def _line_of(self, identity: str) -> int | None:
        """The line of the component's id in the file."""
        found = re.search(r'"id"\s*:\s*' + re.escape(json.dumps(identity, ensure_ascii=False)), self._text)
        return self._text.count("\n", 0, found.start()) + 1 if found else None

    def _refuse(self) -> NoReturn:
        errors = [finding for finding in self._findings if finding.severity is Severity.ERROR]
        raise FormError(wording.refused(len(errors), errors[0].message), self._findings)


def _variables(component: object, depth: int) -> Iterator[str]:
    """The first names of all keys and paths below ``component``."""
    if not isinstance(component, dict) or depth > _DEEPEST:
        return
    for setting in ("key", "path"):
        binding = parse_binding(component.get(setting))
        if binding is not None:
            yield binding[0]
    inner = component.get("components")
    for child in inner if isinstance(inner, list) else ():
        yield from _variables(child, depth + 1)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A JSON object whose names differ; of two values under one name, one would silently be lost."""
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f'the name "{twice}" occurs twice in one object')
    return made
