import { Liquid } from 'liquidjs';
import { UserError } from '../errors.ts';
import type { EditionStory } from './content.ts';

const liquid = new Liquid({
  ownPropertyOnly: true,
  strictFilters: true,
  renderLimit: 500,
  memoryLimit: 1_000_000,
});
const longestSubject = 120;
const longestPreheader = 140;

/**
 * Fills a subject pattern (Liquid) from the stories: `{{ lead.title }}`, `{{ newsletter }}`, `{{ second.title }}`,
 * `{{ count }}`.
 * @throws UserError if the pattern is broken
 */
export async function subjectOf(
  pattern: string,
  newsletter: string,
  stories: EditionStory[],
): Promise<string> {
  const [lead, second] = stories;
  let subject: string;
  try {
    subject = await liquid.parseAndRender(pattern, { lead, second, newsletter, count: stories.length });
  } catch (error) {
    throw new UserError(`The subject pattern "${pattern}" is broken: ${(error as Error).message}.`, {
      code: 'subject',
      hint: 'A working one is "{{ lead.title }}".',
    });
  }
  return shortened(subject.replace(/\s+/g, ' ').trim() || newsletter, longestSubject);
}

/** The line that inboxes show behind the subject: the titles after the lead, as many as fit. */
export function preheaderOf(stories: EditionStory[]): string {
  let line = '';
  for (const { title } of stories.slice(1, 4)) {
    const longer = line ? `${line} · ${title}` : title;
    if (longer.length > longestPreheader && line) break;
    line = longer;
  }
  return shortened(line, longestPreheader);
}

/** Cuts text at a word. */
function shortened(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const cut = text.slice(0, limit - 1);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), limit / 2)).trimEnd()}…`;
}
