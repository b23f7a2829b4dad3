/** The case view: what happened in a case, where it stands and why, over everything that it called; and all of it to take away. */
import { readFileSync } from 'node:fs';

import { beforeAll, describe, expect, it } from 'vitest';

import { asker, examine, examineInBoth, expectMarkUncovered, PHONE, screenshot, settled, signedIn, startApplication, until, type Person } from './browser';
import { failPayout, openTask, type Ask, type Found, type Payout } from './lending';

let admin: Ask;
/** A case whose payout, which it called, has failed. */
let failed: Payout;
/** A case that waits for people. */
let waiting: string;
/** Longer than what a list of variables shows. */
const LONG_STATEMENT = '银行流水'.repeat(3000);

beforeAll(async () => {
  admin = await asker('ma.chao');
  waiting = await startApplication('AJ-2026-0001');
  await openTask('AJ-2026-0001', 'review-a');
  failed = await failPayout('AJ-2026-0100');
}, 200_000);

async function open({ page }: Person, address: string): Promise<void> {
  await page.goto(address);
  await page.getByRole('heading', { level: 1 }).waitFor();
}

async function reader(address: string, options: Parameters<typeof signedIn>[1] = {}, username = 'ma.chao'): Promise<Person> {
  const person = await signedIn(username, options);
  await open(person, address);
  return person;
}

/** The text of a file that a click downloads, and its name. */
async function downloaded({ page }: Person, click: () => Promise<void>): Promise<{ name: string; text: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), click()]);
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
}

describe.each([
  ['zh', 'light'],
  ['en', 'light'],
  ['zh', 'dark'],
] as const)('in %s, %s', (language, theme) => {
  const picture = (name: string) => (theme === 'dark' ? `${name}-dark` : name);

  it('shows a case from all its sides', async () => {
    const person = await reader('/cases', { language, theme });
    const { page } = person;
    await page.getByRole('row').nth(1).waitFor();
    await examine(person, picture('cases'));
    await open(person, `/cases/${failed.root}`);
    await page.locator('.djs-shape').first().waitFor();
    await page.locator('[data-element-id="disbursement"].ll-incident').waitFor();
    await expectMarkUncovered(person);
    await examine(person, picture('case-timeline'));
    for (const tab of ['tasks', 'variables', 'decisions', 'jobs', 'waits', 'steps']) {
      await open(person, `/cases/${tab === 'waits' ? waiting : failed.root}?tab=${tab}`);
      await page.getByRole('tabpanel').getByRole('table').first().waitFor();
      await examine(person, picture(`case-${tab}`));
    }
    await open(person, `/cases/${failed.payout}?tab=incidents`);
    await page.getByRole('tabpanel').getByRole('table').waitFor();
    await page.locator('[data-element-id="payment-pay"].ll-incident').waitFor();
    await examine(person, picture('case-incidents'));
    await open(person, `/cases/${failed.root}/print`);
    await page.getByRole('heading', { level: 2 }).nth(1).waitFor();
    await examine(person, picture('case-print'));
  }, 300_000);
});

