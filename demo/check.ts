import { simpleParser } from 'mailparser';
import type { Context } from '../src/context.ts';
import { storiesOf } from '../src/editions/editions.ts';
import type { DemoReader } from './readers.ts';

/**
 * Looks into the inbox: whether each reader got one mail of an edition, and whether it is as the ledger says.
 * @param afterId only messages with a greater id count
 * @returns what is wrong, a sentence each
 */
export async function checkMails(
  context: Context,
  editionId: number,
  readers: DemoReader[],
  afterId: number,
): Promise<string[]> {
  const { db } = context;
  const edition = await db
    .selectFrom('editions')
    .innerJoin('newsletters', 'newsletters.id', 'editions.newsletter_id')
    .select(['editions.subject', 'newsletters.from_address', 'newsletters.name'])
    .where('editions.id', '=', editionId)
    .executeTakeFirstOrThrow();
  const stories = await storiesOf(context, editionId);
  const deliveries = await db
    .selectFrom('deliveries')
    .innerJoin('subscribers', 'subscribers.id', 'deliveries.subscriber_id')
    .select(['subscribers.email', 'deliveries.state', 'deliveries.stories'])
    .where('edition_id', '=', editionId)
    .execute();
  const caught = await db
    .selectFrom('inbox_messages')
    .select(['rcpt_to', 'raw', 'mail_from'])
    .where('id', '>', afterId)
    .where('subject', '=', edition.subject)
    .execute();
  const own = caught.filter((mail) => mail.mail_from.startsWith(edition.from_address.split('@')[0] ?? ''));

  const wrong: string[] = [];
  for (const reader of readers) {
    const say = (what: string) => wrong.push(`${edition.name}, ${reader.email}: ${what}`);
    const mails = own.filter((mail) => mail.rcpt_to.includes(reader.email));
    const delivery = deliveries.find((each) => each.email === reader.email);
    if (mails.length !== 1 || !mails[0]) {
      say(`${mails.length} mails instead of one`);
      continue;
    }
    if (delivery?.state !== 'accepted') say(`the ledger says ${delivery?.state ?? 'nothing'}`);
    const mail = await simpleParser(mails[0].raw);
    const text = flat(String(mail.text));
    const html = String(mail.html);
    const chosen = new Set(delivery?.stories ?? []);
    if (chosen.size === 0) say('no stories');
    for (const story of stories) {
      const there = text.includes(flat(story.title));
      // A story may be linked as related to another one without having been chosen itself.
      const related = stories.some(
        (other) => chosen.has(other.position) && other.related.some((link) => link.storyId === story.storyId),
      );
      if (chosen.has(story.position) && !there) say(`lacks "${story.title}"`);
      if (!chosen.has(story.position) && there && !related)
        say(`has "${story.title}", which was not chosen for it`);
      if (chosen.has(story.position) && story.topics.some((topic) => reader.mutedTopics.includes(topic)))
        say(`has "${story.title}", whose topic is muted`);
    }
    for (const path of ['/unsubscribe/', '/preferences/', '/view/'])
      if (!text.includes(path) || !html.includes(path)) say(`has no ${path} link`);
    if (!mail.headers.has('list')) say('has no List headers');
    if (!text.includes(flat(reader.name))) say('does not greet by name');
  }
  return wrong;
}

const flat = (text: string) => text.replace(/\s+/g, ' ');
