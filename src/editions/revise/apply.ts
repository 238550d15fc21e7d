import { UserError } from '../../errors.ts';
import type { Original, RelatedStory } from '../../selection/chosen.ts';
import type { EditionStory } from '../content.ts';
import type { ChangeOf, EditionChange } from './change.ts';
import { consistent, keyOf, type Matter, type Patch } from './matter.ts';
import { type NotePlace, newNoteKey, noteStory, withNote, withoutNote } from './note.ts';
import { arranged, inSlot, mustTake, placed, type StoryPlace, slotNamed, standing } from './order.ts';
import { ordinal, quoted } from './text.ts';

/** What was looked up for a change before it is applied. */
export interface Found {
  /** The story that is taken in, of `add`, `promote` and `split`, as choosing would have put it there. */
  story?: EditionStory;
  /** What became of storylines, of `merge` and `split`; to which one each story belongs, and how many publishers report them. */
  storylines?: {
    before: Patch['storylines'];
    after: Patch['storylines'];
    of: Map<number, number | null>;
    coverage: Map<number, number>;
  };
}

/** What came of a change. */
export interface Applied {
  matter: Matter;
  /** What it is about: two changes that share nothing do not disturb each other. */
  touched: string[];
  /** A sentence for the history. */
  summary: string;
}

interface Asked {
  matter: Matter;
  /** Who changes it, as reasons name them. */
  by: string;
  now: Date;
  found: Found;
}

/**
 * Applies a change. Nothing is written.
 * @throws UserError saying why it cannot be done
 */
export function apply(change: EditionChange, asked: Asked): Applied {
  const { matter, touched, summary } = applied(change, asked);
  return { matter: consistent(matter), touched, summary };
}

function applied(change: EditionChange, asked: Asked): Applied {
  switch (change.kind) {
    case 'lines':
      return lines(change, asked);
    case 'move':
      return move(change, asked);
    case 'pin':
      return pin(change, asked);
    case 'unpin':
      return unpin(change, asked);
    case 'drop':
      return drop(change, asked);
    case 'bring-back':
      return bringBack(change, asked);
    case 'replace':
      return replace(change, asked);
    case 'add':
      return add(change, asked);
    case 'promote':
      return promote(change, asked);
    case 'merge':
      return merge(change, asked);
    case 'split':
      return split(change, asked);
    case 'edit':
      return edit(change, asked);
    case 'restore':
      return restore(change, asked);
    case 'add-note':
      return addNote(change, asked);
    case 'edit-note':
      return editNote(change, asked);
    case 'remove-note':
      return removeNote(change, asked);
    case 'slots':
      return counts(change, asked);
  }
}

/** What a change is about, as far as it can be told without applying it. */
export function touchedBy(change: EditionChange): string[] {
  switch (change.kind) {
    case 'lines':
      return (['subject', 'preheader', 'tried'] as const).filter((field) => change[field] !== undefined);
    case 'move':
    case 'pin':
    case 'unpin':
      return ['order', `story:${change.story}:place`];
    case 'drop':
    case 'bring-back':
    case 'promote':
    case 'split':
      return ['order', `story:${change.story}`];
    case 'replace':
      return ['order', `story:${change.story}:place`, `story:${change.by}:place`];
    case 'add':
      return ['order', `story:s${change.storyId}`];
    case 'merge':
      return ['order', `story:${change.story}`, `story:${change.with}`];
    case 'edit':
      return editedFields(change).map((field) => `story:${change.story}:${field}`);
    case 'restore':
      return (change.fields ?? ['title', 'dek', 'image', 'imageAlt']).map(
        (field) => `story:${change.story}:${field}`,
      );
    case 'add-note':
      return 'story' in change.place ? [`story:${change.place.story}:note`] : [];
    case 'edit-note':
    case 'remove-note':
      return [`story:${change.story}:note`];
    case 'slots':
      return Object.keys(change.counts).map((name) => `slots:${name}`);
  }
}

