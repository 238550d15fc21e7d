const observedSeconds = 10;

/** How many messages went in the last ten seconds. */
export class Recently {
  readonly #counts = new Uint32Array(observedSeconds);
  #second = 0;

  /** @param now as `performance.now()` */
  add(now: number): void {
    const second = this.#turn(now);
    this.#counts[second % observedSeconds] = (this.#counts[second % observedSeconds] ?? 0) + 1;
  }

  /** Messages a second. @param now as `performance.now()` */
  perSecond(now: number): number {
    this.#turn(now);
    return this.#counts.reduce((sum, count) => sum + count, 0) / observedSeconds;
  }

  #turn(now: number): number {
    const second = Math.floor(now / 1000);
    if (second - this.#second >= observedSeconds) this.#counts.fill(0);
    else for (let each = this.#second + 1; each <= second; each++) this.#counts[each % observedSeconds] = 0;
    this.#second = Math.max(second, this.#second);
    return second;
  }
}
