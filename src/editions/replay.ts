import type { Context } from '../context.ts';
import { UserError } from '../errors.ts';
import type { Told } from '../selection/candidate.ts';
import { chooseAsOf } from '../selection/choose.ts';
import type { ChosenStory, Slot } from '../selection/chosen.ts';
import { libraryHours } from '../selection/library.ts';
import { PastStories } from '../selection/past.ts';
import { type PersonalCandidate, PersonalChooser } from '../selection/personal.ts';
import { type Policy, parsePolicy } from '../selection/policy.ts';
import {
  type ComparedClicks,
  type ComparedOrders,
  compareClicks,
  type ExpectedClicks,
} from '../selection/replay-clicks.ts';
import type { Edition } from './editions.ts';
import { type Newsletter, sourcesOf } from './newsletters.ts';
import { engagementAt, readSeen, type SeenEdition, type SeenStory } from './replay-seen.ts';
import { toldBefore } from './told.ts';

/** A story in its place, in one of the two versions of an edition. */
export interface PlacedStory {
  slot: string;
  storyId: number | null;
  storylineId: number | null;
  title: string;
  publisher: string;
  /** Its place in the other version, from 1; null if it is not there. */
  other: number | null;
}

/** A past edition, as it was sent and as another policy would have had it: what a reader without wishes gets. */
export interface ReplayedEdition {
  edition: number;
  /** ISO 8601, UTC. */
  scheduledFor: string;
  /** Readers who got it. */
  readers: number;
  /** In the order of places. */
  asSent: PlacedStory[];
  replayed: PlacedStory[];
  /** In both; of these in another place; only replayed; only sent. */
  kept: number;
  moved: number;
  added: number;
  dropped: number;
  /** Why the policy would have left the edition out; null if it would not. */
  skipped: string | null;
  /** Stories of the edition that have been deleted since, and so could not be chosen. */
  deleted: number;
  /** Null if nobody clicked anything, or its readers are no longer known. */
  clicks: ExpectedClicks | null;
}

/** The documented shape of `selection replay --json`. */
export interface Replay {
  newsletter: string;
  /** ISO 8601, UTC. */
  since: string;
  policy: Policy;
  editions: ReplayedEdition[];
  total: {
    places: number;
    kept: number;
    moved: number;
    added: number;
    dropped: number;
    skipped: number;
    deleted: number;
  };
  /** Null if no clicks are recorded. */
  clicks: ComparedClicks | null;
  /** Editions of which it is known who got what, and so with a part in `clicks`. */
  editionsWithReaders: number;
}

const day = 24 * 3_600_000;
// As ranking looks back for what readers clicked.
const engagementMs = 120 * day;
const mostEarlier = 60;

interface Rebuilt {
  replayed: ReplayedEdition;
  orders: ComparedOrders | undefined;
}

/**
 * Rebuilds a newsletter's sent editions since an instant as a policy would have chosen them: from the stories and clicks
 * that were known then, each after what the policy would have told before. Reads one state of the database and writes nothing.
 * @param onEdition called as each edition is done; its clicks are known at the end only
 * @throws UserError (code `not-found`) if no edition was sent since
 */
