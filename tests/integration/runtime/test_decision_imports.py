"""Decision models that import others: what changes there is a new version here, and the editors know the import."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from server.runtime import decisions, deployments, drafts, repository
from server.runtime.decision_imports import Declared, importable, imported_ids
from server.runtime.draft_facts import draft_facts, file_facts
from server.runtime.errors import DeploymentRefused
from server.runtime.lint import lint_deployment

from ...unit.bpmn.diagrams import END, START, document, path
from ..models import ACTOR, rows

pytestmark = pytest.mark.usefixtures("app")

_HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="{id}" name="{id}" namespace="urn:{id}">'
_DECISION = """<decision id="{id}" name="{id}"><variable name="{id}"/>{needs}
    <literalExpression><text>{text}</text></literalExpression></decision></definitions>"""
_IMPORT = '<import name="lib" namespace="urn:{id}" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
_NEEDS = '<informationRequirement id="r"><requiredDecision href="urn:{model}#{id}"/></informationRequirement>'


def _library(limit: int) -> tuple[str, bytes]:
    text = _HEAD.format(id="library") + _DECISION.format(id="limit", needs="", text=limit)
    return "library.dmn", text.encode()


def _grading(added: int = 1) -> tuple[str, bytes]:
    needs = _NEEDS.format(model="library", id="limit")
    text = _DECISION.format(id="grade", needs=needs, text=f"lib.limit + {added}")
    return "grading.dmn", (_HEAD.format(id="grading") + _IMPORT.format(id="library") + text).encode()


def _grade() -> int:
    return int(decisions.evaluate(decision_id="grade", variables={}, actor=ACTOR).evaluation.value)


def _new(deployed: deployments.Deployment) -> set[str]:
    return {item.definition_id for item in deployed.items if item.is_new}


@pytest.fixture
def version_one() -> Iterator[deployments.Deployment]:
    """The models with a limit of ten."""
    yield deployments.deploy([_library(10), _grading()], actor=ACTOR)


def test_what_changes_in_an_imported_model_is_a_new_version_of_who_imports_it(
    version_one: deployments.Deployment,
) -> None:
    assert _grade() == 11
    assert _new(deployments.deploy([_library(10), _grading()], actor=ACTOR)) == set()
    # The importing file is the same to the last byte, yet decides otherwise.
    changed = deployments.deploy([_library(20), _grading()], actor=ACTOR)
    assert _new(changed) == {"library", "limit", "grading", "grade"}
    assert _grade() == 21
    before = next(item for item in version_one.of("decision") if item.definition_id == "grade")
    kept = decisions.evaluate(definition_key=before.key, variables={}, actor=ACTOR)
    assert kept.evaluation.value == 11


def test_an_imported_model_deployed_alone_changes_nobody_else(version_one: deployments.Deployment) -> None:
    deployments.deploy([_library(30)], actor=ACTOR)
    assert _grade() == 11
    # With the model as it is now, the other one is anew, too.
    assert _new(deployments.deploy([_library(30), _grading()], actor=ACTOR)) == {"grading", "grade"}
    assert _grade() == 31


def test_an_earlier_version_comes_back_with_what_it_imported(version_one: deployments.Deployment) -> None:
    deployments.deploy([_library(20), _grading()], actor=ACTOR)
    (model,) = [i.key for i in version_one.of("decisionRequirements") if i.definition_id == "grading"]
    again = repository.activate(resource_key=model, note="back", actor=ACTOR)
    assert {item.definition_id for item in again.items} == {"library", "limit", "grading", "grade"}
    assert _grade() == 11


def test_a_deployment_needs_the_import_the_editor_knows_it(version_one: deployments.Deployment) -> None:
    with pytest.raises(DeploymentRefused) as refused:
        deployments.deploy([_grading(2)], actor=ACTOR)
    assert "urn:library" in refused.value.findings[0].message.en
    assert [f for f in lint_deployment([_grading(2)], complete=False) if f.severity == "error"] == []
    missing = [f for f in lint_deployment([_grading(2)], complete=True) if f.severity == "error"]
    assert "urn:library" in missing[0].message.en


def test_a_fault_in_an_imported_model_is_told_once() -> None:
    name, content = _library(10)
    broken = (name, content.replace(b"<text>10<", b"<text>10 +<"))
    told = [finding.resource for finding in lint_deployment([_grading(), broken]) if finding.severity == "error"]
    assert told == ["library.dmn"]


def test_the_repository_and_the_drafts_tell_what_is_imported(version_one: deployments.Deployment) -> None:
    assert repository.repository().imports["grading"] == ("library",)
    other = _grading(3)[1].replace(b'id="grading"', b'id="grading-draft"')
    values = {"name": "评级", "kind": "dmn", "content": other.decode(), "definition_id": None, "base_key": None}
    key = drafts.create(actor="xu.li", values={**values, "shared": False})
    (mine,) = [found for found in draft_facts("xu.li") if found.row.key == key]
    assert [(use.kind, use.target, use.binding) for use in mine.facts.uses] == [
        ("decisionRequirements", "library", "deployment")
    ]
    rows("DELETE FROM draft WHERE key = %(key)s RETURNING key", key=key)


def test_a_process_that_does_not_say_whether_it_is_executable_is() -> None:
    text = document(START, END, path("start", "end"), id_="unsaid").decode().replace(' isExecutable="true"', "")
    assert file_facts("bpmn", text.encode()).definitions == (("process", "unsaid"),)
    assert file_facts("bpmn", text.replace('name="P"', 'isExecutable="false"').encode()).definitions == ()


def test_a_draft_is_imported_where_nothing_deployed_has_the_namespace() -> None:
    wanted = _HEAD.format(id="wants") + _IMPORT.format(id="unheard-of") + "</definitions>"
    assert "draft" not in "".join(importable([wanted.encode()], "xu.li"))
    unheard = _HEAD.format(id="unheard-of") + "</definitions>"
    values = {"name": "x", "kind": "dmn", "content": unheard, "definition_id": None, "base_key": None, "shared": False}
    key = drafts.create(actor="xu.li", values=values)
    assert f"draft-{key}" in importable([wanted.encode()], "xu.li")
    assert f"draft-{key}" not in importable([wanted.encode()], "ma.chao")
    assert f"draft-{key}" not in importable([wanted.encode()], None)
    assert importable([unheard.encode()], "xu.li") == {}
    rows("DELETE FROM draft WHERE key = %(key)s RETURNING key", key=key)


def test_a_model_that_one_is_changing_oneself_is_imported_as_it_is_changed(
    version_one: deployments.Deployment,
) -> None:
    def limits(reader: str | None, *chosen: bytes) -> list[str]:
        found = importable([_grading()[1]], reader, chosen)
        return re.findall(r"<text>(\d+)", "".join(text.decode() for text in found.values() if b"urn:library" in text))

    assert limits("xu.li") == ["10"]
    values = {"name": "x", "kind": "dmn", "definition_id": None, "base_key": None, "shared": True}
    keys = [drafts.create(actor="xu.li", values={**values, "content": _library(n)[1].decode()}) for n in (10, 40)]
    assert limits("xu.li") == ["40"]
    # Nobody else's work is in the way of what is published, until they choose it.
    assert limits("ma.chao") == limits(None) == ["10"]
    assert limits("ma.chao", _library(50)[1]) == ["50"]
    # What is published is no longer being changed.
    deployments.deploy([_library(40), _grading()], actor=ACTOR)
    deployments.deploy([_library(60), _grading()], actor=ACTOR)
    assert limits("xu.li") == ["60"]
    # The editor knows what the draft has, and what is wrong there is told there.
    renamed = _library(70)[1].replace(b'"limit"', b'"cap"')
    keys.append(drafts.create(actor="xu.li", values={**values, "content": renamed.decode()}))
    wanting = _grading()[1].replace(b"#limit", b"#cap").replace(b"lib.limit", b"lib.cap")
    assert [
        f for f in lint_deployment([("grading.dmn", wanting)], complete=False, reader="xu.li") if f.severity == "error"
    ] == []
    assert [f for f in lint_deployment([("grading.dmn", wanting)], complete=False) if f.severity == "error"] != []
    rows("DELETE FROM draft WHERE key = ANY(%(keys)s) RETURNING key", keys=keys)


def test_imports_are_followed_however_deep_and_in_circles() -> None:
    a, b, c = (Declared(name, name, imports=(behind,)) for name, behind in (("a", "b"), ("b", "c"), ("c", "b")))
    assert imported_ids(a, {"a": a, "b": b, "c": c}) == ("b", "c")
    assert imported_ids(Declared("d", "d", imports=("nowhere",)), {}) == ()
