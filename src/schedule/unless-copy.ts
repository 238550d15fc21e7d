import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { adoptHint, installationOf, isHeld } from '../db/installation.ts';
import { messageOf } from '../errors.ts';

/** Something that runs until it is stopped. */
interface Running {
  stop(): Promise<void>;
}

const sayAgainMs = 3_600_000;

/**
 * Runs what sends, fetches and takes in, unless the data are a copy that nobody adopted: then it says so in the log, each hour
 * again, and starts it when the copy is adopted. Data that are held later (restored, or moved elsewhere) stop it in the same way.
 * @param lookMs between two looks at whether they are held
 */
export async function unlessCopy(
  context: Context,
  start: () => Promise<Running>,
  lookMs = 1_000,
): Promise<Running> {
  const { log } = context;
  let saidAt = 0;
  const say = ({ id, held }: { id: string; held: string | undefined }) => {
    saidAt = performance.now();
    log.error({ installation: id, hint: adoptHint }, `SENDING IS HELD. ${held}.`);
  };
  const first = await installationOf(context);
  let running: Running | undefined;
  if (first.held === undefined) running = await start();
  else say(first);

  const look = async () => {
    if (running) {
      if (!(await isHeld(context))) return;
      say(await installationOf(context));
      const stopped = running;
      running = undefined;
      await stopped.stop();
      return;
    }
    const now = await installationOf(context);
    if (now.held === undefined) {
      log.info({ installation: now.id }, 'the installation was adopted: sending begins');
      running = await start();
    } else if (performance.now() - saidAt > sayAgainMs) say(now);
  };
  const stopping = new AbortController();
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      await sleep(lookMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      await look().catch((error) =>
        log.warn({ error: messageOf(error) }, 'whether sending is held is not known for now'),
      );
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await watching;
      await running?.stop();
    },
  };
}
