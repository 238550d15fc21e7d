const formats = new Map<string, Intl.DateTimeFormat>();

/** The parts of a wall clock's reading in a zone, as if it were UTC. */
function wallClock(instant: Date, timeZone: string): number {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, format);
  }
  const parts = Object.fromEntries(
    format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]),
  );
  return Date.UTC(parts.year ?? 0, (parts.month ?? 1) - 1, parts.day, parts.hour, parts.minute, parts.second);
}

/** The date that an instant falls on in a time zone, as `YYYY-MM-DD`. */
export function localDate(instant: Date, timeZone: string): string {
  return new Date(wallClock(instant, timeZone)).toISOString().slice(0, 10);
}

/**
 * The instant at which a date begins in a time zone.
 * @param date `YYYY-MM-DD`
 * @returns undefined if there is no such date from 1970 to 9999
 */
export function startOfDate(date: string, timeZone: string): Date | undefined {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || Number.isNaN(midnight)) return undefined;
  // Years below 100 would be taken for those of the 20th century, and nobody means one before 1970.
  if (date < '1970') return undefined;
  // Date.parse takes 31 February for 3 March.
  if (new Date(midnight).toISOString().slice(0, 10) !== date) return undefined;
  // The offset at the guess may be another one than at midnight, so it is looked up again there.
  let instant = midnight;
  for (let round = 0; round < 2; round += 1) instant += midnight - wallClock(new Date(instant), timeZone);
  // Where the clock jumps over midnight, the day begins when it has jumped.
  while (localDate(new Date(instant), timeZone) < date) instant += 15 * 60_000;
  return new Date(instant);
}
