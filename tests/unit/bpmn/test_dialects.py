"""Files of Camunda 7 and Flowable: what has a counterpart is executed, everything else refused by name."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from server.bpmn import FormReference, ProcessModel, lint, read_processes
from server.bpmn.effects import CallOpened, IncidentRaised, JobOpened, SignalThrown, TimerSet, UserTaskOpened
from server.dmn import DecisionEvaluation, DecisionTrace
from server.messages import Finding, Severity

from .diagrams import END, HEAD, NOW, START, World, boundary, flow, node, path, timer

DIALECTS = {
    "camunda": "http://camunda.org/schema/1.0/bpmn",
    "flowable": "http://flowable.org/bpmn",
    "activiti": "http://activiti.org/bpmn",
}


def document(*inside: str, prefix: str = "camunda", definitions: str = "", attributes: str = "") -> bytes:
    """A file with one process in another dialect."""
    head = HEAD.replace('id="defs"', f'xmlns:{prefix}="{DIALECTS[prefix]}" id="defs"')
    return (
        f'{head}{definitions}<bpmn:process id="p" isExecutable="true" {attributes}>{"".join(inside)}'
        "</bpmn:process></bpmn:definitions>"
    ).encode()


def around(text: str, **kwargs: Any) -> bytes:
    """A process whose one element ``x`` is under test."""
    return document(START, text, END, path("start", "x", "end"), **kwargs)


def read(file: bytes) -> ProcessModel:
    return read_processes(file, resource="old.bpmn")[0]


def found(file: bytes, severity: Severity = Severity.ERROR) -> list[Finding]:
    findings = [finding for finding in lint(file, resource="old.bpmn") if finding.severity is severity]
    assert all(f.message.zh and f.message.en and f.element and f.line for f in findings), findings
    return findings


def conditional(condition: str, attributes: str = "") -> bytes:
    """A choice between two tasks."""
    body = f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression" {attributes}>{condition}'
    return document(
        START,
        node("exclusiveGateway", "choice", default="choice_no"),
        node("userTask", "yes"),
        node("userTask", "no"),
        END,
        path("start", "choice"),
        f'<bpmn:sequenceFlow id="c" sourceRef="choice" targetRef="yes">{body}</bpmn:conditionExpression>'
        "</bpmn:sequenceFlow>",
        flow("choice", "no"),
        flow("yes", "end"),
        flow("no", "end"),
    )


# -- user tasks ------------------------------------------------------------


@pytest.mark.parametrize("prefix", sorted(DIALECTS))
def test_assignment_dates_and_priority_of_a_user_task(prefix: str) -> None:
    attributes = {
        "assignee": "${reviewer}",
        "candidateUsers": "li, ${second}",
        "candidateGroups": "risk,finance",
        "dueDate": "${due}",
        "followUpDate": "2026-01-06T09:00:00+08:00",
        "priority": "${amount > 1000 ? 80 : 20}",
        "formKey": "embedded:app:forms/review.html",
    }
    text = " ".join(f'{prefix}:{name}="{value.replace(">", "&gt;")}"' for name, value in attributes.items())
    world = World(read(around(f'<bpmn:userTask id="x" {text}/>', prefix=prefix)))
    (task,) = world.start(reviewer="zhang", second="wang", due="2026-01-08T09:00:00+08:00", amount=5000).of(
        UserTaskOpened
    )
    assert (task.assignee, task.candidate_users, task.candidate_groups) == (
        "zhang",
        ("li", "wang"),
        ("risk", "finance"),
    )
    assert (task.due_date, task.follow_up_date) == (NOW + dt.timedelta(days=3), NOW + dt.timedelta(days=1))
    assert (task.priority, task.external_form_reference) == (80, "embedded:app:forms/review.html")


def test_a_form_by_reference_and_its_binding() -> None:
    task = '<bpmn:userTask id="x" camunda:formRef="review" camunda:formRefBinding="deployment"/>'
    model = read(around(task))
    (reference,) = model.references
    assert (reference.kind, reference.target, reference.binding) == ("form", "review", "deployment")
    assert World(model).start().of(UserTaskOpened)[0].form_key == 3
    start = '<bpmn:startEvent id="start" camunda:formKey="x" camunda:formRef="begin"/>'
    model = read(document(start, END, path("start", "end")))
    assert model.start_form == FormReference("begin")


def test_what_stands_for_camunda_8_counts() -> None:
    ext = '<zeebe:userTask/><zeebe:assignmentDefinition assignee="new"/>'
    task = (
        f'<bpmn:userTask id="x" camunda:assignee="old"><bpmn:extensionElements>{ext}</bpmn:extensionElements>'
        "</bpmn:userTask>"
    )
    assert World(read(around(task))).start().of(UserTaskOpened)[0].assignee == "new"
    assert [f.message.code for f in found(around(task), Severity.WARNING)] == ["bpmn.dialect-both"]


# -- jobs, decisions, scripts ------------------------------------------------------------


@pytest.mark.parametrize("tag", ["serviceTask", "sendTask", "businessRuleTask"])
def test_an_external_task_is_a_job_of_its_topic(tag: str) -> None:
    ext = "<camunda:failedJobRetryTimeCycle>R5/PT10M</camunda:failedJobRetryTimeCycle>"
    task = node(tag, "x", ext=ext, **{"camunda:type": "external", "camunda:topic": "pay-${channel}"})
    (job,) = World(read(around(task))).start(channel="bank").of(JobOpened)
    assert (job.type, job.retries) == ("pay-bank", 5)


def test_flowables_modeler_may_say_that_fields_are_checked_which_they_are_anyway() -> None:
    file = around('<bpmn:userTask id="x" flowable:formFieldValidation="true"/>', prefix="flowable")
    assert not found(file)
    assert [f.message.code for f in found(file, Severity.WARNING)] == ["bpmn.dialect-no-effect"]


def test_flowables_external_worker_and_a_thrown_message_are_jobs_too() -> None:
    task = '<bpmn:serviceTask id="x" flowable:type="external-worker" flowable:topic="pay"/>'
    assert World(read(around(task, prefix="flowable"))).start().of(JobOpened)[0].type == "pay"
    thrown = node(
        "endEvent", "end", '<bpmn:messageEventDefinition messageRef="m" camunda:type="external" camunda:topic="tell"/>'
    )
    file = document(START, thrown, path("start", "end"), definitions='<bpmn:message id="m" name="told"/>')
    assert World(read(file)).start().of(JobOpened)[0].type == "tell"


def evaluation(value: Any) -> DecisionEvaluation:
    """An evaluation that gives ``value``."""
    trace = DecisionTrace(
        decision_id="grade",
        decision_name="Grade",
        decision_type="LITERAL_EXPRESSION",
        model_hash="",
        inputs=(),
        matched_rules=(),
        output=value,
        required=(),
        diagnostics=(),
    )
    return DecisionEvaluation(value, trace)


@pytest.mark.parametrize(
    ("mapping", "value", "result"),
    [
        ("singleEntry", "A", "A"),
        ("singleResult", {"grade": "A", "limit": 5}, {"grade": "A", "limit": 5}),
        ("singleResult", None, None),
        ("collectEntries", ["A", "B"], ["A", "B"]),
        ("collectEntries", "A", ["A"]),
        ("collectEntries", None, []),
        ("resultList", [{"grade": "A"}], [{"grade": "A"}]),
        ("resultList", {"grade": "A"}, [{"grade": "A"}]),
        ("", {"grade": "A"}, [{"grade": "A"}]),
    ],
)
def test_a_decisions_result_has_the_shape_that_was_asked_for(mapping: str, value: Any, result: Any) -> None:
    attributes = {"camunda:decisionRef": "grade", "camunda:resultVariable": "r"}
    if mapping:
        attributes["camunda:mapDecisionResult"] = mapping
    world = World(read(around(node("businessRuleTask", "x", **attributes))), grade=evaluation(value)).start()
    assert world.completed
    assert world["r"] == result


@pytest.mark.parametrize(("mapping", "value"), [("singleResult", "A"), ("resultList", "A"), ("resultList", ["A"])])
def test_a_result_that_cannot_have_the_shape_is_an_incident(mapping: str, value: Any) -> None:
    task = node(
        "businessRuleTask",
        "x",
        **{"camunda:decisionRef": "grade", "camunda:resultVariable": "r", "camunda:mapDecisionResult": mapping},
    )
    (incident,) = World(read(around(task)), grade=evaluation(value)).start().of(IncidentRaised)
    assert incident.error_type == "IO_MAPPING_ERROR"
    assert mapping in incident.message.en


def test_a_decision_by_version_tag() -> None:
    attributes = {
        "camunda:decisionRef": "grade",
        "camunda:decisionRefBinding": "versionTag",
        "camunda:decisionRefVersionTag": "2026",
        "camunda:resultVariable": "r",
    }
    (reference,) = read(around(node("businessRuleTask", "x", **attributes))).references
    assert (reference.target, reference.binding, reference.version_tag) == ("grade", "versionTag", "2026")


@pytest.mark.parametrize(
    ("language", "script"), [("feel", "amount * 2"), ("FEEL", "= amount * 2"), ("juel", "${amount * 2}")]
)
def test_a_script_that_computes_a_value(language: str, script: str) -> None:
    task = (
        f'<bpmn:scriptTask id="x" scriptFormat="{language}" camunda:resultVariable="r"><bpmn:script>{script}'
        "</bpmn:script></bpmn:scriptTask>"
    )
    assert World(read(around(task))).start(amount=5)["r"] == 10


# -- mappings, calls, loops ------------------------------------------------------------


def test_parameters_are_mappings() -> None:
    ext = """<camunda:inputOutput>
        <camunda:inputParameter name="text">plain</camunda:inputParameter>
        <camunda:inputParameter name="twice">${amount * 2}</camunda:inputParameter>
        <camunda:inputParameter name="said">Dear ${name}</camunda:inputParameter>
        <camunda:inputParameter name="many"><camunda:list><camunda:value>${amount}</camunda:value>
            <camunda:value>b</camunda:value></camunda:list></camunda:inputParameter>
        <camunda:inputParameter name="known"><camunda:map><camunda:entry key="a b">${name}</camunda:entry>
            </camunda:map></camunda:inputParameter>
        <camunda:outputParameter name="total">${sum + twice}</camunda:outputParameter>
    </camunda:inputOutput>"""
    task = node("serviceTask", "x", ext=ext, **{"camunda:type": "external", "camunda:topic": "t"})
    world = World(read(around(task))).start(amount=5, name="林")
    assert world.execution.local_variables(world.key("x")) == {
        "text": "plain",
        "twice": 10,
        "said": "Dear 林",
        "many": [5, "b"],
        "known": {"a b": "林"},
    }
    world.do("complete_job", "x", {"sum": 7, "left": "behind"})
    assert world.execution.variables[""] == {"amount": 5, "name": "林", "total": 17}
    assert [f.message.code for f in found(around(task), Severity.WARNING)] == ["bpmn.dialect-outputs"]


def test_a_call_hands_over_what_it_names() -> None:
    ext = (
        '<camunda:in source="amount" target="a"/><camunda:in source="missing" target="m"/>'
        '<camunda:in sourceExpression="${amount * 2}" target="twice"/>'
        '<camunda:in businessKey="#{execution.processBusinessKey}"/><camunda:out source="result" target="r"/>'
    )
    task = node("callActivity", "x", ext=ext, calledElement="sub", **{"camunda:calledElementBinding": "deployment"})
    world = World(read(around(task))).start(amount=5)
    (call,) = world.of(CallOpened)
    assert (call.process_id, call.binding) == ("sub", "deployment")
    assert call.variables == {"a": 5, "m": None, "twice": 10}
    world.do("call_ended", "x", {"result": 1, "other": 2})
    assert world.execution.variables[""] == {"amount": 5, "r": 1}


@pytest.mark.parametrize(("ext", "given", "back"), [("", {}, set()), ("all", {"amount": 5}, {"result"})])
def test_a_call_without_mappings_hands_over_nothing_or_all(ext: str, given: dict[str, Any], back: set[str]) -> None:
    both = '<camunda:in variables="all"/><camunda:out variables="all"/>' if ext else ""
    world = World(read(around(node("callActivity", "x", ext=both, calledElement="${which}")))).start(
        amount=5, which="sub"
    )
    (call,) = world.of(CallOpened)
    assert (call.process_id, call.variables) == ("sub", {**given, **({"which": "sub"} if ext else {})})
    world.do("call_ended", "x", {"result": 1})
    assert set(world.execution.variables[""]) == {"amount", "which"} | back


@pytest.mark.parametrize("collection", ["people", "${people}"])
def test_several_instances_over_a_collection(collection: str) -> None:
    loop = (
        f'<bpmn:multiInstanceLoopCharacteristics camunda:collection="{collection}" camunda:elementVariable="who">'
        '<bpmn:completionCondition xsi:type="bpmn:tFormalExpression">${nrOfCompletedInstances / nrOfInstances >= 0.5}'
        "</bpmn:completionCondition></bpmn:multiInstanceLoopCharacteristics>"
    )
    world = World(read(around(node("userTask", "x", loop, **{"camunda:assignee": "${who}"}))))
    assert [t.assignee for t in world.start(people=["a", "b", "c", "d"]).of(UserTaskOpened)] == ["a", "b", "c", "d"]
    first, second = [t.key for t in world.of(UserTaskOpened)][:2]
    world.execution.complete_user_task(first, {})
    assert not world.execution.ended
    world.execution.complete_user_task(second, {})
    assert world.execution.completed


@pytest.mark.parametrize(("cardinality", "number"), [("3", 3), ("${count}", 2), ("${count - 2}", 0)])
def test_several_instances_by_number(cardinality: str, number: int) -> None:
    loop = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>"
        f"{cardinality}</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
    )
    world = World(read(around(node("userTask", "x", loop)))).start(count=2)
    assert len(world.of(UserTaskOpened)) == number
    assert world.completed == (number == 0)


# -- conditions and timers ------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "chosen"),
    [
        ("${amount &gt; 1000 &amp;&amp; grade == 'A'}", "yes"),
        ("${amount le 1000 or empty grade}", "no"),
        ("#{customer.vip}", "yes"),
        ("= amount > 1000", "yes"),
    ],
)
def test_a_condition_is_read(condition: str, chosen: str) -> None:
    world = World(read(conditional(condition))).start(amount=5000, grade="A", customer={"vip": True})
    assert world.waiting() == [chosen]


def test_a_condition_in_a_file_without_foreign_names_is_read_too() -> None:
    file = conditional("${amount &gt; 1000}").replace(f' xmlns:camunda="{DIALECTS["camunda"]}"'.encode(), b"")
    assert b"xmlns:camunda" not in file
    assert World(read(file)).start(amount=5000).waiting() == ["yes"]


def test_a_condition_in_feel_by_its_language() -> None:
    assert World(read(conditional("amount &gt; 1000", 'language="feel"'))).start(amount=5000).waiting() == ["yes"]


def test_the_name_of_a_signal_may_be_an_expression() -> None:
    thrown = node("endEvent", "end", '<bpmn:signalEventDefinition signalRef="s"/>')
    file = document(START, thrown, path("start", "end"), definitions='<bpmn:signal id="s" name="rates-${city}"/>')
    (signal,) = World(read(file)).start(city="sh").of(SignalThrown)
    assert signal.name == "rates-sh"


def test_timers_take_expressions_and_quartz_schedules() -> None:
    reminded = boundary("remind", "x", timer("cycle", "0 0/5 * * * ?"), interrupting=False)
    file = document(
        START,
        node("userTask", "x"),
        boundary("late", "x", timer("duration", "${limit}")),
        reminded,
        END,
        path("start", "x", "end"),
        flow("late", "end"),
        flow("remind", "end"),
    )
    dues = [t.due_at for t in World(read(file)).start(limit="P2D").of(TimerSet)]
    assert dues == [NOW + dt.timedelta(days=2), NOW + dt.timedelta(minutes=5)]


# -- what is refused ------------------------------------------------------------

LISTENER = '<camunda:executionListener event="start" class="org.Example"/>'
REFUSED = {
    "a class": ('<bpmn:serviceTask id="x" camunda:class="org.Pay"/>', "camunda:class"),
    "a delegate": (
        '<bpmn:serviceTask id="x" camunda:delegateExpression="${payDelegate}"/>',
        "camunda:delegateExpression",
    ),
    "an expression with effects": ('<bpmn:serviceTask id="x" camunda:expression="${a.pay()}"/>', "camunda:expression"),
    "a mail task": ('<bpmn:serviceTask id="x" camunda:type="mail"/>', "type=mail"),
    "a connector": (node("serviceTask", "x", ext="<camunda:connector/>"), "camunda:connector"),
    "a listener": (node("userTask", "x", ext=LISTENER), "camunda:executionListener"),
    "a task listener": (
        node("userTask", "x", ext='<camunda:taskListener event="create" expression="${x}"/>'),
        "camunda:taskListener",
    ),
    "form fields": (node("userTask", "x", ext="<camunda:formData/>"), "camunda:formData"),
    "a decision by its number": (
        '<bpmn:businessRuleTask id="x" camunda:decisionRef="d" camunda:resultVariable="r" '
        'camunda:decisionRefBinding="version" camunda:decisionRefVersion="2"/>',
        "decisionRefVersion=2",
    ),
    "an unknown shape": (
        '<bpmn:businessRuleTask id="x" camunda:decisionRef="d" camunda:resultVariable="r" '
        'camunda:mapDecisionResult="first"/>',
        "mapDecisionResult=first",
    ),
    "groovy": (
        '<bpmn:scriptTask id="x" scriptFormat="groovy" camunda:resultVariable="r"><bpmn:script>1</bpmn:script>'
        "</bpmn:scriptTask>",
        "scriptFormat=groovy",
    ),
    "a script in a file": (
        '<bpmn:scriptTask id="x" scriptFormat="feel" camunda:resultVariable="r" camunda:resource="a.js">'
        "<bpmn:script>1</bpmn:script></bpmn:scriptTask>",
        "camunda:resource",
    ),
    "a script parameter": (
        node(
            "userTask",
            "x",
            ext='<camunda:inputOutput><camunda:inputParameter name="a"><camunda:script scriptFormat="js">1'
            "</camunda:script></camunda:inputParameter></camunda:inputOutput>",
        ),
        "script js",
    ),
    "a case": ('<bpmn:callActivity id="x" calledElement="p" camunda:caseRef="c"/>', "camunda:caseRef"),
    "a mapping class": (
        '<bpmn:callActivity id="x" calledElement="p" camunda:variableMappingClass="org.Map"/>',
        "camunda:variableMappingClass",
    ),
    "another business key": (
        node("callActivity", "x", ext='<camunda:in businessKey="${loan}"/>', calledElement="p"),
        "in businessKey=${loan}",
    ),
    "a local mapping": (
        node("callActivity", "x", ext='<camunda:in source="a" target="b" local="true"/>', calledElement="p"),
        "in local",
    ),
    "a method in an assignee": ('<bpmn:userTask id="x" camunda:assignee="${users.find(a)}"/>', ".find(…)"),
    "what nobody knows": ('<bpmn:userTask id="x" camunda:colour="red"/>', "camunda:colour"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_would_not_happen_is_refused_by_name(case: str) -> None:
    text, named = REFUSED[case]
    findings = found(around(text))
    codes = {finding.message.code for finding in findings}
    assert codes <= {"bpmn.dialect-unsupported", "bpmn.juel", "bpmn.no-implementation"}
    (finding,) = [f for f in findings if named in f.message.en]
    assert named in finding.message.zh
    assert (finding.element, finding.line) == ("x", 1)


@pytest.mark.parametrize(
    ("attributes", "named"),
    [('language="groovy"', "'groovy'"), ('camunda:resource="deployment://x.js"', "camunda:resource")],
)
def test_a_condition_in_another_language_is_refused(attributes: str, named: str) -> None:
    assert any(named in finding.message.en for finding in found(conditional("amount &gt; 5", attributes)))


def test_all_variables_and_single_ones_cannot_both_come_back() -> None:
    ext = '<camunda:out variables="all"/><camunda:out source="a" target="b"/>'
    (finding,) = found(around(node("callActivity", "x", ext=ext, calledElement="p")))
    assert finding.message.code == "bpmn.dialect-out-all"


def test_a_script_needs_a_result_variable() -> None:
    task = '<bpmn:scriptTask id="x" scriptFormat="feel"><bpmn:script>1</bpmn:script></bpmn:scriptTask>'
    assert "bpmn.dialect-script-result" in {f.message.code for f in found(around(task))}


def test_a_decision_without_a_result_variable_is_warned_of() -> None:
    task = '<bpmn:businessRuleTask id="x" camunda:decisionRef="grade" camunda:mapDecisionResult="singleEntry"/>'
    assert [f.message.code for f in found(around(task), Severity.WARNING)] == ["bpmn.dialect-no-result"]
    world = World(read(around(task)), grade=evaluation(Decimal("1.5"))).start()
    assert world["decisionResult"] == Decimal("1.5")


def test_the_user_who_started_is_refused_as_nobody_would_set_it() -> None:
    start = '<bpmn:startEvent id="start" camunda:initiator="who"/>'
    (finding,) = found(document(start, END, path("start", "end")))
    assert "camunda:initiator" in finding.message.en


@pytest.mark.parametrize(
    "text",
    [
        '<bpmn:userTask id="x" camunda:asyncBefore="true"/>',
        '<bpmn:userTask id="x" camunda:exclusive="false"/>',
        '<bpmn:userTask id="x" camunda:jobPriority="5"/>',
    ],
)
def test_what_has_no_effect_is_warned_of(text: str) -> None:
    assert not found(around(text))
    assert [f.message.code for f in found(around(text), Severity.WARNING)] == ["bpmn.dialect-no-effect"]


def test_the_version_tag_of_a_process_is_read_and_a_missing_is_executable_is_warned_of() -> None:
    file = document(START, END, path("start", "end"), attributes='camunda:versionTag="2026"').replace(
        b' isExecutable="true"', b""
    )
    assert read(file).version_tag == "2026"
    assert [f.message.code for f in found(file, Severity.WARNING)] == ["bpmn.executable-absent"]
