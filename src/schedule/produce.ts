import type { Context } from '../context.ts';
import { buildEdition } from '../editions/build.ts';
import { type Edition, getEdition } from '../editions/editions.ts';
import { move, noteOnDraft } from '../editions/lifecycle.ts';
import type { Editor } from '../editions/revise/history.ts';
import { messageOf, UserError } from '../errors.ts';
import { within } from '../observe/scope.ts';
import { span } from '../observe/tracing.ts';
import { blockedBy, checkEdition } from '../rendering/checks/check-edition.ts';
import { compileAndStore } from '../rendering/store.ts';

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
): Promise<Edition> {
  const before = await getEdition(context, editionId);
  try {
    return await within({ editionId }, () => produce(context, editionId, by));
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

async function produce(context: Context, editionId: number, by: Editor): Promise<Edition> {
  const { edition, outcome } = await span('edition build', { 'broadsheet.edition': editionId }, () =>
    buildEdition(context, editionId, by),
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
    await noteOnDraft(context, edition, messageOf(error));
    throw error;
  }
  // While it is still a draft: if the process ends in between, it is made again.
  const newsletter = await context.db
    .selectFrom('newsletters')
    .select(['mode', 'checks'])
    .where('id', '=', edition.newsletter_id)
    .executeTakeFirstOrThrow();
  const blocked = await blockedByChecks(context, edition, newsletter.checks);
  const reviewed = await move(context, editionId, 'review', null, edition.version);
  if (newsletter.mode !== 'automatic') return reviewed;
  if (!blocked) return move(context, editionId, 'approve', null, edition.version);
  context.log.warn({ editionId, reason: blocked }, 'an edition waits for approval');
  return move(context, editionId, 'review', blocked, edition.version);
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
    context.log.error({ editionId: edition.id, error: messageOf(error) }, 'an edition could not be checked');
    return `it could not be checked: ${messageOf(error)}`;
  }
}
