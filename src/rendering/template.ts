import { Worker } from 'node:worker_threads';
import { UserError } from '../errors.ts';
import type { RenderAnswer, RenderRequest } from './template-worker.ts';

const timeLimitMs = 12_000;
const memoryLimitMb = 512;

interface Waiting {
  resolve(answer: RenderAnswer): void;
  reject(error: Error): void;
}

let worker: Worker | undefined;
let nextId = 0;
const waiting = new Map<number, Waiting>();

/**
 * Renders one template file, React Email (.tsx) or MJML with Liquid (.mjml), in a thread with limits on time and memory.
 * @param file absolute path
 * @returns HTML, and plain text where it was asked for and the template is React Email
 * @throws UserError naming the template and, where it is known, the line
 */
export async function renderTemplate(
  file: string,
  props: object,
  options: { plainText?: boolean } = {},
): Promise<{ html: string; text: string }> {
  const answer = await ask({ id: ++nextId, file, props, plainText: options.plainText ?? false });
  if ('error' in answer) {
    const where = answer.line ? `${answer.file}, line ${answer.line}` : answer.file;
    throw new UserError(`The template ${where}: ${answer.error}`, {
      code: 'template',
      details: { file: answer.file, line: answer.line },
      hint: 'Mend the template and build the edition again.',
    });
  }
  return answer;
}

function ask(request: RenderRequest): Promise<RenderAnswer> {
  worker ??= startWorker();
  const current = worker;
  current.ref();
  return new Promise<RenderAnswer>((resolve, reject) => {
    const timer = setTimeout(() => {
      stopWorker(
        current,
        new UserError(`The template ${request.file} did not finish within ${timeLimitMs / 1000} s.`, {
          code: 'template',
          details: { file: request.file },
        }),
      );
    }, timeLimitMs);
    const settle = () => {
      clearTimeout(timer);
      waiting.delete(request.id);
      if (waiting.size === 0) current.unref();
    };
    waiting.set(request.id, {
      resolve: (answer) => {
        settle();
        resolve(answer);
      },
      reject: (error) => {
        settle();
        reject(error);
      },
    });
    current.postMessage(request);
  });
}

function startWorker(): Worker {
  const extension = import.meta.filename.endsWith('.ts') ? 'ts' : 'js';
  const started = new Worker(new URL(`./template-worker.${extension}`, import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: memoryLimitMb },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: { NODE_ENV: 'production' },
  });
  started.on('message', (answer: RenderAnswer) => waiting.get(answer.id)?.resolve(answer));
  started.on('error', (error) =>
    stopWorker(
      started,
      new UserError(`A template ended its thread: ${error.message}`, { code: 'template', cause: error }),
    ),
  );
  return started;
}

function stopWorker(stopped: Worker, error: Error): void {
  if (worker === stopped) worker = undefined;
  for (const each of [...waiting.values()]) each.reject(error);
  void stopped.terminate();
}
