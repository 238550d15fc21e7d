import type { Context } from '../context.ts';
import { parseCheckSettings } from '../editions/check-settings.ts';
import type { Newsletter } from '../editions/newsletters.ts';
import { parseTracking } from '../editions/tracking.ts';
import { nextOccurrence } from '../schedule/occurrences.ts';
import { countSegment } from '../subscribers/segments/count.ts';
import { findSegment } from '../subscribers/segments/segments.ts';
import type { Output } from './command.ts';

/** When its next edition is for; undefined if its schedule names no time to come. */
export function next(newsletter: Newsletter): Date | undefined {
  try {
    return nextOccurrence(newsletter.cron, newsletter.time_zone, newsletter.scheduled_through);
  } catch {
    return undefined;
  }
}

/** How many get a newsletter that is limited to a segment. */
export async function tellReach(
  context: Context,
  output: Output,
  newsletter: Newsletter,
  listIds: number[],
): Promise<void> {
  if (newsletter.segment_id === null) return;
  const { reachable } = await countSegment(context, newsletter.segment_id, listIds);
  output.text(
    `It goes to the segment "${await segmentName(context, newsletter)}" only: ${reachable.toLocaleString('en')} of its subscribers now.`,
  );
}

/** The name of the segment that it is limited to, or null. */
export const segmentName = async (context: Context, { segment_id }: Newsletter): Promise<string | null> =>
  segment_id === null ? null : (await findSegment(context, segment_id)).name;

/** The documented shape of a newsletter in `--json`. */
export function shown(newsletter: Newsletter, lists: string[], segment: string | null) {
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
    next: newsletter.paused ? null : (next(newsletter) ?? null),
  };
}
