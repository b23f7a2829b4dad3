// @vitest-environment happy-dom
import { expect, it } from 'vitest';

import type { Finding } from '../api';
import { markRows, placed } from './cellMarks';

const table = { id: 'table', input: [{ id: 'score', label: '评分', inputExpression: { text: 'score' } }, { id: 'amount', inputExpression: { text: 'amount' } }] };
const finding = (element: string, detail: string): Finding => ({ element, detail, severity: 'warning', code: 'x', rule: 'x', resource: 'a.dmn', line: 1, column: null });

it('puts what is found of the whole table at the columns that are named', () => {
  const elements = (detail: string, element = 'table') => placed([finding(element, detail)], table).map((each) => each.element);
  expect(elements('没有规则覆盖：评分: 700（例如 评分 = 700）')).toEqual(['score']);
  expect(elements('No rule covers amount: > 700, 评分: 1')).toEqual(['score', 'amount']);
  expect(elements('The table is too large')).toEqual(['score', 'amount']);
  expect(elements('评分: 700', 'rule')).toEqual(['rule']);
  expect(placed([finding('table', 'x')], undefined)[0]!.element).toBe('table');
});

it('marks columns and rows, also those that are drawn later, and leaves nothing behind', async () => {
  const container = document.createElement('div');
  container.innerHTML = '<table><tr><th data-col-id="score"></th></tr><tr><td data-row-id="rule"></td></tr></table>';
  document.body.append(container);
  const stop = markRows(container, [finding('score', 'gap'), finding('rule', 'masked')], []);
  const titles = () => [...container.querySelectorAll<HTMLElement>('.ll-found-warning')].map(({ title }) => title);
  expect(titles()).toEqual(['gap', 'masked']);
  const late = document.createElement('td');
  late.dataset.rowId = 'rule';
  container.querySelector('tr')!.append(late);
  await new Promise((resolve) => setTimeout(resolve));
  expect(titles()).toEqual(['gap', 'masked', 'masked']);
  stop();
  expect(container.querySelectorAll('[class*="ll-found"], [title]').length).toBe(0);
});
