import type { EditionStory } from '../../src/editions/content.ts';
import { getEdition, storiesOf } from '../../src/editions/editions.ts';
import type { EditionChangeInput } from '../../src/editions/revise/change.ts';
import { revise } from '../../src/editions/revise/revise.ts';
import { parsePolicy } from '../../src/selection/policy.ts';
import type { TestContext } from './context.ts';
import { editionStory } from './edition.ts';
import { seedNewsletter } from './seed.ts';

export const ada = { id: 1, email: 'ada@example.com', name: 'Ada' };
export const ben = { id: 2, email: 'ben@example.com', name: 'Ben' };

const usualSlots = [
  { name: 'lead', count: 1 },
  { name: 'top', count: 3 },
  { name: 'brief', count: 2 },
];

/** An edition in review of invented stories `s1`, `s2` and so on, not rendered. @returns its id */
export async function seedDraft(
  context: TestContext,
  {
    stories = Array.from({ length: 8 }, (_, position) => editionStory(position)),
    slots = usualSlots as { name: string; count: number; topic?: string }[],
    state = 'review',
    theme = 'broadsheet',
    newsletter = {},
  }: {
    stories?: EditionStory[];
    slots?: { name: string; count: number; topic?: string }[];
    state?: string;
    theme?: string;
    newsletter?: Parameters<typeof seedNewsletter>[2];
  } = {},
): Promise<number> {
  const { id } = await seedNewsletter(context, [], newsletter);
  const edition = await context.db
    .insertInto('editions')
    .values({
      newsletter_id: id,
      scheduled_for: context.clock.now(),
      state,
      theme,
      language: 'en',
      subject: 'The old lighthouse is lit again',
      preheader: 'And seven other stories',
      policy: JSON.stringify(parsePolicy({ slots })),
      built_at: context.clock.now(),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  let left = slots.flatMap(({ name, count }) => Array.from({ length: count }, () => name));
  await context.db
    .insertInto('edition_stories')
    .values(
      stories.map((story) => {
        const [slot = 'reserve', ...rest] = left;
        left = rest;
        return {
          edition_id: edition.id,
          position: story.position,
          slot: story.from ? 'reserve' : slot,
          story_id: null,
          storyline_id: null,
          score: story.score,
          reason: JSON.stringify(story.reason),
          snapshot: JSON.stringify(story),
        };
      }),
    )
    .execute();
  return edition.id;
}

/** Applies a change to an edition as it is now. */
export async function changed(
  context: TestContext,
  editionId: number,
  change: EditionChangeInput,
  user = ada,
) {
  const { version } = await getEdition(context, editionId);
  return revise(context, { editionId, base: version, user, change });
}

/** What readers without wishes get: each slot's stories by key. */
export async function shownOf(context: TestContext, editionId: number): Promise<Record<string, string>> {
  const stories = await storiesOf(context, editionId);
  const shown: Record<string, string> = {};
  for (const pinned of [true, false])
    for (const story of stories)
      if (story.pinned === pinned)
        shown[story.slot] =
          `${shown[story.slot] ? `${shown[story.slot]} ` : ''}${story.key}${pinned && story.kind !== 'note' ? '!' : ''}`;
  return shown;
}
