import type { Context } from '../context.ts';
import { buildEdition } from '../editions/build.ts';
import { type Edition, getEdition } from '../editions/editions.ts';
import { move, noteOnDraft } from '../editions/lifecycle.ts';
import { messageOf } from '../errors.ts';
import { compileAndStore } from '../rendering/store.ts';

/**
 * Makes an edition ready: chooses its stories, renders it, and puts it up for review, or approves it where the
 * newsletter is automatic. If the theme fails, the edition stays a draft that says which template and line.
 * @throws UserError with the reason, which is also kept with the edition
 */
export async function produceEdition(context: Context, editionId: number): Promise<Edition> {
  const { edition, outcome } = await buildEdition(context, editionId);
  if (outcome === 'skipped') {
    context.log.info({ editionId, reason: edition.state_reason }, 'edition skipped');
    return edition;
  }
  try {
    await compileAndStore(context, edition);
  } catch (error) {
    await noteOnDraft(context, editionId, messageOf(error));
    throw error;
  }
  await move(context, editionId, 'review');
  const newsletter = await context.db
    .selectFrom('newsletters')
    .select('mode')
    .where('id', '=', edition.newsletter_id)
    .executeTakeFirstOrThrow();
  if (newsletter.mode === 'automatic') await move(context, editionId, 'approve');
  return getEdition(context, editionId);
}
