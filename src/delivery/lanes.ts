import type { Log } from '../log.ts';
import { outside } from '../observe/scope.ts';
import type { Committer } from './committer.ts';
import type { Feed, Item } from './feed.ts';
import { type Hall, Lane } from './lane.ts';
import type { Route, RouteUse } from './route.ts';
import { isAheadOfOthers } from './shares.ts';
import { Turn, type TurnEnd } from './turn.ts';
import { type TroubleLimits, Way, waysFor } from './way.ts';

/** What lanes keep to. */
export interface LaneOptions extends TroubleLimits {
  /** Set when the process is to end: no new message begins. */
  stopping: AbortSignal;
  /**
   * None of the routes of these editions takes mail; in the last server's words.
   * @param forMs for at least so long; undefined: it takes messages and leaves them in doubt
   */
  onRouteDown(route: Route, words: string, editionIds: number[], forMs: number | undefined): Promise<void>;
  /** A route took nothing for so long that others have its mail; called with each further try. */
  onDown?(route: Route, words: string): void;
  /** There is no route that an edition's mail may take. */
  onUnserved(editionId: number): Promise<void>;
}

interface Taken {
  turn: Turn;
  /** Where it is to go, and to whom, once the right to that was taken. */
  right: { way: Way; group: string } | undefined;
}

const shareMs = 50;
const lookMs = 250;

/**
 * Sends what feeds hold, over as many carriers as each route allows: one lane a carrier, one message at a time on each.
 * Feeds take turns, so that a small edition is not stuck behind a large one.
 */
export class Lanes {
  readonly #hall: Hall;
  readonly #options: LaneOptions;
  readonly #log: Log;
  readonly #ways: Way[];
  readonly #running: Turn[] = [];
  readonly #lanes = new Set<Promise<void>>();
  readonly #taken = new Map<Item, Taken>();
  #next = 0;
  #idle = new Set<() => void>();
  #isClosed = false;
  #looking: NodeJS.Timeout | undefined;