export async function replayEditions(
  context: Context,
  newsletter: Newsletter,
  request: {
    since: Date;
    policy: Policy;
    onEdition?: (edition: ReplayedEdition, done: number, of: number) => void;
  },
): Promise<Replay> {
  return context.db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (db) => {
      const reading = { ...context, db };
      const editions = await sentEditions(reading, newsletter, request.since);
      const instants = editions.map(({ scheduled_for }) => scheduled_for);
      const seen: SeenEdition[] = [];
      for (const edition of editions) seen.push(await readSeen(reading, edition, instants));
      const earlier: SeenEdition[] = [];
      for (const edition of await earlierEditions(reading, newsletter, instants[0] as Date))
        earlier.push(await readSeen(reading, edition, instants));

      const first = editions[0] as Edition;
      const past = await toldBefore(reading, first);
      const stories = new PastStories(await sourcesOf(reading, newsletter.id));
      const rebuilt: Rebuilt[] = [];
      for (const [at, edition] of seen.entries()) {
        const inReach = edition.scheduledFor.getTime() - libraryHours * 3_600_000;
        const choice = await chooseAsOf(
          reading,
          {
            at: edition.scheduledFor,
            // Related links are not compared.
            policy: { ...request.policy, related: 0 },
            told: past.told.filter((told) => told.at > inReach),
            usedStoryIds: past.usedStoryIds,
            engagement: engagementAt([...earlier, ...seen], instants, at),
            readUrl: () => '',
          },
          stories,
        );
        const skipped =
          choice.newStorylines < request.policy.minimumStories
            ? `${choice.newStorylines} new ${choice.newStorylines === 1 ? 'story' : 'stories'}, the policy asks for ${request.policy.minimumStories}`
            : null;
        const chosen = skipped === null ? inPlaces(choice.stories, request.policy.slots) : [];
        past.told = toldAfter(
          past.told,
          chosen.map(({ story }) => story),
          edition.scheduledFor,
        );
        past.usedStoryIds = [...past.usedStoryIds, ...chosen.flatMap(({ story }) => story.storyId ?? [])];
        rebuilt.push(compared(edition, chosen, skipped));
        request.onEdition?.((rebuilt.at(-1) as Rebuilt).replayed, at + 1, seen.length);
      }
      return summed(newsletter, request, rebuilt, earlier);
    });
}

async function sentEditions(
  { db }: Pick<Context, 'db'>,
  newsletter: Newsletter,
  since: Date,
): Promise<Edition[]> {
  const sent = db
    .selectFrom('editions')
    .selectAll()
    .where('newsletter_id', '=', newsletter.id)
    .where('state', '=', 'sent');
  const rows = await sent.where('scheduled_for', '>=', since).orderBy('scheduled_for').execute();
  if (rows.length > 0) return rows as Edition[];
  const last = await sent.orderBy('scheduled_for', 'desc').limit(1).executeTakeFirst();
  throw new UserError(
    `"${newsletter.slug}" has sent no edition${last ? ` since ${since.toISOString()}` : ' yet'}, so there is nothing to replay.`,
    {
      code: 'not-found',
      hint: last
        ? `Its last one was for ${last.scheduled_for.toISOString()}: give an earlier --since.`
        : 'To see what a policy chooses now: broadsheet editions build.',
    },
  );
}

async function earlierEditions(
  { db }: Pick<Context, 'db'>,
  newsletter: Newsletter,
  first: Date,
): Promise<Edition[]> {
  const rows = await db
    .selectFrom('editions')
    .selectAll()
    .where('newsletter_id', '=', newsletter.id)
    .where('state', '=', 'sent')
    .where('scheduled_for', '<', first)
    .where('scheduled_for', '>', new Date(first.getTime() - engagementMs))
    .orderBy('scheduled_for', 'desc')
    .limit(mostEarlier)
    .execute();
  return rows as Edition[];
}

/** A story in its place. */
export interface InPlace<Story> {
  slot: string;
  story: Story;
}

/** Candidates in the places that they have for a reader without wishes. */
export function inPlaces<Story extends PersonalCandidate>(stories: Story[], slots: Slot[]): InPlace<Story>[] {
  const byPosition = new Map(stories.map((story) => [story.position, story]));
  const nobody = { id: 0, topics: [], mutedTopics: [], mutedSources: [] };
  return new PersonalChooser(stories, slots).choose(nobody).flatMap((positions, slot) =>
    positions.map((position) => ({
      slot: slots[slot]?.name ?? '',
      story: byPosition.get(position) as Story,
    })),
  );
}

function toldAfter(told: Told[], stories: ChosenStory[], at: Date): Told[] {
  const after = new Map(told.map((each) => [each.storylineId, each]));
  for (const { storylineId, title } of stories)
    if (storylineId !== null) after.set(storylineId, { storylineId, at: at.getTime(), title });
  return [...after.values()];
}

