/**
 * The editors in Chinese: every panel, palette, pad and menu is opened for every kind of element, and nothing in them
 * may be English, neither text nor a title, a placeholder or what screen readers say. On the other desks no code of
 * programs may be shown, in either language.
 */
import type { Locator } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';

import { asker, settled, signedIn, startApplication, type Person } from './browser';
import { everyDecision } from './everyDecision';
import { everyElement } from './everyElement';
import { everyField } from './everyField';
import { failPayout, openTask, STRAIGHT_THROUGH } from './lending';

/** What is the same in all languages: ids, names of standards and types, keys, expressions, units. */
const SAME = [
  /^[\W\d_]*$/,
  /^every|^\(id=|^xu\.li$|^disbursement$/,
  /^(string|boolean|number|date|time|dateTime|dayTimeDuration|yearMonthDuration|Any)$/,
  /^(ID|FEEL|BPMN|DMN|JSON|SVG|XML|CSS|HTML|URL|YAML|Lendloom|UTC|ISO 8601|Camunda \d|ABC|v\d+|fx|px|Ctrl|Shift|Alt)$/i,
];

/** English in what is shown of the page: texts and titles, each with where it stands. */
async function english({ page }: Person, where: string): Promise<string[]> {
  return page.evaluate(
    ({ root, same }) => {
      const isSame = (text: string) => same.some((source) => new RegExp(source.slice(0, -1), source.endsWith('i') ? 'i' : '').test(text));
      const isEnglish = (text: string | null) => text !== null && /[A-Za-z]{2}/.test(text) && !/\p{Script=Han}/u.test(text) && !isSame(text.trim());
      const own = '[translate="no"], code, pre, .djs-visual, .cm-content, .djs-direct-editing-parent, textarea, svg text, script, style, .powered-by, .bjs-powered-by, .fjs-powered-by, [aria-hidden="true"]';
      const found: string[] = [];
      for (const top of document.querySelectorAll(root)) {
        const texts = document.createTreeWalker(top, NodeFilter.SHOW_TEXT);
        for (let node = texts.nextNode(); node; node = texts.nextNode()) {
          const parent = node.parentElement!;
          if (isEnglish(node.textContent) && !parent.closest(own)) found.push(`${node.textContent!.trim()} <${parent.tagName.toLowerCase()} class="${parent.className}">`);
        }
        for (const element of top.querySelectorAll('*')) {
          for (const name of ['title', 'placeholder', 'aria-label', 'alt', 'data-label']) {
            if (isEnglish(element.getAttribute(name)) && !element.closest(own)) found.push(`${name}=${element.getAttribute(name)} <${element.tagName.toLowerCase()} class="${element.getAttribute('class')}">`);
          }
        }
      }
      return [...new Set(found)];
    },
    { root: where, same: SAME.map(({ source, flags }) => `${source}${flags || ' '}`) },
  );
}

/** Collects what is English, each text once, with where it was met first. */
function looker(person: Person) {
  const met = new Map<string, string>();
  const look = async (at: string, where = '#content') => {
    for (const text of await english(person, where)) if (!met.has(text)) met.set(text, at);
  };
  return { look, found: () => [...met].map(([text, at]) => `${at}: ${text}`) };
}

async function draftOf(kind: string, content: string): Promise<string> {
  const ask = await asker('xu.li');
  return (await ask<{ draftKey: string }>('POST', '/v2/drafts', { kind, name: '全部元素', content })).draftKey;
}

/** Whether all of an open pad lies in the canvas, where a mouse reaches it. */
async function reached(pad: Locator): Promise<boolean> {
  return pad.evaluate((element) => {
    const [inner, outer] = [element, element.closest('.djs-container')!].map((one) => one.getBoundingClientRect());
    return inner!.left >= outer!.left && inner!.right <= outer!.right && inner!.top >= outer!.top && inner!.bottom <= outer!.bottom;
  });
}

it('speaks Chinese in the BPMN editor, whose pads can be reached', { timeout: 300_000 }, async () => {
  const { xml, ids } = everyElement();
  const key = await draftOf('bpmn', xml);
  const designer = await signedIn('xu.li');
  const { page } = designer;
  await page.goto(`/design/drafts/${key}`);
  await page.locator('.djs-palette').waitFor();
  const { found, look } = looker(designer);
  await look('palette');
  await page.locator('.djs-palette [data-action="create"]').click();
  await look('create menu', '.djs-popup');
  await page.locator('.djs-popup input').fill('zzz');
  await look('create menu, nothing found', '.djs-popup');
  await page.keyboard.press('Escape');
  await page.locator('.djs-minimap .toggle').click();
  await look('minimap');
  await page.locator('.djs-minimap .toggle').click();
  const pad = page.locator('.djs-context-pad.open');
  const outOfReach: string[] = [];
  for (const id of ids) {
    const select = async () => {
      // A click beside all elements closes what would lie over this one.
      await page.locator('.djs-container > svg').click({ position: { x: 400, y: 4 } });
      await pad.waitFor({ state: 'detached' });
      await page.locator('.djs-popup').waitFor({ state: 'detached' });
      await page.locator(`.djs-element[data-element-id="${id}"] .djs-hit`).first().click({ position: { x: 4, y: 4 }, force: true });
      await pad.waitFor();
    };
    await select();
    await openGroups(page);
    await look(id);
    if (!(await reached(pad))) outOfReach.push(id);
    for (const action of ['replace', 'append', 'set-color']) {
      const entry = pad.locator(`[data-action="${action}"]`);
      if ((await entry.count()) === 0) continue;
      await entry.click();
      await page.locator('.djs-popup').waitFor();
      await look(`${id} ${action}`, '.djs-popup');
      await select();
    }
  }
  expect(outOfReach).toEqual([]);
  await page.locator('.bts-toggle-mode').click();
  await page.locator('.bts-palette').waitFor();
  await page.locator('.bts-palette .bts-entry').last().click();
  await look('simulation');
  expect(found()).toEqual([]);
});

it('speaks Chinese in the editor of scenarios, and in dialogs', async () => {
  const key = await draftOf('scenario', 'process: loan-approval\n');
  const designer = await signedIn('xu.li');
  const { page } = designer;
  const { found, look } = looker(designer);
  await page.goto(`/design/drafts/${key}`);
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+f');
  await page.locator('.cm-search').waitFor();
  await look('search');
  await page.getByRole('button', { name: '更多操作' }).click();
  await page.getByRole('menuitem', { name: '历史内容' }).click();
  await page.getByRole('complementary').getByRole('button', { name: '取回' }).first().waitFor();
  await look('history', 'body');
  await page.goto('/design?tab=drafts');
  await page.getByRole('link', { name: '全部元素' }).first().waitFor();
  await look('drafts');
  await page.getByRole('button', { name: '导入文件' }).click();
  await page.getByRole('dialog').getByText('点击选择').waitFor();
  await look('import', 'body');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: '新建' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '新建并打开' }).click();
  await page.getByText('请填写名称').waitFor();
  await look('new', 'body');
  expect(found()).toEqual([]);
});

