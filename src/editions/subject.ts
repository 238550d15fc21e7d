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
  return shortened((await filled('subject', pattern, newsletter, stories)) || newsletter, longestSubject);
}

async function filled(
  what: 'subject' | 'preheader',
  pattern: string,
  newsletter: string,
  stories: EditionStory[],
): Promise<string> {
  const [lead, second, third] = stories;
  try {
    const text = await liquid.parseAndRender(pattern, {
      lead,
      second,
      third,
      newsletter,
      count: stories.length,
    });
    return text.replace(/\s+/g, ' ').trim();
  } catch (error) {
    throw new UserError(`The ${what} pattern "${pattern}" is broken: ${(error as Error).message}.`, {
      code: 'subject',
      hint: 'A working one is "{{ lead.title }}".',
    });
  }
}

/**
 * The line that inboxes show behind the subject: by a pattern as the subject's, or the titles after the lead, as many as
 * fit.
 * @throws UserError if the pattern is broken
 */
export async function preheaderOf(
  pattern: string,
  newsletter: string,
  stories: EditionStory[],
): Promise<string> {
  if (pattern.trim() !== '')
    return shortened(await filled('preheader', pattern, newsletter, stories), longestPreheader);
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
