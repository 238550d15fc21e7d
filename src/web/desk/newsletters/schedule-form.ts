import { UserError } from '../../../errors.ts';
import { checkSchedule, nextOccurrence } from '../../../schedule/occurrences.ts';
import { errorSaid } from '../sayings/errors.ts';
import { type Mistakes, one, type Say, type Values } from './form-values.ts';

/** How often, as forms ask for it. */
export type Often = 'daily' | 'weekdays' | 'someDays' | 'cron';

/** Weekdays as cron counts them, Monday first. */
export const weekdays = ['1', '2', '3', '4', '5', '6', '0'] as const;

/** What a form shows for a schedule. */
export function scheduleValues(cron: string, timeZone: string): Values {
  const [minute = '', hour = '', day, month, days = ''] = cron.trim().split(/\s+/);
  const often = oftenOf([minute, hour, day, month, days]);
  return {
    often: [often],
    time: [often === 'cron' ? '07:00' : `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`],
    days: often === 'someDays' ? daysIn(days) : ['1', '2', '3', '4', '5'],
    cron: [cron],
    timeZone: [timeZone],
  };
}

function oftenOf([minute = '', hour = '', day, month, days = '']: (string | undefined)[]): Often {
  if (!/^\d{1,2}$/.test(minute) || !/^\d{1,2}$/.test(hour) || day !== '*' || month !== '*') return 'cron';
  if (days === '*') return 'daily';
  if (days === '1-5') return 'weekdays';
  return /^[0-7](?:,[0-7])*$/.test(days) ? 'someDays' : 'cron';
}

const daysIn = (days: string) => days.split(',').map((day) => (day === '7' ? '0' : day));

/** A schedule as a form has it. Mistakes are put to their fields. @returns undefined if there are any */
export function scheduleFrom(
  values: Values,
  say: Say,
  mistakes: Mistakes,
): { cron: string; timeZone: string } | undefined {
  const timeZone = one(values, 'timeZone');
  if (!isZone(timeZone)) mistakes.timeZone = say('noZone');
  const cron = cronFrom(values, say, mistakes);
  if (cron === undefined || mistakes.timeZone) return undefined;
  try {
    checkSchedule(cron, timeZone);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    mistakes.cron = errorSaid(error, say.language).text;
    return undefined;
  }
  return { cron, timeZone };
}

function cronFrom(values: Values, say: Say, mistakes: Mistakes): string | undefined {
  const often = one(values, 'often');
  if (often === 'cron') return one(values, 'cron');
  const [, hour, minute] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(one(values, 'time')) ?? [];
  const chosen = weekdays.filter((day) => values.days?.includes(day));
  if (hour === undefined) mistakes.time = say('noTime');
  if (often === 'someDays' && chosen.length === 0) mistakes.days = say('noDay');
  if (mistakes.time || mistakes.days) return undefined;
  const days = often === 'weekdays' ? '1-5' : often === 'someDays' ? chosen.toSorted().join(',') : '*';
  return `${Number(minute)} ${Number(hour)} * * ${days}`;
}

/** Whether a text names a time zone. */
export function isZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return timeZone !== '';
  } catch {
    return false;
  }
}

/** The next times at which a schedule fires; fewer, if fewer come. */
export function nextTimes(cron: string, timeZone: string, after: Date, count = 5): Date[] {
  const times: Date[] = [];
  try {
    for (let from = after; times.length < count; from = times.at(-1) as Date)
      times.push(nextOccurrence(cron, timeZone, from));
  } catch {
    // A date that never comes, such as 30 February.
  }
  return times;
}
