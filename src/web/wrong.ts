import { UserError } from '../errors.ts';
import type { Look } from './look.ts';

/**
 * What was wrong with what someone typed, in their language. In English it is the error's own sentence, which says more.
 * @throws the error itself if it is none that a person can act on
 */
export function wrongIn({ language, say }: Look, error: unknown): string {
  if (!(error instanceof UserError)) throw error;
  if (language === 'en') return error.message;
  return say(error.code === 'address' ? 'wrongAddress' : error.code === 'date' ? 'wrongDate' : 'wrongValue');
}
