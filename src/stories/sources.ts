import { basename } from 'node:path';
import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import type { Context } from '../context.ts';
import type { Sources } from '../db/schema.ts';
import { UserError } from '../errors.ts';
import { detectKind, type SourceKind } from './detect-kind.ts';
import { type FetchOptions, shown } from './fetch.ts';
import { type OpmlSource, parseOpml, writeOpml } from './opml.ts';

export { detectKind, type SourceKind } from './detect-kind.ts';
export { fetchDueSources, fetchSource, type SourceOutcome } from './fetch-sources.ts';

/** A source as stored. */
export type Source = Selectable<Sources>;

/** A source in a listing. */
export interface SourceSummary extends Source {
  stories: number;
  /** `new`: never fetched; `api`: stories are sent to us, nothing is fetched. */
  health: 'ok' | 'failing' | 'paused' | 'new' | 'api';
}

/** What a source may be given besides its address; what is left out is found out, or has a default. */
export interface SourceFields {
  kind?: SourceKind;
  /** The feed's own title if not given, else the host or file name. */
  name?: string;
  /** Shown with stories that name none; the source's name if not given. */
  publisher?: string;
  /** 1 if not given; 2 counts double in the ranking, 0 never leads. */
  weight?: number;
  /** 900 (15 minutes) if not given; at least 60. */
  intervalSeconds?: number;
  topics?: string[];
  /** A BCP 47 tag. */
  language?: string;
}

/**
 * Adds a source. Without a kind the address is looked at: a page that names a feed is added as that feed.
 * @param address a URL, or the path of a folder or file; for kind `api` any name
 * @throws UserError if it is there already (code `exists`), cannot be had, or a field is wrong
 */
export async function addSource(
  context: Pick<Context, 'db' | 'config' | 'clock'>,
  address: string,
  fields: SourceFields = {},
  limits: Partial<FetchOptions> = {},
): Promise<Source> {
  checkSourceFields(fields);
  const found = await detectKind({ ...context.config, ...limits }, address, fields.kind);
  if (fields.name && (await withName(context, fields.name)).length > 0)
    throw new UserError(`There is a source named "${fields.name}" already.`, {
      code: 'exists',
      hint: 'Choose another --name.',
    });
  const name = fields.name ?? (await freeName(context, found.title ?? nameFor(found.url)));
  const source = await insertSource(context, {
    ...fields,
    kind: found.kind,
    url: found.url,
    name,
    publisher: fields.publisher ?? fields.name ?? found.title ?? nameFor(found.url),
    language: fields.language ?? found.language,
  });
  if (source) return source;
  const existing = await findSource(context, found.url);
  throw new UserError(`${shown(found.url)} is a source already, named "${existing.name}".`, {
    code: 'exists',
    details: { id: existing.id, name: existing.name },
  });
}

type NewSource = SourceFields & { kind: SourceKind; url: string; name: string; publisher: string };

async function insertSource(
  context: Pick<Context, 'db' | 'clock'>,
  source: NewSource,
): Promise<Source | undefined> {
  const now = context.clock.now();
  return await context.db
    .insertInto('sources')
    .values({
      kind: source.kind,
      url: source.url,
      name: source.name.slice(0, 200),
      publisher: source.publisher.slice(0, 200),
      language: source.language ?? null,
      topics: source.topics ?? [],
      ...(source.weight !== undefined && { weight: source.weight }),
      ...(source.intervalSeconds !== undefined && { interval_seconds: source.intervalSeconds }),
      next_fetch_at: now,
      created_at: now,
    })
    .onConflict((conflict) => conflict.column('url').doNothing())
    .returningAll()
    .executeTakeFirst();
}

/** @throws UserError naming the first field that cannot be used */
export function checkSourceFields({ weight, intervalSeconds, name, language }: SourceFields): void {
  const wrong = (message: string) => new UserError(message, { code: 'usage' });
  if (weight !== undefined && !(weight >= 0 && weight <= 1_000))
    throw wrong(`A weight is a number from 0 to 1000, not ${weight}.`);
  if (intervalSeconds !== undefined && !(Number.isInteger(intervalSeconds) && intervalSeconds >= 60))
    throw wrong('A source is fetched once a minute at most: give an interval of at least 60 seconds.');
  if (name !== undefined && !name.trim()) throw wrong('A source’s name cannot be empty.');
  // A name that is a number would be taken for an id.
  if (name !== undefined && /^\d+$/.test(name)) throw wrong('A source’s name cannot be a number.');
  if (language !== undefined && !isLanguage(language))
    throw wrong(`"${language}" is no language tag such as en or pt-BR.`);
}

