import type { Context } from '../context.ts';
import type { Candidate } from './candidate.ts';
import { Corpus } from './corpus.ts';
import { libraryHours, loadCandidates } from './library.ts';

const hour = 3_600_000;
const mostStories = 20_000;

/**
 * The stories that were known at one instant of the past after another, as they are now: those of the month before it, at
 * most the 20,000 newest. Each is read and its words are counted once, however many instants it serves.
 */
export class PastStories {
  /** By id. */
  readonly stories = new Map<number, Candidate>();
  readonly corpus = new Corpus();
  readonly #sourceIds: number[] | undefined;
  /** Published by the instant, and not seen yet. */
  #waiting: Candidate[] = [];
  #at = Number.NEGATIVE_INFINITY;

  /** @param sourceIds only from these; undefined: from all */
  constructor(sourceIds?: number[]) {
    this.#sourceIds = sourceIds;
  }

  /**
   * @param at milliseconds since 1970
   * @param windowHours what is to be chosen from, if that is more than a month
   * @throws RangeError if the instant is before the one that it was moved to last
   */
  async moveTo(context: Pick<Context, 'db'>, at: number, windowHours: number): Promise<void> {
    if (at < this.#at) throw new RangeError('The stories of the past are gone through forwards.');
    const begin = at - Math.max(libraryHours, windowHours) * hour;
    const loaded = await loadCandidates(context, {
      from: Math.max(begin, this.#at),
      until: at,
      limit: mostStories,
      sourceIds: this.#sourceIds,
    });
    this.#at = at;
    const waiting = [...this.#waiting, ...loaded].filter(({ publishedAt }) => publishedAt > begin);
    this.#waiting = waiting.filter(({ firstSeenAt }) => firstSeenAt > at);
    for (const story of waiting) if (story.firstSeenAt <= at) this.#add(story);
    const held = [...this.stories.values()].sort((a, b) => b.publishedAt - a.publishedAt || b.id - a.id);
    for (const [place, { id, publishedAt }] of held.entries())
      if (publishedAt <= begin || place >= mostStories) {
        this.stories.delete(id);
        this.corpus.remove(id);
      }
  }

  #add(story: Candidate): void {
    this.stories.set(story.id, story);
    this.corpus.add(story);
  }
}
