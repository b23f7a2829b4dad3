/** The reviewer's desk: boxes, claiming, forms with drafts, the case around a task, starting a case. */
import { expect, it } from 'vitest';

import { asker, enterPassword, examine, examineInBoth, expectMarkUncovered, PHONE, SERVER, signedIn, startApplication, until, type Language, type Person } from './browser';

/** Every run has numbers of its own, so that one demo serves many runs. */
const RUN = `WEB-${Date.now().toString(36).toUpperCase()}`;

interface Task {
  userTaskKey: string;
  elementId: string;
}

/** The open task of a case at one of its elements, as soon as it is there. */
async function taskOf(businessId: string, elementId: string, username = 'ma.chao'): Promise<string> {
  const ask = await asker(username);
  return until(async () => {
    const filter = { businessId, elementId, state: 'CREATED' };
    const { items } = await ask<{ items: Task[] }>('POST', '/v2/user-tasks/search', { filter });
    return items[0]?.userTaskKey;
  });
}

/**
 * Listen like a page, until the process tells everything: the first one who listens makes all processes tell, and is
 * told some seconds later to read everything again. Where somebody has listened before, that has been.
 */
async function listening(username: string): Promise<() => void> {
  const form = new URLSearchParams({ grant_type: 'password', username, password: `${username}-demo` });
  const { access_token: token } = (await (await fetch(`${SERVER}/oauth/token`, { method: 'POST', body: form })).json()) as { access_token: string };
  const gone = new AbortController();
  const stream = await fetch(`${SERVER}/v2/event-stream`, { headers: { Authorization: `Bearer ${token}` }, signal: gone.signal });
  expect(stream.status).toBe(200);
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  const settled = new Promise((resolve) => setTimeout(resolve, 6_000));
  const resync = (async () => {
    let text = '';
    while (!text.includes('event: resync')) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`the stream of ${username} has ended: ${text}`);
      text += value;
    }
  })();
  // Afterwards it ends with the test.
  resync.catch(() => undefined);
  await Promise.race([resync, settled]);
  return () => gone.abort();
}

const submit = (person: Person) => person.page.locator('footer').getByRole('button', { name: person.language === 'zh' ? '提交' : 'Submit' });
const dialog = ({ page }: Person) => page.getByRole('dialog');

it('takes a loan from application to payout with a second person', async () => {
  // An application, by the start form of the process.
  const clerk = await signedIn('ma.chao');
  await clerk.page.goto('/review/start');
  await examineInBoth(clerk, 'review-start-choice');
  await clerk.page.getByRole('link', { name: /贷前审批/ }).click();
  await fillApplication(clerk, `${RUN}-0001`);
  await examineInBoth(clerk, 'review-start');
  await expectMarkUncovered(clerk);
  await clerk.page.locator('footer').getByRole('button').click();
  await dialog(clerk).getByText('叁万元整').waitFor();
  await examine(clerk, 'review-start-confirm');
  await clerk.page.keyboard.press('Control+Enter');
  await clerk.page.getByRole('link', { name: `${RUN}-0001` }).waitFor();
  await examine(clerk, 'review-started');

  // The review: found, claimed, filled in and submitted with the keyboard.
  await taskOf(`${RUN}-0001`, 'review-either');
  const reviewer = await signedIn('zhang.wei');
  const { page } = reviewer;
  await page.goto('/review/claimable');
  await page.getByRole('searchbox', { name: /进件号/ }).fill(`${RUN}-0001`);
  await page.getByRole('row').nth(1).getByText(`${RUN}-0001`).waitFor();
  await until(async () => (await page.getByRole('row').count()) === 2);
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.keyboard.press('j');
  await page.keyboard.press('c');
  await page.getByText('已归您办理').waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: '放回' }).waitFor();
  await page.getByRole('radio', { name: '同意' }).waitFor();
  await page.keyboard.press('a');
  await page.keyboard.type('收入稳定，同意');
  await page.getByText('草稿已保存').waitFor();
  await examine(reviewer, 'review-task');
  await page.keyboard.press('Control+Enter');
  await dialog(reviewer).getByText('叁万元整').waitFor();
  await examine(reviewer, 'review-task-confirm');
  await page.keyboard.press('Control+Enter');
  await page.getByText('“信审（A/B岗或签）”已提交。').waitFor();

  // Four eyes: whoever reviewed may not check the payout.
  const check = await taskOf(`${RUN}-0001`, 'finance-check');
  const ask = await asker('ma.chao');
  await ask('PUT', '/v2/groups/finance/users/zhang.wei');
  // Another group means another session (401, renewed by itself).
  reviewer.expected.push(/40[13]/);
  await page.goto(`/review/tasks/${check}?from=claimable`);
  await page.getByRole('button', { name: /认领/ }).click();
  await page.getByText(/四眼原则/).first().waitFor();
  await examine(reviewer, 'review-four-eyes');
  await page.goto('/review/done');
  await page.getByRole('row', { name: new RegExp(`${RUN}-0001`) }).waitFor();
  await ask('DELETE', '/v2/groups/finance/users/zhang.wei');

  // The second person.
  const finance = await signedIn('chen.jing');
  await finance.page.goto(`/review/tasks/${check}?from=claimable`);
  await finance.page.getByRole('button', { name: /认领/ }).click();
  await finance.page.getByRole('radio').first().check();
  await finance.page.getByRole('textbox', { name: /意见/ }).fill('户名与账号已核对');
  await submit(finance).click();
  await dialog(finance).getByRole('button', { name: '提交' }).click();
  await finance.page.getByText('已提交').waitFor();

  // The money is out.
  await clerk.page.goto('/review/started');
  await until(async () => {
    await clerk.page.reload();
    await clerk.page.getByRole('row').nth(1).waitFor();
    return clerk.page.getByRole('row', { name: new RegExp(`${RUN}-0001.*已完成`) }).isVisible();
  }, 60);
}, 180_000);

