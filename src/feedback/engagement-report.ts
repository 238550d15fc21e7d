import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { parseTracking, type Tracking } from '../editions/tracking.ts';

/** What readers made of an edition. */
export interface EngagementReport {
  /** What the newsletter may know of its readers, by its setting of now. */
  privacy: Tracking['privacy'];
  opens: EngagementCount;
  clicks: EngagementCount;
}

/** Openings, or clicks. */
export interface EngagementCount {
  /** Readers who did, persons alone; those counted without a name are not among them. */
  readers: number;
  /**
   * `readers` among those whose messages were accepted, from 0 to 1; null if there are none, or nothing is known of
   * readers.
   */
  rate: number | null;
  /** How often persons did, those counted without a name included: one reader may have done so often. */
  times: number;
  /** Of these, those counted without a name. */
  unnamed: number;
  /** How often programs did: what loads ahead, and what tests links. In no rate. */
  prefetched: number;
  scanned: number;
}

/** Adds up what was counted of an edition. */
export async function engagementReport(
  { db }: Pick<Context, 'db'>,
  editionId: number,
): Promise<EngagementReport> {
  const [newsletter, { rows }, accepted] = await Promise.all([
    db
      .selectFrom('editions')
      .innerJoin('newsletters', 'newsletters.id', 'editions.newsletter_id')
      .select('newsletters.tracking')
      .where('editions.id', '=', editionId)
      .executeTakeFirst(),
    sql<{ kind: string; source: string; readers: number; times: number; unnamed: number }>`
      select kind, source, sum(readers)::integer as readers, sum(times)::bigint as times,
             sum(times) filter (where readers = 0)::bigint as unnamed
      from (
        select kind, source, count(distinct subscriber_id) as readers, sum(times) as times
        from engagement where edition_id = ${editionId} group by 1, 2
        union all
        select kind, source, 0, sum(times) from engagement_counts where edition_id = ${editionId} group by 1, 2
      ) as counted
      group by 1, 2`.execute(db),
    db
      .selectFrom('deliveries')
      .select((e) => e.fn.countAll<number>().as('count'))
      .where('edition_id', '=', editionId)
      .where('state', '=', 'accepted')
      .executeTakeFirstOrThrow(),
  ]);
  const counted = (kind: 'open' | 'click'): EngagementCount => {
    const by = (source: string) => rows.find((row) => row.kind === kind && row.source === source);
    const readers = by('person')?.readers ?? 0;
    const unnamed = Number(by('person')?.unnamed ?? 0);
    return {
      readers,
      rate: accepted.count > 0 && (readers > 0 || unnamed === 0) ? readers / accepted.count : null,
      times: Number(by('person')?.times ?? 0),
      unnamed,
      prefetched: Number(by('prefetch')?.times ?? 0),
      scanned: Number(by('scanner')?.times ?? 0),
    };
  };
  return {
    privacy: parseTracking(newsletter?.tracking).privacy,
    opens: counted('open'),
    clicks: counted('click'),
  };
}

/** The report for people: a line each for openings and clicks; none for what was not counted. */
export function engagementLines({ opens, clicks }: EngagementReport): string[] {
  return [...line('opened', opens), ...line('clicked', clicks)];
}

function line(
  verb: string,
  { readers, rate, times, unnamed, prefetched, scanned }: EngagementCount,
): string[] {
  if (times + prefetched + scanned === 0) return [];
  const named = times - unnamed;
  const said = [
    ...(named > 0 || unnamed === 0
      ? [
          `by ${readers} ${readers === 1 ? 'reader' : 'readers'}${rate === null ? '' : ` (${(rate * 100).toFixed(1)} % of accepted)`}, ${often(named)}`,
        ]
      : []),
    ...(unnamed > 0 ? [`${often(unnamed)} by readers who are not told apart`] : []),
    ...(prefetched + scanned > 0
      ? [
          `not counted: ${[prefetched > 0 && `${prefetched} loaded ahead`, scanned > 0 && `${scanned} by scanners`].filter(Boolean).join(', ')}`,
        ]
      : []),
  ];
  return [`  ${verb}: ${said.join('; ')}`];
}

const often = (times: number) => (times === 1 ? 'once' : `${times} times`);
