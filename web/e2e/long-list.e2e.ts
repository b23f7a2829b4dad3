/**
 * A reviewer before 100,000 waiting tasks: the list is there at once, scrolls without pause, and follows what happens
 * without reading itself anew. Its installation is filled beforehand, see tests/browser. Bounds are generous, for
 * machines that do other things too; what was measured is printed.
 */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';

import { asker, examine, settled, signedIn, startApplication, until, type Person } from './browser';

/** How far to scroll: 10,000 for the figures of docs/performance.md. */
const ROWS = Number(process.env.LENDLOOM_ROWS ?? 2_000);
const PAGE = 100;
const FIRST_ROWS_MS = 8_000;
const MOST_DRAWN = 80;
/** A pause that somebody who scrolls would notice even where the machine is busy. */
const LONGEST_PAUSE_MS = 2_000;
/** Processor time of the page for a hundred rows, which a busy machine changes little, however many stand above them. */
const MOST_WORK_MS = 1_200;
const MOST_GROWTH = 2.5;
const BURST = 20;

const rows = (page: Page) => page.locator('tbody tr:not([aria-hidden])');
const table = (page: Page) => page.getByRole('region', { name: '待认领' }).last();
const drawn = (page: Page) => rows(page).count();

/** What a page asks the server for, from now on. */
function requestsOf({ page }: Person) {
  const all: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/v2/') && pathname !== '/v2/event-stream') all.push(`${request.method()} ${pathname}`);
  });
  /** Until nothing has been asked for a while. */
  const quiet = async () => {
    for (let before = -1; before !== all.length; await page.waitForTimeout(1_500)) before = all.length;
    await settled(page);
  };
  return { all, quiet, take: async () => (await quiet(), all.splice(0)) };
}

const searchesOf = (asked: string[]) => asked.filter((each) => each === 'POST /v2/user-tasks/search').length;

/** How long the page was deaf to its user, each time for more than 50 ms. */
const pauses = (page: Page) =>
  page.evaluate(() => (window as unknown as { pauses: number[] }).pauses.splice(0).map((milliseconds) => Math.round(milliseconds)));

