import type { Span } from '@opentelemetry/api';
import type { Claim, Verdict } from './ledger.ts';
import type { RouteUse } from './route.ts';
import type { Message } from './smtp/connection.ts';
import type { Outcome } from './verdict.ts';

/** One delivery on its way. */
export interface Item extends Claim {
  editionId: number;
  /** Within which its hand-over is traced. */
  span?: Span | undefined;
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
  /** It is settled, and the ledger knows. @param route by which it went, as people call it */
  settled(item: Item, verdict: Verdict, route: string): void;
  /** It did not begin: consent was gone, or the edition is not being sent any more. */
  notBegun(item: Item, why: 'skipped' | 'away', route: string): void;
  /** Gives back one that was taken and not begun. */
  giveBack(item: Item): void;
  /** No more is to be given out. */
  stop(): void;
}
