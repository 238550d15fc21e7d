import { sql } from 'kysely';
import type { Context } from '../context.ts';
import type { Address } from './address.ts';
import { type SuppressionReason, suppressionReasons } from './suppression-reasons.ts';

export { type SuppressionReason, suppressionReasons };

/** Why an address gets nothing. */
export interface Suppression {
  reason: SuppressionReason;
  /** The one list it holds for, or null for all. */
  listId: number | null;
  since: Date;
  note: string | null;
}

/** How binding the reason of a row of suppressions is: 1 is the strongest. @param table the row's alias */
export const strength = (table: string) =>
  sql`array_position(${sql.lit(`{${suppressionReasons.join(',')}}`)}::text[], ${sql.ref(`${table}.reason`)})`;

/**
 * Stops all mail to an address, or the mail of one list. Each reason stands by itself, with a note and an end of its own.
 * @param request.expiresAt when mail may go again as far as this reason goes; never, if not given. The later of the old and the
 * new end holds.
 * @param request.at since when; now, if not given
 */
export async function suppress(
  context: Pick<Context, 'db' | 'clock'>,
  request: {
    address: Pick<Address, 'hash'> & { email: string | null };
    reason: SuppressionReason;
    listId?: number | null;
    note?: string;
    expiresAt?: Date;
    at?: Date;
  },
): Promise<void> {
  await context.db
    .insertInto('suppressions')
    .values({
      email_hash: request.address.hash,
      // What is erased is forgotten: only the hash stays.
      email: request.reason === 'erasure' ? null : request.address.email,
      list_id: request.listId ?? null,
      reason: request.reason,
      note: request.note ?? null,
      created_at: request.at ?? context.clock.now(),
      expires_at: request.expiresAt ?? null,
    })
    .onConflict((conflict) =>
      conflict.expression(sql`email_hash, coalesce(list_id, 0), reason`).doUpdateSet((eb) => ({
        email: eb.ref('excluded.email'),
        note: eb.ref('excluded.note'),
        created_at: eb.ref('excluded.created_at'),
        expires_at: sql<Date | null>`case
            when suppressions.expires_at is null or excluded.expires_at is null then null
            else greatest(suppressions.expires_at, excluded.expires_at) end`,
        // Whatever an import had to do with it: undoing that takes away nothing that was asked for since.
        import_id: null,
        import_before: null,
      })),
    )
    .execute();
}

/**
 * The most binding reason why an address gets nothing, or undefined if it may be mailed.
 * @param listId asks for this list's suppressions as well as those for all lists
 */
export async function isSuppressed(
  context: Pick<Context, 'db' | 'clock'>,
  emailHash: Buffer,
  listId?: number,
): Promise<Suppression | undefined> {
  const row = await context.db
    .selectFrom('suppressions')
    .select(['reason', 'list_id', 'created_at', 'note'])
    .where('email_hash', '=', emailHash)
    .where((eb) =>
      eb.or([eb('list_id', 'is', null), ...(listId === undefined ? [] : [eb('list_id', '=', listId)])]),
    )
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', context.clock.now())]))
    .orderBy(strength('suppressions'))
    .limit(1)
    .executeTakeFirst();
  return (
    row && {
      reason: row.reason as SuppressionReason,
      listId: row.list_id,
      since: row.created_at,
      note: row.note,
    }
  );
}
