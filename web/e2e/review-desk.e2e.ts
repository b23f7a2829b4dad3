/** The reviewer's desk in daily use: finding, sorting, choosing columns, keys, comments, races, slow and failing servers. */
import { expect, it } from 'vitest';

import { asker, examine, PHONE, signedIn, startApplication, until, type Language, type Person } from './browser';

/** Every run has numbers of its own, so that one demo serves many runs. */
const RUN = `DSK-${Date.now().toString(36).toUpperCase()}`;

/** Start a case and give its open review task. */
async function reviewOf(businessId: string, variables: Record<string, unknown> = {}): Promise<string> {
  await startApplication(businessId, { amount: 30000, ...variables });
  const ask = await asker('ma.chao');
  return until(async () => {
    const filter = { businessId, elementId: 'review-either', state: 'CREATED' };
    const { items } = await ask<{ items: { userTaskKey: string }[] }>('POST', '/v2/user-tasks/search', { filter });
    return items[0]?.userTaskKey;
  });
}

/** What a server answers whose database is busy. */
const BUSY = {
  status: 503,
  contentType: 'application/problem+json',
  body: JSON.stringify({ type: 'about:blank', status: 503, title: 'Service Unavailable', detail: '数据库正忙，请稍后再试。', traceId: '0af7651916cd43dd8448eb211c80319c' }),
};

const claimFor = async (username: string, task: string) => (await asker(username))('POST', `/v2/user-tasks/${task}/assignment`);
const rows = ({ page }: Person) => page.locator('tbody tr:not([aria-hidden])');
const dialog = ({ page }: Person) => page.getByRole('dialog');
const column = async (person: Person, name: string): Promise<string[]> => {
  const heads = await person.page.getByRole('columnheader').allTextContents();
  const at = heads.findIndex((head) => head.trim() === name);
  return rows(person).evaluateAll((all, index) => all.map((row) => (row as HTMLTableRowElement).cells[index]!.textContent!.trim()), at);
};

it('filters, sorts and shows the columns that somebody has chosen', async () => {
  const applicant = `列表${RUN}`;
  for (const number of ['0003', '0001', '0002']) await reviewOf(`${RUN}-${number}`, { applicantName: applicant });
  const person = await signedIn('zhang.wei');
  const { page } = person;
  await page.goto('/review/claimable');
  await page.getByRole('searchbox', { name: /进件号/ }).fill(applicant);
  await until(async () => decodeURIComponent(new URL(page.url()).search) === `?q=${applicant}`);
  await page.getByText('共 3 项').waitFor();

  await page.getByRole('button', { name: '进件号', exact: true }).click();
  await until(async () => (await column(person, '进件号')).join() === [1, 2, 3].map((each) => `${RUN}-000${each}`).join());
  await page.getByRole('button', { name: '进件号', exact: true }).click();
  await until(async () => (await column(person, '进件号')).join() === [3, 2, 1].map((each) => `${RUN}-000${each}`).join());
  expect(await page.getByRole('columnheader', { name: '进件号' }).getAttribute('aria-sort')).toBe('descending');

  // The address holds it all: a colleague who is sent it sees the same.
  expect(decodeURIComponent(new URL(page.url()).search)).toBe(`?q=${applicant}&sort=-businessId`);
  await page.getByRole('combobox', { name: '流程' }).click();
  await page.getByTitle('贷前审批').click();
  await page.getByRole('combobox', { name: '环节' }).click();
  await page.getByTitle('信审（A岗）', { exact: true }).click();
  await page.getByText('没有符合筛选条件的').first().waitFor();
  await examine(person, 'review-no-match');
  await page.getByRole('combobox', { name: '环节' }).click();
  await page.getByTitle('信审（A/B岗或签）').last().click();
  await page.getByText('共 3 项').waitFor();
  await page.getByRole('combobox', { name: '时限' }).click();
  await page.getByTitle('已逾期').click();
  await page.getByText('没有符合筛选条件的').first().waitFor();
  await page.getByRole('button', { name: '清除筛选' }).first().click();
  await page.getByRole('row', { name: new RegExp(`${RUN}-0001`) }).waitFor();

  await page.getByRole('button', { name: '列', exact: false }).last().click();
  await page.getByRole('checkbox', { name: '候选组' }).check();
  await page.getByRole('checkbox', { name: '金额' }).uncheck();
  await examine(person, 'review-columns');
  await page.keyboard.press('Escape');
  await page.reload();
  await page.getByRole('columnheader', { name: '候选组' }).waitFor();
  expect(await page.getByRole('columnheader', { name: '金额' }).count()).toBe(0);
  expect((await column(person, '候选组'))[0]).toContain('信贷初审岗');
}, 90_000);