function lines(change: ChangeOf<'lines'>, { matter }: Asked): Applied {
  const { subject = matter.subject, preheader = matter.preheader, tried = matter.tried } = change;
  const touched = touchedBy(change);
  const says: Record<string, string> = {
    subject: `Changed the subject to ${quoted(subject)}`,
    preheader: preheader === '' ? 'Took the preheader away' : `Changed the preheader to ${quoted(preheader)}`,
    tried:
      tried.length === 0
        ? 'Tries out no other subjects'
        : `Tries out ${tried.length} further ${tried.length === 1 ? 'subject' : 'subjects'}`,
  };
  return {
    matter: { ...matter, subject, preheader, tried },
    touched,
    summary: `${touched.map((field) => says[field]).join('. ')}.`,
  };
}

function move(change: ChangeOf<'move'>, { matter, by }: Asked): Applied {
  const story = storyNamed(matter, change.story);
  const was = placeInWords(matter, story);
  const told = withReason(story, `Moved here by ${by}; was ${was}.`);
  const stories = placed(matter.stories, matter.policy.slots, told, change.to);
  const now = placeInWords({ ...matter, stories }, story);
  return {
    matter: { ...matter, stories },
    touched: touchedBy(change),
    summary: `Moved ${quoted(story.title)}: was ${was}, is ${now}${change.to.slot === 'reserve' ? '' : `, in ${change.to.slot}`}.`,
  };
}

function pin(change: ChangeOf<'pin'>, { matter, by }: Asked): Applied {
  const story = storyNamed(matter, change.story);
  const to = change.to ?? { slot: story.slot, at: mostPlaces };
  if (to.slot === 'reserve')
    throw new UserError('A story in reserve has no place in which it could be pinned.', {
      code: 'place',
      hint: 'Say in which slot.',
    });
  const was = placeInWords(matter, story);
  const told = withReason({ ...story, pinned: true }, `Pinned here by ${by}, for everybody; was ${was}.`);
  return {
    matter: { ...matter, stories: placed(matter.stories, matter.policy.slots, told, to) },
    touched: touchedBy(change),
    summary: `Pinned ${quoted(story.title)} in ${to.slot}.`,
  };
}

const mostPlaces = 200;

function unpin(change: ChangeOf<'unpin'>, { matter, by }: Asked): Applied {
  const story = storyNamed(matter, change.story);
  const { slots } = matter.policy;
  const loose = withReason({ ...story, pinned: false }, `Unpinned by ${by}.`);
  const pinned = inSlot(matter.stories, story.slot).filter((each) => each.pinned && each.key !== story.key);
  return {
    matter: { ...matter, stories: placedIfPossible(matter, loose, { slot: story.slot, at: pinned.length }) },
    touched: touchedBy(change),
    summary: `Unpinned ${quoted(story.title)} in ${slots.find(({ name }) => name === story.slot)?.name ?? story.slot}.`,
  };
}

/** At its place, or where it comes to stand from the same place in the order. */
function placedIfPossible(matter: Matter, story: EditionStory, to: StoryPlace): EditionStory[] {
  try {
    return placed(matter.stories, matter.policy.slots, story, to);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return replaced(matter.stories, story);
  }
}

function drop(change: ChangeOf<'drop'>, { matter, by }: Asked): Applied {
  const story = storyNamed(matter, change.story);
  const others = matter.stories.filter((each) => each.key !== story.key);
  if (!others.some(({ kind, from }) => kind !== 'note' && !from))
    throw new UserError('This is the last story of the edition: there would be nothing left to send.', {
      code: 'state',
      hint: 'Add another story first, or cancel the edition.',
    });
  return {
    matter: {
      ...matter,
      stories: others,
      dropped: [...matter.dropped, takenOut(matter, story, `Dropped by ${by}`)],
    },
    touched: touchedBy(change),
    summary: `Dropped ${quoted(story.title)}, ${placeInWords(matter, story)}.`,
  };
}

function takenOut(matter: Matter, story: EditionStory, how: string): EditionStory {
  const { from: _, ...own } = story;
  return withReason(
    { ...own, position: 0, slot: 'reserve', pinned: false },
    `${how}; was ${placeInWords(matter, story)}.`,
  );
}

