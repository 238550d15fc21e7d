import { sql } from 'kysely';
import type { Config } from '../config.ts';
import type { Context } from '../context.ts';
import { listPartitions, type Partition, type Partitioned } from '../db/partitions.ts';

/** A part of a partitioned table, and whose it is. */
export interface PartitionOverview extends Omit<Partition, 'state'> {
  /** Of its newsletter, and when it was due; null: the edition is gone. */
  newsletter: string | null;
  scheduledFor: Date | null;
  /** `missing`: the edition should have it. */
  state: Partition['state'] | 'missing';
  /** From when on the settings let it go; null: never, or its edition is on its way or gone. */
  goesAt: Date | null;
}

/** The parts of all editions, with those that are missing. */
export async function partitionOverview(
  context: Pick<Context, 'db' | 'clock' | 'config'>,
): Promise<PartitionOverview[]> {
  const { ledgerMonths, engagementMonths } = context.config.retention;
  const [parts, missing] = await Promise.all([listPartitions(context.db), missingPartitions(context)]);
  const all: (Omit<Partition, 'state'> & Pick<PartitionOverview, 'state'>)[] = [
    ...parts,
    ...missing.map(({ of, editionId }) => ({
      ...{ table: `${of}_e${editionId}`, of, editionId },
      ...{ state: 'missing' as const, rows: null, bytes: 0 },
    })),
  ];
  const { rows } = await sql<{
    id: number;
    newsletter: string;
    scheduled: Date;
    ledger: Date | null;
    seen: Date | null;
  }>`
    select editions.id, newsletters.slug as newsletter, scheduled_for as scheduled,
           case when state in ('sent', 'cancelled') and ${ledgerMonths}::integer > 0
             then planned_at + make_interval(months => ${ledgerMonths}::integer) end as ledger,
           case when ${engagementMonths}::integer > 0
             then planned_at + make_interval(months => ${engagementMonths}::integer) end as seen
    from editions join newsletters on newsletters.id = editions.newsletter_id
    where editions.id = any(${all.map(({ editionId }) => editionId)}::bigint[])`.execute(context.db);
  const editions = new Map(rows.map((edition) => [edition.id, edition]));
  return all
    .sort((a, b) => a.editionId - b.editionId || a.table.localeCompare(b.table))
    .map(({ table, of, editionId, state, rows: estimated, bytes }) => {
      const edition = editions.get(editionId);
      const { newsletter = null, scheduled = null } = edition ?? {};
      const goesAt = (of === 'deliveries' ? edition?.ledger : edition?.seen) ?? null;
      return {
        table,
        of,
        editionId,
        newsletter,
        scheduledFor: scheduled,
        state,
        rows: estimated,
        bytes,
        goesAt,
      };
    });
}

/** Parts that editions should have: those on their way both, those that went out until they are let go. */
export async function missingPartitions({
  db,
  clock,
  config,
}: Pick<Context, 'db' | 'clock'> & { config: Pick<Config, 'retention'> }): Promise<
  { of: Partitioned; editionId: number; isSending: boolean }[]
> {
  const { engagementMonths } = config.retention;
  const { rows } = await sql<{ of: Partitioned; editionId: number; isSending: boolean }>`
    select part.of, editions.id as "editionId", state <> 'sent' as "isSending"
    from editions cross join (values ('deliveries'), ('engagement')) as part (of)
    where state in ('sending', 'paused', 'sent') and planned_at is not null
      and to_regclass(part.of || '_e' || editions.id) is null
      and case part.of when 'deliveries' then ledger_sums is null
        else ${engagementMonths}::integer = 0
          or planned_at >= ${clock.now()}::timestamptz - make_interval(months => ${engagementMonths}::integer) end
    order by 2, 1`.execute(db);
  return rows;
}
