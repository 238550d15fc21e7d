import type { Context } from '../context.ts';
import { ensureEdition } from '../editions/editions.ts';
import { builtAhead } from '../editions/lifecycle.ts';
import { occurrences } from './occurrences.ts';

// A run that is later than this was missed, not late: the program was down.
const punctualMs = 10 * 60_000;

/** An edition that a schedule asked for. */
export interface Fired {
  newsletter: string;
  editionId: number;
  scheduledFor: Date;
}

/**
 * Makes the editions whose time has come since the last look, in every newsletter that is not paused. Runs missed
 * while the program was down are caught up with one edition, for the latest of them, or skipped: the newsletter's
 * `catch_up` says which. Any number of processes may call this at once; an edition comes of it once.
 */
export async function fireSchedules(context: Context): Promise<Fired[]> {
  const { db, clock, log } = context;
  const now = clock.now();
  const newsletters = await db.selectFrom('newsletters').selectAll().where('paused', '=', false).execute();
  const fired: Fired[] = [];
  for (const newsletter of newsletters) {
    let due: Date[];
    try {
      due = occurrences(newsletter.cron, newsletter.time_zone, newsletter.scheduled_through, now);
    } catch (error) {
      log.error(
        { newsletter: newsletter.slug, error: String(error) },
        'this newsletter has a schedule that cannot be read',
      );
      continue;
    }
    const latest = due.at(-1);
    if (!latest) continue;
    const missed = now.getTime() - latest.getTime() > punctualMs;
    if (missed && newsletter.catch_up === 'skip')
      log.warn(
        { newsletter: newsletter.slug, missed: due.length },
        'runs were missed and are skipped, as the newsletter asks',
      );
    else {
      if (due.length > 1)
        log.warn(
          { newsletter: newsletter.slug, missed: due.length - 1 },
          'runs were missed; the latest is caught up',
        );
      const { edition, created } = await ensureEdition(context, newsletter.id, latest);
      if (created) fired.push({ newsletter: newsletter.slug, editionId: edition.id, scheduledFor: latest });
    }
    // After the edition is there: if this process dies in between, the next look finds the edition and moves on.
    await db
      .updateTable('newsletters')
      .set({ scheduled_through: latest })
      .where('id', '=', newsletter.id)
      .where('scheduled_through', '<', latest)
      .execute();
  }
  return fired;
}

/**
 * Drafts whose time has come and that nobody has built: their job was lost with its process, or there was nothing to build them of
 * ahead of it. What automatic newsletters' editors had built ahead, and left as it was, is a draft again.
 */
export async function draftsToBuild(context: Context): Promise<number[]> {
  await context.db
    .updateTable('editions')
    .from('newsletters')
    .set({ state: 'draft', state_reason: null, updated_at: context.clock.now() })
    .whereRef('newsletters.id', '=', 'editions.newsletter_id')
    .where('newsletters.paused', '=', false)
    .where('newsletters.mode', '=', 'automatic')
    .where('editions.state', '=', 'review')
    .where('editions.state_reason', '=', builtAhead)
    .where('editions.scheduled_for', '<=', context.clock.now())
    .execute();
  const rows = await context.db
    .selectFrom('editions')
    .select('id')
    .where('state', '=', 'draft')
    .where((e) => e.or([e('state_reason', 'is', null), e('built_at', 'is', null)]))
    .where('scheduled_for', '<=', context.clock.now())
    .execute();
  return rows.map((row) => row.id);
}
