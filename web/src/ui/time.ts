/** Instants and durations in words. Instants are RFC 3339 text; they are shown in the zone of the business. */
import dayjs from 'dayjs';
import relativeTime from 'dayjs/plugin/relativeTime';
import timezone from 'dayjs/plugin/timezone';
import utc from 'dayjs/plugin/utc';

import { readPreference } from '../shell/preferences';

dayjs.extend(utc);
dayjs.extend(timezone);
dayjs.extend(relativeTime);

/** Where the lender works, unless somebody has chosen another zone. */
export const zone = () => readPreference<string>('zone') ?? 'Asia/Shanghai';

/** The instant as the clock on the lender's wall shows it. */
export const inZone = (instant: string | Date) => dayjs(instant).tz(zone());

/** `2026-11-22 09:30`, the year only where it is not this one when `short`. */
export function exactly(instant: string | Date, { seconds = false, short = false } = {}): string {
  const time = inZone(instant);
  const day = short && time.year() === inZone(new Date()).year() ? 'MM-DD' : 'YYYY-MM-DD';
  return time.format(`${day} HH:mm${seconds ? ':ss' : ''}`);
}

/** "in 3 hours", "2 days ago", in the language of the screen. */
export const relatively = (instant: string | Date, now: Date = new Date()) => dayjs(instant).from(now);

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;
export type Unit = (typeof UNITS)[number][0];

/** The two largest units of a duration; nothing for less than a second. */
export function partsOf(milliseconds: number): { unit: Unit; count: number }[] {
  let rest = Math.floor(Math.abs(milliseconds) / 1000);
  const parts: { unit: Unit; count: number }[] = [];
  for (const [unit, seconds] of UNITS) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0) parts.push({ unit, count });
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts;
}
