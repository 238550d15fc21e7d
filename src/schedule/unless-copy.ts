import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { adoptHint, installationOf } from '../db/installation.ts';
import { messageOf } from '../errors.ts';

/** Something that runs until it is stopped. */
interface Running {
  stop(): Promise<void>;
}

const sayAgainMs = 3_600_000;

/**
 * Starts what sends, fetches and takes in, unless the data are a copy that nobody adopted: then it says so in the log, each hour
 * again, and starts it when the copy is adopted.
 * @param lookMs between two looks at whether it was
 */
export async function unlessCopy(
  context: Context,
  start: () => Promise<Running>,
  lookMs = 5_000,
): Promise<Running> {
  const { log } = context;
  const { held, id } = await installationOf(context);
  if (held === undefined) return start();
  const say = () => log.error({ installation: id, hint: adoptHint }, `SENDING IS HELD. ${held}.`);
  say();
  const stopping = new AbortController();
  let saidAt = performance.now();
  const waiting = (async (): Promise<Running | undefined> => {
    while (!stopping.signal.aborted) {
      await sleep(lookMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return undefined;
      try {
        if ((await installationOf(context)).held === undefined) {
          log.info({ installation: id }, 'the installation was adopted: sending begins');
          return await start();
        }
      } catch (error) {
        log.warn({ error: messageOf(error) }, 'whether the installation was adopted is not known for now');
      }
      if (performance.now() - saidAt > sayAgainMs) {
        saidAt = performance.now();
        say();
      }
    }
    return undefined;
  })();
  return {
    async stop() {
      stopping.abort();
      await (await waiting)?.stop();
    },
  };
}
