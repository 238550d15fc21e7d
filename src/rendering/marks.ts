/**
 * Marks are short words between two characters of Unicode's private use area. Texts from outside are stripped of
 * those characters, so that no story can forge a mark, and neither React nor MJML nor Liquid touches them.
 */
const start = '\uE000';
const end = '\uE001';

/** Values that differ from reader to reader. */
export const readerValues = [
  'greeting',
  // Editions from before the address was a value of its own have the whole sentence.
  'why',
  'unsubscribeUrl',
  'preferencesUrl',
  'viewUrl',
  // What tells readers apart in links that are counted.
  'token',
  // Counted up in each message: the links of its text, and the list of their addresses.
  'linkNumber',
  'listNumber',
  'email',
] as const;
export type ReaderValue = (typeof readerValues)[number];
/** Values that are counted while a message is put together. */
export type CountedValue = 'linkNumber' | 'listNumber';

/** Where a reader's value stands in a text; its name is the first group. */
export const valueMark = new RegExp(`${start}v:(\\w+)${end}`, 'g');

export const mark = {
  value: (name: ReaderValue) => `${start}v:${name}${end}`,
  linkNumber: `${start}v:linkNumber${end}`,
  listNumber: `${start}v:listNumber${end}`,
  openSection: (slot: number) => `${start}s:${slot}${end}`,
  closeSection: `${start}/s${end}`,
  openStory: (position: number) => `${start}b:${position}${end}`,
  closeStory: `${start}/b${end}`,
};

/** Removes what could be taken for a mark (private use characters), and halves of surrogate pairs. */
export function withoutMarks(text: string): string {
  return text.toWellFormed().replace(/[\uE000-\uF8FF\u{F0000}-\u{10FFFF}]/gu, '');
}

/** A piece of a template between two marks: literal text, or a reader's value. */
export type Piece = string | { value: ReaderValue };

/** A section of the template: what stands before and after its stories, and each story's block. */
export interface CutSection {
  slot: number;
  before: Piece[];
  blocks: Map<number, Piece[]>;
  after: Piece[];
}

export type Cut = (Piece | CutSection)[];

const pattern = new RegExp(`${start}(v:(\\w+)|s:(\\d+)|b:(\\d+)|/s|/b)${end}`, 'g');

/**
 * Cuts rendered text at its marks.
 * @throws Error telling which mark is out of place, as when a theme forgot to close a story
 */
export function cutAtMarks(rendered: string): Cut {
  const cut: Cut = [];
  let section: CutSection | undefined;
  let block: Piece[] | undefined;
  let last = 0;

  const put = (piece: Piece) => {
    if (piece === '') return;
    if (block) block.push(piece);
    else if (!section) cut.push(piece);
    else if (section.blocks.size === 0) section.before.push(piece);
    else section.after.push(piece);
  };

  for (const match of rendered.matchAll(pattern)) {
    const between = rendered.slice(last, match.index);
    last = match.index + match[0].length;
    const [, word = '', value, slot, position] = match;
    // Between two stories of a section stands only white space: the order of stories is not known here.
    if (
      section &&
      !block &&
      section.blocks.size > 0 &&
      position !== undefined &&
      between.trim() === '' &&
      section.after.length === 0
    ) {
      // dropped
    } else put(between);

    if (value !== undefined) put({ value: checkedValue(value) });
    else if (slot !== undefined) {
      if (section) throw new Error('a section opens inside another section');
      section = { slot: Number(slot), before: [], blocks: new Map(), after: [] };
      cut.push(section);
    } else if (position !== undefined) {
      if (!section || block) throw new Error('a story opens outside a section, or inside another story');
      if (section.after.some((piece) => typeof piece !== 'string' || piece.trim() !== ''))
        throw new Error('something other than stories stands between two stories of a section');
      section.after = [];
      block = [];
      section.blocks.set(Number(position), block);
    } else if (word === '/b') {
      if (!block) throw new Error('a story closes that was not opened');
      block = undefined;
    } else {
      if (!section || block)
        throw new Error('a section closes that was not opened, or before its last story');
      section = undefined;
    }
  }
  if (section) throw new Error('a section is not closed');
  put(rendered.slice(last));
  return cut;
}

function checkedValue(name: string): ReaderValue {
  const known = readerValues.find((value) => value === name);
  if (!known) throw new Error(`there is no reader value named ${name}`);
  return known;
}