function isLanguage(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

function nameFor(url: string): string {
  return URL.canParse(url) && /^https?:/.test(url)
    ? new URL(url).hostname.replace(/^www\./, '')
    : basename(url.replace(/^api:/, ''));
}

async function withName(context: Pick<Context, 'db'>, name: string): Promise<Source[]> {
  return await context.db.selectFrom('sources').selectAll().where('name', '=', name).execute();
}

async function freeName(context: Pick<Context, 'db'>, wanted: string): Promise<string> {
  const base = /^\d+$/.test(wanted) ? `Source ${wanted}` : wanted.slice(0, 180);
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base} (${number})`;
    if ((await withName(context, name)).length === 0) return name;
  }
}

/** Every source with its health and how many stories it brought, by name. */
export async function listSources(context: Pick<Context, 'db'>): Promise<SourceSummary[]> {
  const rows = await context.db
    .selectFrom('sources')
    .selectAll()
    .select((eb) =>
      eb
        .selectFrom('stories')
        .whereRef('stories.source_id', '=', 'sources.id')
        .select(sql<number>`count(*)`.as('count'))
        .as('stories'),
    )
    .orderBy('name')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({ ...row, stories: row.stories ?? 0, health: healthOf(row) }));
}

function healthOf(source: Source): SourceSummary['health'] {
  if (source.paused) return 'paused';
  if (source.kind === 'api') return 'api';
  if (source.failures > 0) return 'failing';
  return source.last_success_at ? 'ok' : 'new';
}

/**
 * The source with an id, a name (in any case) or an address.
 * @throws UserError (code `not-found`) if there is none, or several have the name
 */
export async function findSource(context: Pick<Context, 'db'>, reference: string | number): Promise<Source> {
  const text = String(reference).trim();
  const rows = await context.db
    .selectFrom('sources')
    .selectAll()
    .where((eb) =>
      /^\d{1,15}$/.test(text)
        ? eb('id', '=', Number(text))
        : eb.or([eb('url', '=', text), eb(sql`lower(name)`, '=', text.toLowerCase())]),
    )
    .orderBy('id')
    .execute();
  const exact = rows.filter((row) => row.url === text || row.name === text);
  const [source, another] = exact.length > 0 ? exact : rows;
  if (!source)
    throw new UserError(`There is no source "${text}".`, {
      code: 'not-found',
      hint: 'Run "broadsheet sources list" to see them.',
    });
  if (another)
    throw new UserError(`Several sources are named "${text}".`, {
      code: 'not-found',
      hint: `Use an id: ${rows.map(({ id, url }) => `${id} (${shown(url)})`).join(', ')}.`,
    });
  return source;
}

/** Stops fetching a source until it is resumed. Its stories stay. @throws UserError if there is none such */
export async function pauseSource(context: Pick<Context, 'db'>, reference: string | number): Promise<Source> {
  const { id } = await findSource(context, reference);
  return await context.db
    .updateTable('sources')
    .set({ paused: true })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Fetches a source again, from now on and without waiting. @throws UserError if there is none such */
export async function resumeSource(
  context: Pick<Context, 'db' | 'clock'>,
  reference: string | number,
): Promise<Source> {
  const { id } = await findSource(context, reference);
  return await context.db
    .updateTable('sources')
    .set({ paused: false, failures: 0, next_fetch_at: context.clock.now() })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Forgets a source. The stories that it brought stay. @throws UserError if there is none such */
export async function removeSource(
  context: Pick<Context, 'db'>,
  reference: string | number,
): Promise<Source> {
  const source = await findSource(context, reference);
  const { rows } = await sql<{ name: string }>`
    select newsletters.name from newsletter_sources as own join newsletters on newsletters.id = own.newsletter_id
    where own.source_id = ${source.id} and not exists (
      select from newsletter_sources as other
      where other.newsletter_id = own.newsletter_id and other.source_id <> own.source_id)
    order by newsletters.name`.execute(context.db);
  if (rows.length > 0)
    throw new UserError(
      `${source.name} is the only source of ${rows.map(({ name }) => `"${name}"`).join(', ')}; without it, every source would be.`,
      {
        code: 'state',
        hint: 'Give the newsletter another source first: broadsheet newsletters edit NAME --source SOURCE',
      },
    );
  await context.db.deleteFrom('sources').where('id', '=', source.id).execute();
  return source;
}

/**
 * Adds the sources of an OPML file without fetching them; they are due at once.
 * @returns those added, those that were there already, and outlines that could not be used
 * @throws UserError if the text is no OPML
 */
export async function importOpml(
  context: Pick<Context, 'db' | 'clock'>,
  text: string,
): Promise<{ added: Source[]; existing: string[]; problems: { where: string; reason: string }[] }> {
  const { sources, problems } = parseOpml(text);
  const added: Source[] = [];
  const existing: string[] = [];
  for (const found of sources) {
    const source = await insertSource(context, {
      ...found,
      name: await freeName(context, found.name),
      publisher: found.publisher ?? found.name,
      weight: found.weight !== undefined && found.weight <= 1_000 ? found.weight : undefined,
      intervalSeconds:
        found.intervalSeconds && found.intervalSeconds >= 60 ? Math.round(found.intervalSeconds) : undefined,
      language: found.language && isLanguage(found.language) ? found.language : undefined,
    });
    if (source) added.push(source);
    else existing.push(found.url);
  }
  return { added, existing, problems };
}

/** Every source that has a web address, as OPML; `left` are the names of the others (folders, files, API clients). */
export async function exportOpml(
  context: Pick<Context, 'db' | 'clock'>,
): Promise<{ opml: string; count: number; left: string[] }> {
  const sources = await context.db.selectFrom('sources').selectAll().orderBy('name').orderBy('id').execute();
  const isOnline = ({ kind }: Source) => kind === 'feed' || kind === 'sitemap' || kind === 'page';
  const online = sources.filter(isOnline);
  const outlines = online.map(
    (source): OpmlSource => ({
      kind: source.kind as OpmlSource['kind'],
      url: source.url,
      name: source.name,
      publisher: source.publisher,
      weight: source.weight,
      intervalSeconds: source.interval_seconds,
      language: source.language ?? undefined,
      topics: source.topics,
    }),
  );
  return {
    opml: writeOpml(outlines, context.clock.now()),
    count: online.length,
    left: sources.filter((source) => !isOnline(source)).map(({ name }) => name),
  };
}
