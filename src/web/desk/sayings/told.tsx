/** @jsxImportSource hono/jsx */
import type { UserError } from '../../../errors.ts';
import type { DeskLanguage } from '../words/words.ts';
import { errorSaid } from './errors.ts';
import { type Sayings, worded } from './german.ts';

/** A text of the program in the desk's language; one that cannot be worded is marked as English. */
export function Told({
  text,
  sayings,
  language,
  sentence,
}: {
  text: string;
  sayings: Sayings;
  language: DeskLanguage;
  /** It begins with a capital and ends with a full stop, whether or not it was written so. */
  sentence?: boolean;
}) {
  const { text: said, lang } = worded(text, sayings, language);
  const shown = sentence ? asSentence(said) : said;
  return lang ? <span lang={lang}>{shown}</span> : shown;
}

/** An error that a person can act on, in the desk's language, or marked as English. */
export function ToldError({ error, language }: { error: UserError; language: DeskLanguage }) {
  const { text, lang } = errorSaid(error, language);
  return lang ? <span lang={lang}>{text}</span> : text;
}

const asSentence = (text: string) =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?…]$/.test(text) ? '' : '.'}`;
