import { UserError } from '../errors.ts';
import { parseDate } from '../stories/date.ts';

const units: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** A length of time such as 90s, 15m, 12h, 2d or 1w in seconds, or undefined if the text is none. */
export function duration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([smhdw])$/i.exec(text.trim());
  return match ? Number(match[1]) * (units[match[2]!.toLowerCase()] ?? 1) : undefined;
}

/** The parts of an option's value; for commander's option parsers. */
export function commaSeparated(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}

/** The instant that an option such as --since names: a date, or how long ago (12h, 2d). @throws UserError if it is neither */
export function sinceWhen(text: string, now: Date): Date {
  const ago = duration(text);
  // Postgres knows no time before 4713 BC, and nobody has stories of then.
  const isSensible = (at: Date) => at.getTime() > Date.UTC(1, 0, 1);
  const date = ago === undefined ? parseDate(text) : new Date(now.getTime() - ago * 1000);
  if (!date || !isSensible(date))
    throw new UserError(
      `--since takes a date such as 2026-11-24, or how long ago (12h, 2d), not "${text}".`,
      {
        code: 'usage',
      },
    );
  return date;
}
