// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { namesOf, renamed, useNames } from './names';
import { Groups, Person } from './Person';

const NAMES: Record<string, string> = { 'li.na': '李娜', 'zhang.wei': '张伟', 'lendloom-demo': '演示系统' };
let asked: string[][] = [];
let fails = false;

vi.mock('../api/client', () => ({
  api: {
    POST: (path: string, { body }: { body: { usernames: string[] } }) => {
      if (path === '/v2/groups/names') return Promise.resolve({ data: { items: [{ groupId: 'finance', name: '财务岗' }] } });
      expect(path).toBe('/v2/users/names');
      asked.push([...body.usernames].sort());
      if (fails) return Promise.reject(new Error('unreachable'));
      const items = body.usernames.filter((each) => each in NAMES).map((username) => ({ username, name: NAMES[username] }));
      return Promise.resolve({ data: { items } });
    },
  },
  dataOf: async (answer: Promise<{ data: unknown }>) => (await answer).data,
}));

let cache: QueryClient;
beforeEach(() => {
  asked = [];
  fails = false;
  cache = new QueryClient({ defaultOptions: { queries: { retry: false } } });
});
afterEach(cleanup);

const page = (content: React.ReactNode) => <QueryClientProvider client={cache}>{content}</QueryClientProvider>;

function Sentence() {
  const nameOf = useNames(['zhang.wei', null], { exact: true });
  return <p>{`由 ${nameOf('zhang.wei')} 办理，${nameOf(null)}`}</p>;
}

it('everybody on a page is asked for in one request, and shown by user name until it is answered', async () => {
  render(
    page(
      <>
        <Person username="li.na" />
        <Person username="li.na" />
        <Person username="nobody" />
        <Person username={null} />
        <Sentence />
      </>,
    ),
  );
  expect(screen.getAllByText('li.na')).toHaveLength(2);
  expect(screen.getByText('由 zhang.wei 办理，—')).toBeTruthy();
  await waitFor(() => expect(screen.getAllByText('李娜')).toHaveLength(2));
  expect(screen.getAllByText('李娜')[0]!.title).toBe('li.na');
  expect(screen.getByText('由 张伟 (zhang.wei) 办理，—')).toBeTruthy();
  expect(screen.getByText('nobody')).toBeTruthy();
  expect(asked).toEqual([['li.na', 'nobody', 'zhang.wei']]);
});

it('who is known is shown at once, and only the others are asked for', async () => {
  const first = render(page(<Person username="li.na" exact />));
  await screen.findByText('李娜 (li.na)');
  first.unmount();
  render(page(<><Person username="li.na" /><Sentence /></>));
  expect(screen.getByText('李娜')).toBeTruthy();
  await screen.findByText(/张伟/);
  expect(asked).toEqual([['li.na'], ['zhang.wei']]);
});

it('user names stay where no answer comes, and are asked for again later', async () => {
  fails = true;
  const first = render(page(<Person username="li.na" />));
  await waitFor(() => expect(asked).toHaveLength(1));
  expect(screen.getByText('li.na')).toBeTruthy();
  first.unmount();
  fails = false;
  render(page(<Person username="li.na" />));
  await screen.findByText('李娜');
});

it('a missed change is seen: what is shown is asked for anew', async () => {
  render(page(<><Person username="li.na" /><Sentence /></>));
  await screen.findByText('李娜');
  NAMES['li.na'] = '李娜娜';
  await cache.invalidateQueries({ refetchType: 'active' });
  await screen.findByText('李娜娜');
  NAMES['li.na'] = '李娜';
  expect(asked).toEqual([['li.na', 'zhang.wei'], ['li.na', 'zhang.wei']]);
});

it('at most 200 are asked for at once, and never what cannot be a user name', async () => {
  const usernames = Array.from({ length: 450 }, (_, index) => `somebody.${index}`);
  const names = await namesOf(cache, [...usernames, '办理人', 'x'.repeat(257), 'li.na']);
  expect(names['li.na']).toBe('李娜');
  expect(names['办理人']).toBe('办理人');
  expect(asked.map(({ length }) => length)).toEqual([200, 200, 51]);
});

it('names stand in sentences for the user names, and only for whole ones', () => {
  const nameOf = (username: string | null | undefined) => NAMES[username ?? ''] ?? '—';
  expect(renamed('任务 7 已由 li.na 认领；请选择其他任务。', ['li.na'], nameOf)).toBe('任务 7 已由 李娜 认领；请选择其他任务。');
  expect(renamed('Task 7 has been taken by li.na; ask li.na.', ['li.na'], nameOf)).toBe('Task 7 has been taken by 李娜; ask 李娜.');
  expect(renamed('li.nan, xli.na, li.na-2 and lixna', ['li.na'], nameOf)).toBe('li.nan, xli.na, li.na-2 and lixna');
  expect(renamed('已完成（zhang.wei）', ['zhang.wei'], nameOf)).toBe('已完成（张伟）');
});

it('programs and events that move a case have words of their own', async () => {
  render(
    page(
      <>
        <Person username="worker:host-7" exact />
        <Person username="timer" />
      </>,
    ),
  );
  expect(await screen.findByText('作业程序 host-7')).toBeTruthy();
  expect(await screen.findByText('定时器')).toBeTruthy();
});

it('groups appear by name too, and by id where they have none', async () => {
  render(page(<Groups ids={['finance', 'gone']} />));
  expect(screen.getByText('finance, gone')).toBeTruthy();
  expect((await screen.findByText('财务岗, gone')).title).toBe('finance, gone');
  expect(asked).toEqual([]);
});
