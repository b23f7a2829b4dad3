import { expect, it } from 'vitest';

import { VENDORS, wordsOf } from '../../vendorWords';
import processesEn from '../processes/strings.en';
import processesZh from '../processes/strings.zh';
import helpEn from '../shell/help.en';
import helpZh from '../shell/help.zh';
import elementsEn from './elements.en';
import elementsZh from './elements.zh';
import shellEn from './shell.en';
import shellZh from './shell.zh';
import { WORDS } from './vendorWords';

type Bundle = Record<string, string>;
const subjects: Record<string, [Bundle, Bundle]> = {
  shell: [shellZh, shellEn],
  help: [helpZh, helpEn],
  elements: [elementsZh, elementsEn],
  processes: [processesZh, processesEn],
};
const files = import.meta.glob<{ default: Bundle }>('../desks/*/strings.{zh,en}.ts', { eager: true });
for (const [path, { default: zh }] of Object.entries(files)) {
  const desk = path.split('/')[2]!;
  if (path.endsWith('.zh.ts')) subjects[desk] = [zh, files[path.replace('.zh.', '.en.')]!.default];
}

const placeholders = (text: string) => [...new Set(text.match(/\{\{\w+\}\}/g))].sort();

it.each(Object.entries(subjects))('%s says in English what it says in Chinese, with the same values', (_, [zh, en]) => {
  for (const [key, text] of Object.entries(zh)) {
    expect(placeholders(en[key]!), key).toEqual(placeholders(text));
    expect(en[key], `${key} is in English`).not.toMatch(/[\u4e00-\u9fff]/);
    expect(text.trim(), key).not.toBe('');
  }
});

it.each(VENDORS)('has a Chinese word for each of $file', (vendor) => {
  for (const english of wordsOf(vendor)) expect(WORDS[english], english).toBeTruthy();
});
