import { UserError } from '../../errors.ts';
import { isNoteSlot } from '../../selection/chosen.ts';
import { PersonalChooser } from '../../selection/personal.ts';
import { hasTopic } from '../../selection/rules.ts';
import type { EditionStory, Slot } from '../content.ts';

/** A place in an edition: a slot's name or `reserve`, and which of its stories it is, from 0. */
export interface StoryPlace {
  slot: string;
  at: number;
}

const nobody = { id: 0, topics: [], mutedTopics: [], mutedSources: [] };

/**
 * Gives stories their positions, and the slots in which they stand for a reader without wishes. Stories for readers of
 * earlier editions come last. Those that stay what they were stay the same objects.
 */
export function arranged(stories: EditionStory[], slots: Slot[]): EditionStory[] {
  const ordered = [...stories.filter(({ from }) => !from), ...stories.filter(({ from }) => from)];
  const numbered = ordered.map((story, position) => ({ ...story, position }));
  const slotOf = new Map<number, string>();
  for (const [at, positions] of new PersonalChooser(numbered, slots).choose(nobody).entries())
    for (const position of positions) slotOf.set(position, slots[at]?.name ?? 'reserve');
  return ordered.map((story, position) => {
    const slot = story.pinned ? story.slot : (slotOf.get(position) ?? 'reserve');
    return story.position === position && story.slot === slot ? story : { ...story, position, slot };
  });
}

/** The stories of a slot as readers see them, pinned ones first; of `reserve` those that are only candidates. */
export function inSlot(stories: EditionStory[], slot: string): EditionStory[] {
  const there = stories.filter((story) => story.slot === slot);
  return [...there.filter(({ pinned }) => pinned), ...there.filter(({ pinned }) => !pinned)];
}

/** Where a story stands for a reader without wishes, from 1, notes not counted; undefined: it is in reserve. */
export function standing(stories: EditionStory[], slots: Slot[], key: string): number | undefined {
  const shown = slots.flatMap(({ name }) => inSlot(stories, name)).filter(({ kind }) => kind !== 'note');
  const at = shown.findIndex((story) => story.key === key);
  return at < 0 ? undefined : at + 1;
}

/** @throws UserError if there is no such slot for stories */
export function slotNamed(slots: Slot[], name: string): Slot {
  const slot = slots.find((each) => each.name === name);
  if (!slot || isNoteSlot(name))
    throw new UserError(`The edition has no place for stories named "${name}".`, {
      code: 'not-found',
      hint: `It has ${slots
        .filter((each) => !isNoteSlot(each.name))
        .map((each) => each.name)
        .join(', ')} and reserve.`,
    });
  return slot;
}

/**
 * Puts a story to a place. A pinned one stays pinned, unless it goes to the reserve. A place below the end is the end.
 * @param stories arranged, with or without the story
 * @throws UserError if it cannot stand there: the place is held by pinned stories, or others would come before it
 */
export function placed(
  stories: EditionStory[],
  slots: Slot[],
  moved: EditionStory,
  to: StoryPlace,
): EditionStory[] {
  const isReserve = to.slot === 'reserve';
  const { from: _, ...own } = moved;
  const story: EditionStory = {
    ...own,
    slot: to.slot,
    pinned: moved.pinned && !isReserve,
  };
  const others = stories.filter(({ key }) => key !== story.key);
  // The page shows the slot without the story, and not filled up from below.
  const there = inSlot(others, to.slot).filter(({ from }) => !from);
  const pinned = there.filter((each) => each.pinned);
  const loose = there.filter((each) => !each.pinned);
  if (!isReserve) mustTake(slotNamed(slots, to.slot), story, pinned);
  if (story.pinned) {
    const before = pinned[to.at];
    return arranged(before ? insertedBefore(others, before, story) : [...others, story], slots);
  }
  const at = Math.min(Math.max(0, to.at - pinned.length), loose.length);
  const tries: EditionStory[][] = [];
  const next = loose[at];
  const last = loose.at(-1);
  if (next) tries.push(insertedBefore(others, next, story));
  else if (last) tries.push(insertedAfter(others, last, story), insertedBefore(others, last, story));
  else tries.push(insertedBefore(others, firstBelow(others, slots, to.slot), story));
  for (const list of tries) {
    const result = arranged(list, slots);
    if (result.find(({ key }) => key === story.key)?.slot === to.slot) return result;
  }
  throw new UserError(
    isReserve
      ? 'There are more places than stories: each candidate stands in the edition.'
      : `A story that is not pinned does not stay in "${to.slot}": places before it are free, or take it first.`,
    {
      code: 'place',
      hint: isReserve ? 'Drop the story, or lower the number of places.' : `Pin it in "${to.slot}".`,
    },
  );
}

/** @throws UserError if a slot has no place for a story */
export function mustTake(
  slot: Slot,
  story: Pick<EditionStory, 'key' | 'pinned' | 'topics'>,
  pinned: EditionStory[],
): void {
  if (pinned.filter(({ key }) => key !== story.key).length >= slot.count)
    throw new UserError(`All places of "${slot.name}" are held by pinned stories.`, {
      code: 'place',
      hint: 'Unpin one of them, or give the slot more places.',
    });
  const { topic } = slot;
  if (!story.pinned && topic !== undefined && !hasTopic(story.topics, topic))
    throw new UserError(`"${slot.name}" takes stories about ${topic} only, and this one is not.`, {
      code: 'place',
      hint: `Pin it in "${slot.name}": a pinned story may stand anywhere.`,
    });
}

function insertedBefore(
  stories: EditionStory[],
  mark: EditionStory | undefined,
  story: EditionStory,
): EditionStory[] {
  const at = stories.findIndex((each) => each.key === mark?.key);
  return at < 0 ? [...stories, story] : stories.toSpliced(at, 0, story);
}

function insertedAfter(stories: EditionStory[], mark: EditionStory, story: EditionStory): EditionStory[] {
  const at = stories.findIndex((each) => each.key === mark.key);
  return stories.toSpliced(at + 1, 0, story);
}

/** The first story that stands lower than an empty slot. */
function firstBelow(stories: EditionStory[], slots: Slot[], slot: string): EditionStory | undefined {
  const index = slots.findIndex(({ name }) => name === slot);
  const below = new Set(index < 0 ? [] : [...slots.slice(index + 1).map(({ name }) => name), 'reserve']);
  return stories.find(({ pinned, from, slot: own }) => !pinned && (from || below.has(own)));
}
