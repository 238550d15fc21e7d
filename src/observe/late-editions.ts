import { sql } from 'kysely';

/** So long after its time an edition that is not on its way is late. */
export const lateMinutes = 15;
/** Older ones are nobody's concern any more. */
const lateDays = 7;

/** Of `editions join newsletters`: those that are late, without those of paused newsletters. */
export const areLate = (now: Date) => sql<boolean>`(
  editions.state in ('draft', 'review', 'approved') and not newsletters.paused
  and coalesce(editions.starts_at, editions.scheduled_for) < ${now}::timestamptz - make_interval(mins => ${lateMinutes})
  and editions.scheduled_for > ${now}::timestamptz - make_interval(days => ${lateDays}))`;
