import { type Command, Option } from 'commander';
import { UserError } from '../errors.ts';
import { parseDate } from '../stories/date.ts';
import type { SuppressionFilter } from '../subscribers/suppression-list.ts';
import { type SuppressionReason, suppressionReasons } from '../subscribers/suppression-reasons.ts';
import { duration } from './values.ts';

/** What `filtered` adds. */
export interface FilterOptions {
  list?: string;
  global?: boolean;
  reason?: SuppressionReason;
  search?: string;
  ended?: boolean;
}

/** What is said of a suppression that is made. */
export interface GivenOptions {
  list?: string;
  reason: SuppressionReason;
  note?: string;
  expires?: string;
}

/** Why, as an option. @param text what it says in the help */
export const reasonOption = (text: string) =>
  new Option('--reason <reason>', text).choices(suppressionReasons);

/** Adds the options that say which suppressions are meant. */
export const filtered = (command: Command) =>
  command
    .option('--list <list>', 'only those of this list')
    .option('--global', 'only those for all lists')
    .addOption(new Option('--reason <reason>', 'only those for this reason').choices(suppressionReasons))
    .option('--search <text>', 'part of an address')
    .option('--ended', 'those that have ended too');

/** @throws UserError if --list and --global are given both */
export function filterOf({ list, global, reason, search, ended }: FilterOptions): SuppressionFilter {
  if (list !== undefined && global)
    throw new UserError('--list and --global exclude each other.', {
      code: 'usage',
      hint: '--list LIST: those of one list. --global: those that hold for all lists.',
    });
  return { ...(global ? { list: null } : list === undefined ? {} : { list }), reason, search, ended };
}

/** The instant that --expires names. @throws UserError if it is none, or over */
export function endOf(text: string | undefined, now: Date): Date | undefined {
  if (text === undefined) return undefined;
  const seconds = duration(text);
  const end = seconds === undefined ? parseDate(text) : new Date(now.getTime() + seconds * 1000);
  if (!end || end <= now)
    throw new UserError(
      `--expires takes a date to come such as 2027-05-03, or how long from now (90d, 4w), not "${text}".`,
      { code: 'usage' },
    );
  return end;
}
