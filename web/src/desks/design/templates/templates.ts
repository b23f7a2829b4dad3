/** What a new file begins with: small, complete, and accepted by the gate as it is. */
import { text } from '../strings';
import type { Kind } from '../api';

/** A new file of a kind whose definition has this id and this name. */
export function template(kind: Kind, id: string, name: string): string {
  switch (kind) {
    case 'bpmn':
      return process(id, escaped(name));
    case 'dmn':
      return decision(id, escaped(name));
    case 'form':
      return form(id, name);
    case 'scenario':
      return scenario(id, name);
  }
}

const escaped = (value: string) =>
  value.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]!);

function process(id: string, name: string): string {
  const [begin, task, end] = [escaped(text('template.begin')), escaped(text('template.task')), escaped(text('template.end'))];
  return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:modeler="http://camunda.org/schema/modeler/1.0" id="definitions-${id}" targetNamespace="urn:lendloom:processes" modeler:executionPlatform="Camunda Cloud" modeler:executionPlatformVersion="8.6.0">
  <bpmn:process id="${id}" name="${name}" isExecutable="true">
    <bpmn:startEvent id="begin" name="${begin}">
      <bpmn:outgoing>begin-to-task</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:userTask id="task" name="${task}">
      <bpmn:extensionElements>
        <zeebe:userTask />
        <zeebe:assignmentDefinition candidateGroups="credit-reviewer-a" />
      </bpmn:extensionElements>
      <bpmn:incoming>begin-to-task</bpmn:incoming>
      <bpmn:outgoing>task-to-end</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:endEvent id="end" name="${end}">
      <bpmn:incoming>task-to-end</bpmn:incoming>
    </bpmn:endEvent>
    <bpmn:sequenceFlow id="begin-to-task" sourceRef="begin" targetRef="task" />
    <bpmn:sequenceFlow id="task-to-end" sourceRef="task" targetRef="end" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram">
    <bpmndi:BPMNPlane id="plane" bpmnElement="${id}">
      <bpmndi:BPMNShape id="begin_di" bpmnElement="begin"><dc:Bounds x="160" y="142" width="36" height="36" /><bpmndi:BPMNLabel><dc:Bounds x="158" y="185" width="40" height="14" /></bpmndi:BPMNLabel></bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="task_di" bpmnElement="task"><dc:Bounds x="260" y="120" width="100" height="80" /></bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="end_di" bpmnElement="end"><dc:Bounds x="424" y="142" width="36" height="36" /><bpmndi:BPMNLabel><dc:Bounds x="422" y="185" width="40" height="14" /></bpmndi:BPMNLabel></bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="begin-to-task_di" bpmnElement="begin-to-task"><di:waypoint x="196" y="160" /><di:waypoint x="260" y="160" /></bpmndi:BPMNEdge>
      <bpmndi:BPMNEdge id="task-to-end_di" bpmnElement="task-to-end"><di:waypoint x="360" y="160" /><di:waypoint x="424" y="160" /></bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
`;
}

function decision(id: string, name: string): string {
  const [amount, result] = [escaped(text('template.amount')), escaped(text('template.result'))];
  return `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" xmlns:di="http://www.omg.org/spec/DMN/20180521/DI/" id="${id}-file" name="${name}" namespace="urn:lendloom:decisions:${id}">
  <inputData id="${id}-amount" name="amount">
    <variable id="${id}-amount-variable" name="amount" typeRef="number" />
  </inputData>
  <decision id="${id}" name="${name}">
    <variable id="${id}-variable" name="result" typeRef="string" />
    <informationRequirement id="${id}-requires-amount"><requiredInput href="#${id}-amount" /></informationRequirement>
    <decisionTable id="${id}-table" hitPolicy="FIRST">
      <input id="${id}-input" label="${amount}"><inputExpression id="${id}-input-expression" typeRef="number"><text>amount</text></inputExpression></input>
      <output id="${id}-output" label="${result}" name="result" typeRef="string" />
      <rule id="${id}-rule-1">
        <inputEntry id="${id}-entry-1"><text>&lt;= 20000</text></inputEntry>
        <outputEntry id="${id}-result-1"><text>"approve"</text></outputEntry>
      </rule>
      <rule id="${id}-rule-2">
        <inputEntry id="${id}-entry-2"><text></text></inputEntry>
        <outputEntry id="${id}-result-2"><text>"review"</text></outputEntry>
      </rule>
    </decisionTable>
  </decision>
  <dmndi:DMNDI>
    <dmndi:DMNDiagram id="${id}-diagram">
      <dmndi:DMNShape id="${id}-shape" dmnElementRef="${id}"><dc:Bounds height="80" width="180" x="260" y="80" /></dmndi:DMNShape>
      <dmndi:DMNShape id="${id}-amount-shape" dmnElementRef="${id}-amount"><dc:Bounds height="45" width="125" x="287" y="240" /></dmndi:DMNShape>
      <dmndi:DMNEdge id="${id}-edge" dmnElementRef="${id}-requires-amount"><di:waypoint x="350" y="240" /><di:waypoint x="350" y="180" /><di:waypoint x="350" y="160" /></dmndi:DMNEdge>
    </dmndi:DMNDiagram>
  </dmndi:DMNDI>
</definitions>
`;
}

function form(id: string, name: string): string {
  const schema = {
    schemaVersion: 19,
    type: 'default',
    id,
    components: [
      { type: 'text', id: 'heading', text: `## ${name}` },
      { type: 'money', id: 'amount', key: 'amount', label: text('template.amount'), validate: { required: true } },
      {
        type: 'radio',
        id: 'decision',
        key: 'decision',
        label: text('template.decision'),
        validate: { required: true },
        values: [
          { value: 'approve', label: text('template.approve') },
          { value: 'reject', label: text('template.reject') },
        ],
      },
      { type: 'textarea', id: 'comment', key: 'comment', label: text('template.comment') },
    ],
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function scenario(id: string, name: string): string {
  return `# ${name}
process: ${id}
now: 2026-01-05T09:00:00+08:00
variables: {}

scenarios:
  - name: ${name}
    steps: []
    expect:
      state: active
`;
}
