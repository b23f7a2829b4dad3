"""A process that others call keeps what they need: a deployment that would take it away is refused."""

from __future__ import annotations

import pytest

from server.messages import Severity
from server.runtime import deployments, instances, lint, repository
from server.runtime.errors import DeploymentRefused

from ...unit.bpmn.diagrams import message, message_definition
from ..models import ACTOR, line, node, rows, user_task

pytestmark = pytest.mark.usefixtures("app")
File = tuple[str, bytes]


def called(id_: str, *, by_message: bool = False, tag: str | None = None, note: str = "") -> File:
    start = node("startEvent", "start", message(f"tell-{id_}")) if by_message else ""
    definitions = message_definition(f"tell-{id_}") if by_message else ""
    file = line(("task", user_task("task")), id_=id_, start=start, definitions=definitions)
    if tag is not None:
        holder = f'<bpmn:extensionElements><zeebe:versionTag value="{tag}"/></bpmn:extensionElements>'
        file = file.replace(b'isExecutable="true">', f'isExecutable="true">{holder}'.encode())
    return f"{id_}.bpmn", file + f"<!-- {note} -->".encode()


def calling(target: str, id_: str, binding: str = "") -> File:
    ext = f'<zeebe:calledElement processId="{target}" {binding}/>'
    return f"{id_}.bpmn", line(("call", node("callActivity", "call", ext=ext)), id_=id_)


def put(*files: File) -> deployments.Deployment:
    return deployments.deploy(list(files), actor=ACTOR)


def told(*files: File) -> list[tuple[str, str, str]]:
    """What lint says of callers: severity, file and element."""
    findings = lint.lint_deployment(files)
    return [(f.severity, f.resource, f.element) for f in findings if f.message.code == "deployment.still-called"]


def test_taking_the_start_away_that_a_process_in_force_needs_is_refused() -> None:
    put(called("needed"))
    put(calling("needed", "needs"))
    new = called("needed", by_message=True)
    assert told(new) == [(Severity.ERROR, "needed.bpmn", "start")]
    with pytest.raises(DeploymentRefused) as refused:
        put(new)
    (finding,) = refused.value.findings
    assert finding.line
    for language in (finding.message.zh, finding.message.en):
        assert all(part in language for part in ("needs", "call", "needed"))
    assert len(rows("SELECT key FROM process_definition WHERE process_id = 'needed'")) == 1
    instances.start(process_id="needs", actor=ACTOR)
    assert not rows("SELECT key FROM incident WHERE element_id = 'call'")


def test_it_is_deployed_together_with_a_caller_that_no_longer_calls_it() -> None:
    put(called("left"), calling("left", "leaves"))
    new = called("left", by_message=True)
    without = "leaves.bpmn", line(("task", user_task("task")), id_="leaves")
    assert told(new, without) == []
    assert all(item.is_new for item in put(new, without).items)


def test_what_is_bound_otherwise_is_not_touched() -> None:
    put(called("pinned", tag="1"), calling("pinned", "pins", 'bindingType="deployment"'))
    put(calling("pinned", "tags", 'bindingType="versionTag" versionTag="1"'))
    assert told(called("pinned", by_message=True, tag="2")) == []
    put(called("pinned", by_message=True, tag="2"))


def test_a_version_of_the_same_tag_takes_it_away_as_well() -> None:
    put(called("tagged-a", tag="1"))
    put(calling("tagged-a", "tags-a", 'bindingType="versionTag" versionTag="1"'))
    put(called("tagged-a", by_message=True, tag="2"))
    assert told(called("tagged-a", by_message=True, tag="1")) == [(Severity.ERROR, "tagged-a.bpmn", "start")]


def test_where_there_was_nothing_to_call_it_is_a_warning_and_no_news_later() -> None:
    put(calling("late", "waits-for-it"))
    first = called("late", by_message=True)
    assert told(first) == [(Severity.WARNING, "late.bpmn", "start")]
    assert [f.message.code for f in put(first).findings] == ["deployment.still-called"]
    assert told(called("late", by_message=True, note="again")) == []
    assert told(called("late", by_message=True, note="again"), calling("late", "another")) == []


def test_a_caller_that_calls_no_longer_is_no_caller() -> None:
    put(called("old"))
    put(calling("old", "was-caller"))
    put(("was-caller.bpmn", line(("task", user_task("task")), id_="was-caller")))
    assert told(called("old", by_message=True)) == []


def test_an_earlier_version_that_could_not_be_called_does_not_come_back() -> None:
    first = put(called("back", by_message=True))
    put(called("back"))
    put(calling("back", "calls-back"))
    with pytest.raises(DeploymentRefused):
        repository.activate(resource_key=first.items[0].key, note=None, actor=ACTOR)