it('works through a box with the keyboard, one task after the other', async () => {
  const applicant = `键盘${RUN}`;
  const first = await reviewOf(`${RUN}-0011`, { applicantName: applicant });
  const second = await reviewOf(`${RUN}-0012`, { applicantName: applicant });
  const person = await signedIn('li.na');
  const { page } = person;
  await page.goto(`/review/claimable?q=${applicant}&sort=businessId`);
  await rows(person).nth(1).waitFor();
  // Down, down, up: the first row; marked, and the second one too; both claimed at once.
  for (const key of ['j', 'j', 'k', 'x', 'j', 'x', 'c']) await page.keyboard.press(key);
  await dialog(person).getByText('认领 2 项任务').waitFor();
  await dialog(person).getByRole('button', { name: '认领' }).click();
  await page.getByText('已认领 2 项').waitFor();

  await page.goto(`/review/todo?q=${applicant}&sort=businessId`);
  await rows(person).nth(1).waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForURL(new RegExp(`/review/tasks/${first}`));
  await page.getByRole('radio', { name: '同意' }).waitFor();
  await page.keyboard.press('?');
  await dialog(person).getByText('返回列表').waitFor();
  await examine(person, 'review-keys');
  await page.keyboard.press('Escape');
  await dialog(person).waitFor({ state: 'hidden' });

  // Tabs by their numbers; what was typed is still there afterwards.
  await page.keyboard.press('a');
  await page.keyboard.type('键盘写的意见');
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.keyboard.press('4');
  await page.getByText('预计后续').waitFor();
  await page.keyboard.press('a');
  expect(await page.getByRole('textbox', { name: /意见/ }).inputValue()).toBe('键盘写的意见');
  await page.keyboard.press('Control+Enter');
  await dialog(person).getByText('键盘写的意见').waitFor();
  await page.keyboard.press('Control+Enter');
  // The next one opens by itself. Other journeys may have left older ones.
  await page.waitForURL((url) => /\/review\/tasks\/\d+/.test(url.pathname) && !url.pathname.endsWith(first));

  await page.goto(`/review/tasks/${second}?from=todo`);
  await page.getByRole('checkbox', { name: '提交后打开下一项' }).uncheck();
  await page.getByRole('radio', { name: '拒绝' }).waitFor();
  await page.keyboard.press('a');
  await page.getByRole('radio', { name: '拒绝' }).check();
  // A draft that is still on its way does not come after the task is done.
  const completed = page.waitForResponse(/completion$/);
  await page.route('**/draft', async (route) => {
    await Promise.race([completed, new Promise((come) => setTimeout(come, 3_000))]);
    await route.continue();
  });
  const saving = page.waitForRequest((request) => request.url().endsWith('/draft') && request.method() === 'PUT');
  const saved = page.waitForResponse((response) => response.url().endsWith('/draft') && response.request().method() === 'PUT');
  await page.getByRole('textbox', { name: /意见/ }).fill('负债偏高');
  await saving;
  await page.keyboard.press('Control+Enter');
  await dialog(person).getByText('负债偏高').waitFor();
  await page.keyboard.press('Control+Enter');
  expect((await saved).status()).toBe(200);
  await page.waitForURL(/\/review\/todo/);
  await page.getByRole('heading', { name: '待办' }).waitFor();
  await page.goto(`/review/tasks/${second}`);
  await page.getByText(/此任务已由 我 于 .* 完成/).waitFor();
  await page.keyboard.press('u');
  await page.getByRole('heading', { name: '待办' }).waitFor();
}, 120_000);

