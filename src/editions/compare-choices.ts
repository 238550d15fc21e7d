import type { Context } from '../context.ts';
import { chooseStories } from '../selection/choose.ts';
import type { Policy } from '../selection/policy.ts';
import { labelStories } from '../selection/topics/label.ts';
import type { Edition } from './editions.ts';
import { engagementBefore } from './engagement.ts';
import { type Newsletter, sourcesOf } from './newsletters.ts';
import { inPlaces, type PlacedStory, placed } from './replay.ts';
import { toldBefore } from './told.ts';

/** What a reader without wishes would get of an edition by two policies, from the stories that there are now. */
export interface ComparedChoices {
  /** Null: the newsletter has no edition that can still be chosen, and one is imagined for this moment. */
  edition: Edition | null;
  at: Date;
  /** In the order of places; `other`: the place by the other policy, from 1. */
  before: PlacedStory[];
  after: PlacedStory[];
  /** What the policy lacks to make an edition at all: new storylines, and how many it asks for. */
  skipped: { found: number; asked: number } | null;
}

/** The edition of a newsletter whose stories can still be chosen and that goes out first. */
export async function editionToChoose(
  { db }: Pick<Context, 'db'>,
  newsletterId: number,
): Promise<Edition | null> {
  const row = await db
    .selectFrom('editions')
    .selectAll()
    .where('newsletter_id', '=', newsletterId)
    .where('state', 'in', ['draft', 'review'])
    .orderBy('scheduled_for')
    .limit(1)
    .executeTakeFirst();
  return (row as Edition | undefined) ?? null;
}

/**
 * Chooses a newsletter's current edition by two policies, and compares. No edition is written; stories that wait for topics or
 * a storyline get them, as they would before any choice.
 */
export async function compareChoices(
  context: Context,
  newsletter: Newsletter,
  policies: { before: Policy; after: Policy },
): Promise<ComparedChoices> {
  const edition = await editionToChoose(context, newsletter.id);
  const at = edition?.scheduled_for ?? context.clock.now();
  await labelStories(context);
  const [told, engagement, sourceIds] = await Promise.all([
    toldBefore(context, { id: edition?.id ?? 0, newsletter_id: newsletter.id, scheduled_for: at }),
    engagementBefore(context, newsletter.id, at),
    sourcesOf(context, newsletter.id),
  ]);
  const chosen = async (policy: Policy) => {
    const choice = await chooseStories(context, {
      at,
      // Related links are not compared.
      policy: { ...policy, related: 0 },
      sourceIds,
      ...told,
      engagement,
      readUrl: () => '',
    });
    return { choice, places: inPlaces(choice.stories, policy.slots) };
  };
  const before = await chosen(policies.before);
  const after = await chosen(policies.after);
  const { newStorylines } = after.choice;
  return {
    edition,
    at,
    before: before.places.map((each) => placed(each, after.places)),
    after: after.places.map((each) => placed(each, before.places)),
    skipped:
      newStorylines < policies.after.minimumStories
        ? { found: newStorylines, asked: policies.after.minimumStories }
        : null,
  };
}
