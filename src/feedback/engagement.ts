import { sql } from 'kysely';
import type { Context } from '../context.ts';

/** What a subscriber did with an edition. */
export interface EngagementEvent {
  editionId: number;
  subscriberId: number;
  kind: 'open' | 'click';
  /** Position of the story among the edition's candidates; undefined: another link, or an opening. */
  position?: number;
  /** Which of the story's related links, from 0; undefined: the story itself. */
  related?: number;
  at: Date;
}

/**
 * Records openings and clicks: one row for an edition, subscriber and link, with how often and when first and last.
 * Events of editions that were never planned, or whose partition is gone, are left out, and so are those of people who
 * do not want to be counted, or have been erased.
 * @returns how many rows were written
 */
export async function recordEngagement(
  { db }: Pick<Context, 'db'>,
  events: EngagementEvent[],
): Promise<number> {
  if (events.length === 0) return 0;
  const rows = events.map((event) => ({
    edition_id: event.editionId,
    subscriber_id: event.subscriberId,
    kind: event.kind,
    position: event.position ?? -1,
    related: event.related ?? -1,
    at: event.at,
  }));
  const { rows: done } = await sql<{ times: number }>`
    insert into engagement (edition_id, subscriber_id, kind, position, related, times, first_at, last_at)
    select edition_id, subscriber_id, kind, position, related, count(*), min(at), max(at)
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as event
      (edition_id bigint, subscriber_id bigint, kind text, position smallint, related smallint, at timestamptz)
    where to_regclass('engagement_e' || edition_id) is not null
      and exists (select from subscribers where id = subscriber_id and not untracked)
    group by edition_id, subscriber_id, kind, position, related
    -- One order for all, so that nothing waits in a circle.
    order by edition_id, subscriber_id, kind, position, related
    on conflict (edition_id, subscriber_id, kind, position, related) do update set
      times = engagement.times + excluded.times,
      first_at = least(engagement.first_at, excluded.first_at),
      last_at = greatest(engagement.last_at, excluded.last_at)
    returning times`.execute(db);
  return done.length;
}
