import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { handOverSeconds, laneWaitSeconds, sendsInFlight } from '../observe/metrics.ts';
import { span } from '../observe/tracing.ts';
import type { Begun, Committer } from './committer.ts';
import type { Feed, Item } from './feed.ts';
import { type Carrier, routeTrouble } from './route.ts';
import type { Outcome } from './verdict.ts';
import type { Way } from './way.ts';

/** Where lanes get what they send, and give it back. */
export interface Hall {
  readonly isOver: boolean;
  readonly committer: Committer;
  readonly log: Log;
  /** Lanes that have found nothing to take. */
  hungry: number;
  /** The next delivery for a route; or how many milliseconds to wait before asking again. */
  take(way: Way): Item | number;
  /** To which group of recipients the right was taken to send it, where there are limits. */
  groupOf(item: Item): string | undefined;
  /** One that was taken has come to its end. */
  put(item: Item, tell: (feed: Feed) => void): void;
  /**
   * The route took nothing. If none is left that could, the editions are dealt with before this resolves.
   * @param isDoubtful the message may have arrived
   */
  trouble(way: Way, words: string, isDoubtful?: boolean): Promise<void>;
  /** Until something has changed, or some milliseconds have passed. */
  rest(ms: number): Promise<void>;
}

const spareMs = 500;
// Limits may change while a lane waits for its turn.
const longestRestMs = 1000;

/** Sends over one carrier at a time of one route, one message at a time. */
export class Lane {
  readonly #hall: Hall;
  readonly #way: Way;
  readonly #number: number;

  /** @param number among the lanes of the route, from 0: where few connections are allowed the last ones rest */
  constructor(hall: Hall, way: Way, number: number) {
    this.#hall = hall;
    this.#way = way;
    this.#number = number;
  }

