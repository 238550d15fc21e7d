import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../../../context.ts';
import type { RelatedStory } from '../../../selection/chosen.ts';
import { relatedTo } from '../../../selection/related-to.ts';
import type { StoryWithHistory } from '../../../stories/find-stories.ts';
import { asRead } from '../../../stories/read-story.ts';
import type { DeskSite } from '../env.ts';

// A page does not wait longer: a process that has just begun reads a month of stories first, which takes seconds.
const patienceMs = 120;
// What was found is asked for again within a second or two.
const keptMs = 10_000;
const relatedCount = 8;

/** Finds what is related to stories, beside the pages that ask for it. */
export class RelatedLookups {
  readonly #context: Context;
  readonly #background: DeskSite['background'];
  readonly #found = new Map<number, Promise<RelatedStory[]>>();

  constructor(context: Context, background: DeskSite['background']) {
    this.#context = context;
    this.#background = background;
  }

  /** @returns undefined while it is being looked up: to be asked for again */
  async within(story: StoryWithHistory): Promise<RelatedStory[] | undefined> {
    const looking = this.#found.get(story.id) ?? this.#start(story);
    return Promise.race([looking, sleep(patienceMs, undefined, { ref: false })]);
  }

  #start(story: StoryWithHistory): Promise<RelatedStory[]> {
    const looking = relatedTo(this.#context, asRead(story), relatedCount);
    this.#found.set(story.id, looking);
    const forget = () => {
      setTimeout(() => this.#found.delete(story.id), keptMs).unref();
    };
    looking.then(forget, forget);
    this.#background.run('looking for related stories', () => looking);
    return looking;
  }
}
