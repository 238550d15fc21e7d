import { sql } from 'kysely';
import type { Context } from '../context.ts';
import type { EditionStory } from '../editions/content.ts';
import { contentOf, type Edition } from '../editions/editions.ts';
import { longestPeriodMs, periodMs } from '../editions/roll-up.ts';
import { UserError } from '../errors.ts';
import { linkSigner } from '../links.ts';
import { previewForm, withoutImages } from '../rendering/preview.ts';
import { CompiledForms } from '../rendering/store.ts';
import { withStoryIds, withStorySigns } from '../rendering/story-places.ts';
import { PersonalChooser, type Placement } from '../selection/personal.ts';
import { parsePolicy } from '../selection/policy.ts';
import { type Composer, compose, composePage, explainChoice, recorded } from './compose.ts';
import { anybody, loadReaders, pastOf, type Reader } from './readers.ts';

/** Wishes of a reader who need not exist. */
export interface SampleWishes {
  frequency: string;
  topics: string[];
  mutedTopics: string[];
  mutedSources: string[];
}

/** Whose digest is looked at: somebody's without wishes, a subscriber's, or somebody's with these wishes. */
export type PreviewReader = 'anybody' | { subscriberId: number } | SampleWishes;

/** How an edition is looked at. */
export interface PreviewOptions {
  reader: PreviewReader;
  /** A BCP 47 tag: the language of the frame; the edition's own if not given. */
  language?: string;
  /** False: as where a mail program shows none. */
  images?: boolean;
  /** Refused, if the edition has another one by now. */
  version?: number;
  /** Which of the edition's subjects; 0 is its own. */
  subject?: number;
}

/** One reader's digest as it would be sent now. */
export interface Preview {
  version: number;
  /** The first element of each story has the id `story-KEY`. Empty, as the text, if this reader would get nothing. */
  html: string;
  text: string;
  /** The message as it would go out (RFC 5322), but for signatures. */
  source: string;
  /** Of the message, in bytes. */
  size: number;
  isEmpty: boolean;
  /** Why this reader gets what they get, in order. */
  placements: (Placement & Pick<EditionStory, 'title' | 'key'>)[];
}

/**
 * What a reader would get of an edition as it is now. Nothing is stored, and links of previews are nobody's.
 * @throws UserError if there is no such subscriber, the theme fails, or (code `conflict`) the version is another
 */
export async function previewOf(
  context: Context,
  edition: Edition,
  options: PreviewOptions,
): Promise<Preview> {
  const { language = edition.language, images = true, version = edition.version } = options;
  if (version !== edition.version)
    throw new UserError(`Edition ${edition.id} has version ${edition.version} by now, not ${version}.`, {
      code: 'conflict',
      hint: 'Load it again.',
    });
  const { slots, exploration } = parsePolicy(edition.policy);
  const [content, signer, newsletter] = await Promise.all([
    contentOf(context, edition, slots),
    linkSigner(context),
    context.db
      .selectFrom('newsletters')
      .select(['id', 'slug', 'from_address', 'time_zone'])
      .where('id', '=', edition.newsletter_id)
      .executeTakeFirstOrThrow(),
  ]);
  const { stories } = content;
  const chooser = new PersonalChooser(stories, slots, { share: exploration, seed: edition.id });
  const reader = await readerFor(context, edition, stories, options.reader);
  const choice = chooser.choose(reader);
  const compiled = await previewForm(context, { ...content, language }, newsletter.id, choice);
  const composer: Composer = {
    edition,
    compiled: new CompiledForms(new Map([['preview', compiled]]), language),
    stories,
    slots,
    chooser,
    past: { clicked: new Map(), overlap: new Map(), rollUp: undefined },
    newsletter: {
      id: newsletter.id,
      slug: newsletter.slug,
      fromAddress: newsletter.from_address,
      onUncertain: 'skip',
      retryMinutes: 0,
      deliverAt: null,
      timeZone: newsletter.time_zone,
      listIds: [],
    },
    signer,
    privacy: 'off',
    dkim: [],
  };
  // Links in what others look at are nobody's: no look at a preview unsubscribes this reader, or shows how to.
  const shown = { ...reader, id: 0, language };
  const message = compose(context, composer, shown, options.subject, choice);
  const placements = explainChoice(composer, reader).map((placement) => {
    const story = stories.find(({ position }) => position === placement.position);
    return { ...placement, title: story?.title ?? '', key: story?.key };
  });
  if (!message) return { version, html: '', text: '', source: '', size: 0, isEmpty: true, placements };
  const signed = {
    ...composer,
    compiled: new CompiledForms(new Map([['preview', withStorySigns(compiled)]]), language),
  };
  const page = composePage(context, signed, shown, recorded(choice, slots));
  const keys = new Map(stories.map(({ position, key }) => [position, key]));
  const html = withStoryIds(page.html, (position) => `story-${keys.get(position) ?? position}`);
  return {
    version,
    html: images ? html : withoutImages(html),
    text: page.text,
    source: Buffer.concat(message.raw).toString('latin1'),
    size: message.size,
    isEmpty: false,
    placements,
  };
}