async function openGroups(page: Person['page']): Promise<void> {
  await page.evaluate(() => {
    for (const header of document.querySelectorAll<HTMLElement>('.bio-properties-panel-group-header:not(.open)')) header.click();
  });
}

it('speaks Chinese in the DMN editor', { timeout: 300_000 }, async () => {
  const key = await draftOf('dmn', everyDecision());
  const designer = await signedIn('xu.li');
  const { page } = designer;
  await page.goto(`/design/drafts/${key}`);
  await page.locator('.djs-palette').waitFor();
  const { found, look } = looker(designer);
  await look('graph');
  const pad = page.locator('.djs-context-pad.open');
  const outOfReach: string[] = [];
  for (const id of ['table', 'literal', 'boxed', 'empty', 'given', 'known', 'source', 'noted']) {
    await page.locator('.dmn-drd-container .djs-container > svg').click({ position: { x: 700, y: 500 } });
    await page.locator(`.djs-element[data-element-id="${id}"] .djs-hit`).first().click({ position: { x: 120, y: 44 }, force: true });
    await pad.waitFor();
    await openGroups(page);
    await look(id);
    if (!(await reached(pad))) outOfReach.push(id);
    if ((await pad.locator('[data-action="replace"]').count()) > 0) {
      await pad.locator('[data-action="replace"]').click();
      await page.locator('.djs-popup').waitFor();
      await look(`${id} replace`, '.djs-popup');
    }
  }
  expect(outOfReach).toEqual([]);
  await page.getByRole('tab', { name: '表格' }).click();
  await page.locator('.tjs-container').waitFor();
  await look('table');
  for (const cell of ['th.input-cell', 'th.output-cell', 'td.input-cell', 'td.output-cell', 'td.annotation', 'th.annotation']) {
    await page.locator(cell).first().click();
    await look(`${cell} chosen`, 'body');
    await page.locator(cell).first().dblclick();
    await look(`${cell} opened`, 'body');
    await page.keyboard.press('Escape');
    await page.locator(cell).first().click({ button: 'right' });
    await look(`${cell} menu`, 'body');
    await page.keyboard.press('Escape');
    await page.locator('#content h1').click();
  }
  await page.getByRole('tab', { name: '文字表达式' }).click();
  await page.locator('.dms-literal-expression, .literal-expression').first().waitFor();
  await look('literal');
  await page.getByRole('tab', { name: '知识' }).click();
  await page.locator('.element-variable, .boxed-expression, .dmn-boxed-expression-container').first().waitFor();
  await look('knowledge');
  expect(found()).toEqual([]);
});

