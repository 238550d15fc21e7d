import { sql } from 'kysely';
import type { Context } from '../../../context.ts';
import type { EditionState } from '../../../editions/editions.ts';
import { type UsualFigures, usualFigures } from '../../../feedback/edition-figures.ts';

/** An edition that has come to its end. */
export interface Recent {
  id: number;
  newsletter: string;
  timeZone: string;
  state: EditionState;
  reason: string | null;
  subject: string;
  at: Date;
  recipients: number | null;
  /** As it was counted last; undefined: not yet. */
  figures:
    | {
        accepted: number;
        opened: number | null;
        clicked: number | null;
        unsubscribed: number;
        complaints: number;
      }
    | undefined;
  usual: UsualFigures | undefined;
}

/** The editions that came to their end last, the newest first. @param newsletterIds those that may be seen; undefined: all */
export async function recentEditions(
  context: Pick<Context, 'db' | 'clock'>,
  newsletterIds: number[] | undefined,
  limit = 8,
): Promise<Recent[]> {
  const rows = await context.db
    .selectFrom('editions')
    .innerJoin('newsletters', 'newsletters.id', 'editions.newsletter_id')
    .leftJoin('edition_figures as figures', 'figures.edition_id', 'editions.id')
    .select([
      'editions.id',
      'newsletters.name as newsletter',
      'newsletters.time_zone as timeZone',
      'editions.state',
      'editions.state_reason as reason',
      'editions.subject',
      'editions.planned_count as recipients',
      'figures.counted_at',
      'figures.accepted',
      'figures.opened',
      'figures.clicked',
      'figures.unsubscribed',
      'figures.complaints',
    ])
    .select(sql<Date>`coalesce(editions.sent_at, editions.scheduled_for)`.as('at'))
    .where('editions.state', 'in', ['sent', 'skipped', 'cancelled'])
    .$if(newsletterIds !== undefined, (query) =>
      query.where('editions.newsletter_id', '=', sql<number>`any(${newsletterIds}::bigint[])`),
    )
    .orderBy('editions.scheduled_for', 'desc')
    .limit(limit)
    .execute();
  const usual = await usualFigures(
    context,
    rows.map(({ id }) => id),
  );
  return rows.map(({ counted_at, accepted, opened, clicked, unsubscribed, complaints, ...row }) => ({
    ...row,
    state: row.state as EditionState,
    figures: counted_at
      ? {
          accepted: accepted ?? 0,
          opened,
          clicked,
          unsubscribed: unsubscribed ?? 0,
          complaints: complaints ?? 0,
        }
      : undefined,
    usual: usual.get(row.id),
  }));
}
