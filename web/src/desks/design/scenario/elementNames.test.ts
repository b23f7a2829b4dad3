// @vitest-environment happy-dom
import { expect, test } from 'vitest';

import { elementNames } from './elementNames';

const XML = `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p" name="放款">
  <userTask id="check" name="财务&#10;复核"/><exclusiveGateway id="ways"/><endEvent id="done" name="已放款"/>
  <sequenceFlow id="f1" sourceRef="check" targetRef="ways"/>
  <sequenceFlow id="f2" name="同意" sourceRef="ways" targetRef="done"/>
</process></definitions>`;

test('elements are called by their names, flows by what they connect', () => {
  const called = elementNames(XML);
  expect(['check', 'ways', 'f1', 'f2', 'unknown'].map(called)).toEqual(['财务 复核', 'ways', '财务 复核 → ways', 'ways → 已放款 (同意)', 'unknown']);
});
