import { UserError } from '../errors.ts';
import { Thread } from '../thread.ts';
import type { RenderAnswer, RenderRequest } from './template-worker.ts';

const timeLimitMs = 12_000;
/** For starting the thread, loading libraries and bundling: not the template's doing, and slow on a machine that is busy. */
const prepareLimitMs = 60_000;
const memoryLimitMb = 512;

const thread = new Thread<Omit<RenderRequest, 'id'>, RenderAnswer>({
  script: new URL('./template-worker', import.meta.url),
  memoryMb: memoryLimitMb,
  env: { NODE_ENV: 'production' },
  ended: (error) =>
    new UserError(`A template ended its thread: ${error.message}`, { code: 'template', cause: error }),
});

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
  const answer = await queued(async () => {
    const ready = await ask({ file, props: {}, plainText: false, prepare: true }, prepareLimitMs, 'busy');
    return 'error' in ready
      ? ready
      : ask({ file, props, plainText: options.plainText ?? false }, timeLimitMs);
  });
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

/** @param code of the error if it takes too long: it is the template's, or that of a machine that is too busy */
function ask(
  request: Omit<RenderRequest, 'id'>,
  limitMs: number,
  code: 'template' | 'busy' = 'template',
): Promise<RenderAnswer> {
  const what = code === 'busy' ? 'could not be made ready' : 'did not finish';
  return thread.ask(
    request,
    limitMs,
    () =>
      new UserError(`The template ${request.file} ${what} within ${limitMs / 1000} s.`, {
        code,
        details: { file: request.file },
      }),
  );
}

let last: Promise<unknown> = Promise.resolve();

// One at a time, so that the limit is one template's: a letter must not fail for the many that were asked for before it.
function queued<T>(action: () => Promise<T>): Promise<T> {
  const mine = last.then(action);
  last = mine.catch(() => {});
  return mine;
}
