import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { keepingPartitions, type Patience } from '../db/partitions.ts';
import { cutOff, type RetentionResult } from '../subscribers/retention.ts';
import { deliveryReport } from './report.ts';

/**
 * Drops the ledgers of editions that were done with long ago, as the settings say: each is a table of its own, so a million
 * rows leave at once, and nobody who reads or writes others waits for it. What they came to stays with the edition, and so does
 * what the edition was. One that somebody holds for too long, and those after it, stay for another time, as do all while another process
 * is at it.
 * @param options.dryRun only counts
 * @param options.stopping no new one is dropped once it is set
 * @returns how many deliveries went, or would go
 */
export async function dropOldLedgers(
  context: Pick<Context, 'db' | 'clock' | 'config'>,
  options: { dryRun?: boolean; stopping?: AbortSignal; patience?: Patience } = {},
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
  const { rows: old } = await sql<{ id: number; planned: number; counted: boolean }>`
    select id, planned_count as planned, ledger_sums is not null as counted from editions
    where state in ('sent', 'cancelled') and planned_at < ${before}
      and to_regclass('deliveries_e' || id) is not null
    order by id`.execute(db);
  if (options.dryRun) return { ...result, rows: old.reduce((sum, { planned }) => sum + planned, 0) };
  await keepingPartitions(
    db,
    async (keeper) => {
      for (const { id, planned, counted } of old) {
        if (options.stopping?.aborted) break;
        // First, in a commit of its own: detaching allows no transaction around it, and the next night finds what is left.
        if (!counted) await keepSums(context, id);
        if ((await keeper.remove({ of: 'deliveries', editionId: id })) === 'busy') break;
        result.rows += planned;
      }
    },
    options.patience,
  );
  return result;
}

async function keepSums(context: Pick<Context, 'db'>, editionId: number): Promise<void> {
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
  });
}