it('shows at once what others do: who has taken it, what they say', async () => {
  const task = await reviewOf(`${RUN}-0021`);
  const watching = await signedIn('zhang.wei');
  await watching.page.goto(`/review/tasks/${task}?from=claimable`);
  await watching.page.getByRole('button', { name: /认领/ }).waitFor();
  const other = await signedIn('li.na', { language: 'en' });
  await other.page.goto(`/review/tasks/${task}?from=claimable`);
  await other.page.getByRole('button', { name: /Claim/ }).click();
  await watching.page.getByText('此任务由 李娜 办理，您只能查看。').waitFor();
  await other.page.getByRole('textbox', { name: 'Write a comment' }).fill('收入证明待核实');
  // Ctrl+Enter sends what is being written, and asks nothing of the task; left meanwhile, it is still there.
  await other.page.reload();
  await other.page.getByRole('textbox', { name: 'Write a comment' }).press('Control+Enter');
  await watching.page.getByRole('region', { name: '评论' }).getByText('收入证明待核实').waitFor();
  expect(await other.page.getByRole('dialog').count()).toBe(0);
  await other.page.getByRole('button', { name: 'Put back' }).click();
  await watching.page.getByRole('button', { name: /认领/ }).waitFor();
}, 60_000);

it('says who has finished a task, when one submits too late; what was typed stays to be read', async () => {
  const task = await reviewOf(`${RUN}-0031`);
  await claimFor('zhang.wei', task);
  const person = await signedIn('zhang.wei');
  const { page, context, expected } = person;
  expected.push(/409/, /event-stream/);
  await context.route('**/v2/event-stream*', (route) => route.abort());
  await page.goto(`/review/tasks/${task}`);
  await page.getByRole('radio', { name: '同意' }).check();
  await page.getByRole('textbox', { name: /意见/ }).fill('第二个窗口里写的');
  await page.keyboard.press('Control+Enter');
  await dialog(person).getByText('第二个窗口里写的').waitFor();
  // Meanwhile in another window.
  const variables = { decision: 'approve', approvedAmount: 30000, comment: '第一个窗口' };
  await (await asker('zhang.wei'))('POST', `/v2/user-tasks/${task}/completion`, { variables });
  await dialog(person).getByRole('button', { name: '提交' }).click();
  await page.getByText('晚了一步').first().waitFor();
  await examine(person, 'review-too-late');
  await page.getByText(/此任务已由 我 于 .* 完成/).waitFor();
  await page.getByRole('button', { name: '看下一项' }).waitFor();
  expect(await page.getByRole('textbox', { name: /意见/ }).inputValue()).toBe('第二个窗口里写的');
}, 60_000);

it('waits for a slow server, sends once, and offers to try again after a failure', async () => {
  const task = await reviewOf(`${RUN}-0041`);
  await claimFor('zhang.wei', task);
  const person = await signedIn('zhang.wei');
  const { page, expected } = person;
  expected.push(/503/);
  let isFailing = true;
  await page.route('**/v2/user-tasks/search', async (route) => {
    if (!isFailing) return route.continue();
    return route.fulfill(BUSY);
  });
  await page.goto(`/review/todo?q=${RUN}-0041`);
  const problem = page.getByRole('alert').filter({ hasText: '数据库正忙' }).first();
  await problem.getByText('0af7651916cd43dd8448eb211c80319c').waitFor();
  await examine(person, 'review-failed');
  isFailing = false;
  await problem.getByRole('button', { name: '重试' }).click();
  await page.getByRole('row', { name: new RegExp(`${RUN}-0041`) }).waitFor();

  // Facts can be read without the form that names them, and get their words when it can be read again.
  isFailing = true;
  await page.route('**/start-form', async (route) => {
    if (!isFailing) return route.continue();
    return route.fulfill(BUSY);
  });
  await page.goto(`/review/tasks/${task}?tab=facts`);
  const unnamed = page.getByRole('alert').filter({ hasText: '未能读取为这些信息命名的表单' });
  await unnamed.waitFor();
  await page.locator('dt:text-is("employer")').waitFor();
  await examine(person, 'review-facts-unnamed');
  isFailing = false;
  await unnamed.getByRole('button', { name: '重试' }).click();
  await page.locator('dt:text-is("employer")').waitFor({ state: 'detached' });
  await unnamed.waitFor({ state: 'detached' });

  // Slow answers: the skeleton stands where the page will be.
  let release: () => void = () => undefined;
  const slow = new Promise<void>((resolve) => (release = resolve));
  await page.route(`**/v2/user-tasks/${task}/form`, async (route) => {
    await slow;
    await route.continue();
  });
  await page.goto(`/review/tasks/${task}`);
  await page.locator('.ant-skeleton').first().waitFor();
  release();
  await page.getByRole('radio', { name: '同意' }).check();
  await page.getByRole('textbox', { name: /意见/ }).fill('慢');
  let sent = 0;
  let answer: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  await page.route('**/completion', async (route) => {
    sent += 1;
    await answered;
    await route.continue();
  });
  await page.keyboard.press('Control+Enter');
  await dialog(person).getByText('慢', { exact: true }).waitFor();
  for (let press = 0; press < 4; press += 1) await page.keyboard.press('Control+Enter');
  await dialog(person).locator('.ant-btn-loading').waitFor();
  answer();
  await page.getByText('已提交').waitFor();
  expect(sent).toBe(1);
}, 90_000);

