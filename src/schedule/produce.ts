import type { Context } from '../context.ts';
import { isConnectionError } from '../db/connect.ts';
import { inTransaction } from '../db/in-transaction.ts';
import { buildEdition } from '../editions/build.ts';
import { type Edition, getEdition } from '../editions/editions.ts';
import { builtAhead, move, noteBeingBuilt, noteNotBuilt, noteOnDraft } from '../editions/lifecycle.ts';
import { type Editor, nameOf } from '../editions/revise/history.ts';
import { messageOf, UserError } from '../errors.ts';
import { within } from '../observe/scope.ts';
import { span } from '../observe/tracing.ts';
import { blockedBy, checkEdition } from '../rendering/checks/check-edition.ts';
import { compileAndStore } from '../rendering/store.ts';

/** Who wants an edition made, beyond what its newsletter's mode says. */
export interface Asked {
  /**
   * A person asked for it: it waits for approval, and is not skipped. `ahead`: a draft stays one if there are too few stories;
   * the edition of an automatic newsletter goes out at its time all the same, built anew, unless somebody changes it before.
   * `anyway`: however few the stories are, and also if it was skipped.
   */
  asked?: 'ahead' | 'anyway';
}

/**
 * Makes an edition ready: chooses its stories, renders and checks it, and puts it up for review, or approves it where
 * the newsletter is automatic and the checks found no error that its settings mind. If the theme fails, the edition stays
 * a draft that says which template and line.
 *
 * Any number of processes may do so at once: each step holds for the version that it was made for, and whoever was
 * overtaken, by another process or by an editor, gets the edition as the others left it.
 * @param by who wants it made; null: nobody in person
 * @throws UserError with the reason, which is also kept with the edition
 */
export async function produceEdition(
  context: Context,
  editionId: number,
  by: Editor = null,
  { asked }: Asked = {},
): Promise<Edition> {
  const before = await getEdition(context, editionId);
  try {
    return await within({ editionId }, () => produce(context, editionId, by, asked));
  } catch (error) {
    const isOvertaken =
      (before.state === 'draft' || before.state === 'review') &&
      error instanceof UserError &&
      error.code === 'state';
    if (!isOvertaken) throw error;
    context.log.info({ editionId, reason: error.message }, 'an edition was made by somebody else meanwhile');
    return getEdition(context, editionId);
  }
}

/** Makes an edition ready whose time has come, as `produceEdition` does, unless that was done since somebody found it a draft. */
export async function produceDraft(context: Context, editionId: number): Promise<Edition> {
  const edition = await getEdition(context, editionId);
  return edition.state === 'draft' ? produceEdition(context, editionId) : edition;
}

/**
 * Makes an edition ready that a person asked for, and names them with it meanwhile. If that fails, the edition stays as it was and
 * says why.
 * @param note called in the transaction that names them: what it writes is there exactly if that is
 * @returns the work, once whoever looks at the edition sees that it is going on
 */
export async function startProducing(
  context: Context,
  editionId: number,
  by: NonNullable<Editor>,
  asked: NonNullable<Asked['asked']>,
  note?: (db: Context['db']) => Promise<void>,
): Promise<() => Promise<void>> {
  await inTransaction(context, async (db) => {
    await noteBeingBuilt({ ...context, db }, editionId, nameOf(by));
    await note?.(db);
  });
  return async () => {
    try {
      await produceEdition(context, editionId, by, { asked });
    } catch (error) {
      const reason = error instanceof UserError ? error.details?.reason : undefined;
      const { state, scheduled_for } = await getEdition(context, editionId);
      const more =
        state === 'draft' && scheduled_for > context.clock.now() ? '; that is tried again at its time' : '';
      await noteNotBuilt(
        context,
        editionId,
        `${typeof reason === 'string' ? reason : `it could not be built: ${messageOf(error)}`}${more}`,
      );
      if (!(error instanceof UserError)) throw error;
    }
  };
}

async function produce(
  context: Context,
  editionId: number,
  by: Editor,
  asked: Asked['asked'],
): Promise<Edition> {
  const tooFew = asked && ({ ahead: 'refuse', anyway: 'build' } as const)[asked];
  const { edition, outcome } = await span('edition build', { 'broadsheet.edition': editionId }, () =>
    buildEdition(context, editionId, by, { tooFew }),
  );
  if (outcome === 'skipped') {
    context.log.info({ editionId, reason: edition.state_reason }, 'edition skipped');
    return edition;
  }
  try {
    await span('edition compile', { 'broadsheet.edition': editionId }, () =>
      compileAndStore(context, edition),
    );
  } catch (error) {
    if (!passes(error)) await noteOnDraft(context, edition, messageOf(error));
    throw error;
  }
  // While it is still a draft: if the process ends in between, it is made again.
  const newsletter = await context.db
    .selectFrom('newsletters')
    .select(['mode', 'checks'])
    .where('id', '=', edition.newsletter_id)
    .executeTakeFirstOrThrow();
  const blocked = await blockedByChecks(context, edition, newsletter.checks);
  const goesByItself =
    newsletter.mode === 'automatic' &&
    asked === 'ahead' &&
    !blocked &&
    edition.scheduled_for > context.clock.now();
  const isAutomatic = newsletter.mode === 'automatic' && !asked;
  if (isAutomatic && !blocked)
    // At once: a process that ends in between would leave it for a person, whom nobody has told.
    return context.db.transaction().execute(async (transaction) => {
      const inside = { ...context, db: transaction };
      await move(inside, editionId, 'review', null, edition.version);
      return move(inside, editionId, 'approve', null, edition.version);
    });
  if (isAutomatic) context.log.warn({ editionId, reason: blocked }, 'an edition waits for approval');
  const reason = goesByItself ? builtAhead : isAutomatic ? (blocked ?? null) : null;
  return move(context, editionId, 'review', reason, edition.version);
}

/**
 * Whether what went wrong passes by itself: the database was away, or this process ends and has closed it, or the machine is too busy. A draft without a note is made again at
 * the next look; a theme's mistake stays until somebody mends it.
 */
function passes(error: unknown): boolean {
  if (error instanceof UserError) return error.code === 'busy';
  return isConnectionError(error) || messageOf(error) === 'driver has already been destroyed';
}

/** Checks an edition. @returns why it is not to be sent unasked, if so; an edition that cannot be checked is not */
async function blockedByChecks(
  context: Context,
  edition: Edition,
  checks: unknown,
): Promise<string | undefined> {
  try {
    return blockedBy(await checkEdition(context, edition), checks);
  } catch (error) {
    if (passes(error)) throw error;
    context.log.error({ editionId: edition.id, error: messageOf(error) }, 'an edition could not be checked');
    return `it could not be checked: ${messageOf(error)}`;
  }
}
