import { messageOf } from '../../errors.ts';
import { Thread } from '../../thread.ts';
import type { PageAnswer, PageRequest, PageResult } from './page-worker.ts';

const timeLimitMs = 60_000;
const memoryLimitMb = 512;

/** The problem that pages could not be examined, to be told as a finding. */
export interface NotExamined {
  problem: string;
}

/**
 * Examines pages in a thread of their own, with limits on time and memory.
 * @returns what was found, or why nothing was: a page that cannot be examined is no reason to fail
 */
export async function examinePages(
  request: Omit<PageRequest, 'id'>,
  { timeoutMs = timeLimitMs }: { timeoutMs?: number } = {},
): Promise<PageResult | NotExamined> {
  try {
    const answer = await queued(() =>
      thread.ask(request, timeoutMs, () => new Error(`they did not finish within ${timeoutMs / 1000} s`)),
    );
    if ('error' in answer) throw new Error(answer.error);
    return answer.result;
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

const thread = new Thread<Omit<PageRequest, 'id'>, PageAnswer>({
  script: new URL('./page-worker', import.meta.url),
  memoryMb: memoryLimitMb,
  ended: (error) => error,
});

let last: Promise<unknown> = Promise.resolve();

// One edition at a time, so that the time limit is one edition's.
function queued<T>(action: () => Promise<T>): Promise<T> {
  const mine = last.then(action);
  last = mine.catch(() => {});
  return mine;
}
