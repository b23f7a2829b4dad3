/** The shell: signing in and out, an ended session, a lost connection, search, notices, languages, themes, permissions, small screens. */
import { describe, expect, it } from 'vitest';

import {
  asker,
  atFirstPage,
  enterPassword,
  examine,
  expectAccessible,
  expectPeopleByName,
  PHONE,
  settled,
  signedIn,
  slowness,
  startApplication,
  type,
  until,
  visitor,
  type Person,
} from './browser';

/** Every run has numbers of its own, so that one demo serves many runs. */
const RUN = `SHELL-${Date.now().toString(36).toUpperCase()}`;

const NAVIGATION = { zh: '工作台', en: 'Desks' };
const desks = ({ page, language }: Person) => page.getByRole('navigation', { name: NAVIGATION[language] }).getByRole('link');
const dialog = ({ page }: Person) => page.getByRole('dialog');
const search = ({ page, language }: Person) =>
  page.getByRole('combobox', { name: language === 'zh' ? '查找案件、申请人或任务' : 'Find cases, applicants or tasks' });

/** The open task of a case at one of its elements, as soon as it is there. */
async function taskOf(businessId: string, elementId: string): Promise<string> {
  const ask = await asker('ma.chao');
  return until(async () => {
    const filter = { businessId, elementId, state: 'CREATED' };
    const { items } = await ask<{ items: { userTaskKey: string }[] }>('POST', '/v2/user-tasks/search', { filter });
    return items[0]?.userTaskKey;
  });
}

/** A review that somebody has claimed; gives the task's key. */
async function claimedReview(username: string, businessId: string): Promise<string> {
  await startApplication(businessId, { amount: 30000 });
  const task = await taskOf(businessId, 'review-either');
  const ask = await asker(username);
  await ask('POST', `/v2/user-tasks/${task}/assignment`, {});
  return task;
}

