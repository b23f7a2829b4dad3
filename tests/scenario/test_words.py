"""What the shipped processes find out has words at the reviewer's desk: names of facts, and values that are codes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from server.cli.scenario_files import play_file
from server.scenarios.playing import Player

ROOT = Path(__file__).resolve().parents[2]
WORD = re.compile(r"^  '((?:variable|code)\.[^']+)': '", re.MULTILINE)
CODE = re.compile(r"[A-Za-z]+([-_][A-Za-z]+)+|[a-z]+|[A-Z]{2,}")
IS_GROUP = re.compile(r"(^group|Group|^transferTo)$")


def words(language: str) -> set[str]:
    """``variable.mode`` and ``code.mode.both``: what the desk can say."""
    text = (ROOT / "web" / "src" / "desks" / "review" / f"strings.{language}.ts").read_text(encoding="utf-8")
    return set(WORD.findall(text))


def members(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every named part of a value, and every plain value with the name it goes by."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield key, part
            yield from members(part, key)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from [(name, part)] if isinstance(part, str) else members(part, name)


@pytest.fixture(scope="module")
def found() -> list[tuple[str, Any]]:
    """What the cases of all shipped scenarios know when they end."""
    known: list[tuple[str, Any]] = []
    finish = Player.finish

    def remember(player: Player) -> None:
        for instance in player.world.instances.values():
            # By its scopes' names at the top; the process's own has none.
            known.extend((name, value) for name, value in members(dict(instance.variables)) if name)
        finish(player)

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        patch.setattr(Player, "finish", remember)
        for file in sorted((ROOT / "processes").glob("*.scenario.yaml")):
            assert all(played.outcome.passed for played in play_file(file, lambda _file, _name: True))
    return known


@pytest.fixture(scope="module")
def options() -> set[str]:
    """``code.mode.both`` of what can be chosen in the forms, whose labels are the words."""

    def walk(components: list[dict[str, Any]]) -> Iterator[str]:
        for component in components:
            for option in component.get("values", ()):
                yield f"code.{component['key']}.{option['value']}"
            yield from walk(component.get("components", []))

    forms = sorted((ROOT / "forms").glob("*.form"))
    return {option for form in forms for option in walk(json.loads(form.read_text(encoding="utf-8"))["components"])}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_facts_have_names(found: list[tuple[str, Any]], language: str) -> None:
    names = {f"variable.{name}" for name, _ in found}
    assert len(names) > 80
    assert not names - words(language)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_codes_have_words(found: list[tuple[str, Any]], options: set[str], language: str) -> None:
    codes = {
        f"code.{name}.{value}"
        for name, value in found
        if isinstance(value, str) and CODE.fullmatch(value) and not IS_GROUP.search(name)
    }
    assert {"code.mode.both", "code.status.SETTLED", "code.level.high-risk"} <= codes
    papers = {option.rpartition(".")[2] for option in options if option.startswith("code.documents.")}
    lists_of_papers = {
        f"code.{name}.{paper}" for name in ("requiredDocuments", "supplied", "missingDocuments") for paper in papers
    }
    assert not codes - words(language) - options - lists_of_papers


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_the_shipped_tables_may_give_has_words(language: str) -> None:
    codes = set()
    for file in (ROOT / "dmn").glob("*.dmn"):
        for output in etree.parse(file).iterfind(".//{*}output[@name]"):
            values = output.findtext("{*}outputValues/{*}text") or ""
            codes |= {f"code.{output.get('name')}.{value}" for value in re.findall(r'"([^"]+)"', values)}
    of_all_languages = re.compile(r"[A-Z]\d?")
    codes = {code for code in codes if not of_all_languages.fullmatch(code.rpartition(".")[2])} | {"code.grade.U"}
    assert len(codes) > 12
    assert not codes - words(language)