function bringBack(change: ChangeOf<'bring-back'>, asked: Asked): Applied {
  const { matter, by } = asked;
  const story = matter.dropped.find((each) => keyOf(each) === change.story);
  if (!story) throw missing(change.story);
  const back = withReason(story, `Brought back by ${by}.`);
  const { slots } = matter.policy;
  const stories = change.to
    ? placed(matter.stories, slots, back, change.to)
    : arranged([...matter.stories, back], slots);
  const applied = {
    matter: { ...matter, stories, dropped: matter.dropped.filter((each) => each !== story) },
    touched: touchedBy(change),
    summary: `Brought ${quoted(story.title)} back, ${placeInWords({ ...matter, stories }, story)}.`,
  };
  if (!change.edit) return applied;
  const edited = edit(
    { kind: 'edit', story: change.story, ...change.edit },
    { ...asked, matter: applied.matter },
  );
  return { ...applied, matter: edited.matter, summary: `${applied.summary} ${edited.summary}` };
}

function replace(change: ChangeOf<'replace'>, { matter, by }: Asked): Applied {
  const story = storyNamed(matter, change.story);
  const candidate = storyNamed(matter, change.by);
  if (story === candidate) throw new UserError('A story cannot replace itself.', { code: 'usage' });
  const { from, ...own } = candidate;
  const { slots } = matter.policy;
  const slot = story.pinned && slots.find(({ name }) => name === story.slot);
  const taking = withReason(
    { ...own, slot: story.slot, pinned: story.pinned },
    `Put here by ${by}, in place of ${quoted(story.title)}; was ${placeInWords(matter, candidate)}.`,
  );
  if (slot) mustTake(slot, taking, []);
  const giving = withReason(
    { ...story, slot: candidate.slot, pinned: candidate.pinned },
    `Made room by ${by} for ${quoted(candidate.title)}; was ${placeInWords(matter, story)}.`,
  );
  const stories = arranged(
    matter.stories.map((each) => (each === story ? taking : each === candidate ? giving : each)),
    slots,
  );
  const now = stories.find(({ key }) => key === taking.key);
  if (now?.slot !== story.slot)
    throw new UserError(
      `${quoted(candidate.title)} does not stay in "${story.slot}": it is not about what that place takes, or another takes it first.`,
      { code: 'place', hint: `Pin it in "${story.slot}".` },
    );
  return {
    matter: { ...matter, stories },
    touched: touchedBy(change),
    summary: `Replaced ${quoted(story.title)} by ${quoted(candidate.title)} in ${story.slot}.`,
  };
}

function add(change: ChangeOf<'add'>, { matter, by, found }: Asked): Applied {
  const story = mustBeFound(found);
  if (matter.stories.some(({ key, storyId }) => key === story.key || storyId === story.storyId))
    throw new UserError(`${quoted(story.title)} is in the edition already.`, {
      code: 'usage',
      hint: 'Move it to where it should be.',
    });
  const told = withReason(story, `Added by ${by}.`);
  const stories =
    change.to.slot === 'reserve'
      ? placedIfPossible({ ...matter, stories: [...matter.stories, told] }, told, change.to)
      : placed(matter.stories, matter.policy.slots, told, change.to);
  return {
    matter: { ...matter, stories, dropped: matter.dropped.filter(({ key }) => key !== story.key) },
    touched: touchedBy(change),
    summary: `Added ${quoted(story.title)} to ${change.to.slot}.`,
  };
}

function promote(change: ChangeOf<'promote'>, { matter, by, found }: Asked): Applied {
  const story = storyNamed(matter, change.story);
  const related = relatedNamed(story, change.related);
  const lead = mustBeFound(found);
  if (matter.stories.some(({ storyId }) => storyId === lead.storyId))
    throw new UserError(`${quoted(lead.title)} is in the edition already.`, {
      code: 'usage',
      hint: 'Replace the story by it.',
    });
  const { from: _, ...own } = story;
  const others = story.related.filter((each) => each !== related);
  const beneath = asRelated(
    story,
    related.kind === 'similar' ? 'similar' : 'coverage',
    `It led here before ${by} chose another.`,
  );
  const told = withReason(
    {
      ...lead,
      slot: own.slot,
      pinned: own.pinned,
      score: own.score,
      coverage: own.storylineId === lead.storylineId ? own.coverage : lead.coverage,
      developing: own.storylineId === lead.storylineId ? own.developing : null,
      ...(own.note && { note: own.note }),
      related: [beneath, ...others.filter(({ storyId }) => storyId !== lead.storyId)],
    },
    `Leads here by ${by}, instead of ${quoted(story.title)}.`,
  );
  return {
    matter: {
      ...matter,
      stories: matter.stories.map((each) => (each === story ? told : each)),
    },
    touched: touchedBy(change),
    summary: `Let ${quoted(lead.title)} lead instead of ${quoted(story.title)}.`,
  };
}