async function fillApplication({ page }: Person, applicationId: string): Promise<void> {
  const write = (name: RegExp, text: string, nth = 0) => page.getByRole('textbox', { name }).nth(nth).fill(text);
  const choose = async (label: string, option: string) => {
    await page.locator('.fjs-form-field-select', { hasText: label }).locator('.fjs-input-group').click();
    await page.locator('.fjs-dropdownlist-item', { hasText: option }).first().click();
  };
  await write(/^进件号/, applicationId);
  await choose('进件渠道', '门店');
  await page.getByLabel('消费贷').check();
  await write(/^申请金额/, '30000');
  await write(/^期数/, '12');
  await choose('还款方式', '等额本息');
  await choose('贷款用途', '装修');
  await write(/^姓名/, '林小满');
  await write(/^身份证号/, '11010119900307002X');
  await write(/^手机号/, '13900001234');
  await write(/^居住地址/, '浙江省杭州市西湖区文三路 18 号');
  await choose('职业', '受薪');
  await write(/^月收入/, '18500');
  await write(/^现有月供/, '2600');
  await write(/^开户银行/, '中国建设银行杭州文三支行');
  await write(/^收款银行卡号/, '6217001540012345678');
  await write(/^姓名/, '林建国', 1);
  await choose('关系', '父母');
  await write(/^手机号/, '13700005678', 1);
  await write(/^设备标识/, 'device-hangzhou-7f31');
  await write(/^IP 地址/, '115.205.3.27');
  for (const paper of ['身份证', '银行卡', '收入证明', '银行流水']) await page.getByLabel(paper, { exact: true }).check();
  await page.getByLabel(/个人信息处理规则/).check();
  await page.getByLabel(/查询个人信用报告/).check();
}

it('says who was faster, in a race for a task', async () => {
  await startApplication(`${RUN}-0002`, { amount: 30000 });
  const task = await taskOf(`${RUN}-0002`, 'review-either');
  const slow = await signedIn('zhang.wei');
  slow.expected.push(/409/, /event-stream/);
  await slow.context.route('**/v2/event-stream*', (route) => route.abort());
  await slow.page.goto(`/review/tasks/${task}?from=claimable`);
  await slow.page.getByRole('button', { name: /认领/ }).waitFor();
  const ask = await asker('li.na');
  await ask('POST', `/v2/user-tasks/${task}/assignment`);
  await slow.page.keyboard.press('c');
  await slow.page.getByText('晚了一步').first().waitFor();
  await slow.page.getByText(/已由 李娜 认领/).first().waitFor();
  await examine(slow, 'review-lost-race');
  await slow.page.getByRole('alert').getByRole('button', { name: '返回列表' }).first().click();
  await slow.page.getByRole('heading', { name: '待认领' }).waitFor();
}, 60_000);

