import { isDeepStrictEqual } from 'node:util';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../../db/schema.ts';
import { type Policy, parsePolicy } from '../../selection/policy.ts';
import type { KeptStoryline } from '../../selection/restore-storyline.ts';
import type { EditionStory } from '../content.ts';
import { type Edition, storiesOf } from '../editions.ts';
import { type SubjectTest, subjectTestSchema, triedSubjects, trySubjects } from '../subject-test.ts';
import { arranged } from './order.ts';

/** All of an edition that can be changed. */
export interface Matter {
  subject: string;
  preheader: string;
  /** Further subjects that are tried out, and how; null: none are. */
  tried: string[];
  test: SubjectTest | null;
  theme: string;
  language: string;
  policy: Policy;
  policyVersion: number | null;
  /** By position. */
  stories: EditionStory[];
  /** What editors took out, the latest last. */
  dropped: EditionStory[];
}

/**
 * What becomes of storylines: two stories' are made one (`held`: for good), or stories get one of their own, the one that they had
 * if it is known.
 */
export type StorylineWish =
  | { together: [number, number]; held?: boolean }
  | { apart: number[]; as?: KeptStoryline };

/** What of a matter differs from another: only what is given. A story that is null is not there. */
export type Patch = Partial<Omit<Matter, 'stories'>> & {
  /** Keys of all stories, in order. */
  order?: string[];
  storylines?: StorylineWish;
  stories?: Record<string, EditionStory | null>;
};

const plainFields = [
  'subject',
  'preheader',
  'tried',
  'test',
  'theme',
  'language',
  'policy',
  'policyVersion',
  'dropped',
] as const satisfies (keyof Matter)[];

/** Reads the matter of an edition. */
export async function matterOf(db: Transaction<DB>, edition: Edition): Promise<Matter> {
  return {
    subject: edition.subject,
    preheader: edition.preheader,
    tried: await triedSubjects({ db }, edition.id),
    test: edition.subject_test as SubjectTest | null,
    theme: edition.theme,
    language: edition.language,
    policy: parsePolicy(edition.policy),
    policyVersion: edition.policy_version,
    stories: await storiesOf({ db }, edition.id),
    dropped: edition.dropped as unknown as EditionStory[],
  };
}

/** A matter in which the parts agree: positions, slots, and subjects that are tried out. */
export function consistent(matter: Matter): Matter {
  const tried = [...new Set(matter.tried)].filter((each) => each !== matter.subject);
  const { patterns: _, ...usual } = subjectTestSchema.parse({ patterns: ['-'] });
  return {
    ...matter,
    tried,
    test: tried.length > 0 ? (matter.test ?? usual) : null,
    stories: arranged(matter.stories, matter.policy.slots),
  };
}

/** What leads from one matter to the other, and back. */
export function difference(before: Matter, after: Matter): { before: Patch; after: Patch } {
  const back: Patch = {};
  const forth: Patch = {};
  for (const field of plainFields) {
    if (isDeepStrictEqual(before[field], after[field])) continue;
    Object.assign(back, { [field]: before[field] });
    Object.assign(forth, { [field]: after[field] });
  }
  const was = byKey(before.stories);
  const is = byKey(after.stories);
  if (!isDeepStrictEqual([...was.keys()], [...is.keys()])) {
    back.order = [...was.keys()];
    forth.order = [...is.keys()];
  }
  for (const key of new Set([...was.keys(), ...is.keys()])) {
    const [old, now] = [was.get(key), is.get(key)];
    if (old === now || (old && now && isDeepStrictEqual(bare(old), bare(now)))) continue;
    back.stories = { ...back.stories, [key]: old ? bare(old) : null };
    forth.stories = { ...forth.stories, [key]: now ? bare(now) : null };
  }
  return { before: back, after: forth };
}

/** A matter with what a patch says. */
export function patched(matter: Matter, { order, stories = {}, storylines: _, ...plain }: Patch): Matter {
  const known = byKey(matter.stories);
  for (const [key, story] of Object.entries(stories)) {
    if (story) known.set(key, story);
    else known.delete(key);
  }
  const keys = order ?? [...known.keys()];
  return consistent({
    ...matter,
    ...plain,
    stories: keys.flatMap((key) => known.get(key) ?? []),
  });
}

