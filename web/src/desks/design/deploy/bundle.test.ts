import { expect, it } from 'vitest';

import type { DraftInRepository, RepositoryItem } from '../../../api/schema';
import { bundleOf, consequencesOf, fileNames, importedBy, membersOf, offered, takenOver, type Choice } from './bundle';

type Uses = [kind: string, id: string, binding?: string][];
const NONE: Choice = new Map();

const version = (kind: RepositoryItem['kind'], id: string, uses: Uses = [], decisions: string[] = []): RepositoryItem => ({
  kind,
  id,
  name: id,
  latest: { resourceKey: `r-${id}`, version: 3, resourceName: `${id}.file`, deployedBy: 'xu.li', deploymentDate: '2026-01-05T00:00:00Z' } as RepositoryItem['latest'],
  decisions: decisions.map((decisionDefinitionId) => ({ decisionDefinitionId }) as RepositoryItem['decisions'][number]),
  usedBy: [],
  imports: [],
  importedBy: [],
  uses: uses.map(([used, target, binding = 'latest']) => ({ kind: used, id: target, binding, elementId: 'e', isDeployed: true })),
});

const FILE_KINDS = { bpmn: 'process', dmn: 'decisionRequirements', form: 'form' } as const;

const draft = (key: string, kind: 'bpmn' | 'dmn' | 'form', id: string, more: Partial<DraftInRepository> & { used?: Uses; decisions?: string[] } = {}): DraftInRepository => {
  const { used = [], decisions = [], ...rest } = more;
  return {
    draftKey: key,
    name: key,
    kind,
    baseResourceKey: null,
    revision: 1,
    owner: 'xu.li',
    changeDate: '2026-01-06T00:00:00Z',
    changedBy: 'xu.li',
    definitions: [{ kind: FILE_KINDS[kind], id }, ...decisions.map((name) => ({ kind: 'decision' as const, id: name }))],
    uses: used.map(([usedKind, target, binding = 'latest']) => ({ kind: usedKind, id: target, binding, elementId: 'e' })),
    isPublished: false,
    isInForce: rest.isPublished ?? false,
    ...rest,
  };
};

const told = (drafts: DraftInRepository[], published: RepositoryItem[], choice = NONE) =>
  bundleOf(membersOf(drafts, published, 'xu.li'), drafts[0]!.draftKey, choice).map(({ source, reason, isSent }) => `${source.key}: ${reason}${isSent ? '' : ', not sent'}`);

it('sends what a process is bound to: the draft of it, or the version as it is', () => {
  const process = draft('p', 'bpmn', 'loan', { used: [['decision', 'grade', 'deployment'], ['form', 'review', 'deployment'], ['form', 'apply']] });
  const graph = draft('d', 'dmn', 'graph', { decisions: ['grade'] });
  const published = [version('form', 'review'), version('form', 'apply'), version('decisionRequirements', 'graph', [], ['grade'])];
  expect(told([process, graph], published)).toEqual(['draft p: own', 'draft d: required', 'version r-review: required']);
  expect(told([process, graph], published, new Map([['form review', { isSent: false }]]))).toContain('version r-review: required');
});

it('sends who is bound to a changed decision anew, with all that they are bound to, and who is bound to them', () => {
  const graph = draft('d', 'dmn', 'graph', { decisions: ['grade'] });
  const published = [
    version('decisionRequirements', 'graph', [], ['grade']),
    version('process', 'loan', [['decision', 'grade', 'deployment'], ['form', 'review', 'deployment']]),
    version('form', 'review'),
    version('process', 'outer', [['process', 'loan', 'deployment']]),
    version('process', 'loose', [['decision', 'grade']]),
    version('process', 'other-reviewer', [['form', 'review', 'deployment']]),
  ];
  expect(told([graph], published)).toEqual(['draft d: own', 'version r-review: required', 'version r-loan: follows', 'version r-outer: follows']);
  const without = new Map([['process loan', { isSent: false }]]);
  expect(told([graph], published, without)).toEqual(['draft d: own', 'version r-loan: follows, not sent']);
  const parts = bundleOf(membersOf([graph], published, 'xu.li'), 'd', without);
  expect(consequencesOf(parts)).toEqual({ kinds: ['dmn'], together: [], behind: ['loan'] });
});

