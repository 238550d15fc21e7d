import type { BenchContext } from './database.ts';
import { median, rounded, secondsOf } from './measure.ts';
import { processorClock } from './processor.ts';

/** What was measured over one size: processor milliseconds of Broadsheet and Postgres together, or the unit that the name tells. */
export type Figures = Record<string, number>;

/** Measures what is done over one size. */
export interface Meter {
  figures: Figures;
  note(name: string, figure: number): void;
  /** Does it once. @returns the processor time, in seconds */
  once(work: () => Promise<unknown>): Promise<number>;
  /** Does it until enough of it was seen, after once for warmth, and notes what one of them costs. */
  often(name: string, work: () => Promise<unknown>): Promise<void>;
}

// The processor's time is told in hundredths of a second.
const enoughSeconds = 0.3;
const mostTimes = 50;
const leastTimes = 3;

/** @param say tells a person each figure, and beside it what a clock said */
export async function openMeter(context: BenchContext, say: (line: string) => void): Promise<Meter> {
  const now = await processorClock(context);
  const figures: Figures = {};
  const used = () => {
    const { ours, postgres } = now();
    return ours + postgres;
  };
  const note = (name: string, figure: number, beside = '') => {
    figures[name] = figure;
    say(`  ${name}: ${rounded(figure)}${beside}`);
  };
  return {
    figures,
    note: (name, figure) => note(name, figure),
    async once(work) {
      const before = used();
      await work();
      return used() - before;
    },
    async often(name, work) {
      await work();
      const before = used();
      const took: number[] = [];
      while (took.length < leastTimes || (used() - before < enoughSeconds && took.length < mostTimes))
        took.push((await secondsOf(work)) * 1000);
      note(name, ((used() - before) * 1000) / took.length, ` (${rounded(median(took))} by the clock)`);
    },
  };
}
