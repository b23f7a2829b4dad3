/** A diagram with an element of every kind, drawn in rows; not to be run. */

const event = (definition: string) => `<bpmn:${definition} id="{id}-definition" />`;
const TASKS = ['task', 'userTask', 'serviceTask', 'sendTask', 'receiveTask', 'scriptTask', 'manualTask', 'businessRuleTask', 'callActivity'];
const GATEWAYS = ['exclusiveGateway', 'parallelGateway', 'inclusiveGateway', 'eventBasedGateway', 'complexGateway'];
const SCOPES = ['subProcess', 'adHocSubProcess', 'transaction'];
const DEFINITIONS = {
  startEvent: ['message', 'timer', 'signal', 'conditional'],
  intermediateCatchEvent: ['message', 'timer', 'signal', 'conditional', 'link'],
  intermediateThrowEvent: ['message', 'signal', 'escalation', 'compensate', 'link'],
  endEvent: ['message', 'signal', 'escalation', 'error', 'terminate', 'cancel', 'compensate'],
  boundaryEvent: ['message', 'timer', 'signal', 'conditional', 'escalation', 'error', 'compensate', 'cancel'],
} as const;

interface Drawn {
  id: string;
  xml: string;
  width: number;
  height: number;
}

function* elements(): Generator<Drawn> {
  for (const name of TASKS) yield { id: name, xml: `<bpmn:${name} id="${name}" />`, width: 100, height: 80 };
  yield {
    id: 'many',
    xml: '<bpmn:userTask id="many"><bpmn:extensionElements><zeebe:userTask /></bpmn:extensionElements><bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=persons" /></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>',
    width: 100,
    height: 80,
  };
  yield {
    id: 'job',
    xml: '<bpmn:serviceTask id="job"><bpmn:extensionElements><zeebe:taskDefinition type="t" /><zeebe:ioMapping><zeebe:input source="=a" target="b" /><zeebe:output source="=a" target="b" /></zeebe:ioMapping><zeebe:taskHeaders><zeebe:header key="a" value="b" /></zeebe:taskHeaders><zeebe:properties><zeebe:property name="a" value="b" /></zeebe:properties></bpmn:extensionElements></bpmn:serviceTask>',
    width: 100,
    height: 80,
  };
  yield {
    id: 'rule',
    xml: '<bpmn:businessRuleTask id="rule"><bpmn:extensionElements><zeebe:calledDecision decisionId="a" resultVariable="b" /></bpmn:extensionElements></bpmn:businessRuleTask>',
    width: 100,
    height: 80,
  };
  for (const name of GATEWAYS) yield { id: name, xml: `<bpmn:${name} id="${name}" />`, width: 50, height: 50 };
  for (const name of SCOPES) yield { id: name, xml: `<bpmn:${name} id="${name}" />`, width: 120, height: 80 };
  yield { id: 'eventSubProcess', xml: '<bpmn:subProcess id="eventSubProcess" triggeredByEvent="true" />', width: 120, height: 80 };
  for (const name of ['startEvent', 'intermediateThrowEvent', 'endEvent']) yield { id: name, xml: `<bpmn:${name} id="${name}" />`, width: 36, height: 36 };
  for (const [name, definitions] of Object.entries(DEFINITIONS)) {
    for (const definition of definitions) {
      const id = `${definition}-${name}`;
      const attached = name === 'boundaryEvent' ? ` attachedToRef="${definition === 'cancel' ? 'transaction' : 'task'}"` : '';
      yield { id, xml: `<bpmn:${name} id="${id}"${attached}>${event(`${definition}EventDefinition`).replace('{id}', id)}</bpmn:${name}>`, width: 36, height: 36 };
    }
  }
  yield { id: 'note', xml: '<bpmn:textAnnotation id="note" />', width: 100, height: 30 };
  yield { id: 'group', xml: '<bpmn:group id="group" />', width: 100, height: 60 };
  yield { id: 'store', xml: '<bpmn:dataStoreReference id="store" />', width: 50, height: 50 };
  yield { id: 'data', xml: '<bpmn:dataObject id="object" /><bpmn:dataObjectReference id="data" dataObjectRef="object" />', width: 36, height: 50 };
}

const COLUMNS = 10;

/** The file, and the ids of its elements. */
export function everyElement(): { xml: string; ids: string[] } {
  const all = [...elements()];
  const shapes = all.map(({ id, width, height }, index) => {
    const [x, y] = [160 * (index % COLUMNS), 130 * Math.floor(index / COLUMNS)];
    return `<bpmndi:BPMNShape id="${id}_di" bpmnElement="${id}" isExpanded="true"><dc:Bounds x="${x}" y="${y}" width="${width}" height="${height}" /></bpmndi:BPMNShape>`;
  });
  const xml = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:modeler="http://camunda.org/schema/modeler/1.0" id="every-element" targetNamespace="urn:every-element" modeler:executionPlatform="Camunda Cloud" modeler:executionPlatformVersion="8.6.0">
  <bpmn:process id="every" isExecutable="true">
    ${all.map(({ xml: each }) => each).join('\n    ')}
    <bpmn:sequenceFlow id="flow" sourceRef="exclusiveGateway" targetRef="parallelGateway"><bpmn:conditionExpression>=a</bpmn:conditionExpression></bpmn:sequenceFlow>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram"><bpmndi:BPMNPlane id="plane" bpmnElement="every">
    ${shapes.join('\n    ')}
    <bpmndi:BPMNEdge id="flow_di" bpmnElement="flow"><di:waypoint x="370" y="155" /><di:waypoint x="480" y="155" /></bpmndi:BPMNEdge>
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>
`;
  return { xml, ids: [...all.map(({ id }) => id), 'flow'] };
}
