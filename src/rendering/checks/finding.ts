import type { CheckId } from '../../editions/check-settings.ts';

/** `error`: readers get something broken; `warning`: some do; `hint`: it could be better. */
export type Severity = 'error' | 'warning' | 'hint';
export const severities: Severity[] = ['error', 'warning', 'hint'];

/** Where a finding is. */
export interface Place {
  part: 'html' | 'text' | 'header' | 'subject' | 'preheader' | 'link' | 'checks';
  /** The slot in which the story stands. */
  slot?: string;
  /** The story's number among the candidates, from 1, its title, and what names it in the edition. */
  story?: { number: number; title: string; key?: string };
  /** What an editor would change to mend it; missing where it is not one thing. */
  field?: 'subject' | 'preheader' | 'tried' | 'image' | 'note' | 'link';
  /** The language of the frame, where it is not the edition's own. */
  language?: string;
  /** It is so only for readers whose links are counted. */
  counted?: true;
  /** The element as it is written (shortened), the header, or the address. */
  element?: string;
  /** The line of the part, from 1. */
  line?: number;
}

/** Something that a check found in an edition. */
export interface Finding {
  check: CheckId;
  severity: Severity;
  /** What is wrong. */
  message: string;
  where: Place;
  /** What to do. */
  mend: string;
}

/** A place in words, such as `HTML, slot "top", story 3 "The quay", <img src="…">`. */
export function placeInWords({ part, slot, story, language, counted, element, line }: Place): string {
  const names: Record<Place['part'], string> = {
    html: 'HTML',
    text: 'plain text',
    header: 'headers',
    subject: 'subject',
    preheader: 'preheader',
    link: 'link',
    checks: 'checks',
  };
  return [
    names[part],
    language && `in "${language}"`,
    counted && 'with counted links',
    slot && `slot "${slot}"`,
    story && `story ${story.number} "${shortened(story.title, 60)}"`,
    line && `line ${line}`,
    element,
  ]
    .filter(Boolean)
    .join(', ');
}

/** Text of at most so many characters. */
export function shortened(text: string, limit: number): string {
  const characters = [...text.replace(/\s+/g, ' ').trim()];
  return characters.length <= limit ? characters.join('') : `${characters.slice(0, limit - 1).join('')}…`;
}

/** The worst first; within a severity as they were found. */
export function bySeverity(findings: Finding[]): Finding[] {
  return [...findings].sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}

/** "one finding", "3 findings". */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