type Telling = Pick<ChosenStory, 'storyId' | 'storylineId'>;

/** The same story, or the same event told by another one. */
function isSame(a: Telling, b: Telling): boolean {
  return (
    (a.storyId !== null && a.storyId === b.storyId) ||
    (a.storylineId !== null && a.storylineId === b.storylineId)
  );
}

function compared(edition: SeenEdition, chosen: InPlace<ChosenStory>[], skipped: string | null): Rebuilt {
  const candidates = edition.stories.filter(({ story }) => !story.from);
  const sent = inPlaces(
    candidates.map(({ story }) => story),
    parsePolicy(edition.policy).slots,
  );
  const asSent = sent.map((each) => placed(each, chosen));
  const replayed = chosen.map((each) => placed(each, sent));
  const kept = replayed.filter(({ other }) => other !== null).length;
  return {
    replayed: {
      edition: edition.id,
      scheduledFor: edition.scheduledFor.toISOString(),
      readers: edition.readers,
      asSent,
      replayed,
      kept,
      moved: replayed.filter(({ other }, at) => other !== null && other !== at + 1).length,
      added: replayed.length - kept,
      dropped: asSent.filter(({ other }) => other === null).length,
      skipped,
      deleted: edition.stories.filter(({ deleted }) => deleted).length,
      clicks: null,
    },
    orders:
      edition.readers > 0 && candidates.some(isShown)
        ? {
            readers: edition.readers,
            stories: new Map(edition.stories.filter(isShown).map((each) => [each.position, each.placed])),
            asSent: sent.map(({ story }) => story.position),
            replayed: chosen.map(({ story }) => positionOf(story, candidates)),
          }
        : undefined,
  };
}

/** A story in its place, and where the other version has it. */
export function placed({ slot, story }: InPlace<ChosenStory>, others: InPlace<ChosenStory>[]): PlacedStory {
  const other = others.findIndex((each) => isSame(story, each.story));
  return {
    slot,
    storyId: story.storyId,
    storylineId: story.storylineId,
    title: story.title,
    publisher: story.publisher,
    other: other < 0 ? null : other + 1,
  };
}

const isShown = ({ placed }: SeenStory) => placed.shown.some((readers) => readers > 0);

/** Where an edition had a story; the one that readers were shown, if it had its event twice. */
function positionOf(story: ChosenStory, candidates: SeenStory[]): number | null {
  const same = candidates.filter((each) => isSame(story, each.story));
  return (same.find(isShown) ?? same[0])?.position ?? null;
}

function summed(
  newsletter: Newsletter,
  { since, policy }: { since: Date; policy: Policy },
  rebuilt: Rebuilt[],
  earlier: SeenEdition[],
): Replay {
  const known = rebuilt.filter(({ orders }) => orders);
  const result = compareClicks(
    known.map(({ orders }) => orders as ComparedOrders),
    earlier
      .filter(({ readers }) => readers > 0)
      .flatMap(({ stories }) => stories.filter(isShown).map(({ placed }) => placed)),
  );
  if (result) for (const [at, { replayed }] of known.entries()) replayed.clicks = result.editions[at] ?? null;
  const editions = rebuilt.map(({ replayed }) => replayed);
  const add = (of: (edition: ReplayedEdition) => number) =>
    editions.reduce((all, edition) => all + of(edition), 0);
  const { editions: _, ...clicks } = result ?? { editions: [] };
  return {
    newsletter: newsletter.slug,
    since: since.toISOString(),
    policy,
    editions,
    total: {
      places: add(({ asSent }) => asSent.length),
      kept: add(({ kept }) => kept),
      moved: add(({ moved }) => moved),
      added: add(({ added }) => added),
      dropped: add(({ dropped }) => dropped),
      skipped: add(({ skipped }) => (skipped === null ? 0 : 1)),
      deleted: add(({ deleted }) => deleted),
    },
    clicks: result ? (clicks as ComparedClicks) : null,
    editionsWithReaders: known.length,
  };
}
