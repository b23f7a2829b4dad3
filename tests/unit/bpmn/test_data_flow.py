"""Variables before anything runs: used before they are set, mistyped, lost; and what must come with the start."""

from __future__ import annotations

import json

from server.bpmn.review import ReviewRequest, review
from server.dmn import read_dmn
from server.forms import read_form
from server.messages import Finding

from .diagrams import (
    END,
    START,
    boundary,
    document,
    error,
    error_definition,
    flow,
    io,
    job,
    message,
    message_definition,
    node,
    path,
    script,
    subprocess_,
    timer,
)


def findings(*inside: str, definitions: str = "", forms=(), decisions=(), complete: bool = False) -> list[Finding]:
    files = {"f.bpmn": document(*inside, definitions=definitions)}
    by_id = {name: model for model in decisions for name in model.decisions}
    request = ReviewRequest(files, {form.id: form for form in forms}, by_id, complete)
    return [f for f in review(request).findings if f.message.code != "bpmn.start-variables"]


def found(*inside: str, **more) -> list[tuple[str, str, str]]:
    return [(f.severity, f.message.code, f.element) for f in findings(*inside, **more)]


def row(*middle: str) -> tuple[str, ...]:
    ids = [part.split('id="')[1].split('"')[0] for part in middle]
    return (START, *middle, END, path("start", *ids, "end"))


def form(id_: str, *keys: str, formula: str = ""):
    fields = [{"type": "textfield", "id": f"field-{key}", "key": key, "label": key} for key in keys]
    if formula:
        fields.append({"type": "expression", "id": "sum", "key": "computed", "expression": formula})
    return read_form(json.dumps({"type": "default", "id": id_, "schemaVersion": 19, "components": fields}))


FORMED = '<zeebe:userTask/><zeebe:formDefinition formId="{0}"/>'
SET = node("scriptTask", "set", ext=script("1", "rate"))
USE = node("scriptTask", "use", ext=script("rate * 2", "twice"))


def test_what_the_work_itself_may_bring_is_no_typing_error():
    loop = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="
        '"=members" inputElement="member" outputCollection="votes" outputElement="=vote"/></bpmn:extensionElements>'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
    assert found(*row(node("userTask", "sign", loop, ext="<zeebe:userTask/>"))) == []
    mapped = job("score") + io(("output", "scores", "score"))
    assert found(*row(node("serviceTask", "ask", ext=mapped))) == []


def test_what_is_set_before_is_fine():
    assert found(*row(SET, USE)) == []


def test_what_is_set_only_afterwards_is_used_too_early():
    (finding,) = findings(*row(USE, SET))
    assert (finding.severity, finding.message.code, finding.element) == ("warning", "bpmn.used-before-set", "use")
    assert "which only ‘set’ sets" in finding.message.en and "start → use" in finding.message.en
    assert finding.line and finding.resource == "f.bpmn"


def test_what_another_branch_sets_is_used_too_early():
    inside = (START, SET, USE, END, node("exclusiveGateway", "x", default="x_use"), path("start", "x"))
    inside += (flow("x", "set", "big"), flow("x", "use"), path("set", "end"), path("use", "end"))
    assert found(*inside) == [("warning", "bpmn.used-before-set", "use")]


def test_what_some_ways_set_is_an_info_unless_the_expression_deals_with_null():
    merge = node("exclusiveGateway", "m")
    split = (START, node("exclusiveGateway", "x", default="x_m"), SET, merge, END, path("start", "x"))
    split += (flow("x", "set", "big"), flow("x", "m"), path("set", "m", "use", "end"))
    assert found(*split, USE) == [("info", "bpmn.maybe-unset", "use")]
    careful = node("scriptTask", "use", ext=script("if rate = null then 0 else rate * 2", "twice"))
    assert found(*split, careful) == []


def test_what_one_branch_of_a_parallel_block_sets_is_set_after_the_join():
    inside = (START, node("parallelGateway", "f"), node("parallelGateway", "j"), SET, node("task", "other"), USE, END)
    inside += (path("start", "f", "set", "j", "use", "end"), path("f", "other", "j"))
    assert found(*inside) == []


