/**
 * What people are called. The API knows them by their user names; a page shows display names, and the user name
 * where it does not (yet) know one. Whatever a page asks for at once is one request, and is asked for once.
 */
import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';

import { api, dataOf } from '../api/client';
import { useText } from '../i18n/shell';

const AT_ONCE = 200;
const KEPT_MS = 3_600_000;

type Username = string | null | undefined;

/** What somebody is called; `—` for nobody. */
export type NameOf = (username: Username) => string;

type Names = ReadonlyMap<string, string>;

/** Where names are asked for: those of people and clients, or those of groups. */
export interface Directory {
  path: string;
  ask: (ids: string[]) => Promise<Names>;
  open?: { ids: Set<string>; answer: Promise<Names> } | undefined;
}

export const PEOPLE: Directory = {
  path: '/v2/users/names',
  ask: async (usernames) => {
    const { items } = await dataOf(api.POST('/v2/users/names', { body: { usernames } }));
    return new Map(items.map(({ username, name }) => [username, name]));
  },
};
const GROUPS: Directory = {
  path: '/v2/groups/names',
  ask: async (groupIds) => {
    const { items } = await dataOf(api.POST('/v2/groups/names', { body: { groupIds } }));
    return new Map(items.map(({ groupId, name }) => [groupId, name]));
  },
};

/** Those that are asked for in the same moment. */
function begin(directory: Directory): NonNullable<Directory['open']> {
  const ids = new Set<string>();
  const answer = new Promise((resolve) => setTimeout(resolve)).then(() => {
    if (directory.open?.ids === ids) directory.open = undefined;
    return directory.ask([...ids]);
  });
  return { ids, answer };
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

/** What can be a user name or a group at all: processes may assign tasks to any text. */
const USERNAME = /^[\w~@.+-]{1,256}$/;

async function ask(directory: Directory, id: string): Promise<string> {
  if (!USERNAME.test(id)) return id;
  if (directory.open === undefined || directory.open.ids.size >= AT_ONCE) directory.open = begin(directory);
  directory.open.ids.add(id);
  return (await directory.open.answer).get(id) ?? id;
}

const keyOf = ({ path }: Directory, id: string) => ['post', path, id];

/** The names of several; those that are known are not asked for. */
export async function namesOf(cache: QueryClient, ids: readonly string[], directory = PEOPLE): Promise<Record<string, string>> {
  const names = ids.map((id) =>
    cache.fetchQuery({ queryKey: keyOf(directory, id), queryFn: () => ask(directory, id), staleTime: KEPT_MS, gcTime: KEPT_MS }),
  );
  return Object.fromEntries((await Promise.all(names)).map((name, index) => [ids[index]!, name]));
}

const knownOf = (cache: QueryClient, ids: readonly string[], directory: Directory) =>
  Object.fromEntries(ids.map((id) => [id, cache.getQueryData<string>(keyOf(directory, id)) ?? id]));

function useDirectory(directory: Directory, ids: readonly Username[]): Record<string, string> | undefined {
  const cache = useQueryClient();
  const asked = [...new Set(ids.filter((id) => !!id) as string[])].sort();
  const { data } = useQuery({
    queryKey: ['names', directory.path, asked],
    queryFn: () => namesOf(cache, asked, directory),
    enabled: asked.length > 0,
    staleTime: KEPT_MS,
    placeholderData: () => knownOf(cache, asked, directory),
  });
  return data;
}

/** What groups are called, for lists of candidates; by id while that is not known. */
export function useGroupNames(groupIds: readonly string[]): (groupId: string) => string {
  const data = useDirectory(GROUPS, groupIds);
  return (groupId) => data?.[groupId] ?? groupId;
}

/** For sentences: what these are called. `exact` also tells the user name, where it is evidence who it was. */
export function useNames(usernames: readonly Username[], { exact = false } = {}): NameOf {
  const t = useText();
  const data = useDirectory(PEOPLE, usernames);
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
