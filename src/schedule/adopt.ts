import type { Context } from '../context.ts';
import { adopt, type Installation, installationOf } from '../db/installation.ts';
import type { Edition } from '../editions/editions.ts';
import { builtAhead, move } from '../editions/lifecycle.ts';

/** What an adoption did beside letting the installation send. */
export interface Adopted {
  installation: Installation;
  /** Editions that were under way when the data were copied: paused, so that somebody looks first. */
  paused: Edition[];
  /** Drafts whose time had passed, and what was built ahead of it to go out by itself. */
  skipped: Edition[];
}

const reason = 'the data are a copy: look whether it went out already, then resume or cancel it';

/**
 * Lets a copy send from now on. What was under way when it was taken may have gone out since, and no ledger here knows of it: unless
 * it shall go on, such editions are paused, drafts whose time has passed are skipped, and runs that were missed are not caught up.
 */
export async function adoptCopy(context: Context, { goOn = false } = {}): Promise<Adopted> {
  const { db, clock } = context;
  const now = clock.now();
  const { held } = await installationOf(context);
  const paused: Edition[] = [];
  const skipped: Edition[] = [];
  if (held !== undefined && !goOn) {
    await db
      .updateTable('newsletters')
      .set({ scheduled_through: now })
      .where('scheduled_through', '<', now)
      .execute();
    const underWay = await db
      .selectFrom('editions')
      .select(['id', 'state'])
      .where((e) =>
        e.or([
          e('state', '=', 'sending'),
          e.and([
            e('state', '=', 'review'),
            e('state_reason', '=', builtAhead),
            e('scheduled_for', '<=', now),
          ]),
          e.and([e('state', 'in', ['approved', 'draft']), e('scheduled_for', '<=', now)]),
        ]),
      )
      .orderBy('id')
      .execute();
    for (const { id, state } of underWay) {
      if (state === 'draft' || state === 'review') skipped.push(await move(context, id, 'skip', reason));
      else paused.push(await move(context, id, 'pause', reason));
    }
  }
  return { installation: await adopt(context), paused, skipped };
}
