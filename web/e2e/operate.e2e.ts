/** The operator's desk: what is stuck is found, repaired one by one and many at once, with the result of each. */
import { readFileSync } from 'node:fs';

import { beforeAll, describe, expect, it } from 'vitest';

import { asker, examine, examineInBoth, expectMarkUncovered, SERVER, settled, signedIn, startApplication, until, type Person } from './browser';
import { breakBureau, failPayout, mendServices, openIncident, openTask, STRAIGHT_THROUGH, timesPaid, type Ask, type Found, type Payout } from './lending';

let admin: Ask;
/** A case whose payout has failed. */
let failed: Payout;
/** Cases that wait for people. */
const waiting: string[] = [];
/** Cases of a person of whom the credit bureau gives no report. */
const unreported: string[] = [];
const UNREPORTED = '110101199003070046';

beforeAll(async () => {
  admin = await asker('ma.chao');
  await breakBureau(UNREPORTED);
  for (const number of [1, 2, 3]) unreported.push(await startApplication(`YW-2026-030${number}`, { idNumber: UNREPORTED }));
  for (const number of [1, 2, 3]) waiting.push(await startApplication(`YW-2026-000${number}`));
  for (const number of [1, 2, 3]) await openTask(`YW-2026-000${number}`, 'review-a');
  failed = await failPayout('YW-2026-0100');
  await admin('POST', '/v2/messages/publication', {
    name: 'application-withdrawn',
    correlationKey: 'YW-2026-0999',
    timeToLive: 3_600_000,
    variables: { withdrawReason: '客户另行融资' },
  });
  // The bureau is asked again with growing pauses, until the retries are used up.
  for (const key of unreported) await openIncident(key);
}, 240_000);

/** Open a page of the application and wait for its heading. */
async function open({ page }: Person, address: string): Promise<void> {
  await page.goto(address);
  await page.getByRole('heading', { level: 1 }).waitFor();
}

const signedInAt = async (username: string, address: string, language: 'zh' | 'en' = 'zh', theme: 'light' | 'dark' = 'light') => {
  const person = await signedIn(username, { language, theme });
  await open(person, address);
  return person;
};

describe.each(['zh', 'en'] as const)('in %s', (language) => {
  it('shows what runs and what is stuck', async () => {
    const person = await signedInAt('liu.yang', '/operate?element=bureau-query', language);
    const { page } = person;
    await page.locator('.djs-shape').first().waitFor();
    await expectMarkUncovered(person);
    await examine(person, 'operate-overview');
    await open(person, '/operate/incidents');
    await page.getByRole('article').nth(1).waitFor();
    await page.getByRole('article').first().getByRole('button').first().click();
    await page.getByRole('article').getByRole('table').waitFor();
    await examine(person, 'operate-incidents');
    for (const name of ['instances', 'jobs', 'timers']) {
      await open(person, `/operate/${name}`);
      await page.getByRole('row').nth(1).waitFor();
      await examine(person, `operate-${name}`);
    }
    for (const [address, name] of [
      ['messages', 'messages-buffered'],
      ['messages?show=waiting', 'messages-waiting'],
      ['batches', 'batches'],
      ['migration', 'migration-choose'],
    ]) {
      await open(person, `/operate/${address}`);
      if (name!.startsWith('messages')) await page.getByRole('row').nth(1).waitFor();
      await examine(person, `operate-${name}`);
    }
  }, 300_000);
});

