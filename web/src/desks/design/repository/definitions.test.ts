import { expect, it } from 'vitest';

import type { RepositoryItem } from '../../../api/schema';
import { callersOf, holderOf, matches, sorted } from './definitions';

const item = (id: string, name: string | null, version: number, rest: Partial<RepositoryItem> = {}): RepositoryItem => ({
  kind: 'process',
  id,
  name,
  latest: { resourceKey: id, version, deploymentDate: `2026-01-0${version}T00:00:00Z`, deployedBy: 'xu.li' } as RepositoryItem['latest'],
  decisions: [],
  usedBy: [],
  uses: [],
  imports: [],
  importedBy: [],
  ...rest,
});

const loan = item('loan-approval', '贷前审批', 3);
const pay = item('disbursement', '放款', 1);
const graph = item('definitions-machine', null, 2, {
  decisions: [{ decisionDefinitionKey: '1', decisionDefinitionId: 'credit-grade', name: '信用等级', version: 1, versionTag: null }],
});

it('knows who has an id already, also a decision in a file of another id', () => {
  const all = [loan, { ...graph, kind: 'decisionRequirements' as const }];
  expect(holderOf(all, 'bpmn', 'loan-approval')).toBe(loan);
  expect(holderOf(all, 'dmn', 'credit-grade')?.id).toBe('definitions-machine');
  expect(holderOf(all, 'dmn', 'loan-approval')).toBeUndefined();
  expect(holderOf(all, 'bpmn', 'loan')).toBeUndefined();
});

it('finds by name, by id, and by the decisions inside', () => {
  expect([loan, pay, graph].filter((each) => matches(each, '审批'))).toEqual([loan]);
  expect([loan, pay, graph].filter((each) => matches(each, 'DISB'))).toEqual([pay]);
  expect([loan, pay, graph].filter((each) => matches(each, '信用'))).toEqual([graph]);
  expect([loan, pay, graph].filter((each) => matches(each, ''))).toHaveLength(3);
});

it('sorts numbers as numbers and names as a Chinese reader does', () => {
  const tenth = item('tenth', '放款', 10);
  expect(sorted([tenth, loan, pay], [{ field: 'version', order: 'ASC' }]).map(({ id }) => id)).toEqual(['disbursement', 'loan-approval', 'tenth']);
  expect(sorted([pay, loan], [{ field: 'name', order: 'ASC' }]).map(({ name }) => name)).toEqual(['贷前审批', '放款']);
  expect(sorted([loan, pay], [{ field: 'changed', order: 'DESC' }])[0]).toBe(loan);
});

it('names each process once that uses a form, and each model that imports a model', () => {
  const used = { processDefinitionId: 'loan', processDefinitionName: '贷前审批', binding: 'latest' };
  const form = item('review', null, 1, { usedBy: [{ ...used, elementId: 'a' }, { ...used, elementId: 'b' }] });
  expect(callersOf(form, [])).toEqual([{ id: 'loan', name: '贷前审批', to: '/design/bpmn/loan' }]);
  const models = [item('grading', '评级', 1, { kind: 'decisionRequirements' }), item('scoring', null, 1, { kind: 'decisionRequirements' })];
  const library = item('library', '公用', 1, { kind: 'decisionRequirements', importedBy: ['grading', 'scoring'] });
  expect(callersOf(library, models)).toEqual([
    { id: 'grading', name: '评级', to: '/design/dmn/grading' },
    { id: 'scoring', name: 'scoring', to: '/design/dmn/scoring' },
  ]);
});
