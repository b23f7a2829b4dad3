// @vitest-environment node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { BpmnModdle } from 'bpmn-moddle';
import { expect, it } from 'vitest';
import zeebe from 'zeebe-bpmn-moddle/resources/zeebe.json';

import { extensionsOf, foreignOf, meantBy, type Moddle } from './foreign';

const CAMUNDA_7 = readFileSync(join(process.cwd(), 'e2e', 'files', 'camunda-7.bpmn'), 'utf8');

async function read(xml: string): Promise<{ of: (id: string) => Moddle; write: () => Promise<string> }> {
  const moddle = new BpmnModdle({ zeebe });
  const { rootElement, elementsById } = await moddle.fromXML(xml);
  return { of: (id) => elementsById[id] as Moddle, write: async () => (await moddle.toXML(rootElement)).xml };
}

const named = (object: Moddle) => foreignOf(object).map(({ name, value }) => [name, value]);

it('finds attributes and elements of Camunda 7', async () => {
  const { of } = await read(CAMUNDA_7);
  expect(named(of('pay'))).toEqual([['camunda:class', 'com.example.Pay']]);
  expect(named(of('payout-c7'))).toEqual([['camunda:historyTimeToLive', '180']]);
  expect(named(of('notify'))).toEqual([
    ['camunda:asyncBefore', 'true'],
    ['camunda:type', 'external'],
    ['camunda:topic', 'notify'],
    ['camunda:inputOutput', 'name=amount ${amount}'],
  ]);
});

it('calls dialects as the server does, and leaves what is its own', async () => {
  const { of } = await read(CAMUNDA_7.replaceAll('camunda:', 'c7:').replace('xmlns:camunda=', 'xmlns:c7=').replace('name="Pay"', 'name="Pay" xmlns:unused="urn:unused"'));
  expect(named(of('pay'))).toEqual([['camunda:class', 'com.example.Pay']]);
  const eight = await read(readFileSync(join(process.cwd(), 'e2e', 'files', 'camunda-8.bpmn'), 'utf8'));
  expect(named(eight.of('notify'))).toEqual([]);
});

it('knows which of them a finding means', async () => {
  const { of } = await read(CAMUNDA_7);
  const found = foreignOf(of('notify'));
  expect(meantBy('camunda:asyncBefore 在这里没有作用，已忽略。', found)?.name).toBe('camunda:asyncBefore');
  expect(meantBy('type=java is not executed, so it cannot be deployed.', found)?.name).toBe('camunda:type');
  expect(meantBy('扩展元素 inputOutput（http://camunda.org/schema/1.0/bpmn）会被忽略。', found)?.name).toBe('camunda:inputOutput');
  expect(meantBy('camunda:typeX 不会被执行', found)).toBeUndefined();
});

it('knows extension elements of the server that it does not execute, and removes that one alone', async () => {
  const { of, write } = await read(readFileSync(join(process.cwd(), 'e2e', 'files', 'camunda-8.bpmn'), 'utf8'));
  const found = extensionsOf(of('notify'));
  expect(found.map(({ name }) => name)).toEqual(['zeebe:taskDefinition', 'zeebe:executionListeners']);
  const { target, without } = meantBy('扩展元素 zeebe:executionListeners 不会被执行，因此不能部署。', found)!;
  Object.assign(target, without);
  const left = await write();
  expect(left).not.toContain('executionListeners');
  expect(left).toContain('notice-send');
});

it('removes the extension elements with the last of them', async () => {
  const { of, write } = await read(CAMUNDA_7);
  const { target, without } = foreignOf(of('notify')).at(-1)!;
  Object.assign(target, without);
  expect(await write()).not.toContain('extensionElements');
});
