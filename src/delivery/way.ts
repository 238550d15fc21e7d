import { routeUp } from '../observe/metrics.ts';
import { type Route, type RouteUse, servesBest } from './route.ts';

/** When a route is in trouble for so long that a person has to look. */
export interface TroubleLimits {
  /** The first wait after a route took nothing, in milliseconds; it doubles up to ten seconds. */
  routeRetryMs: number;
  /** So many rounds without one answered message are needed for a route to be down. */
  routeFailureLimit: number;
  /** And so many milliseconds must have passed, unless messages were left in doubt: a server restarts in less. */
  routeDownMs: number;
}

/** What a failure came to. `again`: it belongs to a round that is counted already. */
export type Trouble = 'again' | 'waits' | 'down' | 'down in doubt';

const longestRetryMs = 10_000;
// What a route without a share of its connections is asked again after; it is asked by whoever looks, at any time.
const noShareMs = 60_000;

/** A route, and how it does in this process. Times are those of `performance.now()`. */
export class Way {
  readonly route: Route;
  readonly #limits: TroubleLimits;
  /** Lanes that work for it. */
  lanes = 0;
  /** Messages it has taken, for sharing by weight; more if it could take none while others did. */
  taken = 0;
  /** When it took the last one. */
  tookAt = 0;
  /** Since when it waits for others to have their shares; undefined: it does not. */
  aheadSince: number | undefined;
  #retryAt = 0;
  #failedRounds = 0;
  #doubtfulRounds = 0;
  #failingSince = 0;
  #isDown = false;

  constructor(route: Route, limits: TroubleLimits) {
    this.route = route;
    this.#limits = limits;
    routeUp.set({ route: route.describe }, 1);
  }

  /** It has failed for so long that others have to do. */
  get isDown(): boolean {
    return this.#isDown;
  }

  /** Carriers that this process may have open now. */
  get connections(): number {
    const { connections, throttle } = this.route;
    return throttle?.connections(connections) ?? connections;
  }

  /** Milliseconds until it may be tried again after it took nothing; 0 or less: now. */
  retryWait(): number {
    return this.#retryAt - performance.now();
  }

  /** Milliseconds until it may take anything at all; 0: now. */
  wait(): number {
    if (this.connections <= 0) return noShareMs;
    return Math.max(0, this.retryWait(), this.route.throttle?.wait() ?? 0);
  }

  /** It took a message to send. */
  took(): void {
    this.taken++;
    this.tookAt = performance.now();
    this.aheadSince = undefined;
  }

  /** It answered for a message. */
  worked(): void {
    if (this.#failedRounds > 0 || this.#isDown) routeUp.set({ route: this.route.describe }, 1);
    this.#isDown = false;
    this.calm();
  }

  /** Counts failures from the beginning. */
  calm(): void {
    this.#failedRounds = 0;
    this.#doubtfulRounds = 0;
  }

  /**
   * It took nothing. All its lanes wait; the first to come back and fail makes the next round.
   * @param isDoubtful a message may have arrived, or not: of these there must not be many
   */
  failed(isDoubtful: boolean): Trouble {
    const now = performance.now();
    if (now < this.#retryAt) return 'again';
    routeUp.set({ route: this.route.describe }, 0);
    if (this.#failedRounds === 0) this.#failingSince = now;
    this.#failedRounds++;
    if (isDoubtful) this.#doubtfulRounds++;
    const { routeRetryMs, routeFailureLimit, routeDownMs } = this.#limits;
    this.#retryAt = now + Math.min(routeRetryMs * 2 ** (this.#failedRounds - 1), longestRetryMs);
    const isInDoubt = this.#doubtfulRounds >= routeFailureLimit;
    const isLong = this.#failedRounds >= routeFailureLimit && now - this.#failingSince >= routeDownMs;
    if (!isInDoubt && !isLong) return 'waits';
    this.#isDown = true;
    return isInDoubt ? 'down in doubt' : 'down';
  }
}

/** Of these, the ways that mail of a use takes; none: no route serves it. */
export function waysFor(ways: Way[], use: RouteUse): Way[] {
  const best = servesBest(
    ways.map(({ route }) => route),
    use,
  );
  return ways.filter(({ route }) => best.includes(route));
}
