/** The one source of the current time, so that tests move time instead of waiting for it. */
export interface Clock {
  /** The current instant. */
  now(): Date;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => new Date() };

/** A clock that stands still until it is told otherwise. */
export class ManualClock implements Clock {
  #now: number;

  /** @param start the instant at which the clock stands */
  constructor(start: Date | string) {
    this.#now = new Date(start).getTime();
  }

  now(): Date {
    return new Date(this.#now);
  }

  /** Moves the clock forward (or, with a negative number, back) by milliseconds. */
  advance(ms: number): void {
    this.#now += ms;
  }

  /** Puts the clock at an instant. */
  set(instant: Date | string): void {
    this.#now = new Date(instant).getTime();
  }
}
