"""Deploying: versions, bindings, start events, and refusing everything at once."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from server.runtime import clock, deployments, instances, lint, messages, repository
from server.runtime.errors import DeploymentRefused
from server.settings import Settings
from server.store.database import transaction

from ...unit.bpmn.diagrams import document, flow, message, message_definition, signal, signal_definition, timer
from ..models import ACTOR, deploy, line, node, one, review, rows, user_task

pytestmark = pytest.mark.usefixtures("app")
CONTENT = [Path(__file__).resolve().parents[3] / folder for folder in ("processes", "dmn", "forms")]

DECISION = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="rates_file" name="rates"
  namespace="urn:rates"><decision id="rate" name="rate"><variable name="rate"/><literalExpression>
  <text>{rate}</text></literalExpression></decision></definitions>"""
ASK = '<zeebe:calledDecision decisionId="rate" resultVariable="rate"{binding}/>'


def decision(rate: str) -> tuple[str, bytes]:
    return "rates.dmn", DECISION.format(rate=rate).encode()


def asking(binding: str = "") -> tuple[str, bytes]:
    ext = ASK.format(binding=f' bindingType="{binding}"' if binding else "")
    return "ask.bpmn", line(("rule", node("businessRuleTask", "rule", ext=ext)), id_="ask")


def calling(target: str, id_: str, binding: str = "deployment") -> tuple[str, bytes]:
    ext = f'<zeebe:calledElement processId="{target}" bindingType="{binding}"/>'
    return f"{id_}.bpmn", line(("call", node("callActivity", "call", ext=ext)), id_=id_)


def new_in(deployment: deployments.Deployment) -> set[str]:
    return {item.definition_id for item in deployment.items if item.is_new}


def answer() -> Any:
    started = instances.start(process_id="ask", actor=ACTOR)
    return one("SELECT variables->''->>'rate' FROM instance_state WHERE key = %(key)s", key=started.key)


def test_the_shipped_models_deploy_and_miss_nothing() -> None:
    deployment = deployments.deploy_paths(CONTENT, actor=ACTOR)
    assert {item.definition_id for item in deployment.of("process")} >= {"loan-approval", "disbursement", "collection"}
    with transaction() as connection:
        assert deployments.missing_references(connection, deployment) == []


def test_an_identical_file_makes_no_new_version() -> None:
    first = deploy(review("same"))
    again = deploy(review("same"))
    assert (first.items[0].version, first.items[0].is_new) == (1, True)
    assert (again.items[0].key, again.items[0].version, again.items[0].is_new) == (first.items[0].key, 1, False)
    changed = deploy(review("same", ext='<zeebe:formDefinition externalReference="x"/>'))
    assert (changed.items[0].version, changed.items[0].is_new) == (2, True)
    assert instances.start(process_id="same", actor=ACTOR).version == 2
    assert instances.start(process_id="same", version=1, actor=ACTOR).version == 1


def test_the_latest_decision_counts_from_the_next_command_on() -> None:
    deployments.deploy([decision("7"), asking()], actor=ACTOR)
    assert answer() == "7"
    deployments.deploy([decision("8")], actor=ACTOR)
    assert answer() == "8"


def test_a_decision_bound_to_its_deployment_stays_and_moves_with_it() -> None:
    deployments.deploy([decision("1"), asking("deployment")], actor=ACTOR)
    deployments.deploy([decision("2")], actor=ACTOR)
    assert answer() == "1"
    together = deployments.deploy([decision("3"), asking("deployment")], actor=ACTOR)
    assert together.of("process")[0].is_new, "the process is the same, but the decision it is bound to is not"
    assert answer() == "3"


def test_deploying_with_a_version_that_came_alone_binds_to_it() -> None:
    deployments.deploy([decision("3"), asking("deployment")], actor=ACTOR)
    deployments.deploy([decision("4")], actor=ACTOR)
    assert answer() == "3"
    together = deployments.deploy([decision("4"), asking("deployment")], actor=ACTOR)
    new = {item.definition_id: item.is_new for item in together.items}
    assert not new["rate"] and new["ask"]
    assert answer() == "4"
    again = deployments.deploy([decision("4"), asking("deployment")], actor=ACTOR)
    assert not any(item.is_new for item in again.items)


