import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { cutOff, type RetentionResult } from '../subscribers/retention.ts';
import { dropLedgers } from './remove-editions.ts';
import { deliveryReport } from './report.ts';

/**
 * Drops the ledgers of editions that were done with long ago, as the settings say: each is a table of its own, so a million
 * rows leave at once. What they came to stays with the edition, and so does what the edition was.
 * @param options.dryRun only counts
 * @param options.stopping no new one is dropped once it is set
 * @returns how many deliveries went, or would go
 */
export async function dropOldLedgers(
  context: Pick<Context, 'db' | 'clock' | 'config'>,
  options: { dryRun?: boolean; stopping?: AbortSignal } = {},
): Promise<RetentionResult> {
  const { db, clock, config } = context;
  const before = cutOff(clock.now(), config.retention.ledgerMonths, 'months');
  const result: RetentionResult = {
    rule: 'ledgers',
    what: 'who got which edition (what each edition came to stays)',
    setting: 'RETENTION_LEDGER_MONTHS',
    before,
    rows: 0,
  };
  if (!before) return result;
  const { rows: old } = await sql<{ id: number; planned: number }>`
    select id, planned_count as planned from editions
    where state in ('sent', 'cancelled') and planned_at < ${before} and ledger_sums is null
      and to_regclass('deliveries_e' || id) is not null
    order by id`.execute(db);
  for (const { id, planned } of old) {
    if (options.stopping?.aborted) break;
    if (!options.dryRun) await dropLedger(context, id);
    result.rows += planned;
  }
  return result;
}

async function dropLedger(context: Pick<Context, 'db'>, editionId: number): Promise<void> {
  await context.db.transaction().execute(async (db) => {
    const { accepted, failed, skipped, uncertain, deferred, waiting } = await deliveryReport(
      { db },
      editionId,
    );
    await db
      .updateTable('editions')
      .set({ ledger_sums: JSON.stringify({ accepted, failed, skipped, uncertain, deferred, waiting }) })
      .where('id', '=', editionId)
      .execute();
    await db.deleteFrom('delivery_batches').where('edition_id', '=', editionId).execute();
    await dropLedgers(db, [editionId], ['deliveries']);
  });
}
