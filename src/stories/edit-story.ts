import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { UserError } from '../errors.ts';
import { cleanStory } from './clean.ts';
import { findStory } from './find-stories.ts';
import { storedColumns, writeChanges } from './intake.ts';
import type { StoredStory } from './merge.ts';

/** What may be changed of a story; what is not given stays, and null takes away. */
export interface StoryEdit {
  title?: string;
  dek?: string;
  author?: string | null;
  publisher?: string;
  language?: string | null;
  topics?: string[];
  image?: string | null;
}

/**
 * Changes a story. What it said before goes into its history; editions keep the copies that they have.
 * @param reference its id or address
 * @returns its id, and the source that may write over it when it tells of the story again, or null
 * @throws UserError if there is no such story, nothing to change was given, or a value cannot be used
 */
export async function editStory(
  context: Context,
  reference: string,
  edit: StoryEdit,
): Promise<{ id: number; source: string | null }> {
  if (Object.values(edit).every((value) => value === undefined))
    throw new UserError('Nothing to change was given.', {
      code: 'usage',
      hint: 'Say --title, --dek, --author, --publisher, --language, --topics or --image.',
    });
  const { id, source } = await findStory(context, reference);
  const now = context.clock.now();
  await context.db.transaction().execute(async (trx) => {
    const { rows } = await sql<StoredStory>`
      select ${storedColumns} from stories where id = ${id} for no key update`.execute(trx);
    const [stored] = rows;
    if (!stored) return;
    const cleaned = cleanStory(
      {
        title: edit.title ?? stored.title,
        dek: edit.dek ?? stored.dek,
        bodyText: stored.body_text,
        publisher: edit.publisher ?? stored.publisher,
        ...given('author', edit.author, stored.author),
        ...given('language', edit.language, stored.language),
        ...given('imageUrl', edit.image, stored.image_url),
        topics: edit.topics ?? stored.topics,
      },
      undefined,
      now,
    );
    if ('reason' in cleaned)
      throw new UserError(`The story cannot be so: ${cleaned.reason}.`, { code: 'usage' });
    const { story } = cleaned;
    if (edit.image && !story.imageUrl)
      throw wrong('image', edit.image, 'an address that begins with https://');
    if (edit.language && !story.language) throw wrong('language', edit.language, 'a tag such as en or pt-BR');
    const dek = edit.dek === undefined ? stored.dek : story.dek;
    const { first_seen_at: _, ...kept } = stored;
    const change = {
      ...kept,
      title: story.title,
      dek,
      author: story.author,
      publisher: story.publisher,
      language: story.language,
      topics: story.topics,
      image_url: story.imageUrl,
      image_alt: story.imageUrl === stored.image_url ? stored.image_alt : null,
    };
    const revised =
      change.title !== stored.title || dek !== stored.dek || change.image_url !== stored.image_url;
    await writeChanges(trx, [{ ...change, revised }], now);
  });
  return { id, source };
}

function given(
  name: 'author' | 'language' | 'imageUrl',
  value: string | null | undefined,
  stored: string | null,
) {
  const text = value === undefined ? stored : value;
  return text === null ? {} : { [name]: text };
}

const wrong = (name: string, value: string, wanted: string) =>
  new UserError(`"${value.slice(0, 200)}" is no ${name}.`, { code: 'usage', hint: `Give ${wanted}.` });
