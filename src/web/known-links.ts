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

  async get(editionId: number, number: number): Promise<EditionLink | undefined> {
    const now = this.#context.clock.now().getTime();
    if (now >= this.#until || this.#links.size >= most) {
      this.#links.clear();
      this.#until = now + keptMs;
    }
    const key = `${editionId}/${number}`;
    const known = this.#links.get(key);
    if (known) return known;
    const link = await linkOf(this.#context, editionId, number);
    if (link) this.#links.set(key, link);
    return link;
  }
}