it('takes a process that was never published along only where that is asked for', () => {
  const graph = draft('d', 'dmn', 'graph', { decisions: ['grade'] });
  const fresh = draft('p', 'bpmn', 'loan', { used: [['decision', 'grade', 'deployment']] });
  expect(told([graph, fresh], [])).toEqual(['draft d: own', 'draft p: related, not sent']);
  expect(told([graph, fresh], [version('process', 'loan', [['decision', 'grade', 'deployment']])])).toEqual(['draft d: own', 'draft p: follows']);
});

it('sends what a decision model imports along, and who imports it after it', () => {
  const imports = ['decisionRequirements', 'library', 'deployment'] as Uses[number];
  const grading = draft('d', 'dmn', 'grading', { decisions: ['grade'], used: [imports] });
  const published = [version('decisionRequirements', 'library', [], ['limit']), { ...version('decisionRequirements', 'grading', [], ['grade']), imports: ['library'] }];
  expect(told([grading], published)).toEqual(['draft d: own', 'version r-library: imported']);
  const library = draft('l', 'dmn', 'library', { decisions: ['limit'] });
  expect(told([library], published)).toEqual(['draft l: own', 'version r-grading: follows']);
});

it('brings nobody along for what is published already', () => {
  const graph = draft('d', 'dmn', 'graph', { decisions: ['grade'], isPublished: true });
  const published = [version('decisionRequirements', 'graph', [], ['grade']), version('process', 'loan', [['decision', 'grade', 'deployment']])];
  expect(told([graph], published)).toEqual(['draft d: own']);
});

it('offers no draft that was published and replaced since', () => {
  const process = draft('p', 'bpmn', 'loan', { used: [['form', 'review', 'deployment']] });
  const replaced = draft('f', 'form', 'review', { isPublished: true, isInForce: false });
  expect(told([process, replaced], [version('form', 'review')])).toEqual(['draft p: own', 'version r-review: required']);
  expect(told([replaced], [version('form', 'review'), version('process', 'loan', [['form', 'review', 'deployment']])])).toEqual(['draft f: own', 'version r-loan: follows']);
});

it('offers other drafts that differ, those that have to do with it first', () => {
  const process = draft('p', 'bpmn', 'loan', { used: [['form', 'apply']] });
  const drafts = [process, draft('x', 'form', 'unrelated'), draft('f', 'form', 'apply'), draft('same', 'form', 'review', { isPublished: true })];
  expect(told(drafts, [version('form', 'apply')])).toEqual(['draft p: own', 'draft f: related, not sent', 'draft x: other, not sent']);
  expect(told(drafts, [version('form', 'apply')], new Map([['form apply', { isSent: true }]]))).toContain('draft f: related');
});

it('brings along what a draft that was added is bound to', () => {
  const own = draft('f', 'form', 'apply');
  const added = draft('p', 'bpmn', 'loan', { used: [['decision', 'grade', 'deployment']] });
  const published = [version('decisionRequirements', 'graph', [], ['grade'])];
  expect(told([own, added], published)).toEqual(['draft f: own', 'draft p: other, not sent']);
  expect(told([own, added], published, new Map([['process loan', { isSent: true }]]))).toEqual(['draft f: own', 'version r-graph: required', 'draft p: other']);
});

