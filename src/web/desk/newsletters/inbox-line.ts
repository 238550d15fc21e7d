import type { Context } from '../../../context.ts';
import type { EditionStory } from '../../../editions/content.ts';
import { storiesOf } from '../../../editions/editions.ts';
import { preheaderOf, subjectOf } from '../../../editions/subject.ts';
import { UserError } from '../../../errors.ts';
import { errorSaid } from '../sayings/errors.ts';
import type { Say } from './form-values.ts';

/** How an edition would stand in an inbox. */
export type InboxLine = { subject: string; preheader: string; isSample: boolean } | { problem: string };

/** Fills patterns with the stories of a newsletter's last edition, or with sample ones. */
export async function inboxLine(
  context: Pick<Context, 'db'>,
  newsletter: { id: number; name: string },
  patterns: { subject: string; preheader: string },
  say: Say,
): Promise<InboxLine> {
  const own = await lastStories(context, newsletter.id);
  const titles = [say('sampleLead'), say('sampleSecond'), say('sampleThird')];
  const stories = own.length > 0 ? own : titles.map((title) => ({ title }) as EditionStory);
  try {
    return {
      subject: await subjectOf(patterns.subject, newsletter.name, stories),
      preheader: await preheaderOf(patterns.preheader, newsletter.name, stories),
      isSample: own.length === 0,
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { problem: errorSaid(error, say.language).text };
  }
}

async function lastStories(context: Pick<Context, 'db'>, newsletterId: number): Promise<EditionStory[]> {
  const edition = await context.db
    .selectFrom('editions')
    .select('id')
    .where('newsletter_id', '=', newsletterId)
    .where('state', 'in', ['review', 'approved', 'sending', 'paused', 'sent'])
    .orderBy('scheduled_for', 'desc')
    .limit(1)
    .executeTakeFirst();
  return edition ? storiesOf(context, edition.id) : [];
}
