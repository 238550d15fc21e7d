import { setTimeout as wait } from 'node:timers/promises';

const stepMs = 100;

/**
 * Does something, and is done only at the end of a tenth of a second: how long it took does not tell whether it found an
 * address, which makes a difference of a few milliseconds.
 */
export async function inSteps<T>(work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  try {
    return await work();
  } finally {
    const taken = performance.now() - start;
    await wait(Math.ceil((taken + 1) / stepMs) * stepMs - taken);
  }
}
