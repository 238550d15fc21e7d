import type { Feed, Item } from './feed.ts';
import type { Way } from './way.ts';

// Of three batches that a process holds at a time, none may be held for long by recipients or routes that have to wait.
const longestTurnMs = 10_000;
const longestIdleMs = 3000;
const longestWaitMs = 60_000;
// So many may wait for their domains' turn in one batch; the rest of it comes later.
const mostHeld = 200;

/** Why a feed's turn was over before it was empty. */
export interface TurnEnd {
  /** After so many milliseconds it is worth going on. */
  waitMs: number;
  /** What is left of it only other processes may send now. */
  isForOthers: boolean;
}

/** A feed that is being sent, for as long as it has its turn. Times are those of `performance.now()`. */
export class Turn {
  readonly feed: Feed;
  /** The ways that its mail takes. */
  readonly ways: Way[];
  /** Taken, and not allowed to go yet: the recipient's domain gets no more at the moment. */
  readonly held: Item[] = [];
  /** Taken and not settled; those held are among them. */
  out = 0;
  /** Nothing more is taken from the feed. */
  isEmpty = false;
  /** Until then these ways can take nothing of what is left; infinity: only other processes' may. */
  readonly cannot = new Map<Way, number>();
  readonly #done: (end: TurnEnd | undefined) => void;
  readonly #since = performance.now();
  #movedAt = this.#since;
  #onlyHeldSince: number | undefined;
  #end: TurnEnd | undefined;

  constructor(feed: Feed, ways: Way[], done: (end: TurnEnd | undefined) => void) {
    this.feed = feed;
    this.ways = ways;
    this.#done = done;
  }

  /** Nothing of it can be taken any more; some may be on its way. */
  get isAllTaken(): boolean {
    return this.isEmpty && this.held.length === 0;
  }

  /** The next of the feed; undefined if there is none, or as many are held as may be. */
  next(): Item | undefined {
    if (this.isEmpty || this.held.length >= mostHeld) return undefined;
    const item = this.feed.next();
    if (item) this.out++;
    else this.isEmpty = true;
    return item;
  }

  /** One of it went on its way, or came to its end. */
  moved(): void {
    this.#movedAt = performance.now();
  }

  /** Notes whether there was one that was not held: what only waits must not stay for long. */
  hasOnlyHeld(onlyHeld: boolean): void {
    this.#onlyHeldSince = onlyHeld ? (this.#onlyHeldSince ?? performance.now()) : undefined;
  }

  /** It has been long enough, or only waits: others shall have their turn. */
  get isOver(): boolean {
    if (this.isAllTaken || this.#end) return false;
    const now = performance.now();
    const isIdle = this.out === this.held.length && now - this.#movedAt > longestIdleMs;
    const onlyWaits =
      this.#onlyHeldSince !== undefined && (now - this.#onlyHeldSince > longestIdleMs || this.#isForOthers);
    return isIdle || onlyWaits || now - this.#since > longestTurnMs;
  }

  /** Nothing more of it begins; what recipients wait for says when it is worth going on. */
  end(): void {
    this.isEmpty = true;
    const now = performance.now();
    const isForOthers = this.held.length > 0 && this.#isForOthers;
    const wait = Math.min(...this.ways.map((way) => (this.cannot.get(way) ?? now) - now));
    const hasToWait = this.held.length > 0 && !isForOthers;
    this.#end = { waitMs: hasToWait ? Math.min(Math.max(0, wait), longestWaitMs) : 0, isForOthers };
  }

  /** What had been taken has come to its end. */
  done(): void {
    this.#done(this.#end);
  }

  get #isForOthers(): boolean {
    return this.ways.every((way) => this.cannot.get(way) === Number.POSITIVE_INFINITY);
  }
}
