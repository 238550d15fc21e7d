import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { embedTexts } from './embed.ts';
import { baseLanguage } from './terms.ts';

/** How much to embed in one go. */
export interface EmbedOptions {
  /** At most so many stories. */
  limit: number;
  /** No new batch is begun after so many seconds. Undefined: until the limit. */
  seconds?: number;
}

/** What came of it. */
export interface Embedded {
  /** Stories that have an embedding now. */
  embedded: number;
  /** Stories that get none: in a language that the model does not know, or a text it fails on. */
  without: number;
}

const batchSize = 32;
const leaseMs = 5 * 60_000;
// Title and dek tell what a story is about. Where there is no dek, so does the beginning of the text; more of the text
// makes events more alike, not less (see docs/selection.md).
const mostCharacters = 300;

/**
 * Embeds stories that wait for it, the newest first. Each story is leased, not locked, so that intake never waits, and
 * any number of processes may call this at once and share the work. A story that changes meanwhile waits again.
 * @throws UserError if the model does not work; what it was to embed waits until the lease ends
 */
export async function embedPending(
  context: Pick<Context, 'db' | 'clock'>,
  { limit, seconds }: EmbedOptions,
): Promise<Embedded> {
  const result: Embedded = { embedded: 0, without: 0 };
  const started = performance.now();
  while (result.embedded + result.without < limit) {
    if (seconds !== undefined && performance.now() - started > seconds * 1000) break;
    const stories = await claim(context, Math.min(batchSize, limit - result.embedded - result.without));
    if (stories.length === 0) break;
    const english = stories.filter(({ language }) => (baseLanguage(language) ?? 'en') === 'en');
    const embeddings = await embedTexts(english.map(textOf));
    const byId = new Map(english.map(({ id }, at) => [id, embeddings[at] ?? null]));
    await record(
      context,
      stories.map(({ id, content_hash }) => ({ id, content_hash, embedding: byId.get(id) ?? null })),
    );
    const embedded = embeddings.filter((embedding) => embedding !== null).length;
    result.embedded += embedded;
    result.without += stories.length - embedded;
  }
  return result;
}

interface Claimed {
  id: number;
  title: string;
  dek: string;
  opening: string;
  language: string | null;
  content_hash: string;
}

/** Leases stories that wait, by the index stories_to_embed; rows that others are at are passed over. */
async function claim({ db, clock }: Pick<Context, 'db' | 'clock'>, limit: number): Promise<Claimed[]> {
  const now = clock.now();
  const { rows } = await sql<Claimed>`
    update stories set embed_lease_until = ${new Date(now.getTime() + leaseMs)}
    where id in (
      select id from stories
      where embedded_at is null and (embed_lease_until is null or embed_lease_until < ${now})
      order by published_at desc
      limit ${limit}
      for no key update skip locked)
    returning id, title, dek, left(body_text, ${mostCharacters}) as opening, language, content_hash`.execute(
    db,
  );
  return rows;
}

/** The text by which a story is embedded. */
export function textOf(story: { title: string; dek: string; opening: string }): string {
  return `${story.title}. ${story.dek || story.opening}`.slice(0, mostCharacters);
}

async function record(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  stories: { id: number; content_hash: string; embedding: Int8Array | null }[],
): Promise<void> {
  const rows = stories.map(({ id, content_hash, embedding }) => ({
    id,
    content_hash,
    embedding:
      embedding && Buffer.from(embedding.buffer, embedding.byteOffset, embedding.length).toString('hex'),
  }));
  // In the order of the ids, as everything that locks several stories.
  await sql`
    with done as (
      select id, decode(done.embedding, 'hex') as embedding
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as done (id bigint, content_hash text, embedding text)
      join stories using (id)
      where stories.content_hash = done.content_hash
      order by id for no key update of stories)
    update stories set embedding = done.embedding, embedded_at = ${clock.now()}, embed_lease_until = null,
      -- What neither its source nor its words tell the topic of may be told by its meaning.
      topics_at = case when jsonb_path_exists(topic_reasons, '$[*] ? (@.by <> "likeness")') then topics_at end
    from done where stories.id = done.id`.execute(db);
}
