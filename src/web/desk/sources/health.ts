import { type Selectable, sql } from 'kysely';
import type { Context } from '../../../context.ts';
import type { Sources } from '../../../db/schema.ts';

const day = 86_400_000;
export const barDays = 14;
// A fetch is given up after ten seconds.
const slowMs = 5000;
// A worker looks every minute; so late is a fetch only if none is running.
const lateMs = 15 * 60_000;
const quietDays = 7;
const mostShown = 300;

/** How a source does: `silent` answers, but brings nothing; `late` should have been fetched long ago, so no worker is running. */
export type Health = 'failing' | 'late' | 'slow' | 'silent' | 'ok' | 'new' | 'paused' | 'api';

/** A source, and how it does. */
export interface SourceHealth extends Selectable<Sources> {
  health: Health;
  /** Stories on each of the last days (24 hours each), the latest last. */
  perDay: number[];
  /** When its newest story was published. */
  newest: Date | null;
}

/**
 * Sources with how they do, those that need somebody first.
 * @param words what name, publisher or address hold
 * @param days for how many days back stories are counted
 */
export async function sourcesHealth(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  { words = '', id, days = barDays }: { words?: string; id?: number; days?: number } = {},
): Promise<SourceHealth[]> {
  const now = clock.now();
  const pattern = `%${words.replace(/[\\%_]/g, '\\$&')}%`;
  const [sources, counts, newest] = await Promise.all([
    db
      .selectFrom('sources')
      .selectAll()
      .$if(id !== undefined, (query) => query.where('id', '=', id ?? 0))
      .$if(words !== '', (query) =>
        query.where((e) =>
          e.or([e('name', 'ilike', pattern), e('publisher', 'ilike', pattern), e('url', 'ilike', pattern)]),
        ),
      )
      .orderBy(sql`lower(name)`)
      .orderBy('id')
      .limit(mostShown)
      .execute(),
    // Index only: story_search_recent, or of one source story_search_source.
    sql<{ source: number; days: number; stories: number }>`
      select source_id as source, floor(extract(epoch from ${now}::timestamptz - published_at) / 86400)::integer as days,
        count(*)::integer as stories
      from story_search
      where published_at > ${new Date(now.getTime() - days * day)} and published_at <= ${now} and source_id is not null
        ${id === undefined ? sql`` : sql`and source_id = ${id}`}
      group by 1, 2`.execute(db),
    sql<{ id: number; at: Date | null }>`
      select id, (select max(published_at) from story_search where source_id = sources.id) as at from sources
      ${id === undefined ? sql`` : sql`where id = ${id}`}`.execute(db),
  ]);
  const perDay = new Map<number, number[]>();
  for (const { source, days: back, stories } of counts.rows) {
    const bars = perDay.get(source) ?? new Array<number>(days).fill(0);
    bars[days - 1 - back] = stories;
    perDay.set(source, bars);
  }
  const newestOf = new Map(newest.rows.map((row) => [row.id, row.at]));
  const all = sources.map((source) => {
    const at = newestOf.get(source.id) ?? null;
    return {
      ...source,
      perDay: perDay.get(source.id) ?? new Array<number>(days).fill(0),
      newest: at,
      health: healthOf(source, at, now),
    };
  });
  return all.sort((a, b) => urgencies.indexOf(a.health) - urgencies.indexOf(b.health));
}

const urgencies: Health[] = ['failing', 'late', 'slow', 'silent', 'new', 'ok', 'api', 'paused'];

function healthOf(source: Selectable<Sources>, newest: Date | null, now: Date): Health {
  const since = (at: Date | null) => (at ? now.getTime() - at.getTime() : Number.POSITIVE_INFINITY);
  if (source.paused) return 'paused';
  if (source.kind === 'api') return 'api';
  if (source.failures > 0) return 'failing';
  if (since(source.next_fetch_at) > lateMs) return 'late';
  if (!source.last_success_at) return 'new';
  if ((source.last_fetch_ms ?? 0) > slowMs) return 'slow';
  if (since(newest) > quietDays * day && since(source.created_at) > quietDays * day) return 'silent';
  return 'ok';
}

/** What kind of trouble an error tells of, for what a person can do about it. */
export type Trouble =
  | 'gone'
  | 'refused'
  | 'missing'
  | 'busy'
  | 'unreachable'
  | 'noFeed'
  | 'large'
  | 'moved'
  | 'other';

/** @param error what was recorded: a sentence */
export function troubleOf(error: string): Trouble {
  const status = Number(/\bstatus (\d{3})\b/.exec(error)?.[1] ?? 0);
  if (status === 410) return 'gone';
  if (status === 401 || status === 403 || status === 451) return 'refused';
  if (status === 404) return 'missing';
  if (status === 429 || status >= 500) return 'busy';
  if (/has moved to .* already: remove one/.test(error)) return 'moved';
  if (/is larger than/.test(error)) return 'large';
  if (/could not be fetched|did not answer in full/.test(error)) return 'unreachable';
  if (/no feed|not a feed|is broken|no sitemap|no article|no text|lists \d+ pages/.test(error))
    return 'noFeed';
  return 'other';
}
