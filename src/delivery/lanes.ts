import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Begun, Committer } from './committer.ts';
import type { Verdict } from './ledger.ts';
import { type Carrier, type Route, type RouteUse, routeTrouble, servesBest } from './route.ts';
import type { Message } from './smtp/connection.ts';
import type { Outcome } from './verdict.ts';

/** One delivery on its way. */
export interface Item {
  editionId: number;
  subscriberId: number;
  /** Undefined: there is nothing to send, and `verdictOn` says why once it has begun. */
  message: Message | undefined;
  /** Until then `message` is not complete. Fails if it cannot be completed. */
  ready?: Promise<unknown> | undefined;
  verdictOn(outcome: Outcome | undefined): Verdict;
}

/** Deliveries of one batch, in the order in which they are to go. */
export interface Feed {
  editionId: number;
  /** What routes it may take. */
  use: RouteUse;
  /** The next one; undefined when there are no more, or no more are wanted. */
  next(): Item | undefined;
  /** It is settled, and the ledger knows. */
  settled(item: Item, verdict: Verdict): void;
  /** It did not begin: consent was gone, or the edition is not being sent any more. */
  notBegun(item: Item, why: 'skipped' | 'away'): void;
  /** Gives back one that was taken and not begun. */
  giveBack(item: Item): void;
  /** No more is to be given out. */
  stop(): void;
}

/** What lanes keep to. */
export interface LaneOptions {
  /** The first wait after a route took nothing; it doubles up to ten seconds. */
  routeRetryMs: number;
  /** So many rounds without one answered message: the route takes no mail. */
  routeFailureLimit: number;
  /** Set when the process is to end: no new message begins. */
  stopping: AbortSignal;
  /** None of the routes of these editions takes mail; in the last server's words. */
  onRouteDown(route: Route, words: string, editionIds: number[]): Promise<void>;
}

interface Running {
  feed: Feed;
  ways: Way[];
  /** Taken, and not allowed to go yet: the recipient's domain gets no more at the moment. */
  held: Item[];
  /** Taken and not settled; those held are among them. */
  out: number;
  isEmpty: boolean;
  done(): void;
}

/** A route and how it does. */
interface Way {
  route: Route;
  failedRounds: number;
  retryAt: number;
  /** It has failed so often that others have to do. */
  isDown: boolean;
  /** Messages it has taken, for sharing by weight. */
  taken: number;
  lanes: number;
}

const longestRetryMs = 10_000;
// So many may wait for their domains' turn in one batch; the rest of it comes later.
const mostHeld = 200;

/**
 * Sends what feeds hold, over as many carriers as each route allows: one lane a carrier, one message at a time on each.
 * Feeds take turns, so that a small edition is not stuck behind a large one.
 */
export class Lanes {
  readonly #committer: Committer;
  readonly #options: LaneOptions;
  readonly #log: Log;
  readonly #ways: Way[];
  readonly #running: Running[] = [];
  readonly #lanes = new Set<Promise<void>>();
  readonly #taken = new Map<Item, Running>();
  #turn = 0;
  #idle = new Set<() => void>();
  #isClosed = false;

