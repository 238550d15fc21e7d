import type { Context } from '../context.ts';
import { type EditionLink, linkOf } from '../editions/edition-links.ts';

const most = 20_000;
const keptMs = 5 * 60_000;

/**
 * Where counted links lead, with those that were followed lately in memory: after a send, everybody follows the same few.
 * A number never comes to lead elsewhere, so all that may change is that its edition is deleted; it then still leads
 * there for five minutes.
 */
export class KnownLinks {
  readonly #context: Pick<Context, 'db' | 'clock'>;
  #links = new Map<string, EditionLink>();
  #until = 0;

  constructor(context: Pick<Context, 'db' | 'clock'>) {
    this.#context = context;
  }

  /** Where a link leads, if it was followed lately. */
  known(editionId: number, number: number): EditionLink | undefined {
    const now = this.#context.clock.now().getTime();
    if (now >= this.#until || this.#links.size >= most) {
      this.#links.clear();
      this.#until = now + keptMs;
    }
    return this.#links.get(`${editionId}/${number}`);
  }

  /** Where a link leads, as a header may say it; undefined if there is none. @throws what the database throws */
  async lookUp(editionId: number, number: number): Promise<EditionLink | undefined> {
    const found = await linkOf(this.#context, editionId, number);
    // Only ASCII may stand in a header (RFC 9110 section 5.5), whatever wrote the table.
    const link = found && {
      ...found,
      url: /[^\x21-\x7e]/.test(found.url) ? encodeURI(found.url) : found.url,
    };
    if (link) this.#links.set(`${editionId}/${number}`, link);
    return link;
  }
}
