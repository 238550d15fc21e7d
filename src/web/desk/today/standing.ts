import { createHash } from 'node:crypto';
import type { Context } from '../../../context.ts';

/** How an edition stands that is still to go out or on its way: what Today shows of it changes with this alone. */
export interface Standing {
  newsletterId: number;
  stands: string;
}

/** Every edition that is still to go out or on its way, as it stands now; one small query for all who watch. */
export async function standings({ db }: Pick<Context, 'db'>): Promise<Standing[]> {
  const rows = await db
    .selectFrom('editions')
    .select([
      'id',
      'newsletter_id',
      'state',
      'state_reason',
      'scheduled_for',
      'starts_at',
      'built_at',
      'checked_version',
    ])
    .where('state', 'in', ['draft', 'review', 'approved', 'sending', 'paused'])
    .orderBy('id')
    .execute();
  return rows.map(({ newsletter_id: newsletterId, ...row }) => ({
    newsletterId,
    stands: JSON.stringify(row),
  }));
}

/** How several editions stand, in a few characters: another text says that something has changed. */
export const stampOf = (all: Standing[]): string =>
  createHash('sha256')
    .update(all.map(({ stands }) => stands).join('\n'))
    .digest('base64url')
    .slice(0, 16);