it('fits a telephone', async () => {
  const person = await reader(`/cases/${failed.root}`, { viewport: { width: 390, height: 844 } });
  await person.page.locator('.djs-shape').first().waitFor();
  expect(await person.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await examine(person, 'case-phone');
});

it.each([{ width: 1440, height: 900 }, { width: 390, height: 844 }])('shows the current step of a large process so that it can be read: %o', async (viewport) => {
  const { page } = await reader(`/cases/${failed.root}`, { viewport });
  const current = page.locator('.djs-element[data-element-id="disbursement"].ll-incident');
  await current.waitFor();
  const widthOf = async () => (await current.boundingBox())!.width;
  await until(async () => (await widthOf()) > 60);
  const [shown, frame] = [(await current.boundingBox())!, (await page.getByRole('group', { name: /^流程图/ }).boundingBox())!];
  expect(shown.x).toBeGreaterThan(frame.x);
  expect(shown.x + shown.width).toBeLessThan(frame.x + frame.width);
  // A finger moves the diagram sideways.
  const fingers = await page.context().newCDPSession(page);
  const y = frame.y + 60;
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', x?: number) =>
    fingers.send('Input.dispatchTouchEvent', { type, touchPoints: x === undefined ? [] : [{ x, y }] });
  await touch('touchStart', frame.x + 200);
  for (let x = 190; x >= 100; x -= 10) await touch('touchMove', frame.x + x);
  await touch('touchEnd');
  await until(async () => (await current.boundingBox())!.x < shown.x - 60);
  // All of it, and back to where the case is.
  await page.getByRole('button', { name: '看全图' }).click();
  await until(async () => (await widthOf()) < 60);
  await page.getByRole('button', { name: '看当前环节' }).click();
  await until(async () => (await widthOf()) > 60);
});

it('leads from a business key to the case, over its parent and what it called', async () => {
  const person = await reader(`/cases/business/${failed.businessId}`);
  const { page } = person;
  await page.waitForURL(`**/cases/${failed.root}*`);
  await page.getByRole('heading', { level: 1 }).getByText(failed.businessId).waitFor();
  const tree = page.getByRole('navigation', { name: '本案的流程' });
  await tree.getByRole('link').nth(1).waitFor();
  expect(await tree.getByRole('link').count()).toBe(2);
  // What is listed is of the whole case, or of the process that is shown.
  await page.getByRole('list', { name: '流转记录' }).getByText('发生异常').waitFor();
  await page.getByText('仅此流程').click();
  await page.getByRole('list', { name: '流转记录' }).getByText('发生异常').waitFor({ state: 'detached' });
  await tree.getByRole('link', { name: /放款/ }).click();
  await page.waitForURL(`**/cases/${failed.payout}*`);
  await page.locator('[data-element-id="payment-pay"].ll-incident').waitFor();
  await page.getByRole('list', { name: '流转记录' }).getByText('发生异常').waitFor();
});

it('lets choose where a business key has several cases, and says where it has none', async () => {
  const person = await reader('/cases/business/AJ-none');
  const { page } = person;
  await page.getByText('没有进件号为“AJ-none”的案件').waitFor();
  await examine(person, 'case-business-none');
  const again = await startApplication('AJ-2026-0002');
  await admin('POST', `/v2/process-instances/${again}/cancellation`, { reason: '资料有误' });
  await startApplication('AJ-2026-0002');
  await open(person, '/cases/business/AJ-2026-0002');
  await page.getByRole('row').nth(2).waitFor();
  expect(await page.getByRole('row').count()).toBe(3);
  await examineInBoth(person, 'case-business');
  await page.getByRole('row').filter({ hasText: '已终止' }).getByRole('link').click();
  await page.getByText('结束原因：资料有误').waitFor();
  await page.getByText('同一进件号的其他案件').waitFor();
});

it('shows the diagram as an equal table', async () => {
  const person = await reader(`/cases/${failed.payout}?tab=jobs`);
  const { page } = person;
  const diagram = page.getByRole('region', { name: '流程图：放款' });
  const row = (name: string) => diagram.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
  await page.locator('[data-element-id="payment-pay"].ll-incident').waitFor();
  const passed = await page.locator('.djs-shape.ll-passed').count();
  await page.getByRole('button', { name: '以表格显示' }).click();
  await row('付款').getByText('异常 · 1 个异常').waitFor();
  await row('财务复核').getByText('已通过').waitFor();
  await row('贷款入账').getByText('未到达').waitFor();
  expect(await diagram.getByText('已通过', { exact: true }).count()).toBe(passed);
  await examineInBoth(person, 'case-table');
  // An element leads to its rows, and a row back to its element.
  await row('财务复核').getByRole('button').click();
  await page.getByText('只列出此节点的内容').waitFor();
  await page.getByText('所选范围内没有内容').waitFor();
  await page.getByRole('button', { name: '显示全部' }).click();
  await page.getByRole('tabpanel').getByRole('button', { name: '付款', exact: true }).click();
  expect(new URL(page.url()).searchParams.get('element')).toBe('payment-pay');
  await page.getByRole('button', { name: '以图显示' }).click();
  await page.locator('[data-element-id="payment-pay"].ll-selected').waitFor();
});

it('marks the rules that matched, with what went into them', async () => {
  const filter = { processInstanceKey: failed.root, decisionDefinitionId: 'machine-decision' };
  interface Trace {
    decisionEvaluationInstanceKey: string;
    matchedRules: { ruleIndex: number }[];
    evaluatedInputs: { inputName: string; inputValue: string }[];
  }
  const { items } = await admin<Found<Trace>>('POST', '/v2/decision-instances/search', { filter });
  const trace = await admin<Trace>('GET', `/v2/decision-instances/${items[0]!.decisionEvaluationInstanceKey}`);
  expect(trace.matchedRules.length).toBeGreaterThan(0);
  const person = await reader(`/cases/${failed.root}?tab=decisions`);
  const { page } = person;
  await page.getByRole('tabpanel').getByRole('rowheader', { name: /机审决策/ }).getByRole('button').click();
  const table = page.getByRole('region', { name: '机审决策' }).last().getByRole('table');
  await table.waitFor();
  const marked = await table.locator('tr[data-matched]').evaluateAll((all) => all.map((row) => [...row.parentElement!.children].indexOf(row) + 1));
  expect(marked).toEqual(trace.matchedRules.map(({ ruleIndex }) => ruleIndex));
  expect(await table.locator('tr[data-matched] th').first().textContent()).toContain('命中');
  const colours = await table.locator('tbody tr').evaluateAll((all) =>
    Object.fromEntries(all.map((row) => [row.hasAttribute('data-matched'), getComputedStyle(row.querySelector('td')!).backgroundColor])),
  );
  expect(colours.true).not.toBe(colours.false);
  const heads = (await table.locator('thead').textContent())!;
  const said = (json: string) => (json.startsWith('"') ? (JSON.parse(json) as string) : json.replace(/^\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ',')));
  expect(trace.evaluatedInputs.map(({ inputValue }) => said(inputValue))).toContain('18,000');
  for (const { inputValue } of trace.evaluatedInputs) expect(heads).toContain(`= ${said(inputValue)}`);
  await examine(person, 'case-decision-trace');
});