it('speaks Chinese in the form editor', { timeout: 300_000 }, async () => {
  const key = await draftOf('form', everyField());
  const designer = await signedIn('xu.li');
  const { page } = designer;
  await page.goto(`/design/drafts/${key}`);
  await page.locator('.fjs-palette-field').first().waitFor();
  const { found, look } = looker(designer);
  await openGroups(page);
  await look('palette');
  const fields = page.locator('.fjs-form-editor .fjs-children [data-id]');
  const ids = await fields.evaluateAll((all) => all.map((each) => each.getAttribute('data-id')!));
  expect(ids.length).toBeGreaterThan(20);
  for (const id of ids) {
    await page.locator(`.fjs-form-editor [data-id="${id}"]`).first().click({ position: { x: 3, y: 3 }, force: true });
    await openGroups(page);
    await look(id);
  }
  expect(found()).toEqual([]);
});

/** Codes of programs and durations of ISO 8601 in what is shown of the page; ids and what people have written aside. */
async function codes({ page }: Person): Promise<string[]> {
  await settled(page);
  return page.evaluate(() => {
    const coded = /\b[A-Z]{3,}(?:_[A-Z]+)+\b|(?<![\w.-])-?P(?:\d+[YMWD])*(?:T\d+[HMS]|\d+[YMWD])(?![\w-])/;
    const own = '[translate="no"], code, pre, .djs-visual, textarea, script, style';
    const found: string[] = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      if (coded.test(node.textContent!) && !node.parentElement!.closest(own)) found.push(node.textContent!.trim());
    }
    for (const element of document.querySelectorAll('[title], [placeholder], [aria-label], [alt]')) {
      for (const name of ['title', 'placeholder', 'aria-label', 'alt']) {
        const text = element.getAttribute(name) ?? '';
        if (coded.test(text) && !element.closest(own)) found.push(`${name}=${text}`);
      }
    }
    return [...new Set(found)];
  });
}

