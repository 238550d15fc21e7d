import type { When } from './filter.ts';

/** A span of time, the start included and the end not; what is missing has no limit. */
export interface Range {
  from?: Date;
  until?: Date;
}

type Unit = 'h' | 'd' | 'w' | 'mo' | 'y';

const units: Record<string, Unit> = {
  ...{ h: 'h', hour: 'h', hours: 'h', d: 'd', day: 'd', days: 'd', w: 'w', week: 'w', weeks: 'w' },
  ...{ mo: 'mo', month: 'mo', months: 'mo', y: 'y', year: 'y', years: 'y' },
};

/** Units of a length of time, as they may be written behind a number. */
export const unitWords: readonly string[] = Object.keys(units);

/** A length of time as the language prints it (`30 Days` gives `30d`), or undefined if the text is none. */
export function cleanLength(text: string): string | undefined {
  const match = /^(\d{1,5})\s*([a-z]+)$/i.exec(text);
  const unit = units[match?.[2]?.toLowerCase() ?? ''];
  // The oldest subscriber is younger than a century, and Postgres knows the years before.
  return match && unit && Number(match[1]) * hoursOf[unit] <= 100 * hoursOf.y
    ? `${Number(match[1])}${unit}`
    : undefined;
}

const hoursOf: Record<Unit, number> = { h: 1, d: 24, w: 168, mo: 720, y: 8_760 };

/** The instant that lies a length of time before another; months and years by the calendar of UTC. */
export function before(now: Date, length: string): Date {
  const [, digits = '0', unit = 'd'] = /^(\d+)([a-z]+)$/.exec(length) ?? [];
  const number = Number(digits);
  if (unit === 'mo' || unit === 'y') {
    const months = unit === 'mo' ? number : number * 12;
    const at = new Date(now);
    at.setUTCDate(1);
    at.setUTCMonth(at.getUTCMonth() - months);
    const lastDay = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate();
    at.setUTCDate(Math.min(now.getUTCDate(), lastDay));
    return at;
  }
  return new Date(now.getTime() - number * hoursOf[unit as Unit] * 3_600_000);
}

/** The start and the end of what a date names: a day of UTC, or an instant; undefined if the text is none. */
export function dateOf(text: string): { start: Date; end: Date } | undefined {
  const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  const isInstant = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})?$/i.test(
    text,
  );
  if (!day && !isInstant) return undefined;
  const hasZone = /(?:Z|[+-]\d{2}:\d{2})$/i.test(text.slice(10));
  const start = new Date(day ? `${text}T00:00:00Z` : `${text.replace(' ', 'T')}${hasZone ? '' : 'Z'}`);
  // JavaScript takes the 30th of February for the 2nd of March.
  const own = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(start.getTime()) || Number.isNaN(own.getTime())) return undefined;
  if (own.toISOString().slice(0, 10) !== text.slice(0, 10) || own.getUTCFullYear() < 1) return undefined;
  return { start, end: day ? new Date(start.getTime() + 86_400_000) : new Date(start.getTime() + 1) };
}

/**
 * The span of time that a test names. A length of time counts back from now: `within 30d`, `since 30d` and `after 30d` are
 * the last thirty days, `before 30d` is what lies further back. A date is a whole day of UTC.
 * @returns undefined if its time is neither, or is a date with `within`
 */
export function rangeOf({ how, time }: When, now: Date): Range | undefined {
  const length = cleanLength(time.text);
  if (length !== undefined) {
    const at = before(now, length);
    return how === 'before' ? { until: at } : { from: at };
  }
  const date = how === 'within' ? undefined : dateOf(time.text);
  if (!date) return undefined;
  return how === 'before' ? { until: date.start } : { from: how === 'since' ? date.start : date.end };
}