it('does not send what others are working on unasked, where there is a version', () => {
  const process = draft('p', 'bpmn', 'loan', { used: [['form', 'review', 'deployment']] });
  const theirs = draft('t', 'form', 'review', { changedBy: 'ma.chao' });
  expect(told([process, theirs], [version('form', 'review')])).toEqual(['draft p: own', 'version r-review: required']);
  expect(told([process, theirs], [])).toEqual(['draft p: own', 'draft t: required']);
  expect(told([process, theirs], [version('form', 'review')], new Map([['form review', { source: 'draft t' }]]))).toEqual(['draft p: own', 'draft t: required']);
  const [, member] = bundleOf(membersOf([process, theirs], [version('form', 'review')], 'xu.li'), 'p', NONE);
  expect(offered(member!.member).map(({ key }) => key)).toEqual(['version r-review', 'draft t']);
});

it('says which kinds get a new version, and who goes together', () => {
  const process = draft('p', 'bpmn', 'loan', { used: [['form', 'review', 'deployment']] });
  const parts = bundleOf(membersOf([process], [version('form', 'review')], 'xu.li'), 'p', NONE);
  expect(consequencesOf(parts)).toEqual({ kinds: ['bpmn'], together: ['p'], behind: [] });
});

it('keeps the names that files are published under, and gives no name twice', () => {
  const drafts = [draft('p', 'bpmn', 'loan', { used: [['form', 'a', 'deployment'], ['form', 'b', 'deployment']] }), draft('f', 'form', 'a'), draft('g', 'form', 'b')];
  const parts = bundleOf(membersOf(drafts, [version('process', 'loan')], 'xu.li'), 'p', NONE);
  expect(fileNames(parts, () => 'review.form')).toEqual(['loan.file', 'review.form', 'review-2.form']);
});

it('tells of what is published under the id of a draft that was not begun from it', () => {
  const published = [version('process', 'loan'), version('process', 'pay'), version('decisionRequirements', 'graph', [], ['grade'])];
  const replaced = (...drafts: DraftInRepository[]) => {
    const members = membersOf(drafts, published, 'xu.li');
    return takenOver(bundleOf(members, drafts[0]!.draftKey, NONE), members).map(({ source, published: { key } }) => `${source.name}: ${key}`);
  };
  expect(replaced(draft('new', 'bpmn', 'loan'))).toEqual(['new: process loan']);
  expect(replaced(draft('edited', 'bpmn', 'loan', { baseResourceKey: 'r-loan' }))).toEqual([]);
  expect(replaced(draft('same', 'bpmn', 'loan', { isPublished: true, isInForce: true }))).toEqual([]);
  expect(replaced(draft('fresh', 'bpmn', 'other'))).toEqual([]);
  // A decision keeps its id in whichever file it is.
  expect(replaced(draft('moved', 'dmn', 'elsewhere', { decisions: ['grade'] }))).toEqual(['moved: decisionRequirements graph']);
  // Others' drafts with the id are nobody's version.
  expect(replaced(draft('first', 'bpmn', 'idea'), draft('second', 'bpmn', 'idea'))).toEqual([]);
});

it('imports what would be published along: what one is changing, or the version; another draft where it is chosen', () => {
  const imports = (id: string): Uses => [['decisionRequirements', id, 'deployment']];
  const own = draft('d', 'dmn', 'grading', { used: imports('library') });
  const theirs = draft('theirs', 'dmn', 'library', { changedBy: 'ma.chao', used: imports('rates') });
  const published = [version('decisionRequirements', 'library'), version('decisionRequirements', 'rates')];
  const taken = (drafts: DraftInRepository[], choice = {}) => importedBy(membersOf([own, ...drafts], published, 'xu.li'), 'd', choice).map(({ source }) => source.key);
  expect(taken([theirs])).toEqual(['version r-library']);
  // What the chosen draft imports itself comes with it.
  expect(taken([theirs], { 'decisionRequirements library': 'draft theirs' })).toEqual(['draft theirs', 'version r-rates']);
  expect(taken([draft('mine', 'dmn', 'library')])).toEqual(['draft mine']);
  expect(taken([], { 'decisionRequirements library': 'draft gone' })).toEqual(['version r-library']);
});