function merge(change: ChangeOf<'merge'>, { matter, by, found }: Asked): Applied {
  const story = storyNamed(matter, change.story);
  const other = storyNamed(matter, change.with);
  if (story === other) throw new UserError('A story cannot be merged with itself.', { code: 'usage' });
  const linked = asRelated(other, 'coverage', `${by} says that it reports the same event.`);
  const joined: EditionStory = {
    ...story,
    related: [linked, ...story.related.filter(({ storyId }) => storyId !== other.storyId)].slice(
      0,
      Math.max(1, matter.policy.related),
    ),
  };
  const out = takenOut(matter, other, `Put beneath ${quoted(story.title)} by ${by}`);
  const without = matter.stories.filter((each) => each !== other);
  return {
    matter: withStorylines(
      { ...matter, stories: replaced(without, joined), dropped: [...matter.dropped, out] },
      found,
    ),
    touched: touchedBy(change),
    summary: `Made one storyline of ${quoted(story.title)} and ${quoted(other.title)}.`,
  };
}

function split(change: ChangeOf<'split'>, { matter, by, found }: Asked): Applied {
  const story = storyNamed(matter, change.story);
  const related = relatedNamed(story, change.related);
  const own = mustBeFound(found);
  const left = { ...story, related: story.related.filter((each) => each !== related) };
  const told = withReason(own, `${by} split it off the storyline of ${quoted(story.title)}.`);
  const known = matter.stories.some(({ storyId }) => storyId === own.storyId);
  const stories = replaced(matter.stories, left);
  return {
    matter: withStorylines({ ...matter, stories: known ? stories : withCandidate(stories, told) }, found),
    touched: touchedBy(change),
    summary: `Split ${quoted(related.title)} off the storyline of ${quoted(story.title)}.`,
  };
}

/** Ahead of the others in reserve. */
function withCandidate(stories: EditionStory[], story: EditionStory): EditionStory[] {
  const at = stories.findIndex(({ slot, from }) => slot === 'reserve' || from);
  return stories.toSpliced(at < 0 ? stories.length : at, 0, story);
}

/** The storylines of all stories as they are now. */
export function withStorylines(matter: Matter, { storylines }: Found): Matter {
  if (!storylines) return matter;
  const renewed = (story: EditionStory): EditionStory => {
    const storylineId = story.storyId === null ? undefined : storylines.of.get(story.storyId);
    if (storylineId === undefined) return story;
    const coverage = storylineId === null ? undefined : storylines.coverage.get(storylineId);
    return storylineId === story.storylineId && (coverage ?? story.coverage) === story.coverage
      ? story
      : { ...story, storylineId, coverage: coverage ?? story.coverage };
  };
  return { ...matter, stories: matter.stories.map(renewed), dropped: matter.dropped.map(renewed) };
}

function editedFields(change: ChangeOf<'edit'>): ('title' | 'dek' | 'image' | 'imageAlt')[] {
  return [
    ...(change.title === undefined ? [] : (['title'] as const)),
    ...(change.dek === undefined ? [] : (['dek'] as const)),
    ...(change.imageUrl === undefined && change.crop === undefined ? [] : (['image'] as const)),
    ...(change.imageAlt === undefined ? [] : (['imageAlt'] as const)),
  ];
}

const fieldWords = { title: 'headline', dek: 'text', image: 'image', imageAlt: 'image’s description' };

function edit(change: ChangeOf<'edit'>, { matter }: Asked): Applied {
  const story = storyNamed(matter, change.story);
  const { kind: _, story: __, crop, ...fields } = change;
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const { crop: cropBefore, ...whole } = story;
  // Another image is shown whole.
  const newImage = fields.imageUrl !== undefined && fields.imageUrl !== story.imageUrl;
  const cropNow = crop === undefined ? (newImage ? null : cropBefore) : crop;
  const edited: EditionStory = { ...whole, ...given, ...(cropNow && !isWhole(cropNow) && { crop: cropNow }) };
  if (edited.crop && edited.imageUrl === null)
    throw new UserError('The story has no image of which a part could be shown.', { code: 'usage' });
  const words = editedFields(change).map((field) => fieldWords[field]);
  if (words.length === 0) throw new UserError('There is nothing to change.', { code: 'usage' });
  return {
    matter: { ...matter, stories: replaced(matter.stories, withOriginals(story, edited)) },
    touched: touchedBy(change),
    summary: `Edited ${inList(words)} of ${quoted(story.title)}.`,
  };
}

