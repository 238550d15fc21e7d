import type { Reason } from './reasons.ts';

/** Where in an SMTP conversation a refusal came (RFC 5321 section 4.1.1): before any command, or in answer to one. */
export type Stage = 'connect' | 'helo' | 'auth' | 'mail' | 'rcpt' | 'data';

/** One pattern that matches where any of these does. */
export function any(...patterns: RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => source).join('|'));
}

/** A pattern that matches where another does, in a text that the exceptions are not in. */
export function unless(exceptions: RegExp, words: RegExp): RegExp {
  return new RegExp(`^(?!.*(?:${exceptions.source}))(?=.*(?:${words.source}))`);
}

/** One row of the tables of wordings. */
export interface Wording {
  reason: Reason;
  /** Matched against lower-case text with single spaces. Every pattern is linear: no nested repetition. */
  words: RegExp;
  /** The row counts only for answers at these stages. */
  at?: Stage[];
}
