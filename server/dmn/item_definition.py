"""Item definitions (DMN 1.5, 7.3.2) as types of FEEL, so that ``instance of``, parameters and results agree.

A type reference is a FEEL type, an item definition of the file, or ``import.type``. A value that does not conform
to the type of the place it stands in becomes null with a diagnostic (DMN 1.5, 10.3.2.9.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.dmn import findings as faults
from server.dmn.findings import FindingLog
from server.dmn.model import ItemDefinition, Place, UnaryTests
from server.feel import FeelSyntaxError, ast, compile_expression, compile_unary_tests
from server.feel import UnaryTests as CompiledTests
from server.feel.budget import Spend, unlimited
from server.feel.diagnostics import DiagnosticKind, Fault
from server.feel.types import (
    ANY,
    BUILTIN_TYPES,
    ContextType,
    FeelType,
    FunctionType,
    ListType,
    coerce,
)


@dataclass(frozen=True, slots=True)
class ConstrainedType(FeelType):
    """A base type whose values must also pass tests: the allowed values of an item definition."""

    base: FeelType
    tests: CompiledTests
    label: str

    @property
    def name(self) -> str:
        """The item definition's name."""
        return self.label

    def includes(self, value: Any, spend: Spend = unlimited) -> bool:
        """Whether the value is of the base type and one of the allowed ones."""
        return self.base.includes(value, spend) and self.tests.matches(value, {}) is True


def conform(value: Any, type_: FeelType, spend: Spend = unlimited) -> Any:
    """The value as ``type_`` wants it, constraints included; raises Fault where it does not conform."""
    if not isinstance(type_, ConstrainedType):
        return coerce(value, type_, spend)
    value = conform(value, type_.base, spend)
    if value is not None and type_.tests.matches(value, {}) is not True:
        raise Fault(DiagnosticKind.TYPE_MISMATCH, faults.not_allowed(type_.label, type_.tests.text))
    return value


class TypeRegistry:
    """The types of one file; each is built when it is first asked for."""

    def __init__(
        self,
        definitions: Mapping[str, ItemDefinition],
        imports: Mapping[str, TypeRegistry],
        log: FindingLog,
    ) -> None:
        self._definitions = definitions
        self._imports = imports
        self._log = log
        self._types: dict[str, FeelType] = {}
        self._building: list[str] = []
        self._unknown: set[str] = set()
        self._by_name: Mapping[str, FeelType] | None = None
        for name in definitions:
            self.named(name)

    def resolve(self, reference: str | None, place: Place) -> FeelType | None:
        """The type that a reference names; None for no reference, for Any, and for an unknown type (logged)."""
        name = " ".join((reference or "").split())
        if not name:
            return None
        found = self.named(name)
        if found is None and name not in self._unknown:
            self._unknown.add(name)
            self._log.error(faults.unknown_type(name), place)
        return None if found is ANY else found

    def named(self, name: str) -> FeelType | None:
        """The type of that name: an item definition, a FEEL type, or one of an import; None where there is none."""
        if name in self._definitions:
            return self._item(name)
        builtin = BUILTIN_TYPES.get(name.removeprefix("feel."))
        if builtin is not None:
            return builtin
        for import_name, registry in self._imports.items():
            prefix = f"{import_name}." if import_name else ""
            if name.startswith(prefix) and (found := registry.named(name[len(prefix) :])) is not None:
                return found
        if ":" in name:
            # DMN 1.1 wrote types with the prefix of their namespace, and some tools still do.
            return self.named(name.partition(":")[2])
        return self._written(name) if "<" in name else None

    def _written(self, name: str) -> FeelType | None:
        """A type written out, such as ``list<number>``."""
        try:
            tree = compile_expression(f"null instance of {name}", types=self._types).ast
        except FeelSyntaxError:
            return None
        return tree.type if isinstance(tree, ast.InstanceOf) else None

    @property
    def by_name(self) -> Mapping[str, FeelType]:
        """All types by the names that FEEL may use for them, those of imports with the import's name before."""
        if self._by_name is not None:
            return self._by_name
        found = dict(self._types)
        for import_name, registry in self._imports.items():
            prefix = f"{import_name}." if import_name else ""
            found.update((prefix + name, type_) for name, type_ in registry.by_name.items())
        self._by_name = found
        return found

    def imported(self, import_name: str) -> TypeRegistry:
        """The types of an imported file."""
        return self._imports[import_name]

    def _item(self, name: str) -> FeelType:
        known = self._types.get(name)
        if known is not None:
            return known
        definition = self._definitions[name]
        if name in self._building:
            self._log.error(faults.cyclic_type(name), definition.place)
            return ANY
        self._building.append(name)
        built = self._types[name] = self._build(definition)
        self._building.pop()
        return built

    def _build(self, definition: ItemDefinition) -> FeelType:
        """The type, from the inside out: base or structure, allowed values, collection, constraint of the whole."""
        built = self._base(definition)
        built = self._constrain(built, definition.allowed_values, definition.name)
        if definition.is_collection:
            built = ListType(built)
        return self._constrain(built, definition.type_constraint, definition.name)

    def _base(self, definition: ItemDefinition) -> FeelType:
        if definition.function is not None:
            function = definition.function
            return FunctionType(
                tuple(_unconstrained(self._or_any(p.type_ref, p.place)) for p in function.parameters),
                _unconstrained(self._or_any(function.output_type_ref, definition.place)),
            )
        if definition.components:
            return ContextType(tuple((c.name, self._build(c)) for c in definition.components))
        return self._or_any(definition.type_ref, definition.place)

    def _or_any(self, reference: str | None, place: Place) -> FeelType:
        return self.resolve(reference, place) or ANY

    def _constrain(self, base: FeelType, tests: UnaryTests | None, name: str) -> FeelType:
        if tests is None:
            return base
        try:
            return ConstrainedType(base, compile_unary_tests(tests.text), name)
        except FeelSyntaxError as error:
            for diagnostic in error.diagnostics:
                self._log.error(faults.bad_expression(diagnostic.message, tests.text), tests.place)
            return base


def _unconstrained(type_: FeelType) -> FeelType:
    """The type without its constraints: what functions accept and give is compared by structure."""
    if isinstance(type_, ConstrainedType):
        return _unconstrained(type_.base)
    if isinstance(type_, ListType):
        return ListType(_unconstrained(type_.element))
    if isinstance(type_, ContextType):
        return ContextType(tuple((name, _unconstrained(field)) for name, field in type_.fields))
    return type_
