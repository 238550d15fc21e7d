import { Worker } from 'node:worker_threads';
import { UserError } from '../errors.ts';
import type { EmbedAnswer, EmbedRequest } from './embed-worker.ts';

const timeLimitMs = 120_000;
// The model takes some 200 MB: a process that has nothing to embed gives them back.
const idleMs = 60_000;

interface Waiting {
  resolve(embeddings: (Int8Array | null)[]): void;
  reject(error: Error): void;
}

let worker: Worker | undefined;
let idle: NodeJS.Timeout | undefined;
let nextId = 0;
const waiting = new Map<number, Waiting>();

/**
 * Embeds English texts in a thread: texts that mean nearly the same get nearly the same direction.
 * @param texts none of them empty; each costs some 20 ms, more if it is longer than a headline
 * @returns for each text 512 signed bytes, of which only the direction counts; null where the model fails on it
 * @throws UserError if the model cannot be loaded or its thread ends
 */
export async function embedTexts(texts: string[]): Promise<(Int8Array | null)[]> {
  if (texts.length === 0) return [];
  worker ??= startWorker();
  const current = worker;
  clearTimeout(idle);
  current.ref();
  const id = ++nextId;
  const timer = setTimeout(
    () => stopWorker(current, `it did not answer within ${timeLimitMs / 1000} s`),
    timeLimitMs,
  );
  try {
    return await new Promise<(Int8Array | null)[]>((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      current.postMessage({ id, texts } satisfies EmbedRequest);
    });
  } finally {
    clearTimeout(timer);
    waiting.delete(id);
    if (waiting.size === 0) {
      current.unref();
      idle = setTimeout(() => stopWorker(current, 'it was idle'), idleMs);
      idle.unref();
    }
  }
}

function startWorker(): Worker {
  const extension = import.meta.filename.endsWith('.ts') ? 'ts' : 'js';
  const started = new Worker(new URL(`./embed-worker.${extension}`, import.meta.url), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: { NODE_ENV: 'production' },
  });
  started.on('message', (answer: EmbedAnswer) => {
    if ('error' in answer) waiting.get(answer.id)?.reject(failure(answer.error));
    else waiting.get(answer.id)?.resolve(answer.embeddings);
  });
  started.on('error', (error) => stopWorker(started, error.message));
  return started;
}

function stopWorker(stopped: Worker, why: string): void {
  if (worker === stopped) {
    worker = undefined;
    for (const each of [...waiting.values()]) each.reject(failure(why));
  }
  void stopped.terminate();
}

function failure(why: string): UserError {
  return new UserError(`The model for embeddings does not work: ${why}.`, {
    code: 'embeddings',
    hint: 'Install again with `npm ci`, or set EMBEDDINGS=off: stories are then compared by their words alone.',
  });
}