def test_what_an_expression_may_call_in_the_deployment_moves_with_it() -> None:
    caller = calling("=which", "chooser")
    old, new = review("chosen"), line(("other", user_task("other")), id_="chosen")
    deployments.deploy([caller, ("chosen.bpmn", old)], actor=ACTOR)
    assert new_in(deployments.deploy([caller, ("chosen.bpmn", old)], actor=ACTOR)) == set()
    assert new_in(deployments.deploy([caller, ("chosen.bpmn", new)], actor=ACTOR)) == {"chooser", "chosen"}
    key = instances.start(process_id="chooser", variables={"which": "chosen"}, actor=ACTOR).key
    assert one("SELECT element_id FROM user_task WHERE root_key = %(key)s", key=key) == "other"


def test_an_earlier_version_comes_back_with_all_that_it_means_by_its_deployment() -> None:
    asked = asking("deployment")[1].replace(b'id="ask"', b'id="asks"')
    caller, between = calling("asks", "calls-asks"), ("asks.bpmn", asked)
    apart = ("rate.form", b'{"type": "default", "id": "rate", "schemaVersion": 19, "components": []}')
    first = deployments.deploy([caller, between, decision("10"), apart], actor=ACTOR)
    deployments.deploy([caller, between, decision("20")], actor=ACTOR)
    (key,) = (item.key for item in first.items if item.definition_id == "calls-asks")
    again = repository.activate(resource_key=key, note="back", actor=ACTOR)
    assert new_in(again) == {"calls-asks", "asks", "rates_file", "rate"}
    assert {item.kind for item in again.items} == {"process", "decision", "decisionRequirements"}
    started = instances.start(process_id="calls-asks", actor=ACTOR).key
    assert one("SELECT variables->''->>'rate' FROM instance_state WHERE key = %(key)s", key=started) == "10"


def test_a_file_of_several_processes_comes_back_with_what_each_of_them_means() -> None:
    asked = asking("deployment")[1].decode().replace('id="ask"', 'id="second"')
    process = asked[asked.index("<bpmn:process") : asked.index("</bpmn:definitions>")]
    for id_ in ("start_rule", "rule_end", "start", "end"):
        process = process.replace(f'"{id_}"', f'"{id_}_2"')
    both = review("first").replace(b"</bpmn:definitions>", process.encode() + b"</bpmn:definitions>")
    old = deployments.deploy([("both.bpmn", both), decision("100")], actor=ACTOR)
    deployments.deploy([("both.bpmn", both + b"<!-- changed -->"), decision("200")], actor=ACTOR)
    (key,) = (item.key for item in old.items if item.definition_id == "first")
    again = repository.activate(resource_key=key, note=None, actor=ACTOR)
    assert new_in(again) == {"first", "second", "rates_file", "rate"}


def test_a_decision_that_comes_back_belongs_to_its_graph_as_it_is_now() -> None:
    def graph(*ids: str) -> tuple[str, bytes]:
        head, tag, decided = DECISION.replace("rates", "pair").partition("<decision")
        decided = tag + decided.format(rate=1).removesuffix("</definitions>")
        return "pair.dmn", "".join([head, *(decided.replace("rate", id_) for id_ in ids), "</definitions>"]).encode()

    deployments.deploy([graph("left", "right")], actor=ACTOR)
    deployments.deploy([graph("left")], actor=ACTOR)
    assert new_in(deployments.deploy([graph("left", "right")], actor=ACTOR)) == {"pair_file", "left", "right"}
    found = repository.repository()
    (key,) = (row.key for row in found.latest if row.id == "pair_file")
    assert {decision.decision_id for decision in found.decisions[key]} == {"left", "right"}
    assert new_in(deployments.deploy([graph("left", "right")], actor=ACTOR)) == set()


