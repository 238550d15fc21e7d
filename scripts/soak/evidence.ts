import { sql } from 'kysely';
import type { Context } from '../../src/context.ts';
import { deliveryReport } from '../../src/delivery/report.ts';
import type { Evidence } from './check.ts';
import { ownName } from './measure.ts';
import type { Readers } from './readers.ts';

const minute = 60_000;

/** Reads what the checks go by. Editions are due from when the newsletters were made until they were paused. */
export async function evidenceOf(
  context: Context,
  given: {
    readers: Readers;
    newsletters: { id: number; slug: string; list: string; created: number }[];
    from: number;
    through: number;
  },
): Promise<Omit<Evidence, 'missedByLog' | 'mostDoubts'>> {
  const { db } = context;
  const { readers, newsletters, through } = given;
  const named = new Map(newsletters.map((each) => [each.id, each]));
  const editions = await db.selectFrom('editions').selectAll().orderBy('id').execute();
  const soaked: Evidence['editions'] = [];
  for (const edition of editions) {
    const { planned, sums } = await deliveryReport(context, edition.id);
    soaked.push({
      id: edition.id,
      newsletter: named.get(edition.newsletter_id)?.slug ?? '',
      list: named.get(edition.newsletter_id)?.list ?? '',
      scheduledFor: edition.scheduled_for.getTime(),
      state: edition.state,
      reason: edition.state_reason,
      plannedAt: edition.planned_at?.getTime() ?? null,
      planned,
      sums,
    });
  }
  const deliveries = await db
    .selectFrom('deliveries')
    .select(['edition_id as editionId', 'subscriber_id as subscriberId', 'state', 'doubted'])
    .execute();
  const { rows: clicks } = await sql<{ id: number; times: number }>`
    select subscriber_id as id, sum(times)::integer as times from engagement where kind = 'click' group by 1`.execute(
    db,
  );
  return {
    editions: soaked,
    deliveries,
    due: new Map(newsletters.map(({ slug, created }) => [slug, minutesBetween(created, through)])),
    copies: readers.copies,
    people: [...readers.people.values()],
    clicks: new Map(clicks.map(({ id, times }) => [id, times])),
  };
}

/** The whole minutes after an instant, up to a few seconds before another: what comes due just then may be paused first. */
export function minutesBetween(from: number, through: number): number[] {
  const minutes: number[] = [];
  for (let at = (Math.floor(from / minute) + 1) * minute; at < through - 10_000; at += minute)
    minutes.push(at);
  return minutes;
}

/** What is left in the database when nothing is to be done any more. */
export async function leftBehind({
  db,
}: Context): Promise<{ violations: string[]; connections: number; megabytes: number }> {
  const { rows } = await sql<Record<string, number>>`
    with others as (
      select pid, state, xact_start from pg_stat_activity
      where datname = current_database() and backend_type = 'client backend' and application_name <> ${ownName}
    )
    select
      (select count(*) from others)::integer as connections,
      (select count(*) from others where state like 'idle in transaction%'
        and xact_start < clock_timestamp() - interval '2 seconds')::integer as "sessions idle in a transaction",
      (select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
        and pid in (select pid from others where xact_start is null or xact_start < clock_timestamp() - interval '2 seconds'))::integer as "advisory locks",
      (select count(*) from pg_prepared_xacts)::integer as "prepared transactions",
      (select count(*) from delivery_batches where due_at is not null)::integer as "batches that are due",
      (select count(*) from delivery_batches where lease_until > clock_timestamp())::integer as "leases on batches",
      (select count(*) from deliveries where state in ('claimed', 'begun'))::integer as "deliveries that are held",
      (select count(*) from goodbyes_due)::integer as "goodbyes that are due",
      (select pg_database_size(current_database()) / 1000000)::integer as megabytes`.execute(db);
  const { connections = 0, megabytes = 0, ...counts } = rows[0] ?? {};
  return {
    connections,
    megabytes,
    violations: Object.entries(counts).flatMap(([what, count]) =>
      count > 0 ? [`${count} ${what} are left`] : [],
    ),
  };
}