it('counts on the diagram where cases stand, in colours with a legend and as a table', async () => {
  const { items } = await admin<Found<{ processDefinitionKey: string }>>('POST', '/v2/process-definitions/search', { filter: { processDefinitionId: 'loan-approval' } });
  const definition = items[0]!.processDefinitionKey;
  const counts = await admin<Found<{ elementId: string; active: number; incidents: number; completed: number }>>(
    'POST',
    `/v2/process-definitions/${definition}/statistics/element-instances`,
    {},
  );
  const of = (id: string) => counts.items.find(({ elementId }) => elementId === id)!;
  const person = await signedInAt('liu.yang', `/operate?definition=${definition}`, 'zh', 'dark');
  const { page } = person;
  const shades = () => page.locator('[class*="ll-heat-"]').evaluateAll((all) => new Set(all.map((each) => getComputedStyle(each.querySelector('.djs-visual > *')!).fill)).size);
  await page.locator('.ll-incidents').getByText('! 3').waitFor();
  await page.locator('[data-element-id="review-a"].ll-heat-4').waitFor();
  expect(of('review-a').active).toBeGreaterThan(of('disbursement').active);
  await page.locator('[data-element-id="disbursement"][class*="ll-heat-"]:not(.ll-heat-4)').waitFor();
  expect(await shades()).toBeGreaterThan(1);
  await page.getByLabel('颜色对应的数量').getByText(String(of('review-a').active)).waitFor();
  await examine(person, 'operate-overview-dark');
  await page.getByText('已完成', { exact: true }).first().click();
  await page.getByRole('button', { name: '以表格显示' }).click();
  await page.getByRole('columnheader', { name: '已完成' }).waitFor();
  for (const [name, id] of [
    ['征信查询', 'bureau-query'],
    ['机审决策', 'machine-decision'],
  ]) {
    await page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: name!, exact: true }) }).getByRole('cell', { name: String(of(id!).completed), exact: true }).waitFor();
  }
  await examine(person, 'operate-overview-table');
  await page.getByRole('button', { name: '征信查询', exact: true }).click();
  await page.getByRole('status').getByText('bureau-query').waitFor();
  await page.getByRole('status').getByRole('link', { name: '3' }).last().click();
  await page.getByText('征信查询 · 作业重试已用完').waitFor();
});

