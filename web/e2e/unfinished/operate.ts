/** The operator's desk and the case view: what is stuck is found, repaired one by one and many at once, with the result of each. */
import { readFileSync } from 'node:fs';

import { beforeAll, describe, expect, it } from 'vitest';

import { asker, examine, expectMarkUncovered, SERVER, signedIn, startApplication, until, type Person } from '../browser';

type Ask = Awaited<ReturnType<typeof asker>>;
interface Found<Row> {
  items: Row[];
}
interface Task {
  userTaskKey: string;
  processInstanceKey: string;
  elementId: string;
}

let admin: Ask;
let finance: Ask;
/** A case whose payout has failed: its called disbursement. */
let failed: { root: string; payout: string; businessId: string };
/** Cases that wait for people. */
const waiting: string[] = [];

/** The task of a case that is open at an element. */
function openTask(businessId: string, elementId: string): Promise<Task> {
  const filter = { businessId, elementId, state: 'CREATED' };
  return until(async () => (await admin<Found<Task>>('POST', '/v2/user-tasks/search', { filter })).items[0], 60);
}

/** A loan that the machine approves, whose bank card is lost before finance releases the payout: the payment is refused. */
async function failPayout(businessId: string): Promise<typeof failed> {
  const root = await startApplication(businessId, {
    idNumber: '110101199003070011',
    amount: 18000,
    monthlyIncome: 30000,
    monthlyDebt: 0,
  });
  const { processInstanceKey: payout, userTaskKey } = await openTask(businessId, 'finance-check');
  await admin('PUT', `/v2/element-instances/${payout}/variables`, { variables: { bankCardNumber: '' }, local: true });
  await finance('POST', `/v2/user-tasks/${userTaskKey}/assignment`, { assignee: 'chen.jing' });
  await finance('POST', `/v2/user-tasks/${userTaskKey}/completion`, { variables: { decision: 'approve', comment: '账户核对无误' } });
  const filter = { processInstanceKey: payout, state: 'ACTIVE' };
  await until(async () => (await admin<Found<object>>('POST', '/v2/incidents/search', { filter })).items[0], 60);
  return { root, payout, businessId };
}

beforeAll(async () => {
  admin = await asker('ma.chao');
  finance = await asker('chen.jing');
  for (const number of [1, 2, 3]) waiting.push(await startApplication(`YW-2026-000${number}`));
  failed = await failPayout('YW-2026-0100');
}, 150_000);

/** Open a page of the application and wait for its heading. */
async function open({ page }: Person, address: string): Promise<void> {
  await page.goto(address);
  await page.getByRole('heading', { level: 1 }).waitFor();
}

const signedInAt = async (username: string, address: string, language: 'zh' | 'en' = 'zh') => {
  const person = await signedIn(username, { language });
  await person.page.getByRole('navigation').first().waitFor();
  await open(person, address);
  return person;
};

describe.each(['zh', 'en'] as const)('in %s', (language) => {
  it('shows a case from all its sides', async () => {
    const person = await signedInAt('ma.chao', '/cases', language);
    await person.page.getByRole('row').nth(1).waitFor();
    await examine(person, 'cases');
    await open(person, `/cases/${failed.root}`);
    await person.page.locator('.djs-shape').first().waitFor();
    await expectMarkUncovered(person);
    await examine(person, 'case-timeline');
    for (const tab of ['tasks', 'variables', 'decisions', 'jobs', 'waits', 'steps']) {
      await open(person, `/cases/${tab === 'waits' ? waiting[0] : failed.root}?tab=${tab}`);
      await person.page.getByRole('tabpanel').getByRole('table').first().waitFor();
      await examine(person, `case-${tab}`);
    }
    await open(person, `/cases/${failed.payout}?tab=incidents`);
    await person.page.getByRole('tabpanel').getByRole('table').waitFor();
    await examine(person, 'case-incidents');
    await open(person, `/cases/${failed.root}/print`);
    await person.page.getByRole('listitem').first().waitFor();
    await examine(person, 'case-print');
  });

  it('shows what runs and what is stuck', async () => {
    const person = await signedInAt('liu.yang', '/operate?element=bureau-query', language);
    const { page } = person;
    await page.locator('.djs-shape').first().waitFor();
    await expectMarkUncovered(person);
    await examine(person, 'operate-overview');
    await open(person, '/operate/incidents');
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
      await examine(person, `operate-${name}`);
    }
  });
});

it('follows an element from the diagram to its rows, and back', async () => {
  const { page } = await signedInAt('ma.chao', `/cases/${failed.payout}?tab=jobs`);
  const rows = page.getByRole('tabpanel').getByRole('row');
  await rows.nth(1).waitFor();
  await page.locator('[data-element-id="finance-check"] .djs-hit').first().click({ force: true });
  await page.getByText('只列出此节点的内容').waitFor();
  await page.getByText('所选范围内没有内容').waitFor();
  await page.getByRole('button', { name: '显示全部' }).click();
  await rows.getByRole('button', { name: '付款', exact: true }).click();
  expect(new URL(page.url()).searchParams.get('element')).toBe('payment-pay');
  await page.locator('[data-element-id="payment-pay"].ll-selected').waitFor();
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
  await open(person, `/cases/${failed.payout}`);
  await page.getByText('“放款”已完成').waitFor();
  await page.getByText('异常已解决').first().waitFor();
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
  await examine(person, 'operate-batch');
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
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: '加入计划' }).click();
  await page.getByRole('button', { name: '试运行' }).click();
  await page.getByText('试运行结果').waitFor();
  await examine(person, 'operate-modification');
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
  const key = await startApplication('YW-2026-0200', { idNumber: '110101199003070011', amount: 18000, monthlyIncome: 30000, monthlyDebt: 0 });
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
  await page.getByText(/不能迁移 1 个/).waitFor();
  await page.getByRole('button', { name: /建议“财务复核/ }).click();
  await page.getByRole('button', { name: '对全部实例试运行' }).click();
  await page.getByText(/不能迁移 0 个/).waitFor();
  await examine(person, 'operate-migration');
  await page.getByRole('button', { name: '开始迁移' }).click();
  await page.getByRole('dialog').getByLabel('原因').fill('新版复核要求');
  await page.getByRole('dialog').getByRole('button', { name: '开始迁移' }).click();
  await page.getByRole('button', { name: '撤回迁移' }).waitFor();
  expect(await openTask('YW-2026-0200', 'finance-review')).toMatchObject({ processInstanceKey });
  await page.getByRole('button', { name: '撤回迁移' }).click();
  await page.getByRole('dialog').getByLabel('原因').fill('暂缓执行');
  await page.getByRole('dialog').getByRole('button', { name: '撤回迁移' }).click();
  await openTask('YW-2026-0200', 'finance-check');
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
    if (slow) await new Promise((resolve) => setTimeout(resolve, 1500));
    await (slow ? route.continue() : route.fulfill({ status: 404, contentType: 'application/problem+json', body: PROBLEM }));
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