def test_a_loop_sets_before_the_second_time_only():
    inside = (START, node("exclusiveGateway", "m"), node("exclusiveGateway", "x", default="x_end"), USE, SET, END)
    inside += (path("start", "m", "use", "set", "x"), flow("x", "m", "again"), flow("x", "end"))
    assert found(*inside) == [("info", "bpmn.maybe-unset", "use")]


def test_a_job_without_output_mappings_may_bring_anything():
    assert found(*row(node("serviceTask", "job", ext=job("j")), USE, SET)) == []
    mapped = node("serviceTask", "job", ext=job("j") + io(("output", "answer", "other")))
    assert found(*row(mapped, USE, SET)) == [("warning", "bpmn.used-before-set", "use")]


def test_a_message_brings_anything_and_a_timer_nothing():
    catch = node("intermediateCatchEvent", "c", message())
    assert found(*row(catch, USE, SET), definitions=message_definition()) == []
    wait = node("intermediateCatchEvent", "c", timer("duration", "P1D"))
    assert found(*row(wait, USE, SET)) == [("warning", "bpmn.used-before-set", "use")]


def test_input_mappings_are_seen_inside_only():
    local = node("scriptTask", "in", ext=script("copy + 1", "sum") + io(("input", "2", "copy")))
    after = node("scriptTask", "after", ext=script("copy", "late"))
    late = node("scriptTask", "set", ext=script("3", "copy"))
    assert found(*row(local, after, late)) == [("warning", "bpmn.used-before-set", "after")]
    assert found(*row(local, late, after)) == []


def test_input_mappings_of_a_subprocess_are_seen_in_it():
    inner = (node("startEvent", "s"), node("scriptTask", "t", ext=script("copy + 1", "sum")), node("endEvent", "e"))
    sub = subprocess_("sub", *inner, path("s", "t", "e"), ext=io(("input", "2", "copy")))
    set_ = node("scriptTask", "set", ext=script("sum", "copy"))
    assert found(*row(sub, set_)) == []


def test_a_boundary_event_comes_before_the_result_of_its_activity():
    work = node("serviceTask", "work", ext=job("j") + io(("output", "answer", "rate")))
    late = (boundary("late", "work", timer("duration", "P1D")), flow("late", "use"))
    inside = (START, work, *late, USE, END, path("start", "work", "end"), flow("use", "end"))
    assert found(*inside) == [("warning", "bpmn.used-before-set", "use")]
    failed = (boundary("failed", "work", error()), flow("failed", "use"))
    inside = (START, work, *failed, USE, END, path("start", "work", "end"), flow("use", "end"))
    assert found(*inside, definitions=error_definition()) == []


def test_the_items_of_a_multi_instance_activity_are_seen_in_it():
    loop = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics"
        ' inputCollection="=list" inputElement="entry" outputCollection="all" outputElement="=entry + loopCounter"/>'
        "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
    )
    each = node("userTask", "each", loop, ext=io(("input", "entry", "shown")))
    use = node("scriptTask", "use", ext=script("count(all)", "n"))
    assert found(*row(each, use)) == []


def test_a_typing_error_is_guessed():
    use = node("scriptTask", "use", ext=script("raet * 2", "twice"))
    (finding,) = findings(*row(SET, use))
    assert (finding.severity, finding.message.code) == ("warning", "bpmn.unknown-variable")
    assert "Did you mean 'rate'?" in finding.message.en


def test_names_that_differ_by_a_number_are_no_typing_errors():
    one, two = node("scriptTask", "a", ext=script("1", "rate1")), node("scriptTask", "b", ext=script("rate2", "x"))
    assert found(*row(one, two)) == []


def test_what_nothing_sets_is_expected_from_the_start():
    xml = document(*row(USE))
    (told,) = review(ReviewRequest({"f.bpmn": xml})).findings
    assert (told.severity, told.message.code, told.element) == ("info", "bpmn.start-variables", "start")
    assert "rate (use)" in told.message.en
    start = node("startEvent", "start", ext='<zeebe:formDefinition formId="begin"/>')
    xml = document(start, USE, END, path("start", "use", "end"))
    assert review(ReviewRequest({"f.bpmn": xml}, {"begin": form("begin", "rate")})).findings == ()


