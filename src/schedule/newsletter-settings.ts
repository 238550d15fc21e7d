import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { parseCheckSettings } from '../editions/check-settings.ts';
import type { Newsletter, NewsletterFields } from '../editions/newsletters.ts';
import { parseStopRates } from '../editions/stop-rates.ts';
import { parseTracking } from '../editions/tracking.ts';
import { UserError } from '../errors.ts';
import { themeFile } from '../rendering/theme.ts';
import { catalogueLanguage } from '../rendering/words.ts';
import { checkSchedule, nextOccurrence } from './occurrences.ts';

/** What a newsletter draws on and goes to, by the names that people give. */
export interface Connections {
  /** Short names. */
  lists: string[];
  /** The name of the segment that it is limited to. */
  segment: string | null;
  /** Ids; empty: every source. */
  sources: number[];
}

/** When a newsletter's next edition is for; undefined if its schedule names no time to come. */
export function nextEdition(newsletter: Newsletter): Date | undefined {
  try {
    return nextOccurrence(newsletter.cron, newsletter.time_zone, newsletter.scheduled_through);
  } catch {
    return undefined;
  }
}

/**
 * Looks at what can only be judged with schedules and themes at hand; the rest is checked when it is saved.
 * @param before as the newsletter is saved, if it is
 * @throws UserError if the schedule, the theme or a language cannot be used
 */
export function checkSettings(
  {
    cron,
    timeZone,
    theme,
    language,
    languages = [],
  }: Partial<Pick<NewsletterFields, 'cron' | 'timeZone' | 'theme' | 'language' | 'languages'>>,
  before?: Newsletter,
): void {
  const silent = [...(language ? [language] : []), ...languages].find((tag) => !catalogueLanguage(tag));
  if (silent)
    throw new UserError(`The frame does not speak "${silent}".`, {
      code: 'usage',
      hint: 'It speaks en, de, fr, es, pt, it, ar and ja.',
    });
  if (cron || timeZone)
    checkSchedule(cron ?? before?.cron ?? '0 0 * * *', timeZone ?? before?.time_zone ?? 'UTC');
  if (theme) themeFile(theme);
}

/** What some newsletters draw on and go to, by their ids. */
export async function connectionsOf(
  { db }: Pick<Context, 'db'>,
  newsletterIds: number[],
): Promise<Map<number, Connections>> {
  const { rows } = await sql<Connections & { id: number }>`
    select newsletters.id, segments.name as segment,
      array(select slug::text from newsletter_lists join lists on lists.id = list_id
            where newsletter_id = newsletters.id order by slug) as lists,
      -- As JSON, as big numbers in an array come as texts.
      to_jsonb(array(select source_id from newsletter_sources
                     where newsletter_id = newsletters.id order by source_id)) as sources
    from newsletters left join segments on segments.id = newsletters.segment_id
    where newsletters.id = any(${newsletterIds}::bigint[])`.execute(db);
  return new Map(rows.map(({ id, lists, segment, sources }) => [id, { lists, segment, sources }]));
}

/** All settings of a newsletter, as commands and the API give them: what is left out has its default. */
export function newsletterDocument(newsletter: Newsletter, { lists, segment, sources }: Connections) {
  return {
    id: newsletter.id,
    slug: newsletter.slug,
    name: newsletter.name,
    description: newsletter.description,
    from: newsletter.from_address,
    fromName: newsletter.from_name,
    replyTo: newsletter.reply_to,
    subject: newsletter.subject,
    language: newsletter.language,
    cron: newsletter.cron,
    timeZone: newsletter.time_zone,
    catchUp: newsletter.catch_up,
    deliverAt: newsletter.deliver_at?.slice(0, 5) ?? null,
    retryMinutes: newsletter.retry_minutes,
    stopRates: parseStopRates(newsletter.stop_rates),
    undoSeconds: newsletter.undo_seconds,
    mode: newsletter.mode,
    theme: newsletter.theme,
    brand: newsletter.brand,
    tracking: parseTracking(newsletter.tracking),
    checks: parseCheckSettings(newsletter.checks),
    languages: newsletter.languages,
    preheader: newsletter.preheader,
    plainLinks: newsletter.plain_links,
    publicArchive: newsletter.public_archive,
    subjectTest: newsletter.subject_test,
    policy: newsletter.policy,
    policyVersion: newsletter.policy_version,
    onUncertain: newsletter.on_uncertain,
    paused: newsletter.paused,
    lists,
    segment,
    sources,
    next: newsletter.paused ? null : (nextEdition(newsletter) ?? null),
  };
}