const byKey = (stories: EditionStory[]) => new Map(stories.map((story) => [keyOf(story), story]));

/** What names a story in its edition. */
export const keyOf = (story: EditionStory): string => story.key ?? `p${story.position}`;

// Position and slot follow from the order, but for those that are pinned.
const bare = (story: EditionStory): EditionStory => ({
  ...story,
  position: 0,
  slot: story.pinned ? story.slot : 'reserve',
});

/** Writes what differs of a matter. The edition's row must be locked. */
export async function writeMatter(
  db: Transaction<DB>,
  editionId: number,
  before: Matter,
  after: Matter,
): Promise<void> {
  const lines = {
    ...(after.subject !== before.subject && { subject: after.subject }),
    ...(after.preheader !== before.preheader && { preheader: after.preheader }),
    ...(after.theme !== before.theme && { theme: after.theme }),
    ...(after.language !== before.language && { language: after.language }),
    ...(after.policyVersion !== before.policyVersion && { policy_version: after.policyVersion }),
    ...(!isDeepStrictEqual(after.policy, before.policy) && { policy: JSON.stringify(after.policy) }),
    ...(!isDeepStrictEqual(after.dropped, before.dropped) && { dropped: JSON.stringify(after.dropped) }),
  };
  if (Object.keys(lines).length > 0)
    await db.updateTable('editions').set(lines).where('id', '=', editionId).execute();
  if (
    after.subject !== before.subject ||
    !isDeepStrictEqual([after.tried, after.test], [before.tried, before.test])
  )
    await trySubjects(db, { id: editionId, subject: after.subject }, after.tried, after.test);
  await writeStories(db, editionId, before.stories, after.stories);
}

async function writeStories(
  db: Transaction<DB>,
  editionId: number,
  before: EditionStory[],
  after: EditionStory[],
): Promise<void> {
  const old = byKey(before);
  const moved: { from: number; to: number; slot: string }[] = [];
  const written: EditionStory[] = [];
  const kept = new Set<number>();
  for (const story of after) {
    const was = old.get(keyOf(story));
    // A name made of a place is written down as soon as the place may be another's.
    if (!was || (was !== story && (keyOf(story).startsWith('p') || !isSame(was, story)))) written.push(story);
    else {
      kept.add(was.position);
      const { position: to, slot } = story;
      if (was.position !== to || was.slot !== slot) moved.push({ from: was.position, to, slot });
    }
  }
  const gone = before.map(({ position }) => position).filter((position) => !kept.has(position));
  if (gone.length > 0)
    await sql`
      delete from edition_stories where edition_id = ${editionId} and position = any(${gone}::integer[])`.execute(
      db,
    );
  if (moved.length > 0) {
    // Out of each other's way first: no two rows have one position at any time.
    await sql`
      update edition_stories set position = -1 - position
      where edition_id = ${editionId} and position = any(${moved.map(({ from }) => from)}::integer[])`.execute(
      db,
    );
    await sql`
      update edition_stories set position = moved."to", slot = moved.slot
      from jsonb_to_recordset(${JSON.stringify(moved)}::jsonb) as moved ("from" integer, "to" integer, slot text)
      where edition_id = ${editionId} and position = -1 - moved."from"`.execute(db);
  }
  await insertStories(db, editionId, written);
}

const isSame = (a: EditionStory, b: EditionStory) =>
  isDeepStrictEqual({ ...a, position: 0, slot: '' }, { ...b, position: 0, slot: '' });

/** Writes stories of an edition. A story or storyline that has gone meanwhile is not named. */
export async function insertStories(
  db: Transaction<DB>,
  editionId: number,
  stories: EditionStory[],
): Promise<void> {
  if (stories.length === 0) return;
  await sql`
    insert into edition_stories (edition_id, position, slot, story_id, storyline_id, score, reason, snapshot)
    select ${editionId}, (snapshot->>'position')::integer, snapshot->>'slot', stories.id, storylines.id,
           (snapshot->>'score')::float8, snapshot->'reason', snapshot
    from jsonb_array_elements(${JSON.stringify(stories)}::jsonb) as snapshot
    left join stories on stories.id = (snapshot->>'storyId')::bigint
    left join storylines on storylines.id = (snapshot->>'storylineId')::bigint`.execute(db);
}
