import type { EditionChangeInput } from '../../../editions/revise/change.ts';
import type { StoryPlace } from '../../../editions/revise/order.ts';
import { UserError } from '../../../errors.ts';
import { type EditionView, everyStory, type KeyedStory, storyIn } from './view.ts';

/** The fields of a form that was sent, each the last that was given; files are none. */
export type Fields = Record<string, string>;

/**
 * What a form of the edition's page asks for, as a change. Steps up and down are counted from where a story stands now, so that
 * two quick presses go two steps.
 * @throws UserError if it asks for nothing that can be done
 */
export function changeOf(fields: Fields, view: EditionView): EditionChangeInput {
  const [act = '', argument = ''] = (fields.act ?? '').split(/:(.*)/s);
  const key = fields.story ?? '';
  const story = () => {
    const found = storyIn(view, key);
    if (!found) throw new UserError('This story is not in the edition any more.', { code: 'not-found' });
    return found;
  };
  switch (act) {
    case 'up':
    case 'down':
      return { kind: 'move', story: key, to: stepped(view, story(), act) };
    case 'to':
      return { kind: 'move', story: key, to: filledUp(view, story(), { slot: argument, at: 0 }) };
    case 'place':
      return {
        kind: 'move',
        story: key,
        to: filledUp(view, story(), {
          slot: fields.slot ?? '',
          at: whole(fields.at, 'A story is moved to a place by its number, from 0.'),
        }),
      };
    case 'pin':
    case 'unpin':
    case 'drop':
      return { kind: act, story: key };
    case 'bring-back':
      return {
        kind: 'bring-back',
        story: key,
        ...(fields.slot ? { to: { slot: fields.slot, at: 0 } } : {}),
        ...wordsAgain(fields),
      };
    case 'replace':
      return { kind: 'replace', story: key, by: argument };
    case 'merge':
      return { kind: 'merge', story: key, with: argument };
    case 'promote':
    case 'split':
      return { kind: act, story: key, related: whole(argument, noSuchStory) };
    case 'add':
      return { kind: 'add', storyId: whole(fields.storyId, noSuchStory), to: { slot: argument, at: 0 } };
    case 'edit':
      return { kind: 'edit', story: key, ...editedFields(fields) };
    case 'crop':
      return { kind: 'edit', story: key, crop: cropOf(fields) };
    case 'uncrop':
      return { kind: 'edit', story: key, crop: null };
    case 'without-picture':
      return { kind: 'edit', story: key, imageUrl: null };
    case 'restore':
      return {
        kind: 'restore',
        story: key,
        ...(argument ? { fields: [argument as 'title' | 'dek' | 'image' | 'imageAlt'] } : {}),
      };
    case 'add-note':
      return { kind: 'add-note', place: notePlaceOf(fields.place), ...noteOf(fields) };
    case 'edit-note': {
      const moved = fields.place && fields.place !== fields.wasPlace;
      return {
        kind: 'edit-note',
        story: key,
        ...noteOf(fields),
        ...(moved ? { place: notePlaceOf(fields.place) } : {}),
      };
    }
    case 'remove-note':
      return { kind: 'remove-note', story: key };
    case 'lines':
      return linesOf(fields);
    case 'places': {
      const [slot = '', count = ''] = argument.split('=');
      return {
        kind: 'slots',
        counts: { [slot]: whole(count || fields.count, 'A part of the edition takes from 1 to 50 stories.') },
      };
    }
  }
  throw new UserError('This form asks for nothing that can be done.', { code: 'usage' });
}

const noSuchStory = 'There is no such story.';

/** A number from a form, which is small enough to be one. @throws UserError with `otherwise` */
function whole(text: string | undefined, otherwise: string): number {
  if (!/^\d{1,15}$/.test(text ?? '')) throw new UserError(otherwise, { code: 'usage' });
  return Number(text);
}

function linesOf(fields: Fields): EditionChangeInput {
  const tried = Object.entries(fields).filter(([name]) => name.startsWith('tried.'));
  return {
    kind: 'lines',
    ...('subject' in fields ? { subject: fields.subject } : {}),
    ...('preheader' in fields ? { preheader: fields.preheader } : {}),
    ...(tried.length > 0
      ? { tried: tried.map(([, text]) => text).filter((text) => text.trim() !== '') }
      : {}),
  };
}

function editedFields(fields: Fields) {
  return {
    ...('title' in fields ? { title: fields.title } : {}),
    ...('dek' in fields ? { dek: fields.dek } : {}),
    ...('imageUrl' in fields ? { imageUrl: fields.imageUrl?.trim() || null } : {}),
    ...('imageAlt' in fields ? { imageAlt: fields.imageAlt?.trim() || null } : {}),
  };
}

