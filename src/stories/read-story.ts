import type { Context } from '../context.ts';
import { UserError } from '../errors.ts';
import { readInput } from './add.ts';
import { cleanStory } from './clean.ts';
import { findStory, type StoryWithHistory } from './find-stories.ts';

/** A story that need not be in the database. */
export interface ReadStory {
  /** Null: it is not in the database. */
  id: number | null;
  title: string;
  dek: string;
  bodyText: string;
  url: string | null;
  publisher: string;
  language: string | null;
  publishedAt: Date;
  contentHash: string;
}

/** A story of the database, as what reads stories takes it. */
export const asRead = (known: StoryWithHistory): ReadStory & { id: number } => ({
  id: known.id,
  title: known.title,
  dek: known.dek,
  bodyText: known.body_text,
  url: known.url,
  publisher: known.publisher,
  language: known.language,
  publishedAt: known.published_at,
  contentHash: known.content_hash,
});

/**
 * The story with an id or an address, or what a file or page that is not in the database says.
 * @throws UserError if there is no such story, or the file or page holds none, or several
 */
export async function readStory(context: Context, reference: string): Promise<ReadStory> {
  const known = await findStory(context, reference).catch((error: unknown) => {
    if (error instanceof UserError && error.code === 'not-found') return undefined;
    throw error;
  });
  if (known) return asRead(known);
  if (/^\d+$/.test(reference)) await findStory(context, reference); // Throws, and says that there is none.
  const { stories, problems } = await readInput(context.config, reference);
  const [story] = stories;
  if (!story || stories.length > 1)
    throw new UserError(
      story
        ? `${reference} holds ${stories.length} stories; one is needed.`
        : `${reference} holds no story${problems[0] ? `: ${problems[0].reason}` : ''}.`,
      { code: 'usage' },
    );
  const now = context.clock.now();
  const cleaned = cleanStory(story, undefined, now);
  if ('reason' in cleaned)
    throw new UserError(`${reference} holds no story: ${cleaned.reason}.`, { code: 'usage' });
  const { title, dek, bodyText, url, publisher, language, publishedAt, contentHash } = cleaned.story;
  return {
    id: null,
    title,
    dek,
    bodyText,
    url,
    publisher,
    language,
    publishedAt: publishedAt ?? now,
    contentHash,
  };
}
