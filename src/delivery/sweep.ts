import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { move } from '../editions/lifecycle.ts';
import { freeBatch, isSettled, silentBatches, takeOverExpired } from './ledger.ts';

/** What has to be done next, as the ledger shows it. */
export interface Sweep {
  /** Approved editions whose time has come: the one chosen with the approval, or the scheduled one. */
  toStart: number[];
  /** Editions of which every delivery has come to its end, now marked as sent. */
  finished: number[];
}

/**
 * Looks over the editions that are being sent: takes over from silent workers, and closes what is done. Whatever was lost with a process (a job, a message between processes) is found here again, so any number of
 * processes may call it, at any time.
 */
export async function sweep(context: Context): Promise<Sweep> {
  const result: Sweep = { toStart: [], finished: [] };
  const editions = await context.db
    .selectFrom('editions')
    .innerJoin('newsletters', 'newsletters.id', 'editions.newsletter_id')
    .select([
      'editions.id',
      'editions.state',
      'editions.scheduled_for',
      'editions.starts_at',
      'newsletters.on_uncertain',
    ])
    .where((e) =>
      e.or([
        e('editions.state', 'in', ['approved', 'sending', 'paused']),
        // What had begun when it was cancelled is uncertain too if its worker ended.
        e.and([
          e('editions.state', '=', 'cancelled'),
          e.exists(
            e
              .selectFrom('delivery_batches')
              .select('batch')
              .whereRef('delivery_batches.edition_id', '=', 'editions.id')
              .where('due_at', 'is not', null)
              .where('lease_until', '<', sql<Date>`clock_timestamp()`),
          ),
        ]),
      ]),
    )
    .orderBy('editions.scheduled_for')
    .execute();
  for (const edition of editions) {
    if (edition.state === 'approved') {
      if ((edition.starts_at ?? edition.scheduled_for) <= context.clock.now())
        result.toStart.push(edition.id);
      continue;
    }
    // Nothing of a cancelled edition is sent again.
    const resends = edition.on_uncertain === 'resend' && edition.state !== 'cancelled';
    await takeOver(context, edition.id, resends ? 'resend' : 'skip');
    if (edition.state !== 'sending') continue;
    if (await finishIfSettled(context, edition.id)) result.finished.push(edition.id);
  }
  return result;
}

/** Takes over what workers held that have not been heard of for a lease. */
async function takeOver(context: Context, editionId: number, onUncertain: 'resend' | 'skip'): Promise<void> {
  for (const batch of await silentBatches(context, editionId)) {
    const taken = await takeOverExpired(context, batch, onUncertain);
    if (taken.replanned + taken.uncertain > 0)
      context.log.warn({ editionId, ...taken }, 'took over from a worker that went silent');
    await freeBatch(context, batch);
  }
}

/** Marks an edition as sent if nothing of it is open. @returns whether this call did it */
export async function finishIfSettled(context: Context, editionId: number): Promise<boolean> {
  if (!(await isSettled(context, editionId))) return false;
  try {
    await move(context, editionId, 'finish');
    return true;
  } catch {
    return false; // Another process was first, or the edition was paused or cancelled.
  }
}