/** What was written over a story before it was brought back, if anything was. */
function wordsAgain(fields: Fields): { edit?: ReturnType<typeof editedFields> & { crop?: Crop | null } } {
  const edit = { ...editedFields(fields), ...('width' in fields ? { crop: cropOf(fields) } : {}) };
  return Object.keys(edit).length > 0 ? { edit } : {};
}

type Crop = NonNullable<ReturnType<typeof cropOf>>;

/** Percents of the picture, kept inside it. */
function cropOf(fields: Fields) {
  const share = (name: string, most: number) =>
    Math.min(most, Math.max(0, Math.round(Number(fields[name] ?? 0) * 10) / 1000));
  const x = share('x', 0.98);
  const y = share('y', 0.98);
  const width = Math.max(0.02, share('width', 1 - x));
  const height = Math.max(0.02, share('height', 1 - y));
  if (![x, y, width, height].every(Number.isFinite))
    throw new UserError('The crop is given in percent.', { code: 'usage' });
  return x === 0 && y === 0 && width === 1 && height === 1 ? null : { x, y, width, height };
}

const noteOf = (fields: Fields) => ({ title: fields.title ?? '', text: fields.text ?? '' });

function notePlaceOf(place = 'top') {
  const [kind = '', name = ''] = place.split(/:(.*)/s);
  if (kind === 'after') return { after: name };
  if (kind === 'story') return { story: name };
  if (place === 'top' || place === 'end') return { at: place } as const;
  throw new UserError('There is no such place for a note.', { code: 'usage' });
}

/** Where a note stands, in the words of the form's field. */
export function placeOfNote(view: EditionView, story: KeyedStory): string {
  if (story.kind !== 'note') return `story:${story.key}`;
  const at = view.slots.findIndex(({ slot }) => slot.name === story.slot);
  if (at <= 0) return 'top';
  if (at === view.slots.length - 1) return 'end';
  return `after:${view.slots[at - 1]?.slot.name ?? ''}`;
}

const reserveSlot = 'reserve';

/** The parts a story can stand in, from the top. */
const partsOf = (view: EditionView) => [
  ...view.slots
    .filter(({ isNote }) => !isNote)
    .map(({ slot, stories }) => ({ name: slot.name, count: slot.count, stories })),
  { name: reserveSlot, count: Number.POSITIVE_INFINITY, stories: view.reserve },
];

function stepped(view: EditionView, story: KeyedStory, way: 'up' | 'down'): StoryPlace {
  const parts = partsOf(view);
  const part = parts.findIndex(({ stories }) => stories.some(({ key }) => key === story.key));
  const here = parts[part];
  if (!here) throw new UserError('This story has no place that could be moved.', { code: 'usage' });
  const at = here.stories.findIndex(({ key }) => key === story.key);
  if (way === 'up') {
    if (at > 0) return { slot: here.name, at: at - 1 };
    const above = parts[part - 1];
    if (!above) return { slot: here.name, at: 0 };
    return {
      slot: above.name,
      at: above.stories.length < above.count ? above.stories.length : Math.max(0, above.stories.length - 1),
    };
  }
  if (at < here.stories.length - 1) return { slot: here.name, at: at + 1 };
  const below = parts[part + 1];
  if (!below) return { slot: here.name, at };
  return filledUp(view, story, { slot: below.name, at: 0 });
}

/**
 * A place as it was pointed at, while the story itself was away. What a slot lacks comes up from below: whoever goes down goes
 * one place further.
 */
function filledUp(view: EditionView, story: KeyedStory, to: StoryPlace): StoryPlace {
  const parts = partsOf(view).map(({ name }) => name);
  const from = view.slots.find(({ stories }) => stories.some(({ key }) => key === story.key));
  const goesDown = from && !story.pinned && parts.indexOf(to.slot) > parts.indexOf(from.slot.name);
  return { slot: to.slot, at: goesDown ? to.at + 1 : to.at };
}

/** Where else notes can be put. */
export const notePlaces = (view: EditionView): string[] => [
  'top',
  ...view.slots.filter(({ isNote }) => !isNote).map(({ slot }) => `after:${slot.name}`),
  'end',
  ...everyStory(view)
    .filter(({ kind, slot, from }) => kind !== 'note' && !from && slot !== reserveSlot)
    .map(({ key }) => `story:${key}`),
];
