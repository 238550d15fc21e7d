import { randomBytes } from 'node:crypto';
import { UserError } from '../../errors.ts';
import { isNoteSlot, type Note } from '../../selection/chosen.ts';
import type { EditionStory, Slot } from '../content.ts';
import type { EditionChange } from './change.ts';
import type { Matter } from './matter.ts';
import { slotNamed } from './order.ts';

/** Where a note is wanted. */
export type NotePlace = Extract<EditionChange, { kind: 'add-note' }>['place'];

const mostSlots = 10;
const mostInSlot = 50;

/** What a note is called that nobody else has. */
export const newNoteKey = () => `n${randomBytes(6).toString('base64url')}`;

/** A note as it stands among the stories of an edition. */
export function noteStory(key: string, note: Note, at: Date, reason: string): EditionStory {
  return {
    position: 0,
    slot: 'note',
    storyId: null,
    storylineId: null,
    title: note.title,
    dek: '',
    url: '#',
    imageUrl: null,
    imageAlt: null,
    publisher: '',
    author: null,
    topics: [],
    publishedAt: at.toISOString(),
    coverage: 0,
    developing: null,
    pinned: true,
    score: 0,
    reason: { text: reason, parts: {} },
    related: [],
    key,
    kind: 'note',
    note,
  };
}

/**
 * Puts a note, which must not be among the stories, into a slot for notes at a place; there is one made where there is none.
 * @throws UserError if there is no such place, or no room
 */
export function withNote(
  matter: Matter,
  story: EditionStory,
  place: Exclude<NotePlace, { story: string }>,
): Matter {
  const { slots } = matter.policy;
  const at =
    'after' in place
      ? slots.indexOf(slotNamed(slots, place.after)) + 1
      : place.at === 'top'
        ? 0
        : slots.length;
  const known = [slots[at], 'at' in place && place.at === 'end' ? slots[at - 1] : undefined].find(
    (slot) => slot && isNoteSlot(slot.name),
  );
  const slot: Slot = known ?? { name: freeName(slots), count: 1 };
  const before = matter.stories.filter((each) => each.slot === slot.name && each.kind === 'note').length;
  if (before >= mostInSlot)
    throw new UserError(`There are ${mostInSlot} notes in this place already.`, { code: 'place' });
  const wanted = { ...slot, count: Math.max(slot.count, before + 1) };
  const all = known ? slots.map((each) => (each === known ? wanted : each)) : slots.toSpliced(at, 0, wanted);
  if (all.length > mostSlots)
    throw new UserError(`An edition has at most ${mostSlots} places, those of notes included.`, {
      code: 'place',
      hint: 'Put the note where there is one already, or beneath a story.',
    });
  return {
    ...matter,
    policy: { ...matter.policy, slots: all },
    stories: [...matter.stories, { ...story, slot: slot.name }],
  };
}

/** A matter without a note; its slot goes too, if nothing is left in it. */
export function withoutNote(matter: Matter, key: string): Matter {
  const stories = matter.stories.filter((each) => each.key !== key);
  const used = new Set(stories.map(({ slot }) => slot));
  return {
    ...matter,
    stories,
    policy: {
      ...matter.policy,
      slots: matter.policy.slots.filter(({ name }) => !isNoteSlot(name) || used.has(name)),
    },
  };
}

function freeName(slots: Slot[]): string {
  const taken = new Set(slots.map(({ name }) => name));
  for (let number = 1; ; number++) {
    const name = number === 1 ? 'note' : `note-${number}`;
    if (!taken.has(name)) return name;
  }
}