def test_a_form_sets_its_fields():
    ask = node("userTask", "ask", ext=FORMED.format("ask"))
    assert found(*row(ask, USE), forms=[form("ask", "rate")]) == []
    elsewhere = [form("ask", "other"), form("begin", "x")]
    start = node("startEvent", "start", ext='<zeebe:formDefinition formId="begin"/>')
    inside = (start, ask, USE, SET, END, path("start", "ask", "use", "set", "end"))
    assert found(*inside, forms=elsewhere) == [("warning", "bpmn.used-before-set", "use")]


def test_what_a_form_corrects_later_may_have_come_with_the_start():
    ask = node("userTask", "ask", ext=FORMED.format("ask"))
    assert found(*row(USE, ask), forms=[form("ask", "rate")]) == []


def test_the_formulas_of_a_form_are_compiled_against_known_variables():
    ask = node("userTask", "ask", ext=FORMED.format("ask"))
    assert found(*row(SET, ask), forms=[form("ask", "n", formula="=n * raet")]) == [
        ("warning", "bpmn.unknown-variable", "ask")
    ]
    assert found(*row(SET, ask), forms=[form("ask", "n", formula="=n * rate")]) == []


def test_a_result_with_the_name_of_an_input_mapping_is_lost():
    lost = node("scriptTask", "use", ext=script("rate * 2", "rate") + io(("input", "3", "rate")))
    assert found(*row(lost)) == [("warning", "bpmn.result-lost", "use")]


GRADES = read_dmn(
    b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="g" name="g" namespace="n">
      <inputData id="i" name="income"><variable name="income"/></inputData>
      <decision id="grade" name="grade"><variable name="grade"/>
        <informationRequirement><requiredInput href="#i"/></informationRequirement>
        <decisionTable hitPolicy="FIRST"><input id="c"><inputExpression><text>income</text></inputExpression></input>
          <output id="o" name="grade"/>
          <rule id="r1"><inputEntry><text>&lt; 10</text></inputEntry><outputEntry><text>"C"</text></outputEntry></rule>
          <rule id="r2"><inputEntry><text>-</text></inputEntry><outputEntry><text>"A"</text></outputEntry></rule>
        </decisionTable></decision></definitions>"""
)
DECIDE = node("businessRuleTask", "d", ext='<zeebe:calledDecision decisionId="grade" resultVariable="grade"/>')


def test_a_decision_reads_its_input_data():
    late = node("scriptTask", "set", ext=script("1", "income"))
    assert found(*row(DECIDE, late), decisions=[GRADES]) == [("warning", "bpmn.used-before-set", "d")]
    assert found(*row(late, DECIDE), decisions=[GRADES]) == []


def graded(text: str) -> tuple[str, ...]:
    split = (START, DECIDE, node("exclusiveGateway", "x", default="x_end"), END, node("endEvent", "e2"))
    return (
        *split,
        path("start", "d", "x", "end"),
        flow("x", "e2", f"grade = &quot;{text}&quot;".replace("&quot;", '"')),
    )


def test_a_text_that_a_decision_never_gives_is_never_equal():
    assert found(*graded("A"), decisions=[GRADES]) == []
    assert found(*graded("B"), decisions=[GRADES]) == [("warning", "bpmn.condition-never-true", "x")]


def test_constants_that_can_only_fail_are_refused():
    def split(condition: str) -> tuple[str, ...]:
        return (START, node("exclusiveGateway", "x", default="x_end"), END, node("endEvent", "e2"),
                path("start", "x", "end"), flow("x", "e2", condition))  # fmt: skip

    assert found(*split('"yes"')) == [("error", "bpmn.condition-constant", "x")]
    assert found(*split("1 > 2")) == [("warning", "bpmn.condition-never-true", "x")]
    assert found(*split("1 < 2")) == []
    wait = node("intermediateCatchEvent", "w", timer("duration", '=duration("P1X")'))
    assert [f[0] for f in found(*row(wait))] == ["error"]
    broken = node("scriptTask", "s", ext=script("number(&quot;x&quot;)", "n"))
    assert found(*row(broken)) == [("error", "bpmn.expression-failed", "s")]
    several = node("userTask", "m", (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics"
        ' inputCollection="=5"/></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>'
    ))  # fmt: skip
    assert found(*row(several)) == [("error", "bpmn.collection", "m")]