describe('codes of programs', () => {
  const RUN = Date.now().toString(36).toUpperCase();
  let addresses: string[];
  let task: string;
  let payoutTask: string;

  beforeAll(async () => {
    const { root, payout } = await failPayout(`码表${RUN}`);
    const ask = await asker('ma.chao');
    await ask('POST', `/v2/process-instances/${root}/suspension`, { reason: '核对账户' });
    await ask('PUT', `/v2/element-instances/${payout}/variables`, { variables: { checked: true }, local: true });
    await ask('POST', `/v2/process-instances/${root}/resumption`, { reason: '核对完毕' });
    const reviewed = await startApplication(`复核${RUN}`, { amount: 30000 });
    await startApplication(`放款${RUN}`, STRAIGHT_THROUGH);
    task = (await openTask(`复核${RUN}`, 'review-either')).userTaskKey;
    payoutTask = (await openTask(`放款${RUN}`, 'finance-check')).userTaskKey;
    const tabs = ['timeline', 'tasks', 'decisions', 'incidents', 'jobs', 'waits', 'steps'];
    addresses = [
      `/cases/${reviewed}?tab=decisions`,
      ...tabs.map((tab) => `/cases/${payout}?tab=${tab}`),
      `/cases/${payout}/print`,
      ...['', '/incidents', '/jobs', '/timers', '/batches', '/migration'].map((page) => `/operate${page}`),
    ];
  }, 240_000);

  it('are not what screen readers say in Chinese, nor what a reviewer reads as a fact', { timeout: 240_000 }, async () => {
    const operator = await signedIn('ma.chao');
    const found: string[] = [];
    for (const address of [...addresses, '/operate/instances?state=ACTIVE', '/cases', '/design', '/design/drafts']) {
      await operator.page.goto(address);
      await operator.page.locator('h1').first().waitFor();
      await settled(operator.page);
      for (const text of await english(operator, 'body')) if (/^(aria-label|placeholder|alt)=/.test(text)) found.push(`${address}: ${text}`);
    }
    const look = async (username: string, key: string) => {
      const person = await signedIn(username);
      const { page } = person;
      // Facts wait for the forms that name them, however late these come.
      await page.route(/form$/, async (route) => {
        await new Promise((come) => setTimeout(come, 3_000));
        await route.continue();
      });
      await page.goto(`/review/tasks/${key}?tab=facts`);
      await page.getByRole('searchbox', { name: '按名称或内容查找' }).waitFor();
      found.push(...(await english(person, 'dl')).filter((text) => text.includes('<dt') && !text.startsWith('title=')));
      // Nor is a value that the process knows by a code; grades are what they are called.
      const values = await page.locator('dd').evaluateAll((all) => all.map(({ textContent }) => textContent!.trim()));
      found.push(...values.filter((text) => /^([a-z]+([-_][a-z]+)*|[A-Z]{2,})$/.test(text)));
      return page;
    };
    // A called process has the words of the form that its case began with.
    const called = await look('chen.jing', payoutTask);
    await called.locator('dt:text-is("产品") + dd:text-is("消费贷")').waitFor();
    const page = await look('zhang.wei', task);
    expect(found).toEqual([]);
    // Who may decide is said by the group's name, what is in the file by the form's words.
    await page.getByText('信贷初审岗', { exact: true }).waitFor();
    expect(await page.locator('dt:text-is("应备资料") + dd').textContent()).toBe('身份证、银行卡');
    const filter = page.getByRole('searchbox', { name: '按名称或内容查找' });
    await filter.fill('林小满');
    await page.getByRole('button', { name: '清除' }).click();
    expect(await filter.inputValue()).toBe('');
  });

  it.each(['zh', 'en'] as const)('are words in %s', { timeout: 240_000 }, async (language) => {
    const operator = await signedIn('ma.chao', { language });
    const found: string[] = [];
    for (const address of addresses) {
      await operator.page.goto(address);
      await operator.page.locator('h1').first().waitFor();
      found.push(...(await codes(operator)).map((text) => `${address}: ${text}`));
    }
    const reviewer = await signedIn('zhang.wei', { language });
    for (const tab of ['work', 'facts', 'decisions', 'timeline', 'progress']) {
      await reviewer.page.goto(`/review/tasks/${task}?tab=${tab}`);
      await reviewer.page.locator('h1').first().waitFor();
      found.push(...(await codes(reviewer)).map((text) => `review ${tab}: ${text}`));
    }
    expect(found).toEqual([]);
  });
});
