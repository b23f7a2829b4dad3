/**
 * What browser tests are written with: people in a browser of their own, who complain of everything that a user
 * could not see: console errors, violations of the content security policy, what axe finds.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core';
import { afterAll, afterEach, expect } from 'vitest';

import { withPalette } from './picture';

export const SERVER = process.env.LENDLOOM_URL ?? 'http://127.0.0.1:8080';
const SCREENS = process.env.LENDLOOM_SCREENS;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
// Debian's own; without its windows, where it is there, it does the same with less.
const CHROMIUMS = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];
const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

export type Language = 'zh' | 'en';

interface Options {
  language?: Language;
  theme?: 'light' | 'dark';
  viewport?: { width: number; height: number };
  /** Cookies and preferences of a browser that somebody has used already. */
  used?: Awaited<ReturnType<BrowserContext['storageState']>>;
}

/** Somebody in front of a browser. */
export interface Person {
  page: Page;
  context: BrowserContext;
  language: Language;
  /** What went wrong unseen; must be empty at the end of the test. */
  complaints: string[];
  /** Complaints that this test provokes, such as the 401 of an ended session. */
  expected: RegExp[];
}

let browser: Browser | undefined;
const people: Person[] = [];

/** A browser at the application's first page, nobody signed in. */
export async function visitor({ language = 'zh', theme = 'light', viewport = DESKTOP, used }: Options = {}): Promise<Person> {
  browser ??= await chromium.launch({
    executablePath: process.env.CHROMIUM ?? CHROMIUMS.find(existsSync) ?? CHROMIUMS[0],
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--font-render-hinting=none'],
  });
  const context = await browser.newContext({
    baseURL: SERVER,
    viewport,
    locale: language === 'zh' ? 'zh-CN' : 'en-US',
    timezoneId: 'Asia/Shanghai',
    colorScheme: theme,
    reducedMotion: 'reduce',
    ...(used && { storageState: used }),
  });
  context.setDefaultTimeout(40_000);
  const page = await context.newPage();
  const person: Person = { page, context, language, complaints: [], expected: [] };
  people.push(person);
  page.on('console', (message) => {
    if (message.type() === 'error') person.complaints.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => person.complaints.push(`page: ${error.stack ?? error.message}`));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`Content-Security-Policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
    });
  });
  return person;
}

/** A demo's person who has signed in and opened nothing yet; by the API, for all but the tests of signing in. */
export async function signedIn(username: string, options: Options = {}): Promise<Person> {
  const person = await visitor(options);
  const answer = await person.context.request.post('/v2/session', { data: { username, password: `${username}-demo` } });
  expect(answer.status(), await answer.text()).toBe(200);
  return person;
}

/** The same, at their first page. */
export async function atFirstPage(username: string, options: Options = {}): Promise<Person> {
  const person = await signedIn(username, options);
  await person.page.goto('/');
  await person.page.locator('#content h1').first().waitFor();
  return person;
}

/** Fill in the sign-in form that is shown. */
export async function enterPassword({ page, language }: Person, username: string | null, password?: string): Promise<void> {
  const words = { zh: ['用户名', '密码', '登录'], en: ['Username', 'Password', 'Sign in'] }[language];
  if (username !== null) await type(page.getByLabel(words[0]!), username);
  const name = username ?? (await page.getByLabel(words[0]!).inputValue());
  await type(page.getByRole('textbox', { name: words[1]!, exact: true }), password ?? `${name}-demo`);
  await page.getByRole('button', { name: words[2]!, exact: true }).click();
}

/**
 * Type as a person does who sees what stands in the field: where something else, such as a dialog, has taken the focus
 * between the click and the keys, once more.
 */
export async function type(field: Locator, text: string): Promise<void> {
  await until(async () => {
    await field.fill(text);
    return (await field.inputValue()) === text;
  });
}

/** Nothing that axe knows of may stand in the way of people with disabilities (WCAG 2.2 A and AA). */
export async function expectAccessible({ page }: Person, ...without: string[]): Promise<void> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(`${AXE}; undefined`);
  const found = await page.evaluate(async (excluded) => {
    const axe = (window as unknown as { axe: { run(context: object, options: object): Promise<{ violations: Violation[] }> } }).axe;
    interface Violation {
      id: string;
      help: string;
      nodes: { target: string[]; html: string; failureSummary?: string }[];
    }
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    // Of what passes, only that it does is wanted.
    const options = { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'], preload: false };
    const { violations } = await axe.run({ exclude: excluded }, options);
    return violations.map(({ id, help, nodes }) => `${id}: ${help}\n${nodes.map(({ html, failureSummary }) => `  ${html}\n  ${failureSummary}`).join('\n')}`);
  }, without);
  expect(found.join('\n\n')).toBe('');
}

/** The bpmn.io mark belongs to the licence of the viewers: each one in sight must be visible and uncovered. */
export async function expectMarkUncovered({ page }: Person, selector = '.bjs-powered-by, .fjs-powered-by-link'): Promise<void> {
  const marks = page.locator(selector);
  expect(await marks.count()).toBeGreaterThan(0);
  await marks.last().scrollIntoViewIfNeeded();
  const covered = await marks.evaluateAll((all) =>
    all
      .filter((mark) => mark.getClientRects().length > 0)
      .map((mark) => {
        const box = mark.getBoundingClientRect();
        const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        return top !== null && mark.contains(top) ? '' : `${mark.className} is covered by ${top?.outerHTML.slice(0, 120)}`;
      })
      .filter(Boolean),
  );
  expect(covered).toEqual([]);
}

/** A picture of the page as it is, at `<folder>/<name>.<language>.png`, with a palette so that it is small. */
export async function screenshot({ page, language }: Person, name: string): Promise<void> {
  if (!SCREENS) return;
  mkdirSync(SCREENS, { recursive: true });
  await settled(page);
  const picture = await page.screenshot({ animations: 'disabled' });
  writeFileSync(join(SCREENS, `${name}.${language}.png`), withPalette(picture));
}

/** Wait until nothing is being fetched any more. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"], .ant-spin-spinning, .ant-skeleton-active'));
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
}

let usernames: Promise<string[]> | undefined;

/** The user names and client ids of those who are called otherwise. */
async function knownUsernames(): Promise<string[]> {
  const ask = await asker('ma.chao');
  const body = { page: { limit: 1000 } };
  const users = await ask<{ items: { username: string; name: string }[] }>('POST', '/v2/users/search', body);
  const clients = await ask<{ items: { clientId: string; name: string }[] }>('POST', '/v2/clients/search', body);
  const all = [...users.items, ...clients.items.map(({ clientId, name }) => ({ username: clientId, name }))];
  const found = all.filter(({ username, name }) => username !== name).map(({ username }) => username);
  expect(found).toEqual(expect.arrayContaining(['li.na', 'lendloom-demo']));
  return found;
}

/** People are shown by name: a user name stands only in titles, behind its name, `李娜 (li.na)`, and in their own menu. */
export async function expectPeopleByName({ page }: Person, withinMs = 20_000): Promise<void> {
  usernames ??= knownUsernames();
  const all = (await usernames).map((username) => username.replaceAll('.', '\\.')).join('|');
  const raw = () =>
    page.evaluate((wanted) => {
      const pattern = new RegExp(`(?<![\\w.(@-])(?:${wanted})(?![\\w@)-]|\\.\\w)`);
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const found: string[] = [];
      while (texts.nextNode()) {
        const { data, parentElement } = texts.currentNode as Text;
        if (pattern.test(data) && parentElement!.checkVisibility() && !parentElement!.closest('[data-own-username]')) found.push(data);
      }
      return found;
    }, all);
  // Names come a little after what they are of.
  const deadline = Date.now() + withinMs;
  while ((await raw()).length > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 250));
  expect(await raw(), 'user names on the page').toEqual([]);
}

/** The usual: what every page must pass, and its picture. */
export async function examine(person: Person, name: string): Promise<void> {
  await settled(person.page);
  await expectPeopleByName(person);
  await expectAccessible(person);
  await screenshot(person, name);
}

/** The same for a page as it is found at its address, and then for who reads it in English. */
export async function examineInBoth(person: Person, name: string): Promise<void> {
  await examine(person, name);
  const reader = await visitor({ language: 'en', used: await person.context.storageState() });
  await reader.page.goto(person.page.url());
  await reader.page.locator('#content h1').first().waitFor();
  await examine(reader, name);
  await reader.page.close();
}

interface Given {
  access_token: string;
  /** Seconds. */
  expires_in: number;
}

const tokens = new Map<string, { token: string; until: number }>();

async function tokenOf(username: string): Promise<string> {
  const known = tokens.get(username);
  if (known && known.until > Date.now()) return known.token;
  const form = new URLSearchParams({ grant_type: 'password', username, password: `${username}-demo` });
  const given = (await (await fetch(`${SERVER}/oauth/token`, { method: 'POST', body: form })).json()) as Given;
  tokens.set(username, { token: given.access_token, until: Date.now() + (given.expires_in * 1000) / 2 });
  return given.access_token;
}

/** The API as a person uses it, to prepare what a page shows. */
export async function asker(username: string): Promise<<Answer>(method: string, path: string, body?: unknown, more?: Record<string, string>) => Promise<Answer>> {
  const token = await tokenOf(username);
  return async <Answer>(method: string, path: string, body?: unknown, more: Record<string, string> = {}) => {
    const isForm = body instanceof FormData;
    const headers = { Authorization: `Bearer ${token}`, ...(!isForm && { 'Content-Type': 'application/json' }), ...more };
    const content = isForm ? body : JSON.stringify(body);
    const response = await fetch(SERVER + path, { method, headers, ...(body !== undefined && { body: content }) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text ? JSON.parse(text) : undefined) as Answer;
  };
}

/** Start a loan application like that of the README; gives its instance's key. */
export async function startApplication(businessId: string, variables: Record<string, unknown> = {}): Promise<string> {
  const ask = await asker('ma.chao');
  const example = JSON.parse(readFileSync(new URL('../../docs/examples/application.json', import.meta.url), 'utf8')) as {
    variables: Record<string, unknown>;
  };
  const body = { ...example, businessId, variables: { ...example.variables, ...variables, applicationId: businessId } };
  const { processInstanceKey } = await ask<{ processInstanceKey: string }>('POST', '/v2/process-instances', body);
  return processInstanceKey;
}

const YARDSTICK = Array.from({ length: 1000 }, (_, number) => ({ id: `row-${number}`, amount: number * 1.5, tags: ['a', 'b', `${number}`] }));
/** What writing and reading the yardstick takes on the machines of docs/performance.md, in microseconds. */
const USUAL = 800;

/**
 * How many times its usual processor time work takes just now; 1 for a machine of usual speed or quicker. For bars that
 * are times: the same machine may take two or four times as long a minute later, when others share its processors.
 */
export function slowness(): number {
  const rounds = Array.from({ length: 15 }, () => {
    const begun = process.cpuUsage();
    for (let turn = 0; turn < 10; turn++) JSON.parse(JSON.stringify(YARDSTICK));
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 10;
  });
  return Math.max(1, rounds.sort((a, b) => a - b)[7]! / USUAL);
}

/** Ask again until something holds. */
export async function until<Value>(ask: () => Promise<Value | undefined | false | null> | Value | undefined | false | null, seconds = 30): Promise<Value> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const value = await ask();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`not within ${seconds} seconds: ${ask}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

afterEach(async () => {
  const complaints = people.flatMap(({ complaints: all, expected }) => all.filter((each) => !expected.some((known) => known.test(each))));
  await Promise.all(people.splice(0).map(({ context }) => context.close()));
  expect(complaints.join('\n')).toBe('');
});

afterAll(async () => {
  await browser?.close();
  browser = undefined;
});
