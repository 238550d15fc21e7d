import { UserError } from '../errors.ts';
import { Thread } from '../thread.ts';
import type { RenderAnswer, RenderRequest } from './template-worker.ts';

const timeLimitMs = 12_000;
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
  const answer = await thread.ask(
    { file, props, plainText: options.plainText ?? false },
    timeLimitMs,
    () =>
      new UserError(`The template ${file} did not finish within ${timeLimitMs / 1000} s.`, {
        code: 'template',
        details: { file },
      }),
  );
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
