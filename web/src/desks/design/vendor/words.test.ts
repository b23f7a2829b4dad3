// @vitest-environment node
/** Nothing that the editors can say is without a Chinese word. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { BEFORE, EDITORS, unquoted, withWords } from '../../../../literalWords';
import { BPMN_WORDS } from './bpmnWords';
import { DMN_WORDS } from './dmnWords';
import { LITERAL_WORDS } from './literalDictionary';
import { PANEL_WORDS } from './panelWords';

const MODULES = join(process.cwd(), 'node_modules');
const ASKED = /[tT]ranslate\)?\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g;

function* sources(path: string): Generator<string> {
  if (path.endsWith('.js')) yield readFileSync(join(MODULES, path), 'utf8');
  else {
    for (const entry of readdirSync(join(MODULES, path), { withFileTypes: true })) {
      if (entry.isDirectory() || entry.name.endsWith('.js')) yield* sources(join(path, entry.name));
    }
  }
}

/** The texts that files hand to `translate`, without their comments. */
function asked(paths: string[], cut: (code: string) => string = (code) => code): string[] {
  const found = new Set<string>();
  for (const path of paths) {
    for (const code of sources(path)) {
      for (const match of cut(code).replace(/\/\*[\s\S]*?\*\//g, '').matchAll(ASKED)) {
        found.add((match[1] ?? match[2]!).replace(/\\n/g, '\n').replace(/\\(.)/g, '$1'));
      }
    }
  }
  return [...found];
}

/** The texts of a pattern's first group. */
const listed = (path: string, pattern: RegExp) => [...[...sources(path)].join('\n').matchAll(pattern)].map((match) => match[1]!);

/** What the panel says for Camunda 7, whose groups are not used here, stands together. */
function withoutCamunda7(code: string): string {
  const from = code.indexOf('\nvar index$1 = {');
  const to = code.indexOf('\nvar index = {');
  return from > 0 && to > from ? code.slice(0, from) + code.slice(to) : code;
}

/** The beginning of a word, or of a drawing's transformation. */
const PUT_TOGETHER = /^ \+|^Align elements $/;

const without = (words: Readonly<Record<string, string>>, keys: string[]) => keys.filter((key) => !(key in words)).sort();

it('translates the BPMN editor with its menus', () => {
  const said = asked(['diagram-js/lib', 'bpmn-js/lib', 'bpmn-js-create-append-anything/dist/index.es.js', 'bpmn-js-color-picker', 'diagram-js-minimap/dist/index.esm.js']);
  const labels = [
    ...listed('bpmn-js/lib/features/replace/ReplaceOptions.js', /label: '([^']+)'/g),
    ...listed('bpmn-js-create-append-anything/dist/index.es.js', /(?:label|name): '([A-Z][^']+)'/g),
    ...listed('bpmn-js-color-picker/colors/ColorPopupProvider.js', /label: '([^']+)'/g),
  ];
  expect(said.length).toBeGreaterThan(40);
  expect(without(BPMN_WORDS, [...said.filter((text) => !PUT_TOGETHER.test(text)), ...labels])).toEqual([]);
});

it('translates the properties panel with its groups', () => {
  const said = asked(['bpmn-js-properties-panel/dist/index.esm.js', '@bpmn-io/properties-panel/dist/index.esm.js'], withoutCamunda7);
  expect(said.length).toBeGreaterThan(190);
  expect(without(PANEL_WORDS, said)).toEqual([]);
});

it.each(['@bpmn-io/properties-panel/dist/index.esm.js', '@bpmn-io/form-js-editor/dist/index.es.js'])(
  'translates what the parts of the panel in %s say to those who give them no translation',
  (file) => {
    const said = [...asked([file]), ...['remove', 'set a'].map((verb) => `Click to ${verb} dynamic value with FEEL expression`)];
    expect(said.length).toBeGreaterThan(10);
    expect(without(LITERAL_WORDS, [...said, 'List contains {numOfItems} item', 'List contains {numOfItems} items'])).toEqual([]);
  },
);

it('translates the DMN editor with its panel', () => {
  const views = ['drd', 'decision-table', 'literal-expression', 'boxed-expression', 'shared'].map((view) => `dmn-js-${view}/lib`);
  const said = asked([...views, 'diagram-js/lib', 'dmn-js-properties-panel/dist/index.esm.js']).filter((text) => !PUT_TOGETHER.test(text));
  const policies = listed('dmn-js-decision-table/lib/features/hit-policy/HitPolicies.js', /(?:label|explanation): '([^']+)'/g);
  expect(policies.length).toBeGreaterThan(15);
  expect(said.length).toBeGreaterThan(150);
  expect(without(DMN_WORDS, [...said, ...policies])).toEqual([]);
});

it.each(EDITORS)('knows the words in $file', ({ file, ...rest }) => {
  const folder = /^(@bpmn-io\\\/)?[a-z-]+/.exec(file.source)![0].replace('\\', '');
  const codes = [...pathsOf(folder)].filter((path) => file.test(path));
  expect(codes.length).toBeGreaterThan(0);
  for (const path of codes) {
    const changed = withWords(readFileSync(join(MODULES, path), 'utf8'), { file, ...rest }, LITERAL_WORDS);
    const words = [...changed.matchAll(/__text\(("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/g)].map((match) => unquoted(match[1]!));
    expect(words.length).toBeGreaterThan(0);
    expect(without(LITERAL_WORDS, words)).toEqual([]);
  }
});

it('leaves no text of the form editor as it is', () => {
  const [code] = [...sources('@bpmn-io/form-js-editor/dist/index.es.js')];
  const texts = [...code!.replace(/\/\*[\s\S]*?\*\//g, '').matchAll(BEFORE)].map(({ groups }) => unquoted(groups!.quoted!));
  const sentences = texts.filter((text) => /^[A-Z<][a-z]*( [a-z]|[a-z]{2})/.test(text) && !KEPT.test(text));
  expect(without(LITERAL_WORDS, [...new Set(sentences)])).toEqual([]);
});

/** Keys of keyboards, reasons that only the log tells, examples and names in code. */
const KEPT = /^(Enter|Escape|Backspace|Delete|Shift|Tab|Control|Space|Home|End|Page(Up|Down)|Arrow\w+|No associated|Drop |Add|Subtract|Document\.pdf|Keyboard binding|[A-Z][a-z]+[A-Z]\w*)/;

function* pathsOf(folder: string): Generator<string> {
  for (const entry of readdirSync(join(MODULES, folder), { withFileTypes: true, recursive: true })) {
    if (entry.isFile() && entry.name.endsWith('.js')) yield join(entry.parentPath, entry.name).slice(MODULES.length + 1);
  }
}
