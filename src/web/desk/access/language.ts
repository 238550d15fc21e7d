import type { Context as HonoContext } from 'hono';
import { acceptedLanguage } from '../../words/words.ts';
import { type DeskLanguage, deskLanguages } from '../words/words.ts';

const known = deskLanguages.map(([tag]) => tag);

/** In which language the desk speaks: a user's own, else the one that their browser asks for, else English. */
export function deskLanguage(c: HonoContext, locale?: string | null): DeskLanguage {
  const wanted =
    locale?.slice(0, 2).toLowerCase() ?? acceptedLanguage(c.req.header('accept-language'), known);
  return known.find((tag) => tag === wanted) ?? 'en';
}
