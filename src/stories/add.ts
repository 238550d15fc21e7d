import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Context } from '../context.ts';
import { UserError } from '../errors.ts';
import type { FetchOptions } from './fetch.ts';
import { fetchChildSitemaps, fetchText } from './fetch-stories.ts';
import { readStoryFile, readStoryFolder } from './files.ts';
import { takeIn } from './intake.ts';
import type { Parsed } from './parsed.ts';
import { readStories } from './read-stories.ts';
import type { IncomingStory, IntakeResult, StorySource } from './story.ts';

/** What to say of the stories, whatever they say themselves. */
export interface AddOptions {
  publisher?: string;
  /** For stories that do not name theirs; a BCP 47 tag. */
  language?: string;
  /** Added to each story's own. */
  topics?: string[];
  /** The source that they are to belong to. */
  source?: StorySource;
  limits?: Partial<FetchOptions>;
}

/**
 * Adds stories from a web address (an article, a feed, a sitemap), a file, a folder, or a text.
 * @param input a URL or path; or a text, and what to call it in errors
 * @returns what became of them; `ids` holds every story that is in now: new ones first, then updated, then unchanged
 * @throws UserError if there is nothing there, or no story in it
 */
export async function addStories(
  context: Pick<Context, 'config' | 'db' | 'clock'>,
  input: string | { text: string; name?: string },
  options: AddOptions = {},
): Promise<IntakeResult & { ids: number[] }> {
  const parsed = await readInput({ ...context.config, ...options.limits }, input);
  const stories = parsed.stories.map((story) => described(story, parsed, options));
  const result = await takeIn(context, stories, options.source);
  result.problems.unshift(...parsed.problems);
  return { ...result, ids: [...result.added, ...result.updated, ...result.unchanged] };
}

/**
 * Reads stories from a web address, a file, a folder or a text, and stores nothing.
 * @throws UserError if there is nothing there, or no story in it
 */
export async function readInput(
  fetchOptions: FetchOptions,
  input: string | { text: string; name?: string },
): Promise<Parsed> {
  if (typeof input !== 'string') return readStories(input.text, { name: input.name ?? 'The text' });
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(input.trim())) return await readUrl(fetchOptions, input.trim());
  const path = resolve(input);
  const found = await stat(path).catch(() => undefined);
  if (!found)
    throw new UserError(`"${input}" is neither a web address nor a file or folder.`, {
      code: 'usage',
      hint: 'A web address begins with https:// or http://.',
    });
  if (!found.isDirectory()) return await readStoryFile(path, input);
  const folder = await readStoryFolder(path);
  if (folder.stories.length === 0 && folder.problems.length === 0)
    throw new UserError(`There are no stories in ${input}.`, {
      code: 'no-stories',
      hint: 'Stories are files that end in .txt, .html or .ndjson.',
    });
  return folder;
}

async function readUrl(options: FetchOptions, url: string): Promise<Parsed> {
  const { text, finalUrl } = await fetchText(options, url);
  const parsed = readStories(text, { name: finalUrl, url: finalUrl });
  const children = 'children' in parsed ? (parsed.children as string[]) : [];
  return children.length > 0 ? await fetchChildSitemaps(options, children) : parsed;
}

function described(story: IncomingStory, parsed: Parsed, options: AddOptions): IncomingStory {
  return {
    ...story,
    publisher: options.publisher ?? story.publisher ?? (options.source ? undefined : parsed.title),
    language: story.language ?? parsed.language ?? options.language,
    topics: [...(options.topics ?? []), ...(story.topics ?? [])],
  };
}