  get #isSpare(): boolean {
    return this.#number >= this.#way.connections;
  }

  /** Works until the end. What goes wrong unforeseen ends a carrier, and never the lane. */
  async run(): Promise<void> {
    while (!this.#hall.isOver) {
      const holding = new Set<Item>();
      try {
        await this.#work(holding);
      } catch (error) {
        this.#hall.log.error(
          { error, route: this.#way.route.describe },
          'a connection for sending ended by an error',
        );
        // What had begun stays so in the ledger, and is uncertain when its lease has run out.
        for (const item of holding) this.#hall.put(item, (feed) => feed.giveBack(item));
        await this.#hall.rest(longestRestMs);
      }
    }
  }

  /**
   * One carrier's life, and that of those after it.
   * @param holding what this lane has taken and not settled
   */
  async #work(holding: Set<Item>): Promise<void> {
    const way = this.#way;
    const { route } = way;
    let carrier: Carrier | undefined;
    let item: Item | undefined;
    let begun = false;
    try {
      for (;;) {
        if (!item) {
          // A route in trouble is left alone for a while, and nothing begins for it. Nor on a lane too many.
          const isSpare = this.#isSpare;
          if (isSpare && carrier) {
            void carrier.quit();
            carrier = undefined;
          }
          const pause = isSpare ? spareMs : way.retryWait();
          const taken = pause > 0 ? pause : this.#hall.take(way);
          if (typeof taken === 'object') {
            item = taken;
            holding.add(item);
          } else {
            if (this.#hall.isOver) return;
            const isHungry = !Number.isFinite(taken);
            if (isHungry) this.#hall.hungry++;
            // Where connections are shared, this one may soon be another process's.
            const cause =
              pause > 0 ? (isSpare ? 'spare' : 'route failed') : isHungry ? 'nothing to send' : 'limit';
            const since = performance.now();
            await this.#hall.rest(isHungry && !route.throttle ? taken : Math.min(taken, longestRestMs));
            laneWaitSeconds.inc({ route: route.describe, cause }, (performance.now() - since) / 1000);
            if (isHungry) this.#hall.hungry--;
            continue;
          }
        }
        const current = item;
        if (!begun) {
          if (!carrier?.isUsable || carrier.messages >= route.messagesPerConnection) {
            void carrier?.quit();
            carrier = undefined;
            try {
              carrier = await route.open();
            } catch (error) {
              item = undefined;
              holding.delete(current);
              try {
                await this.#hall.trouble(way, routeTrouble(error).words);
              } finally {
                this.#hall.put(current, (feed) => feed.giveBack(current));
              }
              continue;
            }
          }
          const state = await this.#hall.committer.exchange(current.editionId, undefined, current);
          if (state !== 'begun') {
            item = undefined;
            holding.delete(current);
            this.#hall.put(current, (feed) => feed.notBegun(current, state, way.route.describe));
            continue;
          }
          begun = true;
        }
        [item, begun, carrier] = await this.#send(current, carrier as Carrier, holding);
      }
    } finally {
      void carrier?.quit();
    }
  }

  /** Sends one that has begun. @returns the one after it, whether that has begun, and the carrier if it is still good */
  async #send(
    item: Item,
    carrier: Carrier,
    holding: Set<Item>,
  ): Promise<[Item | undefined, boolean, Carrier | undefined]> {
    const way = this.#way;
    // What is there for one message alone goes to a lane that waits, not behind one whose server is slow.
    const canGoOn =
      carrier.messages + 1 < way.route.messagesPerConnection && this.#hall.hungry === 0 && !this.#isSpare;
    const taken = canGoOn ? this.#hall.take(way) : undefined;
    let next = typeof taken === 'object' ? taken : undefined;
    if (next) holding.add(next);
    const outcome = await observed(item, way.route.describe, () => handOver(item, carrier, next));
    const verdict = item.verdictOn(outcome);
    const group = this.#hall.groupOf(item);
    if (outcome && group !== undefined) way.route.throttle?.answered(group, outcome);
    const failed = outcome?.kind === 'route-failed';
    if (next && (failed || !carrier.isUsable)) {
      // It waits with the others until the route is good again.
      const unsent = next;
      next = undefined;
      holding.delete(unsent);
      this.#hall.put(unsent, (feed) => feed.giveBack(unsent));
    }
    const begins = next?.editionId === item.editionId ? next : undefined;
    let state: Begun = await this.#hall.committer.exchange(
      item.editionId,
      { ...verdict, worker: item.worker },
      begins,
    );
    holding.delete(item);
    // A connection that had served and was closed in between says nothing of the route: the next one will tell. One that
    // breaks off without an answer does, or a whole list would be left uncertain.
    const isTrouble = failed ? carrier.isUsable || carrier.messages === 0 : outcome?.kind === 'unanswered';
    try {
      if (outcome && isTrouble) await this.#hall.trouble(way, outcome.words, !failed);
    } finally {
      this.#hall.put(item, (feed) => feed.settled(item, verdict, way.route.describe));
    }
    if (failed) return [undefined, false, carrier.isUsable ? carrier : undefined];
    if (outcome && !isTrouble) way.worked();
    if (!next) return [undefined, false, carrier];
    if (begins === undefined) state = await this.#hall.committer.exchange(next.editionId, undefined, next);
    if (state === 'begun') return [next, true, carrier];
    const left = next;
    const why = state;
    holding.delete(left);
    this.#hall.put(left, (feed) => feed.notBegun(left, why, way.route.describe));
    // The server waits for the message that was opened ahead: hanging up is the only way out.
    if (left.message) carrier.destroy();
    return [undefined, false, carrier];
  }
}

/** Traces one of so many messages: each batch's first ones would be all there is to see. */
const tracedOf = 100;
let sent = 0;

/** Counts and times a message while a server has it, and traces some. */
async function observed<T>(item: Item, route: string, send: () => Promise<T>): Promise<T> {
  if (!item.message) return send();
  const began = performance.now();
  sendsInFlight.inc({ route });
  try {
    if (!item.span || sent++ % tracedOf > 0) return await send();
    return await span('smtp hand-over', { 'broadsheet.route': route }, send, item.span);
  } finally {
    sendsInFlight.dec({ route });
    handOverSeconds.observe({ route }, (performance.now() - began) / 1000);
  }
}

async function handOver(item: Item, carrier: Carrier, next: Item | undefined): Promise<Outcome | undefined> {
  if (!item.message) return undefined;
  try {
    await item.ready;
  } catch (error) {
    return { kind: 'route-failed', words: `the message could not be signed: ${messageOf(error)}` };
  }
  return carrier.send(item.message, next?.message);
}
