/** How a claim is measured. */
export interface MeasureOptions {
  /** How many rows or messages; the claim's own number if undefined. */
  rows: number | undefined;
  /** How many rounds; the claim's own number if undefined. */
  rounds: number | undefined;
  /** Sizes of audiences, and numbers of stories, to be compared; the claim's own if undefined. */
  subscribers?: number[] | undefined;
  stories?: number[] | undefined;
  /** Tells a person how it goes. */
  say(line: string): void;
}

/** What a measurement found. More may stand beside, depending on the claim. */
export interface Measurement {
  name: string;
  ours: number;
  oursUnit: string;
  reference: number;
  referenceUnit: string;
  /** How many times as fast as the reference ours is: above 1 it is faster, whatever the units. */
  ratio: number;
  /** What the numbers say, where it is not about speed. */
  verdict?: string;
  [detail: string]: unknown;
}

/** A measured claim. */
export type Claim = (options: MeasureOptions) => Promise<Measurement>;

/**
 * Measures two things by turns, so that what the machine does beside meets both.
 * @param first and the others return what they measured, in any unit
 * @returns the median of each
 */
export async function byTurns(rounds: number, ...measured: (() => Promise<number>)[]): Promise<number[]> {
  const found: number[][] = measured.map(() => []);
  for (let round = 0; round < rounds; round++) {
    // Who goes first changes: a warm cache or a tired disk should favour nobody.
    const order = measured.map((_, index) => (round % 2 === 0 ? index : measured.length - 1 - index));
    for (const index of order) found[index]?.push(await measured[index]!());
  }
  return found.map(median);
}

/** The middle of some numbers, the mean of the middle two if they are even in count. */
export function median(numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** How long something takes, in seconds. */
export async function secondsOf(action: () => unknown): Promise<number> {
  const started = performance.now();
  await action();
  return (performance.now() - started) / 1000;
}

/** A number with three significant digits, or a whole one above a thousand. */
export function rounded(number: number): number {
  return Math.abs(number) >= 1000 ? Math.round(number) : Number(number.toPrecision(3));
}
