import type { CompiledEdition, CompiledPiece } from './compile.ts';
import { encodeQuotedPrintable } from './quoted-printable.ts';

// In a corner of Unicode that neither people nor the compiler's marks use.
const open = '\u{FFFF4}';
const close = '\u{FFFF5}';

/** The edition with a sign before each story's block, which `withStoryIds` looks for once a page is put together. */
export function withStorySigns(compiled: CompiledEdition): CompiledEdition {
  const html = compiled.html.map((part) => {
    if (typeof part !== 'object' || !('blocks' in part)) return part;
    const blocks = [...part.blocks].map(([position, pieces]): [number, CompiledPiece[]] => [
      position,
      [Buffer.from(encodeQuotedPrintable(`${open}${position}${close}`), 'latin1'), ...pieces],
    ]);
    return { ...part, blocks: new Map(blocks) };
  });
  return { ...compiled, html };
}

// What stands before a block's first element: blanks, and comments, in which there are elements for Outlook alone.
const firstTag = new RegExp(
  `${open}(\\d+)${close}((?:[^<]|<!--[\\s\\S]*?-->|<(?![a-z!]))*)<([a-z][a-z0-9-]*)`,
  'giu',
);
const signs = new RegExp(`${open}\\d+${close}`, 'gu');

/** Turns the signs of a page into ids of the stories' first elements. @param idOf by a story's position */
export function withStoryIds(html: string, idOf: (position: number) => string): string {
  return html
    .replace(
      firstTag,
      (_, position: string, before: string, tag: string) => `${before}<${tag} id="${idOf(Number(position))}"`,
    )
    .replace(signs, '');
}
