import type { Context } from '../context.ts';
import { messageOf } from '../errors.ts';
import { sendGoodbye } from './letters.ts';
import type { Transport } from './transport.ts';

const mostAtOnce = 200;
// A goodbye that comes days later helps nobody.
const latestMs = 24 * 3_600_000;

/** Whether somebody who left by mail or a provider's webhook has still to be told. */
export async function areGoodbyesDue({ db }: Pick<Context, 'db'>): Promise<boolean> {
  const row = await db.selectFrom('goodbyes_due').select('list_id').limit(1).executeTakeFirst();
  return row !== undefined;
}

/**
 * Tells those who left by mail or a provider's webhook that they have, where the list says goodbye. What could not be sent
 * is tried again with the next call, for a day. Two processes at once send nobody two.
 * @returns how many mails were sent
 */
export async function sendGoodbyesDue(
  context: Context,
  transport: Pick<Transport, 'transporter'>,
): Promise<number> {
  const { db, clock, log } = context;
  const due = await db.selectFrom('goodbyes_due').selectAll().orderBy('since').limit(mostAtOnce).execute();
  let sent = 0;
  for (const { subscriber_id, list_id, since } of due) {
    try {
      if (await sendGoodbye(context, transport, { subscriberId: subscriber_id, listId: list_id })) sent += 1;
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'someone could not be told yet that they have left');
      if (clock.now().getTime() - since.getTime() < latestMs) continue;
    }
    await db
      .deleteFrom('goodbyes_due')
      .where('subscriber_id', '=', subscriber_id)
      .where('list_id', '=', list_id)
      .where('since', '=', since)
      .execute();
  }
  return sent;
}
