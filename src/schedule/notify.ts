import { forgetOldCalls } from '../access/calls.ts';
import { forgetOldLogins } from '../access/sessions.ts';
import type { Context } from '../context.ts';
import { messageOf } from '../errors.ts';
import { Teller } from '../notify/deliver.ts';
import { forgetOldEvents } from '../notify/deliveries.ts';
import { Sparing } from '../observe/sparing.ts';

const lookMs = 2_000;
const forgetMs = 600_000;

/**
 * Tells webhooks what has happened, every two seconds, and forgets from time to time what is kept for a while only. Any
 * number of processes may do so at once.
 */
export function startNotifying(context: Context): { stop(): Promise<void> } {
  const teller = new Teller(context);
  let forgottenAt = 0;
  let timer: NodeJS.Timeout;
  let stopped = false;
  const work = async () => {
    await teller.look();
    if (Date.now() - forgottenAt < forgetMs) return;
    forgottenAt = Date.now();
    await forgetOldCalls(context);
    await forgetOldLogins(context);
    await forgetOldEvents(context);
  };
  const sparing = new Sparing(context.log);
  let running = Promise.resolve();
  const run = () => {
    running = work()
      .then(() => sparing.works('webhooks are told again'))
      .catch((error: unknown) => sparing.warn({ error: messageOf(error) }, 'webhooks could not be told yet'))
      .then(() => {
        if (!stopped) timer = setTimeout(run, lookMs);
      });
  };
  timer = setTimeout(run, 0);
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
      await teller.stop();
    },
  };
}
