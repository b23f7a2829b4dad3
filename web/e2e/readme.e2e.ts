/** The pictures of the READMEs: a working day, each desk at its most telling, in both languages. */
import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { asker, examine, expectMarkUncovered, screenshot, settled, signedIn, startApplication, until } from './browser';

const NOW = new Date();
/** `JJ-1122-0930-01`: a number as the lender gives one. */
const numbered = (index: number) =>
  `JJ-${[NOW.getMonth() + 1, NOW.getDate()].map(two).join('')}-${[NOW.getHours(), NOW.getMinutes()].map(two).join('')}-${two(index)}`;
const two = (number: number) => String(number).padStart(2, '0');

const APPLICANTS = [
  ['林小满', 30000],
  ['周雨桐', 18000],
  ['许文博', 45000],
] as const;

describe.each([
  ['zh', 0],
  ['en', 10],
] as const)('in %s', (language, from) => {
  const words = (zh: string, en: string) => (language === 'zh' ? zh : en);
  const first = numbered(from + 1);
  let instance = '';
  let task = '';

  it('a task', async () => {
    const ask = await asker('ma.chao');
    const keys: string[] = [];
    for (const [index, [applicantName, amount]] of APPLICANTS.entries()) {
      keys.push(await startApplication(numbered(from + 1 + index), { applicantName, amount }));
    }
    instance = keys[0]!;
    task = await until(async () => {
      const filter = { businessId: first, elementId: 'review-either', state: 'CREATED' };
      const { items } = await ask<{ items: { userTaskKey: string }[] }>('POST', '/v2/user-tasks/search', { filter });
      return items[0]?.userTaskKey;
    });
    const reviewer = await asker('zhang.wei');
    await reviewer('POST', `/v2/user-tasks/${task}/assignment`, {});
    await ask('POST', `/v2/process-instances/${instance}/comments`, { text: words('客户希望本周内放款。', 'The client hopes for the money this week.') });
    const person = await signedIn('zhang.wei', { language });
    await person.page.goto(`/review/tasks/${task}`);
    await person.page.getByRole('radio', { name: '同意' }).waitFor();
    await person.page.getByText(words('客户希望本周内放款。', 'The client hopes for the money this week.')).waitFor();
    await examine(person, 'readme-task');
  });

  it('a case', async () => {
    const person = await signedIn('ma.chao', { language });
    await person.page.goto(`/cases/${instance}`);
    await person.page.locator('.djs-shape.ll-active').first().waitFor();
    await expectMarkUncovered(person);
    await examine(person, 'readme-case');
  });

  it('a decision table', async () => {
    const ask = await asker('xu.li');
    const content = readFileSync(new URL('../../dmn/loan-pricing.dmn', import.meta.url), 'utf8');
    const { draftKey } = await ask<{ draftKey: string }>('POST', '/v2/drafts', { kind: 'dmn', name: words('贷款定价', 'Loan pricing'), content, shared: false });
    const person = await signedIn('xu.li', { language });
    const { page } = person;
    await page.goto(`/design/drafts/${draftKey}`);
    await page.getByRole('tab', { name: words('决策图', 'Graph') }).waitFor();
    await settled(page);
    await page.getByRole('tab').nth(1).click();
    await page.getByText(words('命中策略', 'Hit policy')).waitFor();
    expect(await page.locator('.tjs-table tbody tr').count()).toBeGreaterThan(3);
    await screenshot(person, 'readme-decision');
    await ask('DELETE', `/v2/drafts/${draftKey}`);
  });

  it('the processes', async () => {
    const ask = await asker('ma.chao');
    const search = { filter: { processDefinitionId: 'loan-approval', isLatestVersion: true } };
    const { items } = await ask<{ items: { processDefinitionKey: string }[] }>('POST', '/v2/process-definitions/search', search);
    const person = await signedIn('ma.chao', { language });
    await person.page.goto(`/operate?definition=${items[0]!.processDefinitionKey}`);
    await person.page.locator('.djs-shape').first().waitFor();
    await person.page.locator('.ll-count').first().waitFor();
    await expectMarkUncovered(person);
    await examine(person, 'readme-operate');
  });
});
