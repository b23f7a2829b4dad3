import { expect, it } from 'vitest';

import { fileName, kindOf } from '../api';
import { template } from '../templates/templates';
import { definitionIdOf, nameOf } from './fileFacts';

it.each([
  ['贷前审批.bpmn', '贷前审批'],
  ['loan.bpmn20.xml', 'loan'],
  ['loan.scenario.yaml', 'loan'],
  ['review.form', 'review'],
  ['notes', 'notes'],
])('calls %s %s', (file, name) => expect(nameOf(file)).toBe(name));

it('finds the executable process among several', () => {
  const xml = '<bpmn:process id="pool" isExecutable="false"><bpmn:process isExecutable="true" id="loan">';
  expect(definitionIdOf('bpmn', xml)).toBe('loan');
});

it.each(['bpmn', 'dmn', 'form'] as const)('knows a new %s by its content alone', (kind) => {
  const content = template(kind, 'my-id', '名称 <&>');
  expect(kindOf('unnamed', content)).toBe(kind);
  expect(definitionIdOf(kind, content)).toBe(kind === 'dmn' ? 'my-id-file' : 'my-id');
});

it('makes file names that every system takes', () => {
  expect(fileName('bpmn', '贷前 审批/新')).toBe('贷前-审批-新.bpmn');
  expect(fileName('dmn', 'risk.dmn')).toBe('risk.dmn');
});

it('takes no text for a form', () => expect(kindOf('unnamed', 'hello')).toBeNull());
