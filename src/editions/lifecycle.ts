import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { UserError } from '../errors.ts';
import { type Edition, type EditionState, getEdition } from './editions.ts';

/** What may be done to an edition, from which states, and where it leads. */
const transitions = {
  approve: { from: ['review'], to: 'approved', done: 'approved' },
  withdraw: { from: ['approved'], to: 'review', done: 'put back into review' },
  start: { from: ['approved'], to: 'sending', done: 'sent' },
  pause: { from: ['approved', 'sending'], to: 'paused', done: 'paused' },
  resume: { from: ['paused'], to: 'approved', done: 'resumed' },
  cancel: { from: ['draft', 'review', 'approved', 'sending', 'paused'], to: 'cancelled', done: 'cancelled' },
  finish: { from: ['sending'], to: 'sent', done: 'sent' },
  skip: { from: ['draft', 'review'], to: 'skipped', done: 'skipped' },
  review: { from: ['draft', 'review'], to: 'review', done: 'put up for review' },
} as const satisfies Record<string, { from: EditionState[]; to: EditionState; done: string }>;

export type Transition = keyof typeof transitions;

/**
 * The reason of an edition that somebody had built before its time, where its newsletter is automatic: at its time it is built
 * again and goes out, as long as this stands with it.
 */
export const builtAhead =
  'built ahead: at its time its stories are chosen again and it goes out, unless somebody changes it before';

/** How the reason of an edition begins that is being built because somebody asked for it. */
export const beingBuilt = 'being built';

const stateWords: Record<EditionState, string> = {
  draft: 'still a draft',
  review: 'waiting for approval',
  approved: 'approved and about to be sent',
  sending: 'being sent',
  paused: 'paused',
  sent: 'sent already',
  cancelled: 'cancelled',
  skipped: 'skipped',
};

/**
 * Moves an edition to another state, if it is in one that allows it: of two calls at once, one wins.
 * @param reason kept with the edition and shown; null takes an old one away
 * @param version only as long as the edition has this version; any if not given
 * @param startsAt with `approve` and `resume`: nothing of it leaves before; null: its scheduled time
 * @throws UserError saying which state stands in the way
 */
export async function move(
  context: Context,
  editionId: number,
  transition: Transition,
  reason: string | null = null,
  version?: number,
  startsAt?: Date | null,
): Promise<Edition> {
  const { from, to } = transitions[transition];
  const now = context.clock.now();
  const moved = await context.db
    .updateTable('editions')
    .set((e) => ({
      // A paused send goes on where it was; its deliveries are planned already.
      state:
        transition === 'resume'
          ? e.case().when('planned_at', 'is not', null).then('sending').else('approved').end()
          : to,
      state_reason: reason,
      updated_at: now,
      ...(transition === 'approve' ? { approved_at: now, approved_version: e.ref('version') } : {}),
      ...(transition === 'withdraw' ? { approved_at: null, approved_version: null, starts_at: null } : {}),
      ...(startsAt === undefined ? {} : { starts_at: startsAt }),
      ...(transition === 'finish' ? { sent_at: now } : {}),
    }))
    .where('id', '=', editionId)
    .where('state', 'in', from)
    .$if(version !== undefined, (query) => query.where('version', '=', version as number))
    // What goes out is what was rendered last: it must be the edition as it is now.
    .$if(transition === 'approve', (query) =>
      query.where(
        sql<boolean>`(
          select bool_and(compiled_editions.version = editions.version)
          from compiled_editions where compiled_editions.edition_id = editions.id)`,
      ),
    )
    .returningAll()
    .executeTakeFirst();
  if (moved) return moved as Edition;
  const edition = await getEdition(context, editionId);
  if (transition === 'approve' && edition.state === 'review')
    throw new UserError(`Edition ${editionId} has been changed since it was rendered, or looked at.`, {
      code: 'state',
      hint: `Build it again, or render it as it is (broadsheet editions edit ${editionId}); look at it, and approve it then.`,
    });
  throw new UserError(
    `Edition ${editionId} cannot be ${transitions[transition].done}: it is ${stateWords[edition.state]}${edition.state_reason ? ` (${edition.state_reason})` : ''}.`,
    { code: 'state', details: { state: edition.state }, hint: hintFor(edition) },
  );
}

function hintFor(edition: Edition): string | undefined {
  if (edition.state === 'sent') return 'Nothing was sent. Build a new edition to write to the list again.';
  if (edition.state === 'draft') return `Build it first: broadsheet editions build --edition ${edition.id}`;
  if (edition.state === 'review') return `Approve it first: broadsheet editions approve ${edition.id}`;
  if (edition.state === 'paused') return `Let it go on: broadsheet editions resume ${edition.id}`;
  return undefined;
}

/** Notes on an edition without stories yet, or skipped, that it is being built. @param name who asked for it */
export async function noteBeingBuilt(context: Context, editionId: number, name: string): Promise<void> {
  await context.db
    .updateTable('editions')
    .set({ state_reason: `${beingBuilt}, as ${name} asked`, updated_at: context.clock.now() })
    .where('id', '=', editionId)
    .where('state', 'in', ['draft', 'skipped'])
    .execute();
}

/** Notes on a draft without stories, or a skipped edition, why it could not be built; its state stays. */
export async function noteNotBuilt(context: Context, editionId: number, reason: string): Promise<void> {
  await context.db
    .updateTable('editions')
    .set({ state_reason: reason, updated_at: context.clock.now() })
    .where('id', '=', editionId)
    .where('built_at', 'is', null)
    .where('state', 'in', ['draft', 'skipped'])
    .execute();
}

/** Notes on a draft why this version of it could not be finished; it stays a draft. */
export async function noteOnDraft(
  context: Context,
  { id, version }: Pick<Edition, 'id' | 'version'>,
  reason: string,
): Promise<void> {
  await context.db
    .updateTable('editions')
    .set({ state: 'draft', state_reason: reason, updated_at: context.clock.now() })
    .where('id', '=', id)
    .where('version', '=', version)
    .where('state', 'in', ['draft', 'review'])
    .execute();
}