  constructor(routes: Route[], committer: Committer, options: LaneOptions, log: Log) {
    this.#ways = routes.map((route) => new Way(route, options));
    this.#options = options;
    this.#log = log;
    this.#hall = this.#hallWith(committer);
    options.stopping.addEventListener('abort', this.#stop);
  }

  /** Milliseconds until a route may take mail of this kind; 0: now, or there is no route for it. */
  waitFor(use: RouteUse): number {
    const ways = waysFor(this.#ways, use);
    return ways.length === 0 ? 0 : Math.min(...ways.map((way) => way.wait()));
  }

  /**
   * Sends a feed. Resolves when nothing of it is on its way any more: it is empty, its turn is over, or the process is to
   * stop.
   * @returns if its turn was over before it was empty
   */
  async run(feed: Feed): Promise<TurnEnd | undefined> {
    const ways = waysFor(this.#ways, feed.use);
    if (ways.length === 0) {
      feed.stop();
      await this.#options.onUnserved(feed.editionId);
      return undefined;
    }
    return new Promise((resolve) => {
      this.#running.push(new Turn(feed, ways, resolve));
      this.#staff();
      this.#wake();
      this.#looking ??= setInterval(() => this.#endTurns(), lookMs);
      // No lane would look at it any more.
      if (this.#isOver) this.#endFeeds();
    });
  }

  /** Begins nothing more, waits for what is on its way, and closes the carriers. Feeds end with what they have left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#options.stopping.removeEventListener('abort', this.#stop);
    this.#stop();
    await Promise.all(this.#lanes);
  }

  /** At the end feeds end too, although their lanes may be waiting. */
  readonly #stop = () => {
    this.#endFeeds();
    this.#wake();
  };

  #hallWith(committer: Committer): Hall {
    const isOver = () => this.#isOver;
    return {
      committer,
      log: this.#log,
      hungry: 0,
      get isOver() {
        return isOver();
      },
      take: (way) => this.#take(way),
      groupOf: (item) => this.#taken.get(item)?.right?.group,
      put: (item, tell) => this.#put(item, tell),
      trouble: (way, words, isDoubtful = false) => this.#trouble(way, words, isDoubtful),
      rest: (ms) => this.#rest(ms),
    };
  }

  get #isOver(): boolean {
    return this.#isClosed || this.#options.stopping.aborted;
  }

  #staff(): void {
    for (const way of this.#ways)
      while (way.lanes < way.route.connections) {
        const number = way.lanes++;
        // It serves other batches after this one.
        const lane: Promise<void> = outside(() => new Lane(this.#hall, way, number).run())
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
    let wait = way.route.throttle?.wait() ?? 0;
    if (wait > 0) return wait;
    wait = Number.POSITIVE_INFINITY;
    for (let tries = this.#running.length; tries > 0; tries--) {
      const turn = this.#running[this.#next++ % this.#running.length] as Turn;
      if (turn.isAllTaken || !turn.ways.includes(way)) continue;
      if (isAheadOfOthers(way, turn)) {
        wait = Math.min(wait, shareMs);
        continue;
      }
      const item = this.#takeOf(turn, way);
      if (typeof item === 'object') {
        way.took();
        turn.cannot.delete(way);
        turn.moved();
        return item;
      }
      if (turn.held.length > 0) turn.cannot.set(way, performance.now() + item);
      wait = Math.min(wait, item);
    }
    this.#endFeeds();
    return wait;
  }

  #takeOf(turn: Turn, way: Way): Item | number {
    let wait = Number.POSITIVE_INFINITY;
    const asked = new Set<string>();
    for (const [at, item] of turn.held.entries()) {
      const itemWait = this.#rightTo(item, way, asked);
      if (itemWait === 0) return turn.held.splice(at, 1)[0] as Item;
      wait = Math.min(wait, itemWait);
    }
    for (let item = turn.next(); item; item = turn.next()) {
      this.#taken.set(item, { turn, right: undefined });
      const itemWait = this.#rightTo(item, way, asked);
      if (itemWait === 0) {
        turn.hasOnlyHeld(false);
        return item;
      }
      turn.held.push(item);
      wait = Math.min(wait, itemWait);
    }
    turn.hasOnlyHeld(turn.held.length > 0);
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

  /** What only waits gives back all that has not begun. */
  #endTurns(): void {
    for (const turn of this.#running) {
      if (!turn.isOver) continue;
      turn.end();
      this.#giveBackHeld(turn);
    }
    this.#endFeeds();
  }

  /** Ends feeds of which nothing is left; at the end, also those that have more. */
  #endFeeds(): void {
    for (let at = this.#running.length - 1; at >= 0; at--) {
      const turn = this.#running[at] as Turn;
      if (this.#isOver) this.#giveBackHeld(turn);
      if (turn.out > 0 || !(turn.isEmpty || this.#isOver)) continue;
      this.#running.splice(at, 1);
      turn.done();
    }
    if (this.#running.length > 0) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
  }

  #giveBackHeld(turn: Turn): void {
    for (const item of turn.held.splice(0)) {
      this.#taken.delete(item);
      turn.feed.giveBack(item);
      turn.out--;
    }
  }

  #put(item: Item, tell: (feed: Feed) => void): void {
    const taken = this.#taken.get(item);
    if (!taken) return;
    const { turn, right } = taken;
    this.#taken.delete(item);
    right?.way.route.throttle?.release(right.group);
    tell(turn.feed);
    turn.out--;
    turn.moved();
    if (turn.out === 0) this.#endFeeds();
  }

  async #trouble(way: Way, words: string, isDoubtful: boolean): Promise<void> {
    const trouble = way.failed(isDoubtful);
    if (trouble === 'again' || trouble === 'waits') return;
    const stuck = this.#running.filter(
      ({ ways }) => ways.includes(way) && ways.every(({ isDown }) => isDown),
    );
    if (stuck.length === 0) return this.#options.onDown?.(way.route, words);
    for (const turn of stuck) {
      for (const each of turn.ways) each.calm();
      turn.feed.stop();
      turn.isEmpty = true;
      this.#giveBackHeld(turn);
      // It ends when its edition has been dealt with.
      turn.out++;
    }
    try {
      const editionIds = [...new Set(stuck.map(({ feed }) => feed.editionId))];
      const forMs = trouble === 'down' ? this.#options.routeDownMs : undefined;
      await this.#options.onRouteDown(way.route, words, editionIds, forMs);
    } finally {
      for (const turn of stuck) turn.out--;
      this.#endFeeds();
    }
  }
}