it('claims several at once, and tells of each how it went', async () => {
  await startApplication(`${RUN}-0003`, { amount: 30000, applicantName: `批量${RUN}` });
  await startApplication(`${RUN}-0004`, { amount: 30000, applicantName: `批量${RUN}` });
  await taskOf(`${RUN}-0003`, 'review-either');
  const second = await taskOf(`${RUN}-0004`, 'review-either');
  const person = await signedIn('zhang.wei');
  const { page, context } = person;
  person.expected.push(/409/, /event-stream/);
  await context.route('**/v2/event-stream*', (route) => route.abort());
  await page.goto(`/review/claimable?q=批量${RUN}`);
  await page.getByRole('row', { name: new RegExp(`${RUN}-0004`) }).waitFor();
  await (await asker('li.na'))('POST', `/v2/user-tasks/${second}/assignment`);
  await page.getByRole('checkbox').first().check();
  await page.keyboard.press('c');
  await dialog(person).getByRole('button', { name: '认领' }).click();
  await dialog(person).getByText('失败 1 项').waitFor();
  await dialog(person).getByText(/已由 李娜 认领/).waitFor();
  await examine(person, 'review-bulk-claim');
  await dialog(person).getByRole('button', { name: '关闭' }).last().click();
  await page.goto(`/review/todo?q=批量${RUN}`);
  await page.getByRole('row', { name: new RegExp(`${RUN}-0003`) }).waitFor();
}, 60_000);

it('counts what has come, and leaves the reader where they are', async () => {
  await startApplication(`${RUN}-0005`, { amount: 30000, applicantName: `来件${RUN}` });
  await taskOf(`${RUN}-0005`, 'review-either');
  const stop = await listening('zhang.wei');
  const person = await signedIn('zhang.wei');
  const { page } = person;
  const streaming = page.waitForResponse(/event-stream/);
  await page.goto(`/review/claimable?q=来件${RUN}`);
  await streaming;
  await page.getByRole('row', { name: new RegExp(`${RUN}-0005`) }).waitFor();
  // Of those that come, only what the list is filtered by counts.
  await startApplication(`${RUN}-0010`, { amount: 30000, applicantName: '别人' });
  await taskOf(`${RUN}-0010`, 'review-either');
  await startApplication(`${RUN}-0006`, { amount: 30000, applicantName: `来件${RUN}` });
  await page.getByText('有 1 项新任务').waitFor();
  expect(await page.getByRole('row', { name: new RegExp(`${RUN}-0006`) }).count()).toBe(0);
  await examine(person, 'review-news');
  await page.getByRole('button', { name: '显示', exact: true }).click();
  await page.getByRole('row', { name: new RegExp(`${RUN}-0006`) }).waitFor();

  await (await asker('li.na'))('POST', `/v2/user-tasks/${await taskOf(`${RUN}-0005`, 'review-either')}/assignment`);
  await page.getByRole('row', { name: new RegExp(`${RUN}-0005`) }).getByText('已由 李娜 认领').waitFor();
  stop();
}, 90_000);

it('keeps what was typed through a lost connection, an ended session and a reload', async () => {
  await startApplication(`${RUN}-0007`, { amount: 30000 });
  const task = await taskOf(`${RUN}-0007`, 'review-either');
  await (await asker('zhang.wei'))('POST', `/v2/user-tasks/${task}/assignment`);
  const person = await signedIn('zhang.wei');
  const { page, context, expected } = person;
  expected.push(/401/, /ERR_INTERNET_DISCONNECTED/, /event-stream/);
  await page.goto(`/review/tasks/${task}`);
  const comment = page.getByRole('textbox', { name: /意见/ });
  await comment.waitFor();

  await context.setOffline(true);
  await comment.fill('离线时写的意见');
  await page.getByText('草稿未能保存').waitFor();
  await examine(person, 'review-offline');
  await context.setOffline(false);
  await page.getByText('草稿已保存').waitFor();

  await context.clearCookies();
  await comment.fill('登录过期时写的意见');
  await page.getByRole('dialog').getByText('登录已过期').waitFor();
  await enterPassword(person, null, 'zhang.wei-demo');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByText('草稿已保存').waitFor();
  expect(await comment.inputValue()).toBe('登录过期时写的意见');

  await page.reload();
  await page.getByText(/已恢复 .* 保存的草稿/).waitFor();
  expect(await comment.inputValue()).toBe('登录过期时写的意见');
  await examine(person, 'review-draft');

  await page.getByRole('button', { name: '放弃草稿' }).click();
  await dialog(person).getByRole('button', { name: '放弃草稿' }).click();
  await until(async () => (await comment.inputValue()) === '');
}, 90_000);

