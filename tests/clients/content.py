"""What the official clients deploy in these tests: a loan check with every kind of thing a client meets."""

from __future__ import annotations

import json

from tests.unit.bpmn.diagrams import (
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
    signal,
    signal_definition,
    timer,
)

CHECK, STRAIGHT, PAYMENT, CAMPAIGN, DUNNING, BROKEN = (
    "client-check",
    "client-straight",
    "client-payment",
    "client-campaign",
    "client-dunning",
    "client-broken",
)
TRANSFER = "client-transfer"

_DECISION = '<zeebe:calledDecision decisionId="grade" resultVariable="grade"/>'

CHECK_BPMN = document(
    START,
    node("businessRuleTask", "grade-it", ext=_DECISION, name="评级"),
    node(
        "userTask",
        "review",
        ext="<zeebe:userTask/>"
        '<zeebe:formDefinition formId="client-review"/>'
        '<zeebe:assignmentDefinition candidateGroups="reviewers"/>'
        '<zeebe:taskSchedule dueDate="2027-01-31T09:00:00+08:00"/>'
        '<zeebe:taskHeaders><zeebe:header key="hint" value="看材料"/></zeebe:taskHeaders>',
        name="信审",
    ),
    node("exclusiveGateway", "outcome", default="outcome_refused"),
    node("serviceTask", "transfer", ext=job(TRANSFER, "2", "")),
    boundary("bounced", "transfer", error("BOUNCED")),
    node("scriptTask", "note", ext=script("&quot;bounced&quot;", "note")),
    node("endEvent", "refused"),
    node("endEvent", "noted"),
    END,
    path("start", "grade-it", "review", "outcome"),
    flow("outcome", "transfer", 'decision = "approve"'),
    flow("outcome", "refused"),
    path("transfer", "end"),
    path("bounced", "note", "noted"),
    definitions=error_definition("BOUNCED"),
    id_=CHECK,
)
STRAIGHT_BPMN = document(
    START,
    node("scriptTask", "double", ext=script("amount * 2", "doubled")),
    END,
    path("start", "double", "end"),
    id_=STRAIGHT,
)
PAYMENT_BPMN = document(
    START,
    node("intermediateCatchEvent", "paid", message("client-paid"), ext=io(("output", "amount", "received"))),
    END,
    path("start", "paid", "end"),
    definitions=message_definition("client-paid", "loanId"),
    id_=PAYMENT,
)
CAMPAIGN_BPMN = document(
    START,
    node("intermediateCatchEvent", "rates", signal("client-rates")),
    END,
    path("start", "rates", "end"),
    definitions=signal_definition("client-rates"),
    id_=CAMPAIGN,
)
DUNNING_BPMN = document(
    START,
    node("intermediateCatchEvent", "wait", timer("duration", "P30D")),
    END,
    path("start", "wait", "end"),
    id_=DUNNING,
)
BROKEN_BPMN = document(
    START,
    node("scriptTask", "divide", ext=script("total / share", "part")),
    END,
    path("start", "divide", "end"),
    id_=BROKEN,
)
GRADE_DMN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="client-grading" name="客户评级"
    namespace="http://lendloom.org/test">
  <decision id="grade" name="评级">
    <informationRequirement id="r1"><requiredDecision href="#band"/></informationRequirement>
    <decisionTable id="grade-table" hitPolicy="UNIQUE">
      <input id="i1" label="档位"><inputExpression id="ie1" typeRef="string"><text>band</text></inputExpression></input>
      <output id="o1" name="grade" typeRef="string"/>
      <rule id="rule-good"><inputEntry id="e1"><text>"high"</text></inputEntry>
        <outputEntry id="x1"><text>"A"</text></outputEntry></rule>
      <rule id="rule-poor"><inputEntry id="e2"><text>"low"</text></inputEntry>
        <outputEntry id="x2"><text>"C"</text></outputEntry></rule>
    </decisionTable>
  </decision>
  <decision id="band" name="档位">
    <variable id="v1" name="band" typeRef="string"/>
    <decisionTable id="band-table" hitPolicy="FIRST">
      <input id="i2" label="评分">
        <inputExpression id="ie2" typeRef="number"><text>score</text></inputExpression></input>
      <output id="o2" name="band" typeRef="string"/>
      <rule id="rule-high"><inputEntry id="e3"><text>&gt;= 600</text></inputEntry>
        <outputEntry id="x3"><text>"high"</text></outputEntry></rule>
      <rule id="rule-low"><inputEntry id="e4"><text></text></inputEntry>
        <outputEntry id="x4"><text>"low"</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>
"""
REVIEW_FORM = {
    "type": "default",
    "id": "client-review",
    "schemaVersion": 18,
    "components": [
        {
            "type": "select",
            "key": "decision",
            "id": "Field_decision",
            "label": "结论",
            "values": [{"label": "同意", "value": "approve"}, {"label": "拒绝", "value": "reject"}],
            "validate": {"required": True},
        },
        {"type": "textfield", "key": "comment", "id": "Field_comment", "label": "意见"},
    ],
}
FILES = {
    "client-check.bpmn": CHECK_BPMN,
    "client-straight.bpmn": STRAIGHT_BPMN,
    "client-payment.bpmn": PAYMENT_BPMN,
    "client-campaign.bpmn": CAMPAIGN_BPMN,
    "client-dunning.bpmn": DUNNING_BPMN,
    "client-broken.bpmn": BROKEN_BPMN,
    "client-grading.dmn": GRADE_DMN.encode(),
    "client-review.form": json.dumps(REVIEW_FORM, ensure_ascii=False).encode(),
}
