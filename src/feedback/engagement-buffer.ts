import { setTimeout as wait } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { messageOf } from '../errors.ts';
import { engagementLost, engagementWaiting } from '../observe/metrics.ts';
import { type EngagementEvent, recordEngagement } from './engagement.ts';

const waitMs = 500;
/** Events that are written at once. */
const most = 2_500;
/**
 * While the database is away so many are kept, some 20 MB. What comes then is not counted, and the log says how much it
 * was.
 */
export const mostKept = 100_000;
const closingTries = 6;

/**
 * Openings and clicks on their way to the database: written some at a time, so that no reader waits for it. What has
 * been added is written at latest half a second later, as long as the database keeps up.
 */
export class EngagementBuffer {
  readonly #context: Pick<Context, 'db' | 'log'>;
  #waiting: EngagementEvent[] = [];
  #uncounted = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;

  constructor(context: Pick<Context, 'db' | 'log'>) {
    this.#context = context;
  }

  /** Never waits, and never fails. */
  add(event: EngagementEvent): void {
    if (this.#waiting.length >= mostKept) {
      // One line for all of them comes with the next try to write.
      this.#uncounted++;
      engagementLost.inc();
      return;
    }
    this.#waiting.push(event);
    engagementWaiting.inc();
    this.#timer ??= setTimeout(() => void this.flush(), waitMs).unref();
  }

  /** Writes what waits, and is done when all is written; what cannot be written waits for the next time. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  /**
   * Writes all that waits. A database that is away is tried six times; what is lost then is logged.
   * @param pauseMs between the tries
   */
  async close(pauseMs = 1_000): Promise<void> {
    for (let left = closingTries; left > 0; left--) {
      await this.flush();
      if (this.#waiting.length === 0) return;
      if (left > 1) await wait(pauseMs);
    }
    clearTimeout(this.#timer);
    engagementLost.inc(this.#waiting.length);
    engagementWaiting.dec(this.#waiting.length);
    this.#context.log.error({ events: this.#waiting.length }, 'clicks and openings are lost');
  }

  async #write(): Promise<void> {
    if (this.#uncounted > 0) {
      const events = this.#uncounted;
      this.#uncounted = 0;
      this.#context.log.error({ events }, 'too many clicks wait for the database: these are not counted');
    }
    // What comes meanwhile has its own half second: many small groups would cost more than few large ones.
    for (let left = this.#waiting.length; left > 0; ) {
      const events = this.#waiting.slice(0, Math.min(left, most));
      try {
        await recordEngagement(this.#context, events);
      } catch (error) {
        this.#context.log.warn(
          { error: messageOf(error), waiting: this.#waiting.length },
          'clicks could not be counted yet',
        );
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => void this.flush(), 10 * waitMs).unref();
        return;
      }
      this.#waiting.splice(0, events.length);
      engagementWaiting.dec(events.length);
      left -= events.length;
    }
  }
}
