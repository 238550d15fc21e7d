import type { Context } from '../context.ts';

/**
 * A way to warn of what may fail many times a second while it lasts, such as while the database is away: the first line of each text, and then
 * one a minute, with how many were left out.
 */
export class Sparing {
  readonly #log: Context['log'];
  readonly #everyMs: number;
  readonly #said = new Map<string, { at: number; unsaid: number }>();

  /** @param everyMs how often one text may come */
  constructor(log: Context['log'], everyMs = 60_000) {
    this.#log = log;
    this.#everyMs = everyMs;
  }

  /** Warns, unless the same text came a short while ago. */
  warn(fields: Record<string, unknown>, text: string): void {
    const now = performance.now();
    const said = this.#said.get(text);
    if (said && now - said.at < this.#everyMs) {
      said.unsaid++;
      return;
    }
    this.#log.warn({ ...fields, ...(said?.unsaid && { unsaid: said.unsaid }) }, text);
    this.#said.set(text, { at: now, unsaid: 0 });
  }

  /** It works again: says so if it did not, and the next warning comes at once. */
  works(text: string): void {
    if (this.#said.size === 0) return;
    this.#log.info(text);
    this.#said.clear();
  }
}
