import { assembleHtml, assembleText, type Choice, type ReaderValues } from '../assemble.ts';
import type { CompiledBody, CompiledEdition, CompiledPiece } from '../compile.ts';
import { encodeQuotedPrintable } from '../quoted-printable.ts';
import type { Place } from './finding.ts';

/** A part of the page that is one story's. */
export interface StorySpan {
  /** Characters of the page, from 0; the end is not in it. */
  start: number;
  end: number;
  slot: string;
  story: { number: number; title: string };
}

/** A page, or the plain text, of which it is known whose each character is. */
export interface ExaminedPage {
  content: string;
  language: string;
  spans: StorySpan[];
}

/** What to call the stories and slots. */
export interface Names {
  titles: Map<number, string>;
  values: ReaderValues;
}

/** Puts a page together as for a reader, remembering where each story is. */
export function examinedHtml(compiled: CompiledEdition, choice: Choice, names: Names): ExaminedPage {
  const html = withSigns(compiled, compiled.html);
  return withoutSigns(assembleHtml({ ...compiled, html }, choice, names.values), compiled, names);
}

/** Puts the plain text together as for a reader. */
export function examinedText(compiled: CompiledEdition, choice: Choice, names: Names): ExaminedPage {
  const text = withSigns(compiled, compiled.text);
  return withoutSigns(assembleText({ ...compiled, text }, choice, names.values), compiled, names);
}

/** Every story in every slot in which some reader may get it. */
export function everyStory(compiled: CompiledEdition): Choice {
  return compiled.slots.map(({ positions }) => positions);
}

// Around each story's block, in a corner of Unicode that neither people nor the compiler's marks use.
const open = '\u{FFFF0}';
const middle = '\u{FFFF1}';
const close = '\u{FFFF2}';
const sign = (text: string) => Buffer.from(encodeQuotedPrintable(text), 'latin1');

function withSigns({ slots }: CompiledEdition, body: CompiledBody): CompiledBody {
  return body.map((part) => {
    if (typeof part !== 'object' || !('blocks' in part)) return part;
    const blocks = [...part.blocks].map(([position, pieces]): [number, CompiledPiece[]] => [
      position,
      [sign(`${open}${part.slot} ${position}${middle}`), ...pieces, sign(close)],
    ]);
    return slots[part.slot] ? { ...part, blocks: new Map(blocks) } : part;
  });
}

function withoutSigns(signed: string, { slots, language }: CompiledEdition, { titles }: Names): ExaminedPage {
  const spans: StorySpan[] = [];
  let content = '';
  let last = 0;
  let current: Omit<StorySpan, 'end'> | undefined;
  for (const match of signed.matchAll(signs)) {
    content += signed.slice(last, match.index);
    last = match.index + match[0].length;
    const [, slot, position] = match;
    if (position !== undefined)
      current = {
        start: content.length,
        slot: slots[Number(slot)]?.name ?? String(slot),
        story: { number: Number(position) + 1, title: titles.get(Number(position)) ?? '' },
      };
    else if (current) {
      spans.push({ ...current, end: content.length });
      current = undefined;
    }
  }
  return { content: content + signed.slice(last), language, spans };
}

const signs = new RegExp(`${open}(\\d+) (\\d+)${middle}|${close}`, 'gu');

/** Where a character of a page is: its line, and its story, if it is in one. */
export function placeAt(page: Pick<ExaminedPage, 'content' | 'spans'>, at: number): Omit<Place, 'part'> {
  const span = page.spans.find(({ start, end }) => at >= start && at < end);
  return {
    ...(span && { slot: span.slot, story: span.story }),
    line: page.content.slice(0, at).split('\n').length,
  };
}

/**
 * A page without its words and addresses, and without what is for Outlook alone: pages with the same one differ in
 * nothing that styles, clients or screen readers go by.
 */
export function skeleton(html: string): string {
  return html
    .replace(/<!--\[if [^!\]][^\]]*\]>.*?<!\[endif\]-->/gs, '')
    .split(/(<style\b.*?<\/style>)/is)
    .map((part, index) =>
      index % 2 === 1
        ? part
        : part
            .replace(/\s(?:href|src|srcset|alt|title|lang|aria-label|content)="[^"]*"/gi, '')
            // The image that counts openings.
            .replace(/<img\b[^>]*\bwidth="1"[^>]*>/gi, '')
            .replace(/>[^<]+/g, '>'),
    )
    .join('');
}
