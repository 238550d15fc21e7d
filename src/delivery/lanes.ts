import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Begun, Committer } from './committer.ts';
import type { Claim, Verdict } from './ledger.ts';
import { type Carrier, type Route, type RouteUse, routeTrouble, servesBest } from './route.ts';
import type { Message } from './smtp/connection.ts';
import type { Outcome } from './verdict.ts';

/** One delivery on its way. */
export interface Item extends Claim {
  editionId: number;
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

interface Taken {
  running: Running;
  /** Where it is to go, and to whom, once the right to that was taken. */
  right: { way: Way; group: string } | undefined;
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
const spareMs = 500;
// Limits may change while a lane waits for its turn.
const longestRestMs = 1000;
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
  readonly #taken = new Map<Item, Taken>();
  #turn = 0;
  #idle = new Set<() => void>();
  #isClosed = false;
  /** Lanes that have found nothing to take. */
  #hungry = 0;

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
      // No lane would look at it any more.
      if (this.#isOver) this.#endFeeds();
    });
  }

  /** Begins nothing more, waits for what is on its way, and closes the carriers. Feeds end with what they have left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#endFeeds();
    this.#wake();
    await Promise.all(this.#lanes);
  }

  get #isOver(): boolean {
    return this.#isClosed || this.#options.stopping.aborted;
  }

  #staff(): void {
    for (const way of this.#ways)
      while (way.lanes < way.route.connections) {
        const number = way.lanes++;
        const lane: Promise<void> = this.#lane(way, number)
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
    if (this.#isOver) {
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

  #takeOf(running: Running, way: Way): Item | number {
    let wait = Number.POSITIVE_INFINITY;
    const asked = new Set<string>();
    for (const [at, item] of running.held.entries()) {
      const itemWait = this.#rightTo(item, way, asked);
      if (itemWait === 0) return running.held.splice(at, 1)[0] as Item;
      wait = Math.min(wait, itemWait);
    }
    while (!running.isEmpty && running.held.length < mostHeld) {
      const item = running.feed.next();
      if (!item) {
        running.isEmpty = true;
        break;
      }
      running.out++;
      this.#taken.set(item, { running, right: undefined });
      const itemWait = this.#rightTo(item, way, asked);
      if (itemWait === 0) return item;
      running.held.push(item);
      wait = Math.min(wait, itemWait);
    }
    return wait;
  }

  /** Takes the right to send one message. @param asked groups of which it is known that they have to wait */
  #rightTo(item: Item, way: Way, asked: Set<string>): number {
    const { throttle } = way.route;
    const taken = this.#taken.get(item);
    if (!throttle || !item.message || !taken) return 0;
    const group = throttle.groupOf(item.message.to);
    if (asked.has(group)) return Number.POSITIVE_INFINITY;
    const wait = throttle.take(group);
    if (wait > 0) asked.add(group);
    else taken.right = { way, group };
    return wait;
  }

  /** Where routes have weights, none runs ahead of its share, unless the others are down. */
  #shareWait({ route, taken }: Way): number {
    if (route.weight === undefined) return 0;
    const others = this.#ways.filter((way) => way.route !== route && way.route.weight && !way.isDown);
    const ahead = taken / route.weight;
    return others.some((way) => ahead > (way.taken + 1) / (way.route.weight ?? 1)) ? 50 : 0;
  }

  /** Ends feeds of which nothing is left; at the end, also those that have more. */
  #endFeeds(): void {
    for (let at = this.#running.length - 1; at >= 0; at--) {
      const running = this.#running[at] as Running;
      if (this.#isOver) this.#giveBackHeld(running);
      if (running.out > 0 || !(running.isEmpty || this.#isOver)) continue;
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
    const taken = this.#taken.get(item);
    if (!taken) return;
    const { running, right } = taken;
    this.#taken.delete(item);
    right?.way.route.throttle?.release(right.group);
    tell(running.feed);
    running.out--;
    if (running.out === 0) this.#endFeeds();
  }

  /** Works until the end. What goes wrong unforeseen ends a carrier, and never the lane. */
  async #lane(way: Way, number: number): Promise<void> {
    while (!this.#isOver) {
      const holding = new Set<Item>();
      try {
        await this.#work(way, number, holding);
      } catch (error) {
        this.#log.error({ error, route: way.route.describe }, 'a connection for sending ended by an error');
        // What had begun stays so in the ledger, and is uncertain when its lease has run out.
        for (const item of holding) this.#put(item, (feed) => feed.giveBack(item));
        await this.#rest(longestRestMs);
      }
    }
  }

  /**
   * One carrier's life, and that of those after it.
   * @param holding what this lane has taken and not settled
   */
  async #work(way: Way, number: number, holding: Set<Item>): Promise<void> {
    const { route } = way;
    let carrier: Carrier | undefined;
    let item: Item | undefined;
    let begun = false;
    try {
      for (;;) {
        if (!item) {
          // A route in trouble is left alone for a while, and nothing begins for it. Nor on a lane too many.
          const isSpare = number >= (route.throttle?.connections(route.connections) ?? route.connections);
          if (isSpare && carrier) {
            void carrier.quit();
            carrier = undefined;
          }
          const pause = isSpare ? spareMs : way.retryAt - performance.now();
          const taken = pause > 0 ? pause : this.#take(way);
          if (typeof taken === 'object') {
            item = taken;
            holding.add(item);
          } else {
            if (this.#isOver) return;
            const isHungry = !Number.isFinite(taken);
            if (isHungry) this.#hungry++;
            await this.#rest(isHungry ? taken : Math.min(taken, longestRestMs));
            if (isHungry) this.#hungry--;
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
              this.#put(current, (feed) => feed.giveBack(current));
              await this.#trouble(way, routeTrouble(error).words);
              continue;
            }
          }
          const state = await this.#committer.exchange(current.editionId, undefined, current);
          if (state !== 'begun') {
            item = undefined;
            holding.delete(current);
            this.#put(current, (feed) => feed.notBegun(current, state));
            continue;
          }
          begun = true;
        }
        [item, begun, carrier] = await this.#send(way, current, carrier as Carrier, holding);
      }
    } finally {
      void carrier?.quit();
    }
  }

  /** Sends one that has begun. @returns the one after it, whether that has begun, and the carrier if it is still good */
  async #send(
    way: Way,
    item: Item,
    carrier: Carrier,
    holding: Set<Item>,
  ): Promise<[Item | undefined, boolean, Carrier | undefined]> {
    // What is there for one message alone goes to a lane that waits, not behind one whose server is slow.
    const canGoOn = carrier.messages + 1 < way.route.messagesPerConnection && this.#hungry === 0;
    const taken = canGoOn ? this.#take(way) : undefined;
    let next = typeof taken === 'object' ? taken : undefined;
    if (next) holding.add(next);
    const outcome = await handOver(item, carrier, next);
    const verdict = item.verdictOn(outcome);
    const group = this.#taken.get(item)?.right?.group;
    if (outcome && group !== undefined) way.route.throttle?.answered(group, outcome);
    const failed = outcome?.kind === 'route-failed';
    if (next && (failed || !carrier.isUsable)) {
      // It waits with the others until the route is good again.
      const unsent = next;
      next = undefined;
      holding.delete(unsent);
      this.#put(unsent, (feed) => feed.giveBack(unsent));
    }
    const begins = next?.editionId === item.editionId ? next : undefined;
    let state: Begun = await this.#committer.exchange(
      item.editionId,
      { ...verdict, worker: item.worker },
      begins,
    );
    holding.delete(item);
    this.#put(item, (feed) => feed.settled(item, verdict));
    // A connection that had served and was closed in between says nothing of the route: the next one will tell. One that
    // breaks off without an answer does, or a whole list would be left uncertain.
    const isTrouble = failed ? carrier.isUsable || carrier.messages === 0 : outcome?.kind === 'unanswered';
    if (outcome && isTrouble) await this.#trouble(way, outcome.words);
    if (failed) return [undefined, false, carrier.isUsable ? carrier : undefined];
    if (outcome && !isTrouble) {
      way.failedRounds = 0;
      way.isDown = false;
    }
    if (!next) return [undefined, false, carrier];
    if (begins === undefined) state = await this.#committer.exchange(next.editionId, undefined, next);
    if (state === 'begun') return [next, true, carrier];
    const left = next;
    const why = state;
    holding.delete(left);
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
    for (const each of this.#ways) each.failedRounds = 0;
    for (const running of stuck) {
      running.feed.stop();
      running.isEmpty = true;
      this.#giveBackHeld(running);
      // It ends when its edition has been dealt with.
      running.out++;
    }
    try {
      const editionIds = [...new Set(stuck.map(({ feed }) => feed.editionId))];
      await this.#options.onRouteDown(way.route, words, editionIds);
    } finally {
      for (const running of stuck) running.out--;
      this.#endFeeds();
    }
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
