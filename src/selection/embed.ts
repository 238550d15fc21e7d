import { UserError } from '../errors.ts';
import { Thread } from '../thread.ts';
import type { EmbedAnswer, EmbedRequest } from './embed-worker.ts';

const timeLimitMs = 120_000;
// The model takes some 200 MB: a process that has nothing to embed gives them back.
const idleMs = 60_000;

const thread = new Thread<Omit<EmbedRequest, 'id'>, EmbedAnswer>({
  script: new URL('./embed-worker', import.meta.url),
  env: { NODE_ENV: 'production' },
  idleMs,
  ended: (error) => failure(error.message),
});

/**
 * Embeds English texts in a thread: texts that mean nearly the same get nearly the same direction.
 * @param texts none of them empty; each costs some 20 ms, more if it is longer than a headline
 * @returns for each text 512 signed bytes, of which only the direction counts; null where the model fails on it
 * @throws UserError if the model cannot be loaded or its thread ends
 */
export async function embedTexts(texts: string[]): Promise<(Int8Array | null)[]> {
  if (texts.length === 0) return [];
  const answer = await thread.ask({ texts }, timeLimitMs, () =>
    failure(`it did not answer within ${timeLimitMs / 1000} s`),
  );
  if ('error' in answer) throw failure(answer.error);
  return answer.embeddings;
}

function failure(why: string): UserError {
  return new UserError(`The model for embeddings does not work: ${why}.`, {
    code: 'embeddings',
    hint: 'Install again with `npm ci`, or set EMBEDDINGS=off: stories are then compared by their words alone.',
  });
}
