import { Worker } from 'node:worker_threads';
import { messageOf } from '../../errors.ts';
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
    return await queued(() => ask(request, timeoutMs));
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

let worker: Worker | undefined;
let nextId = 0;
let last: Promise<unknown> = Promise.resolve();

// One edition at a time, so that the time limit is one edition's.
function queued<T>(action: () => Promise<T>): Promise<T> {
  const mine = last.then(action);
  last = mine.catch(() => {});
  return mine;
}

function ask(request: Omit<PageRequest, 'id'>, timeoutMs: number): Promise<PageResult> {
  worker ??= startWorker();
  const current = worker;
  const id = ++nextId;
  current.ref();
  return new Promise<PageResult>((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer);
      current.off('message', onMessage);
      current.off('error', onError);
      current.unref();
    };
    const stop = (error: Error) => {
      settle();
      if (worker === current) worker = undefined;
      void current.terminate();
      reject(error);
    };
    const onMessage = (answer: PageAnswer) => {
      if (answer.id !== id) return;
      settle();
      if ('error' in answer) reject(new Error(answer.error));
      else resolve(answer.result);
    };
    const onError = (error: Error) => stop(error);
    const timer = setTimeout(
      () => stop(new Error(`they did not finish within ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
    current.on('message', onMessage);
    current.on('error', onError);
    current.postMessage({ id, ...request } satisfies PageRequest);
  });
}

function startWorker(): Worker {
  const extension = import.meta.filename.endsWith('.ts') ? 'ts' : 'js';
  const started = new Worker(new URL(`./page-worker.${extension}`, import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: memoryLimitMb },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    // A worker of its own prints nothing into a command's output.
    stderr: false,
  });
  // Without a listener an error between two requests would end the process.
  started.on('error', () => {
    if (worker === started) worker = undefined;
  });
  started.unref();
  return started;
}
