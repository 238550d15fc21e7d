import type { Context } from '../context.ts';
import { messageOf } from '../errors.ts';
import type { List } from '../subscribers/lists.ts';
import {
  countInactive,
  countUnanswered,
  noteInactive,
  type Settled,
  settleAsks,
  waitingForAsk,
} from '../subscribers/sunset.ts';
import { sendStay } from './letters.ts';
import type { Transport } from './transport.ts';

/** What one run for a list did. With a dry run: would do. */
export interface SunsetResult extends Settled {
  list: string;
  /** Asked whether to stay. */
  asked: number;
  /** Mails that could not be sent; the next run tries again. */
  failed: number;
}

/** How a run goes. */
export interface SunsetOptions {
  list: Pick<List, 'id' | 'slug'>;
  /** For how long somebody must have done nothing. */
  inactiveDays: number;
  /** How long they have for an answer. */
  graceDays: number;
  /** How many are asked at most; the others are the next run's. */
  limit: number;
  stopping?: AbortSignal;
  /** Called with the number of mails that were sent. */
  onProgress?: (asked: number) => void;
}

/** What a run would do now: how many it would ask, and how many it would unsubscribe at most. @throws as `runSunset` */
export async function previewSunset(
  context: Context,
  { list, inactiveDays, limit }: SunsetOptions,
): Promise<SunsetResult> {
  const asked = Math.min(await countInactive(context, { list, days: inactiveDays }), limit);
  const left = await countUnanswered(context, list.id);
  return { list: list.slug, asked, failed: 0, left, active: 0, gone: 0 };
}

const atATime = 4;

/**
 * Takes those off a list who were asked and have not answered, then asks the long inactive whether they want to stay. It may
 * be stopped at any time: the next run goes on, and asks nobody twice.
 * @throws UserError if nothing tells who is inactive; those who have not answered are off by then
 */
export async function runSunset(
  context: Context,
  transport: Pick<Transport, 'transporter'>,
  options: SunsetOptions,
): Promise<SunsetResult> {
  const { list, inactiveDays, graceDays, limit, stopping } = options;
  const settled = await settleAsks(context, list.id, stopping);
  const result: SunsetResult = { list: list.slug, asked: 0, failed: 0, ...settled };
  await noteInactive(context, { list, days: inactiveDays }, limit);
  const waiting = await waitingForAsk(context, list.id, limit);
  let failuresInARow = 0;
  const sendNext = async (): Promise<void> => {
    // A mail server that is away need not be asked a thousand times.
    while (!stopping?.aborted && failuresInARow < 20) {
      const subscriberId = waiting.shift();
      if (subscriberId === undefined) return;
      try {
        const sent = await sendStay(context, transport, { subscriberId, listId: list.id }, graceDays);
        if (sent) result.asked += 1;
        failuresInARow = 0;
        options.onProgress?.(result.asked);
      } catch (error) {
        result.failed += 1;
        failuresInARow += 1;
        context.log.warn(
          { list: list.slug, error: messageOf(error) },
          'someone could not be asked to stay yet',
        );
      }
    }
  };
  await Promise.all(Array.from({ length: atATime }, sendNext));
  result.failed += stopping?.aborted ? 0 : waiting.length;
  return result;
}
