/**
 * What people are called. The API knows them by their user names; a page shows display names, and the user name
 * where it does not (yet) know one. Whatever a page asks for at once is one request, and is asked for once.
 */
import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';

import { api, dataOf } from '../api/client';
import { useText } from '../i18n/shell';

const PATH = '/v2/users/names';
const AT_ONCE = 200;
const KEPT_MS = 3_600_000;

type Username = string | null | undefined;

/** What somebody is called; `—` for nobody. */
export type NameOf = (username: Username) => string;

interface Batch {
  usernames: Set<string>;
  answer: Promise<ReadonlyMap<string, string>>;
}

let open: Batch | undefined;

/** Those that are asked for in the same moment. */
function begin(): Batch {
  const usernames = new Set<string>();
  const answer = new Promise((resolve) => setTimeout(resolve)).then(async () => {
    if (open?.usernames === usernames) open = undefined;
    const { items } = await dataOf(api.POST(PATH, { body: { usernames: [...usernames] } }));
    return new Map(items.map(({ username, name }) => [username, name]));
  });
  return { usernames, answer };
}

/** How the server calls those of its programs that do jobs, by whose work a case went on; and what else moves one. */
const WORKER = 'worker:';
const MOVERS = {
  timer: 'person.timer',
  message: 'person.message',
  signal: 'person.signal',
  'command-line': 'person.commandLine',
  'loan-book': 'person.loanBook',
  lendloom: 'person.system',
} as const;

/** What can be a user name at all: processes may assign tasks to any text. */
const USERNAME = /^[\w~@.+-]{1,256}$/;

async function ask(username: string): Promise<string> {
  if (!USERNAME.test(username)) return username;
  if (open === undefined || open.usernames.size >= AT_ONCE) open = begin();
  open.usernames.add(username);
  return (await open.answer).get(username) ?? username;
}

const keyOf = (username: string) => ['post', PATH, username];

/** The names of several; those that are known are not asked for. */
export async function namesOf(cache: QueryClient, usernames: readonly string[]): Promise<Record<string, string>> {
  const names = usernames.map((username) =>
    cache.fetchQuery({ queryKey: keyOf(username), queryFn: () => ask(username), staleTime: KEPT_MS, gcTime: KEPT_MS }),
  );
  return Object.fromEntries((await Promise.all(names)).map((name, index) => [usernames[index]!, name]));
}

const knownOf = (cache: QueryClient, usernames: readonly string[]) =>
  Object.fromEntries(usernames.map((username) => [username, cache.getQueryData<string>(keyOf(username)) ?? username]));

/** For sentences: what these are called. `exact` also tells the user name, where it is evidence who it was. */
export function useNames(usernames: readonly Username[], { exact = false } = {}): NameOf {
  const cache = useQueryClient();
  const t = useText();
  const asked = [...new Set(usernames.filter((username) => !!username) as string[])].sort();
  const { data } = useQuery({
    queryKey: ['names', asked],
    queryFn: () => namesOf(cache, asked),
    enabled: asked.length > 0,
    staleTime: KEPT_MS,
    placeholderData: () => knownOf(cache, asked),
  });
  return (username) => {
    if (!username) return '—';
    if (username.startsWith(WORKER)) return t('person.worker', { name: username.slice(WORKER.length) });
    const name = data?.[username] ?? username;
    if (name === username && username in MOVERS) return t(MOVERS[username as keyof typeof MOVERS]);
    return exact && name !== username ? `${name} (${username})` : name;
  };
}

/** A sentence of the server with what people are called in place of the user names that it names. */
export function renamed(sentence: string, usernames: readonly string[], nameOf: NameOf): string {
  return usernames.reduce((text, username) => {
    const literal = username.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return text.replace(new RegExp(`(?<![\\w~@.+-])${literal}(?![\\w~@+-]|\\.\\w)`, 'g'), () => nameOf(username));
  }, sentence);
}
