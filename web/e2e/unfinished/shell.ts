/** The shell: signing in and out, an ended session, a lost connection, languages, themes, permissions, small screens. */
import { describe, expect, it } from 'vitest';

import { enterPassword, examine, expectAccessible, PHONE, screenshot, signedIn, visitor } from '../browser';

describe.each(['zh', 'en'] as const)('in %s', (language) => {
  it('greets with the sign-in page and says when the password is wrong', async () => {
    const person = await visitor({ language });
    const { page, expected } = person;
    await page.goto('/');
    await examine(person, 'sign-in');
    expected.push(/401/);
    await enterPassword(person, 'zhang.wei', 'a guess');
    await page.getByRole('alert').waitFor();
    await expectAccessible(person);
    expect(await page.locator('html').getAttribute('lang')).toBe(language === 'zh' ? 'zh-CN' : 'en');
  });

  it('shows the desks that somebody may use, and their first page', async () => {
    const person = await signedIn('ma.chao', { language });
    const desks = person.page.getByRole('navigation').getByRole('link');
    expect(await desks.count()).toBe(4);
    await examine(person, 'start');
  });

  it('can be read in the dark', async () => {
    const person = await signedIn('zhang.wei', { language, theme: 'dark' });
    await examine(person, 'start-dark');
  });

  it('has its navigation in a drawer on a telephone', async () => {
    const person = await signedIn('zhang.wei', { language, viewport: PHONE });
    const { page } = person;
    await examine(person, 'start-phone');
    await page.getByRole('button', { name: language === 'zh' ? '打开导航' : 'Open the navigation' }).click();
    await page.getByRole('dialog').getByRole('link').first().waitFor();
    await screenshot(person, 'navigation-phone');
  });

  it('shows the menu of the person', async () => {
    const person = await signedIn('zhang.wei', { language });
    await person.page.getByRole('button', { name: '张伟' }).click();
    await person.page.getByText('credit-reviewer-a').waitFor();
    await examine(person, 'person-menu');
  });

  it('says what there is not', async () => {
    const person = await signedIn('zhang.wei', { language });
    await person.page.goto('/nowhere');
    await person.page.getByRole('heading', { level: 1 }).waitFor();
    await examine(person, 'not-found');
    await person.page.goto('/design');
    await person.page.getByText('deployment:create').waitFor();
    await examine(person, 'forbidden');
  });
});

it('remembers the language that was chosen', async () => {
  const { page } = await signedIn('zhang.wei');
  await page.getByRole('button', { name: '张伟' }).click();
  await page.getByText('English', { exact: true }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  await page.reload();
  await page.getByRole('link', { name: 'Review' }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
});

it('lets somebody leave, and nobody back in', async () => {
  const { page } = await signedIn('zhang.wei');
  await page.getByRole('button', { name: '张伟' }).click();
  await page.getByRole('button', { name: '退出登录' }).click();
  await page.getByLabel('用户名').waitFor();
  await page.goBack();
  await page.reload();
  await page.getByLabel('用户名').waitFor();
});

it('renews a session by itself', async () => {
  const { page, context, expected } = await signedIn('ma.chao');
  expected.push(/401/);
  await context.clearCookies({ name: 'lendloom_access' });
  await page.reload();
  await page.getByRole('link', { name: '运维' }).waitFor();
});

it('asks for the password over the page when the session cannot be renewed, and goes on', async () => {
  const person = await signedIn('ma.chao');
  const { page, context, expected } = person;
  expected.push(/401/);
  await context.clearCookies();
  await page.getByRole('combobox').fill('林小满');
  await page.getByRole('dialog').getByText('登录已过期').waitFor();
  await examine(person, 'session-expired');
  await enterPassword(person, null, 'ma.chao-demo');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await page.getByRole('combobox').inputValue()).toBe('林小满');
});

it('says that the connection is lost, and that it is back', async () => {
  const person = await signedIn('ma.chao');
  const { page, context } = person;
  await context.setOffline(true);
  await page.getByText('连接已断开').waitFor();
  await expectAccessible(person);
  await context.setOffline(false);
  await page.getByText('连接已断开').waitFor({ state: 'detached' });
});

it('brings keyboards to the content and to the list of shortcuts', async () => {
  const person = await signedIn('ma.chao');
  const { page } = person;
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByRole('heading', { name: '键盘快捷键' }).waitFor();
  await examine(person, 'keyboard-help');
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('combobox');
});