it('tells the old and the new value of a variable, and who changed it why', async () => {
  await admin('PUT', `/v2/element-instances/${waiting}/variables`, { variables: { monthlyIncome: 18900.5 }, reason: '补充了收入证明' });
  const person = await reader(`/cases/${waiting}?tab=variables`);
  const { page } = person;
  await page.getByLabel('查找变量名').fill('monthlyInc');
  await page.getByRole('button', { name: 'monthlyIncome 的历史' }).click();
  const dialog = page.getByRole('dialog');
  const change = dialog.getByRole('row').nth(1);
  await change.getByText('原因：补充了收入证明').waitFor();
  expect(await change.getByRole('cell').allTextContents()).toEqual(['18500', '18900.5', expect.stringContaining('马超 (ma.chao)')]);
  await dialog.getByRole('row').nth(2).getByText('没有变量').waitFor();
  await examine(person, 'case-variable-history');
});

it('gives the case to take away: as data, as a scenario, on paper', async () => {
  const person = await reader(`/cases/${failed.root}`);
  const { page } = person;
  const choose = async (name: string) => {
    await page.getByRole('button', { name: '导出' }).click();
    await page.getByRole('menuitem', { name }).click();
  };
  const data = await downloaded(person, () => choose('全案数据（JSON）'));
  expect(data.name).toBe(`${failed.businessId}.json`);
  const exported = JSON.parse(data.text) as { businessId: string; people: Record<string, string>; processInstances: Record<string, { [key: string]: unknown }[]>[] };
  expect(exported.businessId).toBe(failed.businessId);
  expect(exported.people).toMatchObject({ 'ma.chao': '马超', 'chen.jing': '陈静' });
  const [parent, called] = exported.processInstances as [Record<string, never[]>, Record<string, never[]>];
  expect([parent, called].map(({ processInstance }) => (processInstance as unknown as { processInstanceKey: string }).processInstanceKey)).toEqual([
    failed.root,
    failed.payout,
  ]);
  expect(parent.decisionInstances).toContainEqual(expect.objectContaining({ decisionDefinitionId: 'machine-decision' }));
  expect(called.incidents).toEqual([expect.objectContaining({ elementId: 'payment-pay', state: 'ACTIVE' })]);
  expect(called.variableHistory).toContainEqual(expect.objectContaining({ name: 'bankCardNumber', newValue: '""', oldValue: '"6217001540012345678"' }));

  await open(person, `/cases/${waiting}`);
  await choose('测试场景（不含个人信息）');
  await page.getByRole('dialog').getByText('此场景可以原样重放这个案件').waitFor();
  // The variable that was changed by hand is changed again.
  expect(await page.getByRole('dialog').getByText('结果不同').count()).toBe(0);
  const scenario = await downloaded(person, () => page.getByRole('dialog').getByRole('button', { name: '下载' }).click());
  expect(scenario.name).toBe('AJ-2026-0001.scenario.yaml');
  expect(scenario.text).toContain('loan-approval');
  expect(scenario.text).toContain('18900.5');
  expect(scenario.text).not.toContain('林小满');
  await examine(person, 'case-scenario');
  await page.getByRole('dialog').getByRole('button', { name: '关闭' }).last().click();

  await admin('PUT', `/v2/element-instances/${failed.root}/variables`, { variables: { statement: LONG_STATEMENT } });
  await open(person, `/cases/${failed.root}`);
  const [paper] = await Promise.all([person.context.waitForEvent('page'), choose('打印页')]);
  const sheet = { ...person, page: paper };
  for (const heading of ['流转记录', '贷前审批 v1 · 决策', '放款 v1 · 变量']) await paper.getByRole('heading', { name: heading }).waitFor();
  await settled(paper);
  await paper.emulateMedia({ media: 'print' });
  await paper.getByRole('navigation').first().waitFor({ state: 'hidden' });
  expect(await paper.getByRole('button').count()).toBe(0);
  // Read years later: every instant has its year, every value stands there to its last character.
  await paper.getByRole('row').filter({ hasText: '申请人' }).first().getByText('林小满').waitFor();
  for (const time of await paper.getByRole('listitem').locator('> time').allTextContents()) expect(time).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  const statement = paper.getByRole('row').filter({ has: paper.getByRole('rowheader', { name: 'statement', exact: true }) });
  expect(await statement.getByRole('cell').last().textContent()).toBe(LONG_STATEMENT);
  await screenshot(sheet, 'case-paper');
});

