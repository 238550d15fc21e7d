import type { Log } from '../log.ts';

/** Resolves when the process is asked to end (Ctrl-C, SIGTERM). A second request ends it at once. */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => {
        process.once(signal, () => process.exit(130));
        resolve(signal);
      });
  });
}

/**
 * Ends the process after so many seconds, whatever is still out: sooner than the platform would kill it, and with a word in the log.
 * A message whose answer had not come by then is uncertain, as after any crash. Call it when the process was asked to end.
 */
export function endWithin(seconds: number, log: Log): void {
  const end = () => {
    log.error({ seconds }, 'not all that was out was answered in time (STOP_SECONDS): ending without it');
    process.exit(1);
  };
  setTimeout(end, seconds * 1_000).unref();
}

/** Waits for the last part of a program to start; if it fails, stops what runs already, so that the process can end. */
export async function orStop<T>(starting: Promise<T>, stop: () => Promise<void>): Promise<T> {
  try {
    return await starting;
  } catch (error) {
    await stop();
    throw error;
  }
}
