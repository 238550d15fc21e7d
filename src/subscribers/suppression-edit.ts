import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { UserError } from '../errors.ts';
import { logConsent, type Origin } from './consent.ts';
import { findSuppressed, type SuppressionRow, showSuppressed } from './suppression-list.ts';

/** What may be changed of a suppression; what is not given stays. */
export interface SuppressionChanges {
  /** Null takes the note away. */
  note?: string | null;
  /** When mail may go again; null: never. */
  expiresAt?: Date | null;
}

/**
 * Changes the note of suppressions, or their end, which is logged as what else changes consent.
 * @param text an address, the hash of one, or the id of one suppression
 * @param listId only those of this list; null: only those for all lists; not given: all that the address has
 * @returns what they are now
 * @throws UserError if there is none, nothing to change was given, or one that came of an erasure is to end
 */
export async function editSuppressions(
  context: Pick<Context, 'db' | 'clock'>,
  text: string,
  { listId, changes, origin }: { listId?: number | null; changes: SuppressionChanges; origin: Origin },
): Promise<SuppressionRow[]> {
  if (changes.note === undefined && changes.expiresAt === undefined)
    throw new UserError('Nothing to change was given.', { code: 'usage', hint: 'Say --note or --expires.' });
  const address = await findSuppressed(context, text);
  const wanted = address.listId === undefined ? listId : address.listId;
  return context.db.transaction().execute(async (trx) => {
    const inside = { db: trx, clock: context.clock };
    const rows = await trx
      .selectFrom('suppressions')
      .select(['id', 'list_id', 'reason', 'expires_at'])
      .where('email_hash', '=', address.hash)
      .where(address.id === undefined ? sql<boolean>`true` : sql<boolean>`id = ${address.id}`)
      .where(wanted === undefined ? sql<boolean>`true` : sql<boolean>`list_id is not distinct from ${wanted}`)
      .orderBy('id')
      .forUpdate()
      .execute();
    if (rows.length === 0)
      throw new UserError(`${text.trim()} is not suppressed${wanted ? ' for this list' : ''}.`, {
        code: 'not-found',
        hint: 'To stop mail to it: broadsheet suppressions create',
      });
    if (changes.expiresAt && rows.some(({ reason }) => reason === 'erasure'))
      throw new UserError(`The owner of ${text.trim()} asked to be erased, and that does not end.`, {
        code: 'usage',
        hint: 'If they have asked for mail again: broadsheet suppressions remove',
      });
    const ids = rows.map(({ id }) => id);
    await trx
      .updateTable('suppressions')
      .set({
        ...(changes.note === undefined ? {} : { note: changes.note }),
        ...(changes.expiresAt === undefined ? {} : { expires_at: changes.expiresAt }),
      })
      .where('id', 'in', ids)
      .execute();
    if (changes.expiresAt !== undefined)
      for (const row of rows)
        await logConsent(inside, address.hash, 'changed', row.list_id, {
          ...origin,
          evidence: {
            ...origin.evidence,
            suppression: row.reason,
            until: changes.expiresAt?.toISOString() ?? null,
          },
        });
    const { suppressions } = await showSuppressed(inside, address);
    return suppressions.filter(({ id }) => ids.includes(id));
  });
}
