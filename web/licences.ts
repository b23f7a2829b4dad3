/**
 * The licence texts of everything that is bundled, in one file beside the application (`/licences.txt`, linked in the
 * help). A package whose text is not found fails the build: look at it, and say in `WITHOUT_FILE` whose it is.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Plugin } from 'vite';

export const FILE = 'licences.txt';

/** Packages that name a licence but come without its text: who holds the copyright, as far as they say. */
const WITHOUT_FILE: Readonly<Record<string, string>> = {
  '@ant-design/icons-svg': 'Ant Design contributors, https://github.com/ant-design/ant-design-icons',
  '@bpmn-io/semver-compat': 'bpmn.io contributors',
  'bpmn-auto-layout': 'bpmn.io contributors',
  'is-mobile': 'Julian Gruber, julian@juliangruber.com',
};

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

export interface Licence {
  name: string;
  version: string;
  /** As the package says it, such as `MIT`. */
  licence: string;
  text: string;
}

/** The folders of the packages that modules come from. */
export function packagesOf(modules: Iterable<string>): string[] {
  const folders = new Set<string>();
  for (const module of modules) {
    const found = /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/?\0]+)\//.exec(module);
    if (found && !found[1]!.includes('\0')) folders.add(found[1]!);
  }
  return [...folders].sort();
}

/** What a package may be used under. Throws where it comes without a text and nobody has looked at it. */
export function licenceOf(folder: string): Licence {
  const described = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name: string; version: string; license?: string };
  const { name, version } = described;
  const files = textsIn(folder);
  if (files.length > 0) {
    const text = files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
    return { name, version, licence: described.license ?? 'see below', text };
  }
  const holder = WITHOUT_FILE[name];
  const licence = described.license ?? (holder ? 'MIT' : undefined);
  if (holder === undefined || licence !== 'MIT') {
    throw new Error(`${name} ${version} (${licence ?? 'no licence named'}) comes without the text of its licence: see web/licences.ts`);
  }
  return { name, version, licence, text: `Copyright (c) ${holder}\n\n${MIT}` };
}

/** `LICENSE`, `NOTICE.txt`, and those in a folder `licenses`, of what the package has taken in. */
function textsIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => /^(licen[cs]e|copying|notice)/i.test(name))
    .flatMap((entry) => (entry.isDirectory() ? readdirSync(join(folder, entry.name)).map((name) => join(entry.name, name)) : [entry.name]))
    .sort();
}

/** One file of all of them, each version of a package once. */
export function fileOf(all: readonly Licence[]): string {
  const byName = new Map(all.map((each) => [`${each.name} ${each.version}`, each]));
  const licences = [...byName.values()].sort((one, other) => one.name.localeCompare(other.name, 'en'));
  const rule = '='.repeat(80);
  const parts = licences.map(({ name, version, licence, text }) => `${rule}\n${name} ${version} (${licence})\n${rule}\n\n${text}\n`);
  const names = licences.map(({ name, version, licence }) => `${name} ${version} (${licence})`).join('\n');
  return (
    `Lendloom 的网页界面包含以下开源软件，其许可文本如下。\n` +
    `The web application of Lendloom contains the following open source software, under these licences.\n\n${names}\n\n${parts.join('\n')}`
  );
}

export function licences(): Plugin {
  return {
    name: 'lendloom-licences',
    apply: 'build',
    generateBundle() {
      const found = packagesOf(this.getModuleIds()).filter((folder) => existsSync(join(folder, 'package.json')));
      this.emitFile({ type: 'asset', fileName: FILE, source: fileOf(found.map(licenceOf)) });
    },
  };
}
