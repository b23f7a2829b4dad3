// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { quoteLongNumbers } from './exactJson';
import { Problem } from './problem';
import { onSessionChange, sessionFetch, sessionHasExpired, sessionRestored } from './session';

let answers: (() => Response)[];
let sent: Request[];

beforeEach(() => {
  answers = [];
  sent = [];
  document.cookie = 'lendloom_csrf=one';
  vi.stubGlobal('fetch', async (input: Request | string, init?: RequestInit) => {
    sent.push(input instanceof Request ? input : new Request(new URL(input, 'http://test'), init));
    return answers.shift()!();
  });
});

afterEach(() => {
  document.cookie = 'lendloom_refresh_csrf=; max-age=0';
  vi.unstubAllGlobals();
});

const json = (body: string, status = 200) => () => new Response(body, { status, headers: { 'Content-Type': 'application/json' } });
const command = () => new Request('http://test/v2/things', { method: 'POST', body: '{"a":1}' });

it('shows the server that a command comes from this page', async () => {
  answers = [json('{}')];
  await sessionFetch(command());
  expect(sent[0]!.headers.get('X-CSRF-TOKEN')).toBe('one');
});

it('renews a session that has ended, and sends the command again, whole', async () => {
  document.cookie = 'lendloom_refresh_csrf=two';
  answers = [json('{}', 401), json('{}'), json('{"done":true}')];
  const answer = await sessionFetch(command());
  expect(await answer.json()).toEqual({ done: true });
  expect(sent.map(({ url }) => new URL(url).pathname)).toEqual(['/v2/things', '/v2/session/renewal', '/v2/things']);
  expect(await sent[2]!.text()).toBe('{"a":1}');
});

it('waits for somebody to sign in where it cannot be renewed', async () => {
  answers = [json('{}', 401), json('{"done":true}')];
  const expired = new Promise<void>((resolve) => onSessionChange(() => sessionHasExpired() && resolve()));
  const answer = sessionFetch(command());
  await expired;
  sessionRestored();
  expect(await (await answer).json()).toEqual({ done: true });
  expect(sessionHasExpired()).toBe(false);
});

it('says that the server cannot be reached', async () => {
  answers = [
    () => {
      throw new TypeError('Failed to fetch');
    },
  ];
  const failure = await sessionFetch(command()).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Problem);
  expect((failure as Problem).mayPass).toBe(true);
});

it('keeps numbers that a double cannot carry', () => {
  expect(quoteLongNumbers('{"a":0.1234567890123456789,"b":60000.00,"c":"1234567890123456789"}')).toBe(
    '{"a":"0.1234567890123456789","b":60000.00,"c":"1234567890123456789"}',
  );
  expect(quoteLongNumbers('[12345678901234567890, -1.5e3]')).toBe('["12345678901234567890", -1.5e3]');
  expect(quoteLongNumbers('{"quoted \\" 1234567890123456789":1}')).toBe('{"quoted \\" 1234567890123456789":1}');
});

it('finds the errors of fields by their pointers', () => {
  const problem = new Problem({
    status: 400,
    code: 'form.invalid',
    errors: [{ pointer: '/variables/contacts[1].phone', detail: 'no' }, { pointer: '/page/limit', detail: 'x' }],
  });
  expect(problem.fieldErrors()).toEqual({ 'contacts[1].phone': 'no' });
});
