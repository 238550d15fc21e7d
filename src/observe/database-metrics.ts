import { sql } from 'kysely';
import { Gauge, Registry } from 'prom-client';
import type { Context } from '../context.ts';
import { poolState } from '../db/connect.ts';
import { countPartitions, type Partition, type Partitioned, partitioned } from '../db/partitions.ts';
import { messageOf } from '../errors.ts';
import { areLate, lateMinutes } from './late-editions.ts';

const keptMs = 10_000;
const patienceMs = 5_000;

/** What the database knows of all processes together, as metrics. */
export interface DatabaseMetrics {
  registry: Registry;
  /** Looks again if the last look was more than ten seconds ago. Never throws: a database that is away is a metric too. */
  refresh(): Promise<void>;
}

interface Figures {
  editions: { state: string; count: number }[];
  late: number;
  week: { accepted: number; complaints: number };
  batches_due: number;
  oldest_due_seconds: number;
  deferred_batches: number;
  sources: { state: string; count: number }[];
  feedback: { kind: string; count: number }[];
  webhooks: { state: string; count: number }[];
  partitions: { of: Partitioned; state: Partition['state']; count: number }[];
}

const editionStates = ['draft', 'review', 'approved', 'sending', 'paused', 'sent', 'cancelled', 'skipped'];
const partitionStates = ['attached', 'detaching', 'detached'] as const;
const feedbackKinds = ['hard', 'soft', 'block', 'complaint', 'unsubscribe'];

/** Makes the metrics that are looked up in the database, and those of its pool in this process. */
export function databaseMetrics(context: Pick<Context, 'db' | 'clock' | 'log'>): DatabaseMetrics {
  const registry = new Registry();
  const registers = [registry];
  const gauge = <Label extends string = never>(name: string, help: string, labelNames: Label[] = []) =>
    new Gauge({ name: `broadsheet_${name}`, help, labelNames, registers });
  const up = gauge('database_up', '1 if the database answered the last look.');
  const editions = gauge('editions', 'Editions by state.', ['state']);
  const late = gauge(
    'editions_late',
    `Editions that are not on their way ${lateMinutes} minutes after their time.`,
  );
  const weekAccepted = gauge(
    'week_accepted',
    'Messages of editions sent in the last 7 days that mail servers took.',
  );
  const weekComplaints = gauge('week_complaints', 'Readers who complained of these editions.');
  const due = gauge('batches_due', 'Delivery batches that are due and that no worker has.');
  const oldest = gauge('batches_oldest_due_seconds', 'For how long the oldest of these has been due.');
  const deferred = gauge('batches_deferred', 'Delivery batches that wait for a later time.');
  const sources = gauge('sources', 'Sources: ok, failing or paused.', ['state']);
  const feedback = gauge('feedback_day', 'What came back in the last 24 hours, by kind.', ['kind']);
  const webhooks = gauge('webhook_posts', 'Posts to webhooks: waiting, or dead (given up).', ['state']);
  const partitions = gauge(
    'partitions',
    'Tables that editions have of their own, by the table whose parts they are, and state: attached, detaching (being taken away) or detached.',
    ['of', 'state'],
  );
  new Gauge({
    name: 'broadsheet_database_pool_connections',
    help: 'Connections of the pool: open, idle, and callers that wait for one.',
    labelNames: ['state'],
    registers,
    collect() {
      const { open, idle, waiting } = poolState(context.db);
      this.set({ state: 'open' }, open);
      this.set({ state: 'idle' }, idle);
      this.set({ state: 'waiting' }, waiting);
    },
  });

  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;
  const look = async () => {
    try {
      const found = await inTime(figures(context));
      const fill = <Label extends string>(
        of: Gauge<Label>,
        label: Label,
        names: string[],
        rows: ({ count: number } & Record<string, unknown>)[],
      ) => {
        for (const name of names)
          of.set(
            { [label]: name } as Record<Label, string>,
            rows.find((row) => row[label] === name)?.count ?? 0,
          );
      };
      fill(editions, 'state', editionStates, found.editions);
      fill(sources, 'state', ['ok', 'failing', 'paused'], found.sources);
      fill(feedback, 'kind', feedbackKinds, found.feedback);
      fill(webhooks, 'state', ['waiting', 'dead'], found.webhooks);
      for (const of of partitioned)
        for (const state of partitionStates)
          partitions.set(
            { of, state },
            found.partitions.find((row) => row.of === of && row.state === state)?.count ?? 0,
          );
      late.set(found.late);
      weekAccepted.set(found.week.accepted);
      weekComplaints.set(found.week.complaints);
      due.set(found.batches_due);
      oldest.set(found.oldest_due_seconds);
      deferred.set(found.deferred_batches);
      up.set(1);
    } catch (error) {
      up.set(0);
      context.log.warn({ error: messageOf(error) }, 'metrics could not be looked up');
    }
    lookedAt = performance.now();
  };
  return {
    registry,
    async refresh() {
      if (performance.now() - lookedAt < keptMs) return;
      looking ??= look().finally(() => {
        looking = undefined;
      });
      await looking;
    },
  };
}

async function figures({ db, clock }: Pick<Context, 'db' | 'clock'>): Promise<Figures> {
  const now = clock.now();
  const { rows } = await sql<Omit<Figures, 'partitions'>>`
    select
      (select coalesce(jsonb_agg(each), '[]') from (
        select state, count(*)::integer as count from editions group by state) as each) as editions,
      (select count(*)::integer from editions join newsletters on newsletters.id = editions.newsletter_id
        where ${areLate(now)}) as late,
      (select jsonb_build_object('accepted', coalesce(sum(accepted), 0), 'complaints', coalesce(sum(complaints), 0))
        from edition_figures join editions on editions.id = edition_figures.edition_id
        where editions.sent_at > ${now}::timestamptz - interval '7 days') as week,
      waiting.batches_due, waiting.oldest_due_seconds, waiting.deferred_batches,
      (select coalesce(jsonb_agg(each), '[]') from (
        select case when paused then 'paused' when failures > 0 then 'failing' else 'ok' end as state, count(*)::integer as count
        from sources group by 1) as each) as sources,
      (select coalesce(jsonb_agg(each), '[]') from (
        select kind, count(*)::integer as count from feedback_events
        where recorded_at > ${now}::timestamptz - interval '1 day' group by kind) as each) as feedback,
      (select coalesce(jsonb_agg(each), '[]') from (
        select state, count(*)::integer as count from webhook_deliveries
        where state in ('waiting', 'dead') group by state) as each) as webhooks
    from (
      select
        (count(*) filter (where due_at <= ${now}::timestamptz and (lease_until is null or lease_until < clock_timestamp())))::integer as batches_due,
        coalesce(extract(epoch from ${now}::timestamptz - min(due_at)
          filter (where due_at <= ${now}::timestamptz and (lease_until is null or lease_until < clock_timestamp()))), 0)::float8 as oldest_due_seconds,
        (count(*) filter (where due_at > ${now}::timestamptz))::integer as deferred_batches
      from delivery_batches join editions on editions.id = delivery_batches.edition_id
      where editions.state = 'sending' and due_at is not null
    ) as waiting`.execute(db);
  return { ...(rows[0] as Omit<Figures, 'partitions'>), partitions: await countPartitions(db) };
}

async function inTime<T>(asked: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooSlow = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the database does not answer')), patienceMs);
  });
  try {
    return await Promise.race([asked, tooSlow]);
  } finally {
    clearTimeout(timer);
  }
}