def test_a_process_that_a_later_file_leaves_out_stays_with_its_start_events() -> None:
    def process(id_: str, name: str) -> bytes:
        start = node("startEvent", f"{id_}-start", message(name))
        flows = flow(f"{id_}-start", f"{id_}-end")
        return document(start, node("endEvent", f"{id_}-end"), flows, id_=id_, definitions=message_definition(name))

    def inside(file: bytes) -> bytes:
        return file[file.index(b"<bpmn:message") : file.index(b"</bpmn:definitions>")]

    kept, left = process("stays-in", "stay"), process("left-out", "leave")
    definitions, _, processes = inside(left).partition(b"<bpmn:process")
    both = kept.replace(b"<bpmn:message", definitions + b"<bpmn:message", 1)
    deploy(both.replace(b"</bpmn:definitions>", b"<bpmn:process" + processes + b"</bpmn:definitions>"))
    deploy(kept)
    messages.publish(name="leave", correlation_key="1", actor=ACTOR)
    started = rows(
        "SELECT d.version FROM process_instance p JOIN process_definition d ON d.key = p.process_definition_key "
        "WHERE d.process_id = 'left-out'"
    )
    assert [row.version for row in started] == [1]


def test_every_fault_of_every_file_is_reported_and_nothing_is_deployed() -> None:
    before = one("SELECT count(*) FROM process_definition")
    bad = line(("x", node("complexGateway", "x")), id_="bad")
    with pytest.raises(DeploymentRefused) as refused:
        deployments.deploy(
            [("good.bpmn", review("good")), ("bad.bpmn", bad), ("bad.form", b"{}"), ("what.txt", b"")], actor=ACTOR
        )
    assert {finding.resource for finding in refused.value.findings} >= {"bad.bpmn", "bad.form", "what.txt"}
    assert one("SELECT count(*) FROM process_definition") == before
    with pytest.raises(DeploymentRefused, match="defined in"):
        deployments.deploy([("a.bpmn", review("twice")), ("b.bpmn", review("twice", ext=" "))], actor=ACTOR)
    with pytest.raises(DeploymentRefused):
        deployments.deploy([], actor=ACTOR)


def test_fixed_times_that_have_passed_are_told_by_the_installation_s_clock() -> None:
    def waiting(id_: str, definition: str) -> bytes:
        return line(("wait", node("intermediateCatchEvent", "wait", definition)), id_=id_)

    over = node("startEvent", "start", timer("cycle", "R3/2020-01-01T00:00:00Z/P1D"))
    with pytest.raises(DeploymentRefused) as refused:
        deploy(line(("task", user_task("task")), id_="over", start=over))
    assert [finding.message.code for finding in refused.value.findings] == ["bpmn.timer-past"]
    assert {f.message.code for f in deploy(waiting("gone", timer("date", "2020-01-01"))).findings} == {
        "bpmn.timer-past"
    }
    assert not deploy(waiting("coming", timer("date", "9020-01-01"))).findings
    told = lint.lint_deployment([("gone.bpmn", waiting("gone", timer("date", "2020-01-01")))])
    assert "bpmn.timer-past" in {finding.message.code for finding in told}


def test_a_file_in_force_may_be_deployed_again_when_its_repetition_is_over(settings: Settings) -> None:
    campaign = node("startEvent", "start", timer("cycle", "R3/2031-01-01T00:00:00Z/P1D"))
    file = line(("task", user_task("task")), id_="campaign", start=campaign)
    assert deploy(file).items[0].is_new
    clock.pin(dt.datetime(2032, 1, 1, tzinfo=dt.UTC), actor=ACTOR, settings=settings)
    try:
        assert not deploy(file).items[0].is_new
        with pytest.raises(DeploymentRefused) as refused:
            deploy(file.replace(b"P1D", b"P2D"))
        assert [finding.message.code for finding in refused.value.findings] == ["bpmn.timer-past"]
    finally:
        clock.reset(actor=ACTOR, settings=settings)
    deploy(line(("task", user_task("task")), id_="campaign"))  # without the timer, which would be found below


def test_a_file_named_as_flowable_names_it_is_deployed_and_started() -> None:
    deployment = deployments.deploy([("flown.bpmn20.xml", review("flown"))], actor=ACTOR)
    assert [item.resource_name for item in deployment.of("process")] == ["flown.bpmn20.xml"]
    assert instances.start(process_id="flown", actor=ACTOR).key


