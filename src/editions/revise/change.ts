import { z } from 'zod';
import { withoutControls } from './text.ts';

const longest = { line: 250, title: 500, dek: 2000, url: 2000, alt: 500, note: 5000, noteTitle: 200 };

const line = (most: number, least = 0) =>
  z
    .string()
    .max(most * 4, `has at most ${most} characters.`)
    .transform((text) => withoutControls(text).replace(/\s+/g, ' ').trim())
    .pipe(z.string().min(least, 'is not empty.').max(most, `has at most ${most} characters.`));

const paragraphs = (most: number) =>
  z
    .string()
    .max(most * 4, `has at most ${most} characters.`)
    .transform((text) =>
      withoutControls(text.replace(/\r\n?|[\u2028\u2029]/g, '\n'), true)
        .replace(/\n{3,}/g, '\n\n')
        .trim(),
    )
    .pipe(z.string().min(1, 'is not empty.').max(most, `has at most ${most} characters.`));

const webAddress = z
  .string()
  .max(longest.url, `has at most ${longest.url} characters.`)
  .transform((text) => text.trim())
  .pipe(z.url({ protocol: /^https?$/, hostname: /./, error: 'is a web address.' }));

/** A story of the edition, by its key. */
const key = z.string().min(1, 'names no story.').max(40, 'names no story of the edition.');
const slot = z.string().min(1, 'names no slot.').max(60, 'names no slot of the edition.');
const shares = 'is a share of the image, from 0 to 1.';
const share = z.number(shares).min(0, shares).max(1, shares);
const storyId = z.int('is the number of a story.').positive('is the number of a story.');
const from0 = 'is a place, from 0 to 200.';
const from1 = 'is a number of stories, from 1 to 50.';

/** A place: in a slot, or `reserve`, among its stories as they stand now, from 0. */
const place = z.strictObject({ slot, at: z.int(from0).min(0, from0).max(200, from0) });

const crop = z
  .strictObject({
    x: share,
    y: share,
    width: share.min(0.02, 'is at least 0.02 of the image.'),
    height: share.min(0.02, 'is at least 0.02 of the image.'),
  })
  .refine(({ x, y, width, height }) => x + width <= 1.000_001 && y + height <= 1.000_001, {
    error: 'goes over the edge of the image.',
  });

const note = { title: line(longest.noteTitle).default(''), text: paragraphs(longest.note) };

/** Where a note stands: before or after everything, after a slot, or beneath a story. */
const notePlace = z.union([
  z.strictObject({ at: z.enum(['top', 'end']) }),
  z.strictObject({ after: slot }),
  z.strictObject({ story: key }),
]);

export const originalFields = ['title', 'dek', 'image', 'imageAlt'] as const;

/** What a story says. */
const words = {
  title: line(longest.title, 1).optional(),
  dek: line(longest.dek).optional(),
  imageUrl: webAddress.nullable().optional(),
  imageAlt: line(longest.alt).nullable().optional(),
  crop: crop.nullable().optional(),
};

/** One change of an edition. Stories are named by `key`, as `storiesOf` gives it. */
export const editionChangeSchema = z.discriminatedUnion('kind', [
  /** Subject, preheader and further subjects that are tried out; what is left out stays. */
  z.strictObject({
    kind: z.literal('lines'),
    subject: line(longest.line, 1).optional(),
    preheader: line(longest.line).optional(),
    tried: z
      .array(line(longest.line, 1))
      .max(3, 'At most three further subjects can be tried out.')
      .optional(),
  }),
  z.strictObject({ kind: z.literal('move'), story: key, to: place }),
  /** Puts a story into a slot for everybody, whatever they wish; its own slot, if none is given. */
  z.strictObject({ kind: z.literal('pin'), story: key, to: place.optional() }),
  z.strictObject({ kind: z.literal('unpin'), story: key }),
  z.strictObject({ kind: z.literal('drop'), story: key }),
  /** Brings a dropped story back; to the end of the candidates, if no place is given. `edit` is written over what it says. */
  z.strictObject({
    kind: z.literal('bring-back'),
    story: key,
    to: place.optional(),
    edit: z.strictObject(words).optional(),
  }),
  /** A candidate takes the place of a story, and the story the candidate's. */
  z.strictObject({ kind: z.literal('replace'), story: key, by: key }),
  /** Takes a story in that was not chosen. */
  z.strictObject({ kind: z.literal('add'), storyId, to: place }),
  /** A related story leads its place, and the story that led it stands beneath. */
  z.strictObject({ kind: z.literal('promote'), story: key, related: storyId }),
  /** Another story of the edition reports the same: their storylines become one, for all editions. */
  z.strictObject({ kind: z.literal('merge'), story: key, with: key }),
  /** A related story reports something else: it gets a storyline of its own, for all editions. */
  z.strictObject({ kind: z.literal('split'), story: key, related: storyId }),
  /** Writes over what a story says, in this edition only. */
  z.strictObject({ kind: z.literal('edit'), story: key, ...words }),
  /** Gives a story back what it said; everything, if no fields are given. */
  z.strictObject({
    kind: z.literal('restore'),
    story: key,
    fields: z.array(z.enum(originalFields)).min(1).optional(),
  }),
  z.strictObject({ kind: z.literal('add-note'), place: notePlace, ...note }),
  /** Of a note, or of what stands beneath a story; and where it stands from now on, if that is given. */
  z.strictObject({ kind: z.literal('edit-note'), story: key, ...note, place: notePlace.optional() }),
  z.strictObject({ kind: z.literal('remove-note'), story: key }),
  /** How many stories slots take, in this edition only. */
  z.strictObject({
    kind: z.literal('slots'),
    counts: z.record(slot, z.int(from1).min(1, from1).max(50, from1)),
  }),
]);

/** A change as it was checked: texts are clean. */
export type EditionChange = z.output<typeof editionChangeSchema>;
/** A change as somebody asks for it. */
export type EditionChangeInput = z.input<typeof editionChangeSchema>;
export type ChangeOf<Kind extends EditionChange['kind']> = Extract<EditionChange, { kind: Kind }>;
