import type { Context } from '../context.ts';
import { messageOf } from '../errors.ts';
import { type EngagementEvent, recordEngagement } from './engagement.ts';

const waitMs = 500;
const most = 500;
// While the database is away so many are kept; what comes then is lost, and the log says so.
const mostKept = 20_000;

/** Openings and clicks on their way to the database: written some at a time, so that no reader waits for it. */
export class EngagementBuffer {
  readonly #context: Pick<Context, 'db' | 'log'>;
  #waiting: EngagementEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(context: Pick<Context, 'db' | 'log'>) {
    this.#context = context;
  }

  add(event: EngagementEvent): void {
    if (this.#waiting.length >= mostKept) {
      this.#context.log.warn('too many clicks wait for the database: one is not counted');
      return;
    }
    this.#waiting.push(event);
    if (this.#waiting.length === most) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), waitMs).unref();
  }

  /** Writes what waits, and is done when all is written; what cannot be written waits for the next time. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const events = this.#waiting.splice(0, most);
      try {
        await recordEngagement(this.#context, events);
      } catch (error) {
        this.#context.log.warn(
          { error: messageOf(error), events: events.length },
          'clicks could not be counted yet',
        );
        this.#waiting.unshift(...events);
        this.#timer ??= setTimeout(() => void this.flush(), 10 * waitMs).unref();
        return;
      }
    }
  }
}
