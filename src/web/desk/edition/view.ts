import { sql } from 'kysely';
import { may } from '../../../access/roles.ts';
import type { Context } from '../../../context.ts';
import type { EditionStory, Slot } from '../../../editions/content.ts';
import { type Edition, storiesOf } from '../../../editions/editions.ts';
import { beingBuilt } from '../../../editions/lifecycle.ts';
import { type EditionVersion, historyOf, nameOf } from '../../../editions/revise/history.ts';
import { inSlot } from '../../../editions/revise/order.ts';
import { type SubjectTest, triedSubjects } from '../../../editions/subject-test.ts';
import { isNoteSlot } from '../../../selection/chosen.ts';
import { parsePolicy } from '../../../selection/policy.ts';
import type { DeskSession } from '../env.ts';

/** A story of the edition, which has a key. */
export type KeyedStory = EditionStory & { key: string };

/** A slot with what stands in it, in order. */
export interface FilledSlot {
  slot: Slot;
  isNote: boolean;
  stories: KeyedStory[];
}

/** All that the edition's page shows, as it was at one moment. */
export interface EditionView {
  edition: Edition;
  newsletter: {
    id: number;
    slug: string;
    name: string;
    fromName: string;
    timeZone: string;
    languages: string[];
    checks: unknown;
  };
  slots: FilledSlot[];
  /** Candidates without a place. */
  reserve: KeyedStory[];
  /** Of earlier editions, for readers who did not get these. */
  rolledUp: KeyedStory[];
  dropped: KeyedStory[];
  tried: string[];
  test: SubjectTest | null;
  undo: EditionVersion | undefined;
  redo: EditionVersion | undefined;
  /** Its stories are there, and are being rendered and checked. */
  isUnfinished: boolean;
  /** What can be done with it: change it, as whoever looks may do so and it is not past it. */
  canEdit: boolean;
  mayEdit: boolean;
  /** They may merge and split storylines, which are those of every newsletter. */
  mayMove: boolean;
  /** How histories name whoever looks. */
  me: string;
  /** Clicks of persons by story, once it went out; by position. */
  clicks: Map<number, number> | undefined;
}

/** Whether somebody has asked for it to be built, and it is not yet. */
export const isBeingBuilt = ({ edition }: EditionView): boolean =>
  (edition.state === 'draft' || edition.state === 'skipped') &&
  edition.built_at === null &&
  (edition.state_reason?.startsWith(beingBuilt) ?? false);

/** What chose the stories renders and checks them next. If that process ended, another makes the edition again at its time. */
const layingOutMs = 2 * 60_000;

/** Whether its stories are chosen, and it is not put up for review yet. */
const isBeingLaidOut = ({ state, built_at, state_reason }: Edition, now: Date): boolean =>
  state === 'draft' &&
  state_reason === null &&
  built_at !== null &&
  now.getTime() - built_at.getTime() < layingOutMs;

/** Whether it has no stories, and can be built when somebody asks for it. */
export const canBeBuilt = (view: EditionView): boolean =>
  view.mayEdit &&
  !isBeingBuilt(view) &&
  (view.edition.state === 'skipped' || (view.edition.state === 'draft' && view.edition.built_at === null));

const changeable = ['draft', 'review', 'approved'];

/**
 * Reads what the edition's page shows.
 * @returns undefined, if there is no such edition
 */
export async function viewOf(
  context: Pick<Context, 'db' | 'clock'>,
  editionId: number,
  session: DeskSession,
): Promise<EditionView | undefined> {
  const { db } = context;
  const row = await db
    .selectFrom('editions')
    .innerJoin('newsletters', 'newsletters.id', 'editions.newsletter_id')
    .selectAll('editions')
    .select(['slug', 'name', 'from_name', 'time_zone', 'languages', 'checks'])
    .where('editions.id', '=', editionId)
    .executeTakeFirst();
  if (!row) return undefined;
  const { slug, name, from_name, time_zone, languages, checks, ...rest } = row;
  const edition = rest as Edition;
  const past = ['sending', 'paused', 'sent'].includes(edition.state) && edition.planned_at !== null;
  const [stories, tried, history, clicks] = await Promise.all([
    storiesOf(context, editionId),
    triedSubjects(context, editionId),
    historyOf(context, editionId),
    past ? clicksOf(context, editionId) : undefined,
  ]);
  const keyed = stories as KeyedStory[];
  const { slots } = parsePolicy(edition.policy);
  const own = keyed.filter(({ from }) => !from);
  const mayEdit = may(session.user, 'edit', edition.newsletter_id);
  const isUnfinished = isBeingLaidOut(edition, context.clock.now());
  return {
    edition,
    newsletter: {
      id: edition.newsletter_id,
      slug,
      name,
      fromName: from_name || name,
      timeZone: time_zone,
      languages,
      checks,
    },
    slots: slots.map((slot) => ({
      slot,
      isNote: isNoteSlot(slot.name),
      stories: inSlot(own, slot.name) as KeyedStory[],
    })),
    reserve: own.filter(({ slot }) => !slots.some((each) => each.name === slot)),
    rolledUp: keyed.filter(({ from }) => from),
    dropped: edition.dropped as unknown as KeyedStory[],
    tried,
    test: edition.subject_test as SubjectTest | null,
    undo: history.undo,
    redo: history.redo,
    isUnfinished,
    canEdit: mayEdit && !isUnfinished && changeable.includes(edition.state) && edition.planned_at === null,
    mayEdit,
    mayMove: may(session.user, 'edit'),
    me: nameOf(session.user),
    clicks,
  };
}

/** How often persons followed each story's own link, those counted without a name included; by position. */
async function clicksOf({ db }: Pick<Context, 'db'>, editionId: number): Promise<Map<number, number>> {
  const { rows } = await sql<{ position: number; clicks: number }>`
    select position, sum(clicks)::integer as clicks from (
      select position, count(*) as clicks from engagement
      where edition_id = ${editionId} and kind = 'click' and source = 'person' and position >= 0 and related = -1
      group by position
      union all
      select position, sum(times) from engagement_counts
      where edition_id = ${editionId} and kind = 'click' and source = 'person' and position >= 0 and related = -1
      group by position
    ) as counted group by position`.execute(db);
  return new Map(rows.map(({ position, clicks }) => [position, clicks]));
}

/** Whether whoever looks may make a change of this kind: storylines are those of every newsletter. */
export const concernsThis = ({ mayMove }: Pick<EditionView, 'mayMove'>, kind: string | undefined): boolean =>
  mayMove || (kind !== 'merge' && kind !== 'split');

/** A story, candidate or note of the edition by its key. */
export const storyIn = (view: EditionView, key: string): KeyedStory | undefined =>
  everyStory(view).find((story) => story.key === key);

/** All that stands in the edition: by slots, then the candidates. */
export const everyStory = (view: EditionView): KeyedStory[] => [
  ...view.slots.flatMap(({ stories }) => stories),
  ...view.reserve,
  ...view.rolledUp,
];
