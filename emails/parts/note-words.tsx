import type { CSSProperties } from 'react';
import type { ThemeNote } from '../../src/rendering/theme-props.ts';

interface NoteWordsProps {
  note: ThemeNote;
  /** Of its text. */
  style: CSSProperties & { fontFamily: string; fontSize: string; lineHeight: string; color: string };
  /** The colour of its links. */
  accent: string;
}

/** Words of the editors: their markup with styles written into each element, as some mail programs drop style sheets. */
export function NoteWords({ note, style, accent }: NoteWordsProps) {
  const { fontFamily, fontSize, lineHeight, color } = style;
  const look = `font-family:${fontFamily.replaceAll('"', "'")};font-size:${fontSize};line-height:${lineHeight};color:${color}`;
  const html = note.html
    .replaceAll('<p>', `<p class="body" style="${look};margin:0 0 10px">`)
    .replaceAll('<li>', `<li class="body" style="${look};margin:0 0 6px">`)
    .replaceAll('<ul>', '<ul style="margin:0 0 10px;padding:0 22px">')
    .replaceAll('<ol>', '<ol style="margin:0 0 10px;padding:0 22px">')
    .replaceAll('<a ', `<a class="accent" style="color:${accent};text-decoration:underline" `);
  // Made of escaped text and the elements above.
  // biome-ignore lint/security/noDangerouslySetInnerHtml: see src/rendering/note.ts
  return <div dangerouslySetInnerHTML={{ __html: html }} />;
}
