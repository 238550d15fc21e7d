import type { Context } from '../context.ts';
import { messageOf } from '../errors.ts';
import { type DuePost, dueWebhooks, giveBack, record, takeDue } from './deliveries.ts';
import { post, type Receiver } from './post.ts';
import { pauseWebhook } from './webhooks.ts';

type Deps = Pick<Context, 'db' | 'clock' | 'config' | 'log'>;
type PostOptions = Parameters<typeof post>[3];

/** So many posts are taken at a time, and so many of them are out at once. */
const batchSize = 20;
const atOnce = 4;
const gone = 410;

/**
 * Tells webhooks what has happened. Each has a lane of its own, so that one that is slow or down holds up no other; any
 * number of processes may do this at once.
 */
export class Teller {
  readonly #context: Deps;
  readonly #options: PostOptions;
  readonly #lanes = new Map<number, Promise<void>>();
  #stopping = false;

  constructor(context: Deps, options: PostOptions = {}) {
    this.#context = context;
    this.#options = options;
  }

  /** Starts what is due and is not running yet. Returns at once; `settle` waits. */
  async look(): Promise<void> {
    for (const id of await dueWebhooks(this.#context)) {
      if (this.#stopping || this.#lanes.has(id)) continue;
      const lane = this.#run(id)
        .catch((error: unknown) =>
          this.#context.log.warn({ webhook: id, error: messageOf(error) }, 'a webhook could not be told yet'),
        )
        .finally(() => this.#lanes.delete(id));
      this.#lanes.set(id, lane);
    }
  }

  /** Waits until nothing is out. */
  async settle(): Promise<void> {
    while (this.#lanes.size > 0) await Promise.all(this.#lanes.values());
  }

  /** Takes nothing new, and waits for what is out. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.settle();
  }

  async #run(webhookId: number): Promise<void> {
    for (;;) {
      const receiver = await this.#receiver(webhookId);
      if (!receiver || this.#stopping) return;
      const due = await takeDue(this.#context, webhookId, batchSize);
      if (await this.#postAll(receiver, due)) return;
      if (due.length < batchSize) return;
    }
  }

  /** @returns whether something failed: what is down is left alone until the next look */
  async #postAll(receiver: Receiver, due: DuePost[]): Promise<boolean> {
    let failed = false;
    const next = due.values();
    const work = async () => {
      for (const each of next) {
        if (this.#stopping) {
          await giveBack(this.#context, each);
          continue;
        }
        const outcome = await post(this.#context, receiver, each, this.#options);
        await record(this.#context, each, outcome);
        failed ||= !outcome.delivered;
        if (outcome.status === gone)
          await pauseWebhook(
            this.#context,
            each.webhookId,
            'it answered 410: it wants to be told nothing more',
          );
      }
    };
    // All of them come to their end, whatever becomes of one: nothing may be out when the database is closed.
    const ends = await Promise.allSettled(Array.from({ length: atOnce }, work));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    return failed;
  }

  async #receiver(id: number): Promise<Receiver | undefined> {
    return this.#context.db
      .selectFrom('webhooks')
      .select(['url', 'secret'])
      .where('id', '=', id)
      .where('paused_at', 'is', null)
      .executeTakeFirst();
  }
}