def test_the_newest_version_s_start_events_replace_the_older_ones() -> None:
    def process(start: str, definitions: str) -> bytes:
        return line(("task", user_task("task")), id_="starts", start=start, definitions=definitions)

    deploy(process(node("startEvent", "start", message()), message_definition()))
    deploy(process(node("startEvent", "start", signal()), signal_definition()))
    kinds = rows(
        "SELECT s.kind, d.version FROM event_subscription s JOIN process_definition d "
        "ON d.key = s.process_definition_key WHERE d.process_id = 'starts'"
    )
    assert [tuple(row) for row in kinds] == [("signal", 2)]
    deploy(process(node("startEvent", "start", timer("cycle", "R3/PT1H")), ""))
    assert not rows("SELECT 1 FROM event_subscription s WHERE s.element_id = 'start'")
    assert [tuple(row) for row in rows("SELECT cycle, remaining FROM timer")] == [("R3/PT1H", 2)]


def test_missing_references_are_told() -> None:
    ext = '<zeebe:calledDecision decisionId="nowhere" resultVariable="x"/>'
    deployment = deploy(line(("rule", node("businessRuleTask", "rule", ext=ext)), id_="lost"))
    with transaction() as connection:
        (found,) = deployments.missing_references(connection, deployment)
    assert "nowhere" in found.message.en and "nowhere" in found.message.zh
    assert (found.severity, found.resource, found.element) == ("warning", "test.bpmn", "rule")
    assert found.line


def tagged(tag: str, start: str = "", definitions: str = "") -> tuple[str, bytes]:
    holder = f'<bpmn:extensionElements><zeebe:versionTag value="{tag}"/></bpmn:extensionElements>'
    file = line(("task", user_task("task")), id_="tagged", start=start, definitions=definitions)
    return "tagged.bpmn", file.replace(b'isExecutable="true">', f'isExecutable="true">{holder}'.encode())


def calling_tagged(tag: str) -> tuple[str, bytes]:
    name, file = calling("tagged", "calls-tagged", "versionTag")
    return name, file.replace(b"bindingType=", f'versionTag="{tag}" bindingType='.encode())


def test_a_version_tag_means_the_newest_version_with_it_and_never_another() -> None:
    def told(*files: tuple[str, bytes]) -> set[str]:
        codes = {finding.message.code for finding in lint.lint_deployment(files)}
        return codes & {"bpmn.called-without-start", "deployment.missing-reference"}

    def missing(deployment: deployments.Deployment) -> list[str]:
        with transaction() as connection:
            return [found.message.code for found in deployments.missing_references(connection, deployment)]

    assert told(calling_tagged("1"), tagged("2")) == {"deployment.missing-reference"}, "one of the name, not of the tag"
    deployments.deploy([tagged("1")], actor=ACTOR)
    by_message = tagged("2", node("startEvent", "start", message("tell")), message_definition("tell"))
    assert told(calling_tagged("1"), by_message) == set(), "the one that is called can be called"
    assert not missing(deployments.deploy([calling_tagged("1"), by_message], actor=ACTOR))
    started = instances.start(process_id="calls-tagged", actor=ACTOR).key
    assert one("SELECT count(*) FROM user_task WHERE root_key = %(key)s", key=started) == 1

    assert told(calling_tagged("2")) == {"bpmn.called-without-start"}
    assert missing(deployments.deploy([calling_tagged("2")], actor=ACTOR)) == ["bpmn.called-without-start"]
    assert missing(deployments.deploy([calling_tagged("3")], actor=ACTOR)) == ["deployment.missing-reference"]
    again = deployments.deploy([("tagged.bpmn", tagged("1")[1] + b"<!-- again -->")], actor=ACTOR).items[0]
    deployments.deploy([calling_tagged("1")], actor=ACTOR)
    started = instances.start(process_id="calls-tagged", actor=ACTOR).key
    called = one("SELECT process_definition_key FROM process_instance WHERE parent_key = %(key)s", key=started)
    assert (again.version, called) == (3, again.key)


def test_deployments_take_turns(app: Flask) -> None:
    def work(number: int) -> int:
        with app.app_context():
            return deploy(review("turns", ext="\n" * number)).items[0].version

    with ThreadPoolExecutor(4) as pool:
        versions = list(pool.map(work, range(1, 9)))
    assert sorted(versions) == list(range(1, 9))