const isWhole = ({ x, y, width, height }: { x: number; y: number; width: number; height: number }) =>
  x === 0 && y === 0 && width === 1 && height === 1;

const keptFields = ['title', 'dek', 'imageUrl', 'imageAlt'] as const;

/** Keeps what a story said before it was edited for the first time; what says the same again is no edit. */
function withOriginals(before: EditionStory, edited: EditionStory): EditionStory {
  const original: Original = { ...before.original };
  for (const field of keptFields) {
    if (!(field in original) && edited[field] !== before[field])
      Object.assign(original, { [field]: before[field] });
    if (field in original && original[field] === edited[field]) delete original[field];
  }
  const { original: _, ...rest } = edited;
  return Object.keys(original).length > 0 ? { ...rest, original } : rest;
}

function restore(change: ChangeOf<'restore'>, { matter }: Asked): Applied {
  const story = storyNamed(matter, change.story);
  const fields = change.fields ?? (['title', 'dek', 'image', 'imageAlt'] as const);
  const { crop, ...whole } = story;
  const back: EditionStory = {
    ...whole,
    ...(crop && !fields.includes('image') && { crop }),
  };
  for (const field of fields) {
    const name = field === 'image' ? 'imageUrl' : field;
    if (story.original && name in story.original) Object.assign(back, { [name]: story.original[name] });
  }
  return {
    matter: { ...matter, stories: replaced(matter.stories, withOriginals(story, back)) },
    touched: touchedBy(change),
    summary: `Took ${inList(fields.map((field) => fieldWords[field]))} of ${quoted(back.title)} back to the original.`,
  };
}

function addNote(change: ChangeOf<'add-note'>, { matter, by, now }: Asked): Applied {
  const { title, text, place } = change;
  const key = newNoteKey();
  return {
    matter: noteAt(matter, noteStory(key, { title, text }, now, `A note by ${by}.`), place),
    touched: [...touchedBy(change), ...('story' in place ? [] : [`story:${key}`])],
    summary: `Added a note ${notePlaceInWords(matter, place)}.`,
  };
}

function noteAt(matter: Matter, note: EditionStory, place: NotePlace): Matter {
  if (!('story' in place)) return withNote(matter, note, place);
  const story = storyNamed(matter, place.story);
  if (story.note)
    throw new UserError(`There is a note beneath ${quoted(story.title)} already.`, {
      code: 'usage',
      hint: 'Edit that one.',
    });
  return { ...matter, stories: replaced(matter.stories, { ...story, note: note.note }) };
}

function editNote(change: ChangeOf<'edit-note'>, { matter, by, now }: Asked): Applied {
  const { title, text, place } = change;
  const story = noteNamed(matter, change.story);
  const changed = { ...story, note: { title, text }, ...(story.kind === 'note' && { title }) };
  if (!place)
    return {
      matter: { ...matter, stories: replaced(matter.stories, changed) },
      touched: touchedBy(change),
      summary: `Edited the note ${story.kind === 'note' ? 'of the editors' : `beneath ${quoted(story.title)}`}.`,
    };
  const moved =
    story.kind === 'note' ? changed : noteStory(newNoteKey(), { title, text }, now, `A note by ${by}.`);
  return {
    matter: noteAt(matterWithoutNote(matter, story), moved, place),
    touched: [...touchedBy(change), `story:${keyOf(story)}`],
    summary: `Moved a note ${notePlaceInWords(matter, place)}.`,
  };
}

function removeNote(change: ChangeOf<'remove-note'>, { matter }: Asked): Applied {
  const story = noteNamed(matter, change.story);
  return {
    matter: matterWithoutNote(matter, story),
    touched: touchedBy(change),
    summary: `Removed the note ${story.kind === 'note' ? (story.title === '' ? 'of the editors' : quoted(story.title)) : `beneath ${quoted(story.title)}`}.`,
  };
}

