const pattern = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::\d{2})?$/;

/**
 * The instant at which clocks on the wall of a time zone show a time. What a clock change leaves out is as much later as the
 * clock jumps; what it shows twice is the first.
 * @param text as a field of the type datetime-local has it: `2026-11-27T07:00`
 * @param timeZone an IANA name
 * @returns undefined if the text is no time
 */
export function instantAt(text: string, timeZone: string): Date | undefined {
  const [, ...parts] = pattern.exec(text) ?? [];
  if (parts.length === 0) return undefined;
  const [year = 0, month = 0, date = 0, hour = 0, minute = 0] = parts.map(Number);
  const wanted = Date.UTC(year, month - 1, date, hour, minute);
  if (
    Number.isNaN(wanted) ||
    new Date(wanted).getUTCDate() !== date ||
    month > 12 ||
    hour > 23 ||
    minute > 59
  )
    return undefined;
  // The offsets before and after a change that may be near. With the larger one comes the earlier instant.
  const offsets = [-1, 1].map((days) => offsetAt(wanted + days * 86_400_000, timeZone));
  const instants = offsets.map((offset) => wanted - offset).sort((a, b) => a - b);
  const shown = instants.find((instant) => instant + offsetAt(instant, timeZone) === wanted);
  return new Date(shown ?? wanted - (offsets[0] ?? 0));
}

/** An instant as a field of the type datetime-local takes it, by the clocks of a time zone. */
export function wallClock(at: Date, timeZone: string): string {
  return new Date(at.getTime() + offsetAt(at.getTime(), timeZone)).toISOString().slice(0, 16);
}

/** By how much a zone's clocks are ahead of UTC at an instant, in milliseconds, to the minute. */
function offsetAt(instant: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(instant);
  const part = (type: string) => Number(parts.find((each) => each.type === type)?.value);
  const shown = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'));
  return shown - Math.floor(instant / 60_000) * 60_000;
}
