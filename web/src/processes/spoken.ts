/** Values and rhythms as people say them: `PT4H` is 4 小时, `true` is 是, `12000` is 12,000. */
import { useMemo } from 'react';

import type { Text } from '../i18n/strings';
import { exactly } from '../ui/time';
import { useText } from './strings';
import type zh from './strings.zh';
import { shownValue, TOKEN } from './values';

type Say = Text<typeof zh>;

const DURATION = /^([+-]?)P(?!$)((?:\d+(?:Y|M|WD|W|D))*)(?:T((?:\d+(?:[.,]\d+)?(?:WH|H|M|S))+))?$/;
const PART = /(\d+(?:[.,]\d+)?)(WD|WH|[A-Z])/g;
const CYCLE = /^R(\d*)\/(?:[^/]*\/)?(P[^/]*)$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** An ISO 8601 duration in words; null for any other text. */
export function spokenDuration(text: string, t: Say): string | null {
  const [, sign, dates = '', clock = ''] = DURATION.exec(text) ?? [];
  if (sign === undefined) return null;
  const parts = [...dates.matchAll(PART)].map(([, count, unit]) => ({ count: count!, unit: unit! }));
  parts.push(...[...clock.matchAll(PART)].map(([, count, unit]) => ({ count: count!, unit: `T${unit}` })));
  const span = parts.map(({ count, unit }) => t(`span.${unit}` as keyof typeof zh, { count: Number(count.replace(',', '.')) })).join(' ');
  return sign === '-' ? t('span.minus', { span }) : span;
}

/** How often a timer comes: `R3/PT1H` in words; a schedule of cron as it is written. */
export function spokenCycle(cycle: string, t: Say): string {
  const [, times = '', duration = ''] = CYCLE.exec(cycle) ?? [];
  const span = spokenDuration(duration, t);
  if (span === null) return cycle;
  return times === '' ? t('cycle.every', { span }) : t('cycle.times', { span, count: Number(times) });
}

/** A JSON text on one line, without the marks of JSON around it; only the beginning of a long one. */
export function spokenValue(json: string, t: Say): string {
  const { brief, kind } = shownValue(json);
  if (kind === 'unreadable') return brief;
  if (kind !== 'structure') return spokenToken(json.trim(), t);
  const line = spokenLine(json, t);
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line || brief;
}

function spokenLine(json: string, t: Say): string {
  const tokens = json.match(TOKEN) ?? [];
  const between = tokens[0] === '[' ? ', ' : ' · ';
  let depth = 0;
  const said = tokens.map((token, at) => {
    if (token === '{' || token === '[') return (depth += 1) === 1 ? '' : token;
    if (token === '}' || token === ']') return (depth -= 1) === 0 ? '' : token;
    if (token === ',') return depth === 1 ? between : ', ';
    if (token === ':') return ': ';
    return tokens[at + 1] === ':' ? (JSON.parse(token) as string) : spokenToken(token, t);
  });
  return said.join('');
}

const LONGEST = 160;
const MEMBER_OR_VALUE = /("(?:[^"\\]|\\.)*")(\s*:)?|[^\s{}[\],:"]+/g;

/** All of a JSON text, its values in words: on one line, or indented where parts have parts themselves. */
export function spokenWhole(json: string, t: Say): string {
  const { full, plain, kind } = shownValue(json);
  if (kind === 'unreadable') return full;
  if (kind !== 'structure') return spokenToken(json.trim(), t, true);
  if (plain !== null) return spokenLine(json, t);
  return full.replace(MEMBER_OR_VALUE, (token: string, name?: string, colon?: string) => (colon ? `${JSON.parse(name!) as string}:` : spokenToken(token, t, true)));
}

function spokenToken(token: string, t: Say, whole = false): string {
  if (token === 'true') return t('value.yes');
  if (token === 'false') return t('value.no');
  if (token === 'null') return t('value.none');
  if (!token.startsWith('"')) return grouped(token);
  const text = JSON.parse(token) as string;
  if (INSTANT.test(text)) return exactly(text);
  return spokenDuration(text, t) ?? (whole ? text : shownValue(token).brief);
}

/** The digits before the point in threes; a number with an exponent as it is. */
const grouped = (number: string) => (/e/i.test(number) ? number : number.replace(/^-?\d+/, (whole) => whole.replace(/\B(?=(?:\d{3})+$)/g, ',')));

/** All of these, in the language of the screen. */
export function useSpoken() {
  const t = useText();
  return useMemo(
    () => ({
      value: (json: string) => spokenValue(json, t),
      whole: (json: string) => spokenWhole(json, t),
      cycle: (cycle: string) => spokenCycle(cycle, t),
      text: (text: string) => spokenDuration(text, t) ?? text,
    }),
    [t],
  );
}
