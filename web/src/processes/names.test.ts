// @vitest-environment happy-dom
import { expect, test } from 'vitest';

import { elementsOfFile } from './names';

const FILE = `<?xml version="1.0"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI">
  <bpmn:process id="disbursement" name="放款">
    <bpmn:serviceTask id="payment-pay" name="付
      款"/>
    <bpmn:boundaryEvent id="declined" attachedToRef="payment-pay"/>
    <bpmn:sequenceFlow id="flow" sourceRef="declined" targetRef="payment-pay"/>
  </bpmn:process>
  <di:BPMNDiagram id="picture"/>
</bpmn:definitions>`;

test('the elements of a file are known by their ids, without the picture', () => {
  const found = elementsOfFile(FILE);
  expect(found.get('payment-pay')).toMatchObject({ name: '付 款', kind: 'serviceTask', attachedTo: null });
  expect(found.get('declined')).toMatchObject({ name: '', attachedTo: 'payment-pay' });
  expect(found.get('flow')).toMatchObject({ source: 'declined', target: 'payment-pay' });
  expect(found.has('picture')).toBe(false);
});