it('names what is missing to whoever lacks a right', async () => {
  const task = await reviewOf(`${RUN}-0051`);
  const compliance = await signedIn('he.ping');
  await compliance.page.goto('/review/todo');
  await compliance.page.getByText('user-task:complete').waitFor();
  await examine(compliance, 'review-forbidden');

  const designer = await signedIn('xu.li');
  await designer.page.goto(`/review/tasks/${task}`);
  await designer.page.getByText('user-task:complete').waitFor();

  // What somebody else works on can only be read.
  await claimFor('li.na', task);
  const reviewer = await signedIn('zhang.wei');
  await reviewer.page.goto(`/review/tasks/${task}`);
  await reviewer.page.getByText('此任务由 李娜 办理，您只能查看。').waitFor();
  await reviewer.page.getByRole('textbox', { name: /意见/ }).waitFor();
  expect(await reviewer.page.getByRole('textbox', { name: /意见/ }).isEditable()).toBe(false);
  expect(await reviewer.page.locator('footer').getByRole('button').count()).toBe(0);
  await examine(reviewer, 'review-read-only');
}, 60_000);

it('checks identity numbers, phones and amounts while they are typed', async () => {
  const person = await signedIn('ma.chao');
  const { page } = person;
  await page.goto('/review/start');
  await page.getByRole('link', { name: /贷前审批/ }).click();
  const field = (label: string) => page.locator('.fjs-form-field', { hasText: label }).first();
  await page.getByRole('textbox', { name: /^身份证号/ }).fill('110101199003070021');
  await page.getByRole('textbox', { name: /^手机号/ }).first().fill('12345');
  await page.getByRole('textbox', { name: /^申请金额/ }).fill('123456.78');
  await field('申请金额').getByText('壹拾贰万叁仟肆佰伍拾陆元柒角捌分').waitFor();
  await page.getByRole('textbox', { name: /^姓名/ }).first().fill('林小满');
  await page.locator('footer').getByRole('button').click();
  await page.getByText(/请检查 \d+ 个字段/).waitFor();
  await field('身份证号').getByText(/校验/).waitFor();
  await field('手机号').locator('.fjs-form-field-error').waitFor();
  expect(await page.getByRole('textbox', { name: /^申请金额/ }).inputValue()).toBe('123,456.78');
  await examine(person, 'review-start-wrong');
}, 60_000);

it.each(['zh', 'en'] as Language[])('says what an empty box is for (%s)', async (language) => {
  const person = await signedIn('wu.hao', { language, theme: 'dark' });
  for (const box of ['todo', 'claimable', 'done', 'started']) {
    await person.page.goto(`/review/${box}`);
    await person.page.locator('.ant-empty, [class*="empty"]').first().waitFor();
    await examine(person, `review-${box}-empty`);
  }
}, 60_000);

it.each(['zh', 'en'] as Language[])('is in the dark what it is in the light (%s)', async (language) => {
  const task = await reviewOf(`${RUN}-006${language === 'zh' ? 1 : 2}`);
  await claimFor('zhang.wei', task);
  for (const [device, viewport] of [['', undefined], ['-phone', PHONE]] as const) {
    const person = await signedIn('zhang.wei', { language, theme: 'dark', ...(viewport && { viewport }) });
    await person.page.goto('/review/todo');
    await person.page.getByText(`${RUN}-006`).first().waitFor();
    await examine(person, `review-todo-dark${device}`);
    for (const tab of ['work', 'facts', 'decisions', 'timeline']) {
      await person.page.goto(`/review/tasks/${task}?tab=${tab}`);
      await person.page.getByRole('tabpanel').waitFor();
      if (tab === 'work') await person.page.locator('.fjs-form').waitFor();
      await examine(person, `review-task-${tab}-dark${device}`);
    }
  }
}, 120_000);