describe.each(['zh', 'en'] as const)('in %s', (language) => {
  const words = <Text>(zh: Text, en: Text) => (language === 'zh' ? zh : en);

  it('greets with the sign-in page and says when the password is wrong', async () => {
    const person = await visitor({ language });
    const { page, expected } = person;
    await page.goto('/');
    await examine(person, 'shell-sign-in');
    expected.push(/401/);
    await enterPassword(person, 'zhang.wei', 'a guess');
    await page.getByRole('alert').waitFor();
    await expectAccessible(person);
    expect(await page.locator('html').getAttribute('lang')).toBe(language === 'zh' ? 'zh-CN' : 'en');
  });

  it('shows the desks that somebody may use, and their first pages', async () => {
    const person = await atFirstPage('ma.chao', { language });
    const { page } = person;
    const first = words(['待办', '案件', '设计', '流程总览'], ['To do', 'Cases', 'Design', 'Processes']);
    expect(await desks(person).count()).toBe(4);
    expect(await page.locator('#content h1').first().innerText()).toBe(first[0]);
    await examine(person, 'shell-start');
    for (const [index, heading] of first.entries()) {
      await desks(person).nth(index).click();
      await page.locator('#content').getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
      expect(await desks(person).nth(index).getAttribute('aria-current')).toBe('page');
      expect(await page.title()).toContain(heading);
      await settled(page);
      await expectAccessible(person);
    }
  });

  it('can be read in the dark', async () => {
    const person = await atFirstPage('zhang.wei', { language, theme: 'dark' });
    await examine(person, 'shell-start-dark');
  });

  it('has its navigation in a drawer on a telephone', async () => {
    const person = await atFirstPage('zhang.wei', { language, viewport: PHONE });
    const { page } = person;
    await examine(person, 'shell-start-phone');
    await page.getByRole('button', { name: words('打开导航', 'Open the navigation') }).click();
    await dialog(person).getByRole('link').first().waitFor();
    await examine(person, 'shell-navigation-phone');
    await dialog(person).getByRole('link', { name: words('案件', 'Cases') }).click();
    await dialog(person).waitFor({ state: 'hidden' });
    await page.getByRole('heading', { level: 1, name: words('案件', 'Cases') }).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.width);
  });

  it('shows the menu of the person', async () => {
    const person = await atFirstPage('zhang.wei', { language });
    await person.page.getByRole('button', { name: '张伟' }).click();
    await person.page.getByText('信贷初审岗').waitFor();
    await examine(person, 'shell-person-menu');
  });

  it('says what there is not', async () => {
    const person = await signedIn('zhang.wei', { language });
    await person.page.goto('/nowhere');
    await person.page.getByRole('heading', { level: 1, name: words('没有这个页面', 'There is no such page') }).waitFor();
    await examine(person, 'shell-not-found');
    await person.page.goto('/design');
    await person.page.getByText('deployment:create').waitFor();
    await examine(person, 'shell-forbidden');
  });

  it('finds cases by number and applicant, tasks, and what is drawn', async () => {
    const applicant = `${words('寻', '找')}${RUN.slice(-4)}人`;
    const businessId = `${RUN}-F-${language}`;
    const key = await startApplication(businessId, { amount: 30000, applicantName: applicant });
    const task = await taskOf(businessId, 'review-either');
    const person = await atFirstPage('ma.chao', { language });
    const { page } = person;
    const hit = (name: RegExp) => page.getByRole('option', { name });

    await page.keyboard.press('/');
    await page.keyboard.type(applicant.slice(0, 4));
    await hit(new RegExp(`^${businessId}`)).first().waitFor();
    await hit(/A\/B岗/).first().waitFor();
    await examine(person, 'shell-search');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/review/tasks/${task}`);

    // Pasted and sent before the answer is there.
    await search(person).fill(businessId);
    await search(person).press('Enter');
    await page.waitForURL(`**/cases/${key}`);
    expect(await search(person).inputValue()).toBe('');

    await search(person).fill('定价');
    await hit(/loan-pricing/).click();
    await page.waitForURL('**/design/dmn/*');
    await page.getByRole('heading', { level: 1 }).waitFor();

    await search(person).fill('Q'.repeat(12));
    await page.getByText(words('没有找到', 'Nothing found')).waitFor();
    await expectAccessible(person);
  });

  it('tells of what concerns somebody, and of what is new', async () => {
    const businessId = `${RUN}-N-${language}`;
    const key = await startApplication(businessId, { amount: 30000, applicantName: '林小满' });
    const task = await taskOf(businessId, 'review-either');
    const reviewer = language === 'zh' ? 'zhang.wei' : 'li.na';
    const person = await atFirstPage(reviewer, { language });
    const { page } = person;
    const bell = page.getByRole('button', { name: words(/通知/, /[Nn]otice/) });
    const notice = (sentence: string) => page.locator('a', { hasText: sentence }).filter({ hasText: businessId });
    await bell.click();
    await notice(words('可以认领', 'Free to claim')).waitFor();
    await page.keyboard.press('Escape');

    // Given by somebody else, while the page is open.
    const ask = await asker('ma.chao');
    await ask('POST', `/v2/user-tasks/${task}/assignment`, { assignee: reviewer });
    await page.getByRole('button', { name: words(/条新通知/, /new notice/) }).waitFor();
    await bell.click();
    await notice(words('马超 把任务分配给您', '马超 gave you a task')).waitFor();
    // This one comes while they are being looked at.
    await ask('POST', `/v2/process-instances/${key}/comments`, { text: '请今天处理' });
    await notice(words('马超 评论：请今天处理', '马超 commented: 请今天处理')).waitFor();
    await examine(person, 'shell-notices');
    await notice(words('分配给您', 'gave you a task')).click();
    await page.waitForURL(`**/review/tasks/${task}`);
    // Looked at: not new any more, here and after signing in elsewhere.
    await until(async () => (await page.getByRole('button', { name: words(/条新通知/, /new notice/) }).count()) === 0);
    const again = await atFirstPage(reviewer, { language });
    await again.page.getByRole('button', { name: words(/^通知$/, /^Notices$/) }).waitFor();
  });

  it('has help with the shortcuts of the page, the API and the licences', async () => {
    const person = await atFirstPage('ma.chao', { language });
    const { page } = person;
    await page.getByRole('button', { name: words('帮助', 'Help') }).click();
    await dialog(person).getByRole('heading', { name: words('键盘快捷键', 'Keyboard shortcuts') }).waitFor();
    expect(await dialog(person).getByRole('table').count()).toBeGreaterThan(1);
    await examine(person, 'shell-help');
    const licences = dialog(person).getByRole('link', { name: words('开源许可', 'Open source licences') });
    const answer = await page.request.get((await licences.getAttribute('href'))!);
    expect(answer.status()).toBe(200);
    expect(await answer.text()).toContain('bpmn.io');
    const api = await page.request.get((await dialog(person).getByRole('link', { name: words('接口文档', 'API documentation') }).getAttribute('href'))!);
    expect(api.status()).toBe(200);
  });

  it('says what went wrong, under which trace id, and tries again', async () => {
    const person = await atFirstPage('zhang.wei', { language });
    const { page, expected } = person;
    expected.push(/503/);
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const problem = { title: 'Unavailable', status: 503, code: 'database.unavailable', detail: words('数据库暂时不可用，请稍后重试。', 'The database is not available; try again.'), traceId: trace };
    await page.route('**/v2/user-tasks/search', (route) =>
      route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify(problem) }),
    );
    await page.getByRole('link', { name: words('已办', 'Done') }).click();
    await page.getByRole('alert').getByText(problem.detail).waitFor();
    await page.getByRole('alert').getByText(trace).waitFor();
    await examine(person, 'shell-problem');
    await page.unroute('**/v2/user-tasks/search');
    await page.getByRole('alert').getByRole('button', { name: words('重试', 'Try again') }).click();
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await settled(page);
  });
});

it.each([
  ['zhang.wei', '办理 案件'],
  ['he.ping', '案件'],
  ['liu.yang', '案件 运维'],
  ['xu.li', '设计'],
  ['ma.chao', '办理 案件 设计 运维'],
])('shows %s the desks %s, and no other opens', async (username, open) => {
  const person = await atFirstPage(username);
  const { page } = person;
  expect((await desks(person).allInnerTexts()).join(' ')).toBe(open);
  for (const [id, name] of [['review', '办理'], ['cases', '案件'], ['design', '设计'], ['operate', '运维']] as const) {
    if (open.includes(name)) continue;
    await page.goto(`/${id}`);
    await page.getByRole('heading', { level: 1, name: '您没有权限查看此页面' }).waitFor();
  }
});

it.each([
  ['he.ping', '合规'],
  ['liu.yang', '运维'],
])('leads %s from a task that is theirs to its case: the page of tasks is not open to them', async (username, applicant) => {
  const businessId = `${RUN}-T-${username}`;
  const key = await startApplication(businessId, { amount: 30000, applicantName: `${applicant}案${RUN.slice(-4)}` });
  const task = await taskOf(businessId, 'review-either');
  await (await asker('ma.chao'))('POST', `/v2/user-tasks/${task}/assignment`, { assignee: username });
  const person = await atFirstPage(username);
  const { page } = person;
  const inCase = async () => {
    await page.waitForURL(`**/cases/${key}?tab=tasks`);
    await page.getByRole('tabpanel').getByRole('rowheader', { name: /A\/B岗/ }).waitFor();
  };
  await page.getByRole('button', { name: /通知/ }).click();
  await page.locator('a', { hasText: '马超 把任务分配给您' }).filter({ hasText: businessId }).click();
  await inCase();
  await page.goto('/');
  await search(person).fill(businessId);
  await page.getByRole('group', { name: '任务' }).getByRole('option').first().click();
  await inCase();
});

it('remembers the language and the appearance that were chosen', async () => {
  const person = await atFirstPage('zhang.wei');
  const { page } = person;
  await search(person).fill('没有输完');
  await page.getByRole('button', { name: '张伟' }).click();
  await page.getByText('深色', { exact: true }).click();
  await page.locator('html[data-theme="dark"]').waitFor();
  await expectAccessible(person);
  await page.getByText('English', { exact: true }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  person.language = 'en';
  expect(await search(person).inputValue()).toBe('没有输完');
  await page.reload();
  await page.getByRole('link', { name: 'Review' }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
});

const FIELDS = {
  type: 'default',
  id: 'shell-fields',
  schemaVersion: 19,
  components: [
    { type: 'money', id: 'f1', key: 'amount', label: '金额', validate: { required: true } },
    { type: 'resident-id', id: 'f2', key: 'idNumber', label: '身份证号' },
    { type: 'phone-cn', id: 'f3', key: 'mobile', label: '手机号' },
    { type: 'datetime', id: 'f4', key: 'day', dateLabel: '日期', subtype: 'date' },
  ],
};
const ONE_TASK = `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
    id="shell-fields-definitions" targetNamespace="http://bpmn.io/schema/bpmn">
  <process id="shell-fields" name="字段" isExecutable="true">
    <startEvent id="start"/><sequenceFlow id="to-task" sourceRef="start" targetRef="task"/>
    <userTask id="task" name="填写字段"><extensionElements><zeebe:userTask/>
      <zeebe:formDefinition formId="shell-fields"/><zeebe:assignmentDefinition assignee="zhang.wei"/>
    </extensionElements></userTask>
    <sequenceFlow id="to-end" sourceRef="task" targetRef="end"/><endEvent id="end"/>
  </process>
</definitions>`;

it.each(['light', 'dark'] as const)('has fields of its own, and a calendar, in the %s', async (theme) => {
  const ask = await asker('ma.chao');
  const files = new FormData();
  files.append('resources', new Blob([ONE_TASK]), 'shell-fields.bpmn');
  files.append('resources', new Blob([JSON.stringify(FIELDS)]), 'shell-fields.form');
  await ask('POST', '/v2/deployments', files);
  const businessId = `${RUN}-K-${theme}`;
  await ask('POST', '/v2/process-instances', { processDefinitionId: 'shell-fields', businessId });
  const task = await taskOf(businessId, 'task');
  const person = await signedIn('zhang.wei', { theme });
  const { page } = person;
  await page.goto(`/review/tasks/${task}`);
  await page.getByRole('textbox', { name: /^金额/ }).fill('1234567.8');
  await page.getByText('壹佰贰拾叁万肆仟伍佰陆拾柒元捌角整').waitFor();
  await page.getByRole('textbox', { name: '身份证号' }).fill('11010119900307002x');
  expect(await page.getByRole('textbox', { name: '身份证号' }).inputValue()).toBe('11010119900307002x');
  await page.getByRole('textbox', { name: '手机号' }).fill('13900001234');
  await page.getByRole('textbox', { name: '手机号' }).blur();
  expect(await page.getByRole('textbox', { name: '金额' }).inputValue()).toBe('1,234,567.80');
  expect(await page.getByRole('textbox', { name: '身份证号' }).inputValue()).toBe('11010119900307002X');
  expect(await page.getByRole('textbox', { name: '手机号' }).inputValue()).toBe('139 0000 1234');
  await page.getByRole('textbox', { name: '日期' }).click();
  const calendar = page.locator('.flatpickr-calendar.open');
  await calendar.waitFor();
  // All of its days are in sight, the last of them too.
  await until(() =>
    calendar.locator('.flatpickr-day').last().evaluate((day) => {
      const { x, y, width, height } = day.getBoundingClientRect();
      return day.contains(document.elementFromPoint(x + width / 2, y + height / 2));
    }),
  );
  await examine(person, `shell-fields${theme === 'dark' ? '-dark' : ''}`);
  const shade = await calendar.locator('.flatpickr-innerContainer').evaluate((days) => getComputedStyle(days).backgroundColor);
  const brightness = Math.max(...shade.match(/\d+/g)!.slice(0, 3).map(Number));
  expect(brightness > 128 ? 'light' : 'dark').toBe(theme);
  await calendar.getByText('15', { exact: true }).click();
  const day = page.getByRole('textbox', { name: '日期' });
  expect(await day.inputValue()).toContain('15');
  // What is no day is not made another one.
  await day.fill('2026-02-30');
  await day.press('Tab');
  await page.getByText('没有“2026-02-30”这一天').waitFor();
  expect(await day.inputValue()).toBe('');
  await day.fill('2026-02-28');
  await day.press('Tab');
  await until(async () => /28/.test(await day.inputValue()) && !/-/.test(await day.inputValue()));
});

it('lets somebody leave, and nobody back in', async () => {
  const { page } = await atFirstPage('zhang.wei');
  await page.getByRole('button', { name: '张伟' }).click();
  await page.getByRole('button', { name: '退出登录' }).click();
  await page.getByLabel('用户名').waitFor();
  await page.goBack();
  await page.reload();
  await page.getByLabel('用户名').waitFor();
});

it('renews a session by itself', async () => {
  const { page, context, expected } = await atFirstPage('ma.chao');
  expected.push(/401/);
  await context.clearCookies({ name: 'lendloom_access' });
  await page.reload();
  await page.getByRole('link', { name: '运维' }).waitFor();
});

it('asks for the password over the page when the session cannot be renewed, and goes on', async () => {
  const person = await atFirstPage('ma.chao');
  const { context, expected } = person;
  expected.push(/401/);
  await context.clearCookies();
  await type(search(person), '林小满');
  await dialog(person).getByText('登录已过期').waitFor();
  await examine(person, 'shell-session-expired');
  await enterPassword(person, null, 'ma.chao-demo');
  await dialog(person).waitFor({ state: 'detached' });
  expect(await search(person).inputValue()).toBe('林小满');
});

it('keeps what was typed over an ended session, and sends it afterwards', async () => {
  const task = await claimedReview('zhang.wei', `${RUN}-S`);
  const person = await atFirstPage('zhang.wei');
  const { page, context, expected } = person;
  expected.push(/401/);
  await page.goto(`/review/tasks/${task}`);
  await page.getByRole('radio', { name: '同意' }).waitFor();
  await context.clearCookies();
  await page.getByRole('radio', { name: '同意' }).check();
  await type(page.getByRole('textbox', { name: /意见/ }), '会话过期前写下的意见');
  await dialog(person).getByText('登录已过期').waitFor();
  await enterPassword(person, null, 'zhang.wei-demo');
  await dialog(person).waitFor({ state: 'detached' });
  expect(await page.getByRole('textbox', { name: /意见/ }).inputValue()).toBe('会话过期前写下的意见');
  await page.getByText('草稿已保存').waitFor();
  const ask = await asker('zhang.wei');
  const draft = await ask<{ variables: Record<string, unknown> }>('GET', `/v2/user-tasks/${task}/draft`);
  expect(JSON.stringify(draft.variables)).toContain('会话过期前写下的意见');
});

it('gives somebody else who signs in over the page a page of their own', async () => {
  const person = await atFirstPage('ma.chao');
  const { page, context, expected } = person;
  expected.push(/401/);
  await context.clearCookies();
  await type(search(person), '林小满');
  await dialog(person).getByRole('button', { name: '换一个用户登录' }).click();
  await page.getByLabel('用户名').waitFor();
  await enterPassword(person, 'zhang.wei');
  await page.getByRole('button', { name: '张伟' }).waitFor();
  expect(await search(person).inputValue()).toBe('');
});

it('says that the connection is lost, and that it is back', async () => {
  const person = await atFirstPage('ma.chao');
  const { page, context, expected } = person;
  // The browser itself tells of every request that was on its way, or is begun meanwhile.
  expected.push(/ERR_INTERNET_DISCONNECTED/);
  await context.setOffline(true);
  await page.getByText('连接已断开').waitFor();
  await expectAccessible(person);
  await context.setOffline(false);
  await page.getByText('连接已断开').waitFor({ state: 'detached' });
});

it('shows what could not be read without a connection as soon as there is one', async () => {
  const { page, context, expected } = await atFirstPage('ma.chao');
  expected.push(/ERR_INTERNET_DISCONNECTED/, /dynamically imported module|Unable to preload CSS/);
  const unreachable = page.locator('#content').getByText('无法连接服务器');
  await page.getByRole('link', { name: /^待办/ }).click();
  await settled(page);
  await context.setOffline(true);
  // Rows of a box that was not looked at yet.
  await page.getByRole('link', { name: /^已办/ }).click();
  await unreachable.waitFor();
  await context.setOffline(false);
  await unreachable.waitFor({ state: 'detached' });
  // A desk whose files were not loaded yet.
  await context.setOffline(true);
  await page.getByRole('link', { name: '运维' }).click();
  const crash = page.getByRole('alert').getByRole('heading', { name: '没有成功' });
  await crash.waitFor();
  await context.setOffline(false);
  await crash.waitFor({ state: 'detached' });
  await page.locator('#content h1').first().waitFor();
});

it('waits for a slow server and sends nothing twice', async () => {
  const person = await visitor();
  const { page } = person;
  await page.goto('/');
  let sent = 0;
  let answer: () => void = () => undefined;
  const mayAnswer = new Promise<void>((resolve) => (answer = resolve));
  await page.route('**/v2/session', async (route) => {
    sent += 1;
    await mayAnswer;
    await route.continue();
  });
  await enterPassword(person, 'zhang.wei');
  await page.locator('.ant-btn-loading').waitFor();
  await page.getByRole('textbox', { name: '密码', exact: true }).press('Enter');
  await page.locator('.ant-btn-loading').click({ force: true });
  answer();
  await page.locator('#content h1').first().waitFor();
  expect(sent).toBe(1);
});

it('brings keyboards to the content and to the list of shortcuts', async () => {
  const person = await atFirstPage('ma.chao');
  const { page } = person;
  await page.locator('#content:focus').waitFor();
  await page.reload();
  await page.locator('#content h1').first().waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
  await page.keyboard.press('?');
  await dialog(person).getByRole('heading', { name: '键盘快捷键' }).waitFor();
  await examine(person, 'shell-keyboard-help');
  await page.keyboard.press('Escape');
  await dialog(person).waitFor({ state: 'hidden' });
  await page.keyboard.press('/');
  expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('combobox');
});

it('shows a list within a second, warm', async () => {
  await claimedReview('zhang.wei', `${RUN}-P`);
  const person = await atFirstPage('zhang.wei');
  const { page } = person;
  // Useful: the list with its first row, painted.
  await page.addInitScript(() => {
    const observer = new MutationObserver(() => {
      if (!document.querySelector('#content h1') || !document.querySelector('#content tbody tr a')) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => performance.mark('useful')));
    });
    observer.observe(document, { childList: true, subtree: true });
  });
  const times: number[] = [];
  const slow: number[] = [];
  while (times.length < 10 && !times.some((time, at) => time < 1000 * slow[at]!)) {
    await page.reload();
    times.push(await until(() => page.evaluate(() => performance.getEntriesByName('useful')[0]?.startTime)));
    slow.push(slowness());
  }
  console.log(`useful after ${times.map(Math.round).join(', ')} ms, on a machine slower ${slow.map((by) => by.toFixed(1)).join(', ')} times`);
  // A second on a machine of usual speed. Whatever else it does only adds to it: the best of ten is the application's own.
  expect(Math.min(...times.map((time, at) => time / slow[at]!))).toBeLessThan(1000);
});

it('complains of what nobody would see', async () => {
  const person = await atFirstPage('zhang.wei');
  const { page, expected, complaints } = person;
  expected.push(/Content-Security-Policy/, /Content Security Policy/, /said by the test/, /thrown by the test/);
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'document.title = "inline"';
    document.body.append(script);
    console.error('said by the test');
    setTimeout(() => {
      throw new Error('thrown by the test');
    });
    document.querySelector('#content')!.append(document.createElement('img'));
  });
  await until(() => ['script-src', 'said by the test', 'thrown by the test'].every((what) => complaints.some((each) => each.includes(what))));
  expect(await page.title()).not.toBe('inline');
  await expect(expectAccessible(person)).rejects.toThrow('image-alt');
  await page.evaluate(() => document.querySelector('#content')!.append('李娜 (li.na)', document.createElement('p')));
  await expectPeopleByName(person);
  await page.evaluate(() => document.querySelector('#content p')!.append('由 li.na 认领'));
  await expect(expectPeopleByName(person, 500)).rejects.toThrow('由 li.na 认领');
});