it('says at the field what the server does not accept', async () => {
  await startApplication(`${RUN}-0008`, { amount: 30000 });
  const task = await taskOf(`${RUN}-0008`, 'review-either');
  await (await asker('zhang.wei'))('POST', `/v2/user-tasks/${task}/assignment`);
  const person = await signedIn('zhang.wei');
  const { page, expected } = person;
  expected.push(/40\d|422/);
  await page.goto(`/review/tasks/${task}`);
  await page.getByRole('radio', { name: '同意' }).check();
  await page.getByRole('textbox', { name: /意见/ }).fill('同意');
  // The browser lets through what the server, who knows better, does not.
  await page.route('**/completion', async (route) => {
    const body = route.request().postDataJSON() as { variables: Record<string, unknown> };
    await route.continue({ postData: JSON.stringify({ variables: { ...body.variables, approvedAmount: 40000 } }) });
  });
  await page.keyboard.press('Control+Enter');
  await dialog(person).getByRole('button', { name: '提交' }).click();
  const field = page.locator('.fjs-form-field', { hasText: '批准金额' });
  await field.locator('.fjs-form-field-error').waitFor();
  await examine(person, 'review-refused');
  expect(await field.locator('.fjs-form-field-error').textContent()).toMatch(/30000|30,000/);
  // It stays until the field has another value.
  await page.getByRole('textbox', { name: /意见/ }).click();
  await field.locator('.fjs-form-field-error').waitFor();
}, 60_000);

it('puts a task back, and takes it again when that was a mistake', async () => {
  await startApplication(`${RUN}-0009`, { amount: 30000 });
  const task = await taskOf(`${RUN}-0009`, 'review-either');
  const { page } = await signedIn('zhang.wei');
  await page.goto(`/review/tasks/${task}`);
  await page.getByRole('button', { name: /认领/ }).click();
  await page.getByRole('button', { name: '放回' }).click();
  await page.getByRole('button', { name: /认领/ }).waitFor();
  await page.getByRole('button', { name: '撤销' }).click();
  await page.getByRole('button', { name: '放回' }).waitFor();
}, 60_000);

const TABS = { facts: '案件事实', decisions: '决策说明', timeline: '流转记录', progress: '流程跟踪' } as const;

it.each(['zh', 'en'] as Language[])('shows every page on a desk and in a hand (%s)', async (language) => {
  const businessId = `${RUN}-01${language === 'zh' ? '01' : '02'}`;
  await startApplication(businessId, { amount: 30000, priority: 'urgent' });
  const task = await taskOf(businessId, 'review-either');
  const ask = await asker('zhang.wei');
  await ask('POST', `/v2/user-tasks/${task}/assignment`);
  for (const [device, viewport] of [['', undefined], ['-phone', PHONE]] as const) {
    const person = await signedIn('zhang.wei', { language, ...(viewport && { viewport }) });
    const { page } = person;
    for (const box of ['todo', 'claimable', 'done', 'started']) {
      await page.goto(`/review/${box}`);
      await page.locator('#content h1').waitFor();
      if (box === 'todo' && !viewport) await page.getByRole('row').filter({ hasText: businessId }).getByText(language === 'zh' ? '高' : 'high', { exact: true }).waitFor();
      await examine(person, `review-${box}${device}`);
    }
    await page.goto(`/review/tasks/${task}`);
    await page.locator('.fjs-form').waitFor();
    await examine(person, `review-task-open${device}`);
    await expectMarkUncovered(person);
    for (const tab of Object.keys(TABS)) {
      await page.goto(`/review/tasks/${task}?tab=${tab}`);
      await page.getByRole('tabpanel').waitFor();
      if (tab === 'decisions') await page.locator('.ant-collapse-header').first().click();
      if (tab === 'progress') await page.locator('.bjs-powered-by').waitFor();
      await examine(person, `review-task-${tab}${device}`);
      if (tab === 'progress') await expectMarkUncovered(person, '.bjs-powered-by');
    }
  }
}, 240_000);
