/**
 * The public API with its generated types.
 *
 * `api.GET/POST/…` answer `{data}` and throw a {@link Problem} for everything that is not a success, so a query
 * or a mutation needs no branch of its own; `query` is the same for TanStack Query, with keys
 * `[method, path, init]`. Every command carries an `Idempotency-Key`: one that is repeated, after a lost answer
 * or a renewed session, is not done twice.
 */
import createClient, { type Middleware } from 'openapi-fetch';
import createQueryClient from 'openapi-react-query';

import { currentLanguage, languageTag } from '../i18n/strings';
import { problemOf } from './problem';
import type { paths } from './schema';
import { sessionFetch } from './session';

const manners: Middleware = {
  onRequest({ request }) {
    request.headers.set('Accept-Language', languageTag(currentLanguage()));
    if (request.method === 'POST' && !isQuestion(request.url) && !request.headers.has('Idempotency-Key')) {
      request.headers.set('Idempotency-Key', newKey());
    }
    return request;
  },
  async onResponse({ response }) {
    if (!response.ok) throw await problemOf(response);
  },
};

/** A POST that changes nothing: it need not be remembered. */
function isQuestion(url: string): boolean {
  return /\/(search|evaluation|session|renewal|element-instances|lint|comparison|names|trial|scenarios\/run)$/.test(new URL(url).pathname);
}

/** A key for a command that a page repeats itself, such as the retry after a slow answer. */
export function newKey(): string {
  return crypto.getRandomValues(new Uint8Array(16)).reduce((text, byte) => text + byte.toString(16).padStart(2, '0'), '');
}

export const api = createClient<paths>({ baseUrl: globalThis.location?.origin ?? '', fetch: sessionFetch });
api.use(manners);

export const query = createQueryClient(api);

/** The data of an answer that has a body. */
export async function dataOf<Data>(answer: Promise<{ data?: Data }>): Promise<NonNullable<Data>> {
  return (await answer).data!;
}