async function readerFor(
  context: Context,
  edition: Edition,
  stories: EditionStory[],
  wanted: PreviewReader,
): Promise<Reader> {
  const somebody = anybody(0, 'reader@example.com');
  if (wanted === 'anybody') return somebody;
  if ('subscriberId' in wanted) {
    const past = await pastOf(context, edition, stories);
    const [reader] = await loadReaders(context, edition.newsletter_id, [wanted.subscriberId], past);
    if (!reader)
      throw new UserError(`There is no subscriber ${wanted.subscriberId}.`, {
        code: 'not-found',
        hint: 'Look for them: broadsheet subscribers list',
      });
    return reader;
  }
  const { frequency, ...wishes } = wanted;
  const period = periodMs(frequency);
  return {
    ...somebody,
    ...wishes,
    ...(period > 0 && {
      since: new Date(edition.scheduled_for.getTime() - Math.min(period, longestPeriodMs)).toISOString(),
    }),
  };
}

/** Readers of a newsletter who are alike, and one of whom a digest can be looked at. */
export interface SampleReaders {
  /** What `previewOf` takes. */
  reader: SampleWishes;
  /** How many there are, among those that were looked at. */
  readers: number;
  share: number;
  /** Who they are, such as "get it weekly, and mute sport". */
  who: string;
}

const mostSamples = 6;
const mostLookedAt = 50_000;

/**
 * The largest groups of a newsletter's readers by how often they get it and what they wish. Of many readers the first
 * 50,000 are looked at.
 */
export async function sampleReaders(
  { db }: Pick<Context, 'db'>,
  newsletterId: number,
): Promise<SampleReaders[]> {
  const { rows } = await sql<SampleWishes & { readers: number; of: number }>`
    with people as (
      select frequency, topics, muted_topics, muted_sources
      from subscriptions
      where state = 'confirmed'
        and list_id in (select list_id from newsletter_lists where newsletter_id = ${newsletterId})
      limit ${sql.lit(mostLookedAt)})
    select frequency, topics, muted_topics as "mutedTopics", muted_sources as "mutedSources",
           count(*)::integer as readers, (sum(count(*)) over ())::integer as of
    from people group by 1, 2, 3, 4
    order by readers desc, frequency, topics, muted_topics, muted_sources
    limit ${sql.lit(mostSamples)}`.execute(db);
  return rows.map(({ readers, of, ...reader }) => ({
    reader,
    readers,
    share: readers / of,
    who: whoIs(reader),
  }));
}

/** Wishes as a sentence without a subject. */
function whoIs({ frequency, topics, mutedTopics, mutedSources }: SampleWishes): string {
  const wishes = [
    topics.length > 0 ? `choose ${inList(topics)}` : '',
    mutedTopics.length + mutedSources.length > 0 ? `mute ${inList([...mutedTopics, ...mutedSources])}` : '',
  ].filter(Boolean);
  const often = frequency === 'every' ? 'get every edition' : `get it ${frequency}`;
  return wishes.length === 0 ? `${often}, and wish nothing else` : `${often}, and ${wishes.join(' and ')}`;
}

const inList = (words: string[]) => {
  const shown = words.length > 4 ? [...words.slice(0, 3), `${words.length - 3} more`] : words;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
};