  constructor(routes: Route[], committer: Committer, options: LaneOptions, log: Log) {
    this.#ways = routes.map((route) => ({
      route,
      failedRounds: 0,
      retryAt: 0,
      isDown: false,
      taken: 0,
      lanes: 0,
    }));
    this.#committer = committer;
    this.#options = options;
    this.#log = log;
    options.stopping.addEventListener('abort', () => this.#wake());
  }

  /** Sends a feed. Resolves when nothing of it is on its way any more: it is empty, or the process is to stop. */
  run(feed: Feed): Promise<void> {
    return new Promise((resolve) => {
      const best = servesBest(
        this.#ways.map(({ route }) => route),
        feed.use,
      );
      const ways = this.#ways.filter(({ route }) => best.includes(route));
      this.#running.push({ feed, ways, held: [], out: 0, isEmpty: false, done: resolve });
      this.#staff();
      this.#wake();
      // While stopping no lane would look at it.
      if (this.#options.stopping.aborted) this.#endFeeds();
    });
  }

  /** Waits for what is on its way, and closes the carriers. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake();
    await Promise.all(this.#lanes);
  }

  #staff(): void {
    for (const way of this.#ways)
      while (way.lanes < way.route.connections) {
        way.lanes++;
        const lane: Promise<void> = this.#lane(way)
          .catch((error) => this.#log.error({ error }, 'a connection for sending ended by an error'))
          .finally(() => {
            way.lanes--;
            this.#lanes.delete(lane);
          });
        this.#lanes.add(lane);
      }
  }

  #wake(): void {
    for (const resume of [...this.#idle]) resume();
  }

  /** Until something has changed, or some milliseconds have passed. */
  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const resume = () => {
        clearTimeout(timer);
        this.#idle.delete(resume);
        resolve();
      };
      const timer = Number.isFinite(ms) ? setTimeout(resume, ms) : undefined;
      this.#idle.add(resume);
    });
  }

  /** The next delivery for a route, of the feeds in turn; or how many milliseconds to wait before asking again. */
  #take(way: Way): Item | number {
    if (this.#options.stopping.aborted) {
      this.#endFeeds();
      return Number.POSITIVE_INFINITY;
    }
    const { throttle } = way.route;
    let wait = Math.max(throttle?.wait() ?? 0, this.#shareWait(way));
    if (wait > 0) return wait;
    wait = Number.POSITIVE_INFINITY;
    for (let tries = this.#running.length; tries > 0; tries--) {
      const running = this.#running[this.#turn++ % this.#running.length] as Running;
      if (!running.ways.includes(way)) continue;
      const item = this.#takeOf(running, way);
      if (typeof item === 'object') {
        way.taken++;
        return item;
      }
      wait = Math.min(wait, item);
    }
    this.#endFeeds();
    return wait;
  }

  #takeOf(running: Running, { route: { throttle } }: Way): Item | number {
    let wait = Number.POSITIVE_INFINITY;
    if (throttle && running.held.length > 0) {
      const asked = new Set<string>();
      for (const [at, item] of running.held.entries()) {
        const group = throttle.groupOf(item.message?.to ?? '');
        if (asked.has(group)) continue;
        asked.add(group);
        const groupWait = throttle.take(group);
        if (groupWait === 0) return running.held.splice(at, 1)[0] as Item;
        wait = Math.min(wait, groupWait);
      }
    }
    while (!running.isEmpty && running.held.length < mostHeld) {
      const item = running.feed.next();
      if (!item) {
        running.isEmpty = true;
        break;
      }
      running.out++;
      this.#taken.set(item, running);
      const groupWait = item.message && throttle ? throttle.take(throttle.groupOf(item.message.to)) : 0;
      if (groupWait === 0) return item;
      running.held.push(item);
      wait = Math.min(wait, groupWait);
    }
    return wait;
  }

  /** Where routes have weights, none runs ahead of its share, unless the others are down. */
  #shareWait({ route, taken }: Way): number {
    if (route.weight === undefined) return 0;
    const others = this.#ways.filter((way) => way.route !== route && way.route.weight && !way.isDown);
    const ahead = taken / route.weight;
    return others.some((way) => ahead > (way.taken + 1) / (way.route.weight ?? 1)) ? 50 : 0;
  }

  /** Ends feeds of which nothing is left; while stopping, also what is held back. */
  #endFeeds(): void {
    for (let at = this.#running.length - 1; at >= 0; at--) {
      const running = this.#running[at] as Running;
      const isOver = running.isEmpty || this.#options.stopping.aborted;
      if (this.#options.stopping.aborted) this.#giveBackHeld(running);
      if (running.out > 0 || !isOver) continue;
      this.#running.splice(at, 1);
      running.done();
    }
  }

  #giveBackHeld(running: Running): void {
    for (const item of running.held.splice(0)) {
      this.#taken.delete(item);
      running.feed.giveBack(item);
      running.out--;
    }
  }

  #put(item: Item, tell: (feed: Feed) => void): void {
    const running = this.#taken.get(item);
    if (!running) return;
    this.#taken.delete(item);
    tell(running.feed);
    running.out--;
    if (running.out === 0) this.#endFeeds();
  }

  /** One carrier's life, and that of those after it. */
  async #lane(way: Way): Promise<void> {
    const { route } = way;
    let carrier: Carrier | undefined;
    let item: Item | undefined;
    let begun = false;
    try {
      for (;;) {
        if (!item) {
          // A route in trouble is left alone for a while, and nothing begins for it.
          const pause = way.retryAt - performance.now();
          const taken = pause > 0 ? pause : this.#take(way);
          if (typeof taken === 'object') item = taken;
          else {
            if (this.#isClosed || this.#options.stopping.aborted) return;
            await this.#rest(taken);
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
              this.#put(current, (feed) => feed.giveBack(current));
              await this.#trouble(way, routeTrouble(error).words);
              continue;
            }
          }
          const state = await this.#committer.exchange(current.editionId, undefined, current.subscriberId);
          if (state !== 'begun') {
            item = undefined;
            this.#put(current, (feed) => feed.notBegun(current, state));
            continue;
          }
          begun = true;
        }
        [item, begun, carrier] = await this.#send(way, current, carrier as Carrier);
      }
    } finally {
      if (item) this.#put(item, (feed) => feed.giveBack(item as Item));
      void carrier?.quit();
    }
  }

  /** Sends one that has begun. @returns the one after it, whether that has begun, and the carrier if it is still good */
  async #send(
    way: Way,
    item: Item,
    carrier: Carrier,
  ): Promise<[Item | undefined, boolean, Carrier | undefined]> {
    const canGoOn = carrier.messages + 1 < way.route.messagesPerConnection;
    const taken = canGoOn ? this.#take(way) : undefined;
    let next = typeof taken === 'object' ? taken : undefined;
    const outcome = await handOver(item, carrier, next);
    const verdict = item.verdictOn(outcome);
    if (outcome && item.message) way.route.throttle?.answered(item.message.to, outcome);
    const failed = outcome?.kind === 'route-failed';
    if (next && (failed || !carrier.isUsable)) {
      // It waits with the others until the route is good again.
      const unsent = next;
      next = undefined;
      this.#put(unsent, (feed) => feed.giveBack(unsent));
    }
    const begins = next?.editionId === item.editionId ? next.subscriberId : undefined;
    let state: Begun = await this.#committer.exchange(item.editionId, verdict, begins);
    this.#put(item, (feed) => feed.settled(item, verdict));
    if (failed) {
      await this.#trouble(way, outcome.words);
      return [undefined, false, carrier.isUsable ? carrier : undefined];
    }
    if (outcome) {
      way.failedRounds = 0;
      way.isDown = false;
    }
    if (!next) return [undefined, false, carrier];
    if (begins === undefined)
      state = await this.#committer.exchange(next.editionId, undefined, next.subscriberId);
    if (state === 'begun') return [next, true, carrier];
    const left = next;
    const why = state;
    this.#put(left, (feed) => feed.notBegun(left, why));
    // The server waits for the message that was opened ahead: hanging up is the only way out.
    if (left.message) carrier.destroy();
    return [undefined, false, carrier];
  }

  /** The route took nothing. All its lanes wait; the first to come back and fail makes the next round. */
  async #trouble(way: Way, words: string): Promise<void> {
    const now = performance.now();
    if (now < way.retryAt) return;
    way.failedRounds++;
    way.retryAt = now + Math.min(this.#options.routeRetryMs * 2 ** (way.failedRounds - 1), longestRetryMs);
    if (way.failedRounds < this.#options.routeFailureLimit) return;
    way.isDown = true;
    const stuck = this.#running.filter(
      ({ ways }) => ways.includes(way) && ways.every(({ isDown }) => isDown),
    );
    if (stuck.length === 0) return;
    for (const running of stuck) {
      running.feed.stop();
      running.isEmpty = true;
      this.#giveBackHeld(running);
    }
    this.#endFeeds();
    for (const each of this.#ways) each.failedRounds = 0;
    await this.#options.onRouteDown(way.route, words, [...new Set(stuck.map(({ feed }) => feed.editionId))]);
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
