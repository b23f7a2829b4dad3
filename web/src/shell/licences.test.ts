import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { fileOf, licenceOf, packagesOf } from '../../licences';

const WEB = join(import.meta.dirname, '../..');

function packageFolder(described: object, files: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'licence-'));
  for (const [name, text] of Object.entries({ 'package.json': JSON.stringify(described), ...files })) writeFileSync(join(folder, name), text);
  return folder;
}

it('knows the package of a module, also of one inside another and of what the bundler adds', () => {
  const modules = [
    '/web/src/main.tsx',
    '/web/node_modules/react/index.js',
    '/web/node_modules/react/cjs/react.js?commonjs-module',
    '\0/web/node_modules/@ant-design/icons/lib/a.js',
    '/web/node_modules/feelers/node_modules/@bpmn-io/lezer-feel/dist/index.js',
    '\0vite/preload-helper.js',
  ];
  expect(packagesOf(modules)).toEqual([
    '/web/node_modules/@ant-design/icons',
    '/web/node_modules/feelers/node_modules/@bpmn-io/lezer-feel',
    '/web/node_modules/react',
  ]);
});

it('gives the text that a package brings along', () => {
  const folder = packageFolder({ name: 'one', version: '1.0.0', license: 'ISC' }, { 'LICENSE.md': 'Do as you like.', NOTICE: 'By us.' });
  expect(licenceOf(folder)).toEqual({ name: 'one', version: '1.0.0', licence: 'ISC', text: 'Do as you like.\n\nBy us.' });
});

it.each([{ license: 'MIT' }, { license: 'GPL-3.0' }, {}])('refuses a package without a text: %o', (more) => {
  expect(() => licenceOf(packageFolder({ name: 'unseen', version: '1.0.0', ...more }))).toThrow('unseen 1.0.0');
});

it('names each version of a package once', () => {
  const licence = { name: 'one', version: '1.0.0', licence: 'MIT', text: 'Text.' };
  const file = fileOf([licence, { ...licence }, { ...licence, version: '2.0.0' }]);
  expect(file.match(/^one 1\.0\.0/gm)).toHaveLength(2);
  expect(file.match(/^Text\.$/gm)).toHaveLength(2);
});

const { dependencies } = JSON.parse(readFileSync(join(WEB, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };

it.each(Object.entries(dependencies))('%s %s comes with its licence', (name, version) => {
  const licence = licenceOf(join(WEB, 'node_modules', name));
  expect(licence.version).toBe(version);
  expect(licence.text.length).toBeGreaterThan(200);
});