it('gives a job more tries, found by its type', async () => {
  const { page } = await signedInAt('liu.yang', '/operate/jobs');
  const types = page.getByRole('region', { name: '汇总' }).last();
  await types.getByRole('row').filter({ hasText: 'payment-pay' }).getByRole('button').first().click();
  // Where other rows come in, a row may move under the mouse.
  await page.waitForURL(/payment-pay/);
  await settled(page);
  await page.getByRole('row').filter({ hasText: failed.businessId }).filter({ hasText: 'payment-pay' }).getByRole('checkbox').check();
  await page.getByRole('button', { name: '给 1 个作业设置重试次数' }).click();
  await page.getByRole('dialog').getByLabel('剩余重试').fill('5');
  await page.getByRole('dialog').getByRole('button', { name: '设置' }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  const filter = { processInstanceKey: failed.payout, type: 'payment-pay' };
  const { items } = await admin<Found<{ retries: number }>>('POST', '/v2/jobs/search', { filter });
  expect(items.map(({ retries }) => retries)).toEqual([5]);
});

it('chooses rows that it remembers while they are read anew', async () => {
  const { page } = await signedInAt('liu.yang', '/operate/jobs');
  await settled(page);
  await page.getByRole('link', { name: '消息' }).first().click();
  await page.waitForURL('**/operate/messages**');
  await settled(page);
  await page.route('**/v2/jobs/search', () => {});
  await page.goBack();
  const boxes = page.getByRole('region', { name: '作业' }).last().getByRole('row').getByRole('checkbox');
  await boxes.nth(1).check();
  await boxes.nth(2).check();
  await page.getByRole('button', { name: /^给 \d 个作业设置重试次数$/ }).waitFor();
});

it('lets an operator repair a failed payout', async () => {
  const person = await signedInAt('liu.yang', '/operate/incidents');
  const { page } = person;
  // What is wrong, and in which case.
  const cause = page.getByRole('article').filter({ hasText: '付款' });
  await cause.getByText('bankCardNumber', { exact: false }).first().waitFor();
  await cause.getByRole('button', { name: /查看/ }).click();
  await cause.getByRole('link', { name: failed.businessId }).click();
  await page.getByRole('heading', { level: 1 }).getByText(failed.businessId).waitFor();
  // The payment order lacks the card's number: it is corrected, with a reason.
  await page.getByRole('tab', { name: '变量' }).click();
  await page.getByRole('button', { name: '修改 payment', exact: true }).click();
  const dialog = page.getByRole('dialog');
  const value = dialog.getByLabel('值（JSON）');
  const before = await value.inputValue();
  expect(before).toContain('"bankCardNumber": ""');
  await value.fill('{"amount": 18000,');
  await dialog.getByRole('button', { name: '保存' }).click();
  await dialog.getByText('这不是有效的 JSON').waitFor();
  await value.fill(before.replace('"bankCardNumber": ""', '"bankCardNumber": "6217001540012345678"'));
  await dialog.getByLabel('原因').fill('客户重新提供了收款卡号');
  await examine(person, 'edit-variable');
  await dialog.getByRole('button', { name: '保存' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'payment 的历史' }).click();
  await page.getByRole('dialog').getByText('客户重新提供了收款卡号').waitFor();
  await examine(person, 'variable-history');
  await page.getByRole('dialog').getByRole('button', { name: /Close|关闭/ }).click();
  // Tried again, it is paid; the case goes on to its end.
  await page.getByRole('tab', { name: '异常' }).click();
  await page.getByRole('tabpanel').getByRole('button', { name: '重试' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '重试' }).click();
  const state = () => admin<{ state: string }>('GET', `/v2/process-instances/${failed.payout}`);
  await until(async () => (await state()).state === 'COMPLETED', 60);
  expect(await timesPaid(`payout-${failed.businessId}`)).toBe(1);
  await open(person, `/cases/${failed.payout}`);
  await page.getByText('“放款”已完成').waitFor();
  await page.getByText('异常已解决').first().waitFor();
});

it('retries all cases of a cause at once, with the result of each', async () => {
  await mendServices();
  const person = await signedInAt('liu.yang', '/operate/incidents');
  const { page } = person;
  const cause = page.getByRole('article').filter({ hasText: '征信查询' });
  await cause.getByText('作业的重试次数已用完').waitFor();
  await cause.getByRole('button', { name: '查看 3 个案件' }).click();
  for (const number of [1, 2, 3]) await cause.getByRole('link', { name: `YW-2026-030${number}` }).waitFor();
  await cause.getByRole('button', { name: '全部重试（3）' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('不会重复付款').waitFor();
  // One of the cases is cancelled meanwhile; that holds up no other.
  await admin('POST', `/v2/process-instances/${unreported[0]}/cancellation`, { reason: '客户撤回' });
  person.expected.push(/40[49]/);
  await dialog.getByRole('button', { name: '重试' }).click();
  await dialog.getByText('成功 2 项').waitFor();
  await dialog.getByText('失败 1 项').waitFor();
  await dialog.getByRole('row').filter({ hasText: 'YW-2026-0302' }).getByText('成功').waitFor();
  await dialog.getByRole('row').filter({ hasText: 'YW-2026-0301' }).getByText('已经解决').waitFor();
  await examine(person, 'operate-retry-results');
  await dialog.getByRole('button', { name: '关闭' }).last().click();
  await cause.waitFor({ state: 'detached' });
  for (const number of [2, 3]) await openTask(`YW-2026-030${number}`, 'review-a');
});

it('cancels a case only when that is confirmed, with a reason', async () => {
  const person = await signedInAt('liu.yang', `/cases/${unreported[1]}`);
  const { page } = person;
  const state = async () => (await admin<{ state: string }>('GET', `/v2/process-instances/${unreported[1]}`)).state;
  const dialog = page.getByRole('dialog');
  const choose = async () => {
    await page.getByRole('button', { name: '运维操作' }).click();
    await page.getByRole('menuitem', { name: '取消案件' }).click();
    await dialog.getByText('这无法撤销').waitFor();
  };
  await choose();
  await dialog.getByRole('button', { name: '返回', exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
  expect(await state()).toBe('ACTIVE');
  await choose();
  await dialog.getByRole('button', { name: '取消案件' }).click();
  await dialog.getByText('请填写原因').waitFor();
  await dialog.getByLabel('原因').fill('重复进件');
  await examine(person, 'operate-cancel');
  await dialog.getByRole('button', { name: '取消案件' }).click();
  await page.getByText('结束原因：重复进件').waitFor();
  expect(await state()).toBe('TERMINATED');
});

it('suspends a version, which starts no cases until it is resumed', async () => {
  const { page } = await signedInAt('liu.yang', '/operate');
  await page.getByRole('link', { name: /逾期催收/ }).click();
  await page.getByRole('region', { name: '逾期催收' }).first().waitFor();
  await page.getByRole('button', { name: '暂停此版本' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('原因').fill('催收外包切换');
  await dialog.getByRole('button', { name: '暂停此版本' }).click();
  await page.getByText('此版本已由 刘洋 (liu.yang) 暂停').waitFor();
  await page.getByText('催收外包切换').waitFor();
  await page.getByRole('button', { name: '恢复此版本' }).click();
  await dialog.getByRole('button', { name: '恢复此版本' }).click();
  await page.getByText('此版本已由 刘洋 (liu.yang) 暂停').waitFor({ state: 'detached' });
});

it('acts on many at once, with the result of each', async () => {
  const person = await signedInAt('liu.yang', '/operate/instances?businessId=YW-2026-000&level=root');
  const { page } = person;
  await page.getByRole('row').nth(3).waitFor();
  await page.getByRole('button', { name: '批量操作' }).click();
  await page.getByRole('menuitem', { name: '挂起实例' }).click();
  await page.getByText('确认之前不会做任何更改').waitFor();
  await page.getByRole('checkbox', { name: '选择已加载的全部行' }).check();
  await examine(person, 'operate-mode');
  await page.getByRole('button', { name: '执行：挂起实例' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: '开始挂起实例' }).click();
  await dialog.getByText('请填写原因').waitFor();
  await dialog.getByLabel('原因').fill('核查数据');
  await examine(person, 'operate-batch-dialog');
  // One of them is cancelled meanwhile; it must not hold up the others.
  await admin('POST', `/v2/process-instances/${waiting[2]}/cancellation`, {});
  await dialog.getByRole('button', { name: '开始挂起实例' }).click();
  await page.getByRole('heading', { level: 1, name: /挂起实例/ }).waitFor();
  await page.getByText('已完成').first().waitFor();
  await page.getByRole('row').nth(1).waitFor();
  await examineInBoth(person, 'operate-batch');
  for (const key of waiting.slice(0, 2)) {
    expect((await admin<{ state: string }>('GET', `/v2/process-instances/${key}`)).state).toBe('SUSPENDED');
  }
  // One by one they go on again.
  await open(person, `/cases/${waiting[0]}`);
  await page.getByText('核查数据').first().waitFor();
  await page.getByRole('button', { name: '运维操作' }).click();
  await page.getByRole('menuitem', { name: '恢复案件' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '恢复案件' }).click();
  await until(async () => (await admin<{ state: string }>('GET', `/v2/process-instances/${waiting[0]}`)).state === 'ACTIVE');
});

it('moves a token after a trial', async () => {
  const person = await signedInAt('liu.yang', `/operate/instances/${waiting[0]}/modification`);
  const { page } = person;
  await page.getByText('退回', { exact: true }).click();
  await page.getByLabel('到', { exact: true }).fill('machine-decision');
  await page.locator('.ant-select-item-option').filter({ hasText: '机审决策' }).click();
  await page.getByRole('button', { name: '加入计划' }).click();
  await page.getByRole('button', { name: '试运行' }).click();
  await page.getByText('试运行结果').waitFor();
  await examineInBoth(person, 'operate-modification');
  await page.getByRole('button', { name: '执行调整' }).click();
  await page.getByRole('dialog').getByLabel('原因').fill('用更正后的资料重新机审');
  await page.getByRole('dialog').getByRole('button', { name: '执行调整' }).click();
  await page.getByRole('heading', { level: 1, name: /案件/ }).waitFor();
  await page.getByText('用更正后的资料重新机审').first().waitFor();
});

it('migrates the instances of a version and takes it back', async () => {
  // The next version calls the check by another id.
  const file = readFileSync(new URL('../../processes/disbursement.bpmn', import.meta.url), 'utf8');
  const next = file.replace(/\b(id|attachedToRef|sourceRef|targetRef|bpmnElement)="finance-check"/g, '$1="finance-review"');
  const key = await startApplication('YW-2026-0200', STRAIGHT_THROUGH);
  const { processInstanceKey } = await openTask('YW-2026-0200', 'finance-check');
  expect(processInstanceKey).not.toBe(key);
  await deploy('disbursement.bpmn', next);
  const versions = await admin<Found<{ processDefinitionKey: string; version: number }>>('POST', '/v2/process-definitions/search', {
    filter: { processDefinitionId: 'disbursement' },
  });
  const first = versions.items.find(({ version }) => version === 1)!;
  const person = await signedInAt('liu.yang', `/operate/migration?source=${first.processDefinitionKey}`);
  const { page } = person;
  await page.getByRole('button', { name: '对全部实例试运行' }).click();
  const refused = page.getByText(/不能迁移 1 个/);
  await refused.waitFor();
  // What came of it stands far below: it is brought into sight, with the case and the element by name.
  await until(async () => (await refused.boundingBox())!.y < 880);
  await page.getByRole('row').filter({ has: page.getByRole('link', { name: 'YW-2026-0200' }) }).getByText('财务复核').waitFor();
  await page.getByRole('button', { name: /建议“财务复核/ }).click();
  await page.getByRole('button', { name: '对全部实例试运行' }).click();
  await page.getByText(/不能迁移 0 个/).waitFor();
  await examineInBoth(person, 'operate-migration');
  await page.getByRole('button', { name: '开始迁移' }).click();
  await page.getByRole('dialog').getByLabel('原因').fill('新版复核要求');
  await page.getByRole('dialog').getByRole('button', { name: '开始迁移' }).click();
  await page.getByRole('button', { name: '撤回迁移' }).waitFor();
  expect(await openTask('YW-2026-0200', 'finance-review')).toMatchObject({ processInstanceKey });
  await page.getByRole('button', { name: '撤回迁移' }).click();
  await page.getByRole('dialog').getByLabel('原因').fill('暂缓执行');
  await page.getByRole('dialog').getByRole('button', { name: '撤回迁移' }).click();
  await openTask('YW-2026-0200', 'finance-check');
  // The newest version has no cases; the overview says which one has.
  await open(person, `/operate?definition=${versions.items.find(({ version }) => version === 2)!.processDefinitionKey}`);
  await page.getByRole('alert').getByRole('button', { name: /^v1 · 进行中 \d+$/ }).click();
  await page.locator('[data-element-id="finance-check"] .djs-visual').waitFor();
  await page.getByText('它们在其他版本').waitFor({ state: 'hidden' });
});

it('shows nobody what is not theirs', async () => {
  const reviewer = await signedInAt('zhang.wei', '/operate/incidents');
  await reviewer.page.getByText('incident:resolve').waitFor();
  // Compliance reads every case, and changes none.
  const reader = await signedInAt('he.ping', `/cases/${failed.root}?tab=variables`);
  await reader.page.getByRole('tabpanel').getByRole('row').nth(1).waitFor();
  expect(await reader.page.getByRole('button', { name: '运维操作' }).count()).toBe(0);
  expect(await reader.page.getByRole('button', { name: '新增变量' }).count()).toBe(0);
});

it('stays usable while the server is slow, and says when it fails', async () => {
  const person = await signedInAt('liu.yang', '/cases');
  const { page, expected } = person;
  let slow = true;
  await page.route('**/v2/incidents/search', async (route) => {
    if (!slow) return route.fulfill({ status: 404, contentType: 'application/problem+json', body: PROBLEM });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    // The page that asked may have been left meanwhile, and its question with it.
    return route.continue().catch(() => undefined);
  });
  await page.getByRole('link', { name: '运维' }).click();
  await page.getByRole('link', { name: '异常', exact: true }).click();
  await page.locator('.ant-skeleton').first().waitFor();
  await page.getByRole('link', { name: '流程实例' }).click();
  await page.getByRole('row').nth(1).waitFor();
  slow = false;
  expected.push(/404/);
  await page.goto('/operate/incidents');
  await page.getByRole('alert').getByText('incidents are being moved').waitFor();
  await page.getByRole('alert').getByText('4bf92f3577b34da6a3ce929d0e0e4736').waitFor();
  await page.unroute('**/v2/incidents/search');
  await page.getByRole('button', { name: '重试', exact: true }).click();
  await page.getByText(/个未解决/).waitFor();
});

const PROBLEM = JSON.stringify({
  status: 404,
  code: 'test.moved',
  title: 'incidents are being moved',
  detail: 'incidents are being moved',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
});

/** Publish a file as the administrator. */
async function deploy(name: string, content: string): Promise<void> {
  const form = new URLSearchParams({ grant_type: 'password', username: 'ma.chao', password: 'ma.chao-demo' });
  const { access_token: token } = (await (await fetch(`${SERVER}/oauth/token`, { method: 'POST', body: form })).json()) as { access_token: string };
  const body = new FormData();
  body.append('resources', new Blob([content], { type: 'text/xml' }), name);
  const answer = await fetch(`${SERVER}/v2/deployments`, { method: 'POST', headers: { Authorization: `Bearer ${token}` }, body });
  expect(answer.status, await answer.text()).toBe(200);
}

it.each(['zh', 'en'] as const)('chooses the day of a filter in a calendar of the page\'s language: %s', async (language) => {
  const operator = await signedIn('liu.yang', { language });
  const { page } = operator;
  await page.goto('/operate/instances?from=2026-11-20');
  const field = page.getByLabel({ zh: '开始日期从', en: 'Started from' }[language]);
  await field.click();
  await page.locator('.ant-picker-dropdown .ant-picker-cell-selected').waitFor();
  expect(await page.locator('.ant-picker-month-btn').first().textContent()).toBe({ zh: '11月', en: 'Nov' }[language]);
  await examine(operator, 'operate-day');
  await field.fill('2026-11-21');
  await field.press('Enter');
  await until(() => new URL(page.url()).searchParams.get('from') === '2026-11-21');
  await page.getByRole('button', { name: { zh: '清除', en: 'Clear' }[language], exact: true }).first().click();
  await until(() => new URL(page.url()).searchParams.get('from') === null);
});
