import type { Context } from '../context.ts';

/** What people may say about why they left. */
export const leaveReasons = ['too-many', 'not-relevant', 'never-asked', 'other'] as const;
export type LeaveReason = (typeof leaveReasons)[number];

const longestComment = 1_000;

/**
 * Keeps what someone said about why they left lists. It is kept with the subscriptions that they have left, so that each
 * counts once and goes with the person; a list that they are on (again) is passed over.
 * @returns whether there was something to keep it with
 */
export async function noteLeaveReason(
  { db }: Pick<Context, 'db'>,
  subscriberId: number,
  listIds: number[],
  said: { reason: LeaveReason; comment?: string },
): Promise<boolean> {
  if (listIds.length === 0) return false;
  const comment = [...(said.comment ?? '').replaceAll('\0', '').trim()].slice(0, longestComment).join('');
  const rows = await db
    .updateTable('subscriptions')
    .set({ leave_reason: said.reason, leave_comment: comment === '' ? null : comment })
    .where('subscriber_id', '=', subscriberId)
    .where('list_id', 'in', listIds)
    .where('state', '=', 'unsubscribed')
    .returning('list_id')
    .execute();
  return rows.length > 0;
}

/** Why people have left a list: how many gave each reason, and what they wrote, the latest first. */
export async function leaveReasonsOf(
  { db }: Pick<Context, 'db'>,
  listId: number,
): Promise<{
  counts: Record<LeaveReason, number>;
  comments: { at: Date | null; reason: string; comment: string }[];
}> {
  const left = db
    .selectFrom('subscriptions')
    .where('list_id', '=', listId)
    .where('state', '=', 'unsubscribed')
    .where('leave_reason', 'is not', null);
  const [counted, comments] = await Promise.all([
    left
      .select(['leave_reason', (eb) => eb.fn.countAll<number>().as('people')])
      .groupBy('leave_reason')
      .execute(),
    left
      .where('leave_comment', 'is not', null)
      .select(['unsubscribed_at', 'leave_reason', 'leave_comment'])
      .orderBy('unsubscribed_at', 'desc')
      .limit(200)
      .execute(),
  ]);
  return {
    counts: Object.fromEntries(
      leaveReasons.map((reason) => [
        reason,
        Number(counted.find(({ leave_reason }) => leave_reason === reason)?.people ?? 0),
      ]),
    ) as Record<LeaveReason, number>,
    comments: comments.map((row) => ({
      at: row.unsubscribed_at,
      reason: row.leave_reason ?? '',
      comment: row.leave_comment ?? '',
    })),
  };
}
