import { sql } from 'kysely';
import type { Context } from '../context.ts';
import {
  keepingPartitions,
  listPartitions,
  type Partition,
  type Partitioned,
  type PartitionKeeper,
  type Patience,
  partitioned,
} from '../db/partitions.ts';
import { addEngagementPartition } from '../delivery/plan.ts';
import { cutOff } from '../subscribers/retention.ts';
import { missingPartitions } from './partition-overview.ts';

/** What was done about the parts of partitioned tables, by their names. */
export interface Tending {
  /** Gone: whatever was in them was taken away before, as the settings say. */
  dropped: string[];
  /** Made for editions that had none, so that what their readers do is counted again. */
  made: string[];
  /** Somebody had begun to detach them, and ended; they are tables by themselves now. */
  finished: string[];
  /** Tables of which the planner of queries was told how large they have become. */
  analysed: Partitioned[];
  /** Held by others for too long: left for the next night. */
  busy: string[];
}

/** A part beside what is known of its edition. */
interface Known extends Partition {
  /** Nothing of it is needed any more. */
  isOver: boolean;
}

// The planner is told anew when the sum of a table's parts differs by a fifth from what it was told.
const staleShare = 0.2;

/**
 * Looks after the tables of which each edition has a part. Planning makes parts, in the transaction that needs them, so none is made
 * ahead; this takes those away that are empty for good (each that stays costs every look at all editions some time), finishes what
 * was begun and left, makes what was lost, and has Postgres count the tables as a whole, which autovacuum never does.
 * @param options.stopping nothing new is begun once it is set
 * @returns undefined if another process is at it
 */
export async function tendPartitions(
  context: Pick<Context, 'db' | 'clock' | 'config'>,
  { stopping, patience }: { stopping?: AbortSignal; patience?: Patience } = {},
): Promise<Tending | undefined> {
  const { db } = context;
  const done: Tending = { dropped: [], made: [], finished: [], analysed: [], busy: [] };
  const isOver = () => stopping?.aborted ?? false;
  return keepingPartitions(
    db,
    async (keeper) => {
      const parts = await knownParts(context);
      for (const of of partitioned)
        await clear(
          keeper,
          parts.filter((part) => part.of === of),
          done,
          isOver,
        );
      for (const { of, editionId } of await missingPartitions(context)) {
        // A lost ledger cannot be made again.
        if (of !== 'engagement') continue;
        if (isOver()) break;
        await db.transaction().execute((transaction) => addEngagementPartition(transaction, editionId));
        done.made.push(`engagement_e${editionId}`);
      }
      for (const of of await unknownToPlanner(db)) {
        if (isOver()) break;
        const end = await keeper.analyze(of);
        if (end === 'busy') done.busy.push(of);
        else if (end) done.analysed.push(of);
      }
      return done;
    },
    patience,
  );
}

/** Takes away what is over. One that cannot be taken holds up those after it, as Postgres detaches one at a time. */
async function clear(
  keeper: PartitionKeeper,
  parts: Known[],
  done: Tending,
  isStopped: () => boolean,
): Promise<void> {
  // Until these are finished no other can be taken away.
  for (const part of parts.toSorted(
    (a, b) => Number(b.state === 'detaching') - Number(a.state === 'detaching'),
  )) {
    if (isStopped()) return;
    if (!part.isOver && part.state !== 'detaching') continue;
    const end = part.isOver
      ? await keeper.remove(part, { onlyEmpty: part.of === 'engagement' })
      : await keeper.finishDetaching(part);
    if (end === 'gone') done.dropped.push(part.table);
    if (end === 'kept' && !part.isOver) done.finished.push(part.table);
    if (end !== 'busy') continue;
    done.busy.push(part.table);
    return;
  }
}

/**
 * Parts that are needed no more: of the ledger those whose sums are kept with the edition; of what readers did those of editions
 * from before the time for which it is kept. Whether these are empty is looked up when they are taken away.
 */
async function knownParts({ db, clock, config }: Pick<Context, 'db' | 'clock' | 'config'>): Promise<Known[]> {
  const before = cutOff(clock.now(), config.retention.engagementMonths, 'months');
  const [parts, { rows }] = await Promise.all([
    listPartitions(db),
    sql<{ id: number; counted: boolean; old: boolean }>`
      select id, ledger_sums is not null as counted, coalesce(planned_at < ${before}::timestamptz, false) as old
      from editions where ledger_sums is not null or planned_at < ${before}::timestamptz`.execute(db),
  ]);
  const editions = new Map(rows.map((edition) => [edition.id, edition]));
  return parts.map((part) => {
    const edition = editions.get(part.editionId);
    return { ...part, isOver: (part.of === 'deliveries' ? edition?.counted : edition?.old) ?? false };
  });
}

async function unknownToPlanner(db: Context['db']): Promise<Partitioned[]> {
  const { rows } = await sql<{ name: Partitioned }>`
    select whole.relname as name from pg_class whole
    join pg_inherits on inhparent = whole.oid and not inhdetachpending
    join pg_class part on part.oid = inhrelid
    where whole.oid = any(${[...partitioned]}::regclass[])
    group by whole.oid, whole.relname, whole.reltuples
    having abs(sum(greatest(part.reltuples, 0)) - greatest(whole.reltuples, 0)) > ${staleShare}::float8 * greatest(whole.reltuples, 1)
    order by 1`.execute(db);
  return rows.map(({ name }) => name);
}
