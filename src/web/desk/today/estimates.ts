import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../../../context.ts';
import { type Audience, countAudience } from '../../../delivery/plan.ts';
import type { Edition } from '../../../editions/editions.ts';
import { largestBytes } from '../../../schedule/before-sending.ts';
import type { Background } from '../../background.ts';

type Asked = Pick<Edition, 'id' | 'newsletter_id' | 'scheduled_for'>;

const freshMs = 10 * 60_000;
const mostKept = 500;

/**
 * What takes long to count about editions, kept by this process: a page shows what is known, and the count goes on after it.
 */
export class Estimates {
  readonly #context: Context;
  readonly #background: Background;
  readonly #audiences = new Map<string, { at: number; audience: Audience }>();
  readonly #counting = new Map<string, Promise<Audience>>();
  readonly #bytes = new Map<string, number>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(context: Context, background: Background) {
    this.#context = context;
    this.#background = background;
  }

  /**
   * Who would get an edition, if that is known, or can be counted within so many milliseconds; else it is known later. What is old is
   * counted anew beside the page, which does not wait for it.
   * @param edition with the id 0 for one that has not been made
   */
  async audience(edition: Asked, withinMs: number): Promise<Audience | undefined> {
    const key = `${edition.newsletter_id} ${edition.id} ${edition.scheduled_for.getTime()}`;
    const known = this.#audiences.get(key);
    if (known && this.#context.clock.now().getTime() - known.at < freshMs) return known.audience;
    const counted = this.#count(key, edition).catch(() => undefined);
    return known?.audience ?? Promise.race([counted, sleep(withinMs, undefined, { ref: false })]);
  }

  /** Counts anew, however long it takes. */
  counted(edition: Asked): Promise<Audience> {
    return this.#count(`${edition.newsletter_id} ${edition.id} ${edition.scheduled_for.getTime()}`, edition);
  }

  #count(key: string, edition: Asked): Promise<Audience> {
    const running = this.#counting.get(key);
    if (running) return running;
    // One after the other: they are many rows each, and nobody is in a hurry.
    const counting = this.#turn
      .then(() => countAudience(this.#context, edition))
      .then((audience) => {
        keep(this.#audiences, key, { at: this.#context.clock.now().getTime(), audience });
        return audience;
      })
      .finally(() => this.#counting.delete(key));
    this.#turn = counting.catch(() => {});
    this.#counting.set(key, counting);
    this.#background.run('counting an audience', () => counting);
    return counting;
  }

  /** The size of an edition's largest digest; undefined: it has not been rendered. */
  async bytes(edition: Pick<Edition, 'id' | 'version' | 'language'>): Promise<number | undefined> {
    const key = `${edition.id} ${edition.version}`;
    const known = this.#bytes.get(key);
    if (known !== undefined) return known;
    const bytes = await largestBytes(this.#context, edition);
    if (bytes !== undefined) keep(this.#bytes, key, bytes);
    return bytes;
  }
}

function keep<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > mostKept) map.delete(map.keys().next().value as string);
}