it('shows each only what they may see', async () => {
  const reviewer = await reader(`/cases/${failed.root}`, {}, 'he.ping');
  await reviewer.page.getByRole('tab', { name: '决策' }).waitFor();
  expect(await reviewer.page.getByRole('button', { name: '运维操作' }).count()).toBe(0);
  await reviewer.page.getByRole('tab', { name: '变量' }).click();
  await reviewer.page.getByRole('tabpanel').getByRole('row').nth(1).waitFor();
  expect(await reviewer.page.getByRole('button', { name: /修改|新增变量/ }).count()).toBe(0);
});

describe.each(['zh', 'en'] as const)('the diagram of a task (%s)', (language) => {
  const said = (zh: string, en: string) => (language === 'zh' ? zh : en);
  const whole = said('看全图', 'Show the whole diagram');
  const boxOf = async (person: Person, selector: string) => (await person.page.locator(selector).boundingBox())!;
  const shownAt = async () => `/review/tasks/${(await openTask('AJ-2026-0001', 'review-a')).userTaskKey}?tab=progress`;
  const CURRENT = '.djs-element.ll-active[data-element-id="review-a"] .djs-visual';

  it('begins on a telephone where the task stands, is enlarged with two fingers, and is shown whole when asked', async () => {
    const person = await reader(await shownAt(), { language, viewport: PHONE });
    const { page } = person;
    await page.locator(CURRENT).waitFor();
    await until(async () => (await boxOf(person, CURRENT)).width > 60);
    await page.locator('.djs-container').scrollIntoViewIfNeeded();
    const [shown, frame] = [await boxOf(person, CURRENT), await boxOf(person, '.djs-container')];
    expect(shown.x).toBeGreaterThanOrEqual(frame.x);
    expect(shown.x + shown.width).toBeLessThanOrEqual(frame.x + frame.width);
    for (const name of [said('放大', 'Zoom in'), said('缩小', 'Zoom out'), whole, said('看当前环节', 'Show where it is')]) {
      const box = (await page.getByRole('button', { name, exact: true }).boundingBox())!;
      expect(Math.min(box.width, box.height), name).toBeGreaterThanOrEqual(44);
    }
    await expectMarkUncovered(person, '.bjs-powered-by');
    await examine(person, 'review-task-diagram-phone');

    const touch = (type: string, pointerId: number, x: number) =>
      page.locator('.djs-container').dispatchEvent(type, { pointerId, pointerType: 'touch', bubbles: true, clientX: frame.x + x, clientY: frame.y + 100 });
    await touch('pointerdown', 1, 100);
    await touch('pointerdown', 2, 200);
    await touch('pointermove', 2, 250);
    expect((await boxOf(person, CURRENT)).width / shown.width).toBeCloseTo(1.5, 1);
    await page.getByRole('button', { name: whole }).click();
    await until(async () => (await boxOf(person, CURRENT)).width < 40);
  });

  it('has small buttons on a desk', async () => {
    const person = await reader(await shownAt(), { language });
    await person.page.locator(CURRENT).waitFor();
    expect((await person.page.getByRole('button', { name: whole }).boundingBox())!.height).toBe(24);
  });
});