/** The processor time that the page has taken so far, in milliseconds. */
async function workOf({ context, page }: Person): Promise<() => Promise<number>> {
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => (await session.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')!.value * 1_000;
}

/** How long something takes that a page is asked to do. */
async function timed(act: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await act();
  return Math.round(performance.now() - begun);
}

const middle = (all: number[]) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;

it('is there at once, scrolls without pause, and follows what happens with few questions', { timeout: 240_000 }, async () => {
  const figures: Record<string, unknown> = {};
  const person = await signedIn('zhang.wei');
  const { page } = person;
  await page.addInitScript(() => {
    const seen: number[] = [];
    Object.assign(window, { pauses: seen });
    new PerformanceObserver((list) => seen.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
  });
  await page.goto('/review/todo');
  await settled(page);
  const asked = requestsOf(person);

  figures.firstRowsMs = await timed(async () => {
    await page.getByRole('link', { name: /^待认领/ }).click();
    await rows(page).first().waitFor();
  });
  const openedAt = Date.now();
  expect(figures.firstRowsMs).toBeLessThan(FIRST_ROWS_MS);
  await page.getByText('超过 1,000 项').waitFor();
  await asked.take();
  await pauses(page);

  // Scrolling: a page is one request, and as many rows are drawn as can be seen.
  const pageMs: number[] = [];
  const workMs: number[] = [];
  const work = await workOf(person);
  for (let end = PAGE; end < ROWS; end += PAGE) {
    const begun = await work();
    pageMs.push(
      await timed(async () => {
        // Not in one leap: somebody who scrolls sees what is between.
        for (let step = 1; step <= 5; step++) {
          await table(page).evaluate((element, to) => element.scrollTo({ top: to }), (end - PAGE + (step * PAGE) / 5) * 44 - 600);
        }
        await page.waitForFunction((wanted) => document.querySelector('table')!.parentElement!.scrollHeight > wanted * 44, end + 1);
      }),
    );
    workMs.push(Math.round((await work()) - begun));
    if (end % 1_000 === 0) expect(await drawn(page)).toBeLessThan(MOST_DRAWN);
  }
  const scrolled = await pauses(page);
  const taken = await asked.take();
  figures.rows = ROWS;
  figures.pageMs = { middle: middle(pageMs), longest: Math.max(...pageMs), lastTen: middle(pageMs.slice(-10)) };
  const [firstWork, lastWork] = [middle(workMs.slice(0, 10)), middle(workMs.slice(-10))];
  figures.workMs = { firstTen: firstWork, lastTen: lastWork };
  figures.pauses = { count: scrolled.length, middle: middle(scrolled), longest: Math.max(0, ...scrolled) };
  expect(await drawn(page)).toBeLessThan(MOST_DRAWN);
  expect(searchesOf(taken)).toBeLessThanOrEqual(ROWS / PAGE + 2);
  // Counts and notices may be asked for in between, never per page.
  expect(taken.length - searchesOf(taken)).toBeLessThan(20);
  expect(Math.max(0, ...scrolled)).toBeLessThan(LONGEST_PAUSE_MS);
  expect(lastWork).toBeLessThan(MOST_WORK_MS);
  expect(lastWork).toBeLessThan(firstWork * MOST_GROWTH);

  // In the middle of the list: a selection, a place of the keyboard, a place of the eyes.
  await table(page).evaluate((element, row) => element.scrollTo({ top: row * 44 }), ROWS / 2);
  await asked.quiet();
  const chosen = rows(page).nth(12);
  await chosen.getByRole('checkbox').check();
  const key = (await chosen.getByRole('link').first().getAttribute('href'))!.match(/tasks\/(\d+)/)![1]!;
  const place = () =>
    table(page).evaluate((element, task) => {
      const row = element.querySelector(`a[href*="tasks/${task}"]`)!.closest('tr')!;
      // Below the top of the list: news may stand above it.
      return { top: Math.round(row.getBoundingClientRect().top - element.getBoundingClientRect().top), selected: row.getAttribute('aria-selected') };
    }, key);
  const before = await place();
  expect(before.selected).toBe('true');

  // Coming back to the page: what is in sight is read anew, not the thousands that were scrolled past.
  await until(() => Date.now() - openedAt > 12_000);
  await asked.take();
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
  await until(() => searchesOf(asked.all) > 0);
  const onFocus = await asked.take();
  figures.onFocus = { requests: onFocus.length, searches: searchesOf(onFocus) };
  expect(searchesOf(onFocus)).toBeLessThanOrEqual(2);
  expect(onFocus.length).toBeLessThanOrEqual(10);
  expect(await place()).toEqual(before);

  // A colleague takes a task that is in sight: its row is read, and says so.
  const other = (await rows(page).nth(15).getByRole('link').first().getAttribute('href'))!.match(/tasks\/(\d+)/)![1]!;
  await (await asker('ma.chao'))('POST', `/v2/user-tasks/${other}/assignment`, { assignee: 'li.na' });
  await page.getByText('已由 li.na 认领').or(page.getByText('已由 李娜 认领')).first().waitFor();
  const onClaim = await asked.take();
  figures.onClaim = { requests: onClaim.length, searches: searchesOf(onClaim) };
  expect(searchesOf(onClaim)).toBeLessThanOrEqual(2);
  expect(onClaim.length).toBeLessThanOrEqual(6);
  expect(await place()).toEqual(before);

  // Many come at once: they are counted in a few steps.
  await Promise.all(Array.from({ length: BURST }, (_, at) => startApplication(`BURST-${Date.now()}-${at}`, { amount: 30000 })));
  await page.getByText(`有 ${BURST} 项新任务`).waitFor({ timeout: 60_000 });
  const onBurst = await asked.take();
  figures.onBurst = { tasks: BURST, requests: onBurst.length, searches: searchesOf(onBurst) };
  expect(searchesOf(onBurst)).toBeLessThanOrEqual(BURST / 2);
  expect(onBurst.length).toBeLessThanOrEqual(BURST * 1.5);
  expect(await place()).toEqual(before);
  await examine(person, 'review-long-list');

  // Another order and a filter are another list: from its beginning.
  figures.sortMs = await timed(async () => {
    await page.getByRole('button', { name: '进件号', exact: true }).click();
    await page.locator('tbody tr[aria-rowindex="2"]', { hasText: '-0' }).waitFor();
    await settled(page);
  });
  figures.filterMs = await timed(async () => {
    await page.getByRole('searchbox', { name: /进件号/ }).fill('PL-00012');
    await until(() => page.url().includes('q=PL-00012'));
    await settled(page);
  });
  expect(await rows(page).first().textContent()).toContain('PL-00012');
  expect(searchesOf(await asked.take())).toBeLessThanOrEqual(4);
  expect(await drawn(page)).toBeLessThan(MOST_DRAWN);
  console.log(`a long list: ${JSON.stringify(figures)}`);
});
