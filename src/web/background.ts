import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';

/**
 * Work that goes on after the answer was given, such as a mail: how long an answer takes must not tell whether an
 * address is known.
 */
export class Background {
  readonly #log: Log;
  readonly #running = new Set<Promise<void>>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** @param what names the work in the log if it fails */
  run(what: string, work: () => Promise<unknown>): void {
    const running = Promise.resolve()
      .then(work)
      .then(() => {})
      .catch((error: unknown) => this.#log.error({ error: messageOf(error) }, `${what} failed`))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Waits until nothing is running. */
  async settle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
