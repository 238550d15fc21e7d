import { CronExpressionParser } from 'cron-parser';
import cron from 'node-cron';
import { UserError } from '../errors.ts';

/**
 * Checks a cron expression and an IANA time zone.
 * @throws UserError naming the field that is wrong, or the zone
 */
export function checkSchedule(expression: string, timeZone: string): void {
  const result = cron.validateDetailed(expression);
  const fields = expression.trim().split(/\s+/).length;
  if (!result.valid || fields !== 5) {
    const why =
      fields !== 5
        ? `it has ${fields} fields, and needs 5`
        : result.errors.map((error) => `${error.field}: ${error.message}`).join('; ');
    throw new UserError(`"${expression}" is no schedule: ${why}.`, {
      code: 'cron',
      hint: 'Five fields: minute, hour, day of the month, month, day of the week. "0 7 * * 1-5" is 07:00 from Monday to Friday.',
    });
  }
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    CronExpressionParser.parse(expression, { tz: timeZone });
  } catch (error) {
    if (error instanceof RangeError)
      throw new UserError(`"${timeZone}" is no time zone.`, {
        code: 'time-zone',
        hint: 'Use an IANA name, such as Europe/Berlin or America/New_York.',
      });
    throw new UserError(`"${expression}" is no schedule: ${(error as Error).message}.`, { code: 'cron' });
  }
}

/**
 * The instants after `from` and up to `until` at which a schedule fires, oldest first.
 *
 * The wall clock of the zone counts. A time that a clock change leaves out fires when the clock has jumped over it; a
 * time that happens twice fires at the first, unless the schedule fires every hour anyway.
 * @param limit the newest ones, if there are more
 */
export function occurrences(
  expression: string,
  timeZone: string,
  from: Date,
  until: Date,
  limit = 1000,
): Date[] {
  const found: Date[] = [];
  if (until <= from) return found;
  // Forwards only: cron-parser loses its way at clock changes when it steps backwards.
  const forwards = CronExpressionParser.parse(expression, { tz: timeZone, currentDate: from });
  for (;;) {
    let instant: Date;
    try {
      instant = forwards.next().toDate();
    } catch {
      return found; // A date that never comes, such as 30 February.
    }
    if (instant > until) return found;
    if (instant > from) found.push(instant);
    if (found.length > limit) found.shift();
  }
}

/** The next instant after one at which a schedule fires. */
export function nextOccurrence(expression: string, timeZone: string, after: Date): Date {
  return CronExpressionParser.parse(expression, { tz: timeZone, currentDate: after }).next().toDate();
}