function matterWithoutNote(matter: Matter, story: EditionStory): Matter {
  if (story.kind === 'note') return withoutNote(matter, keyOf(story));
  const { note: _, ...rest } = story;
  return { ...matter, stories: replaced(matter.stories, rest) };
}

function notePlaceInWords(matter: Matter, place: NotePlace): string {
  if ('story' in place) return `beneath ${quoted(storyNamed(matter, place.story).title)}`;
  if ('after' in place) return `after ${place.after}`;
  return place.at === 'top' ? 'at the top' : 'at the end';
}

function counts(change: ChangeOf<'slots'>, { matter }: Asked): Applied {
  const { slots } = matter.policy;
  const entries = Object.entries(change.counts);
  if (entries.length === 0) throw new UserError('There is nothing to change.', { code: 'usage' });
  for (const [name, count] of entries) {
    slotNamed(slots, name);
    const pinned = matter.stories.filter((story) => story.slot === name && story.pinned).length;
    if (pinned > count)
      throw new UserError(`${pinned} stories are pinned in "${name}": it cannot take only ${count}.`, {
        code: 'place',
        hint: 'Unpin some of them first.',
      });
  }
  return {
    matter: {
      ...matter,
      policy: {
        ...matter.policy,
        slots: slots.map((slot) => ({ ...slot, count: change.counts[slot.name] ?? slot.count })),
      },
    },
    touched: touchedBy(change),
    summary: `${entries.map(([name, count]) => `${name} takes ${count} ${count === 1 ? 'story' : 'stories'}`).join(', ')} in this edition.`,
  };
}

/** What an editor did goes before the reason that the story was chosen for, which stays known. */
function withReason(story: EditionStory, text: string): EditionStory {
  const chosen = story.original?.reason ?? story.reason;
  return {
    ...story,
    reason: { text: `${text} ${chosen.text}`, parts: chosen.parts },
    original: { ...story.original, reason: chosen },
  };
}

function asRelated(story: EditionStory, kind: RelatedStory['kind'], why: string): RelatedStory {
  if (story.storyId === null)
    throw new UserError(`${quoted(story.title)} is not among the stories any more.`, { code: 'not-found' });
  return {
    storyId: story.storyId,
    kind,
    title: story.title,
    url: story.url,
    publisher: story.publisher,
    publishedAt: story.publishedAt,
    reason: { text: why, parts: {} },
  };
}

/** A story of the edition that is no note. @throws UserError if there is none */
export function storyNamed(matter: Matter, key: string): EditionStory {
  const story = matter.stories.find((each) => keyOf(each) === key);
  if (!story) throw missing(key);
  if (story.kind === 'note')
    throw new UserError('This is a note of the editors, not a story.', {
      code: 'usage',
      hint: 'Edit the note, move it to another place, or remove it.',
    });
  return story;
}

function noteNamed(matter: Matter, key: string): EditionStory {
  const story = matter.stories.find((each) => keyOf(each) === key);
  if (!story?.note) throw missing(key);
  return story;
}

function relatedNamed(story: EditionStory, storyId: number): RelatedStory {
  const related = story.related.find((each) => each.storyId === storyId);
  if (!related)
    throw new UserError(`Story ${storyId} does not stand beneath ${quoted(story.title)}.`, {
      code: 'not-found',
    });
  return related;
}

function mustBeFound({ story }: Found): EditionStory {
  if (!story) throw new Error('the story was not looked up');
  return story;
}

function missing(key: string): UserError {
  return new UserError(`The edition has no story or note "${key}", or does not have it any more.`, {
    code: 'not-found',
    hint: 'Look at the edition as it is now.',
  });
}

function replaced(stories: EditionStory[], story: EditionStory): EditionStory[] {
  return stories.map((each) => (each.key === story.key ? story : each));
}

function placeInWords(
  { stories, policy }: Pick<Matter, 'stories' | 'policy'>,
  { key }: EditionStory,
): string {
  const at = standing(stories, policy.slots, key ?? '');
  return at === undefined ? 'in reserve' : ordinal(at);
}

const inList = (words: readonly string[]) =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
