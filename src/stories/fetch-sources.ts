import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { isConnectionError } from '../db/connect.ts';
import { messageOf, UserError } from '../errors.ts';
import { parseFeed } from './feed.ts';
import type { FetchOptions } from './fetch.ts';
import { fetchChildSitemaps, fetchText } from './fetch-stories.ts';
import { readStoryFile, readStoryFolder } from './files.ts';
import { takeIn } from './intake.ts';
import { parsePage } from './page.ts';
import type { Parsed } from './parsed.ts';
import { parseSitemap } from './sitemap.ts';
import type { Source } from './sources.ts';
import type { IntakeResult } from './story.ts';

/** What became of fetching one source. */
export interface SourceOutcome {
  id: number;
  name: string;
  /** `unchanged`: the source says that nothing is new since the last time. */
  outcome: 'fetched' | 'unchanged' | 'failed';
  intake: IntakeResult;
  /** Why it failed: a sentence. */
  error?: string;
  /** Something that a person should know although it went well. */
  note?: string;
  nextFetchAt: Date | null;
}

/** What a source gave. */
interface Reading {
  /** Undefined: not changed. */
  parsed: Parsed | undefined;
  etag: string | null;
  lastModified: string | null;
  /** Where the source has moved for good. */
  movedTo?: string;
}

const day = 86_400;
const leaseSeconds = 600;

/**
 * Fetches a source now, takes its stories in and records how it went: after a success the next fetch is an interval
 * away, after a failure twice as long with each, up to a day, or as long as the server asks (Retry-After). A source
 * that is gone (status 410) is paused.
 * @param limits stricter or wider limits than the usual ones
 * @throws only if the database is away; whatever is wrong with the source is in the outcome
 */
export async function fetchSource(
  context: Pick<Context, 'config' | 'db' | 'clock' | 'log'>,
  source: Source,
  limits: Partial<FetchOptions> = {},
): Promise<SourceOutcome> {
  const begun = performance.now();
  const took = () => Math.round(performance.now() - begun);
  try {
    const reading = await read({ ...context.config, ...limits }, source);
    const intake = await takeIn(context, reading.parsed?.stories ?? [], source);
    intake.problems.unshift(...(reading.parsed?.problems ?? []));
    return await recordSuccess(context, source, reading, intake, took());
  } catch (error) {
    if (!(error instanceof UserError)) {
      if (isConnectionError(error)) throw error;
      context.log.error({ source: source.id, err: error }, 'a source could not be fetched');
    }
    return await recordFailure(context, source, error, took());
  }
}

async function read(options: FetchOptions, source: Source): Promise<Reading> {
  const kept = { etag: null, lastModified: null };
  switch (source.kind) {
    case 'api':
      return { parsed: undefined, ...kept };
    case 'file':
      return { parsed: await readStoryFile(source.url), ...kept };
    case 'folder': {
      const since = source.last_modified ? new Date(source.last_modified) : undefined;
      const folder = await readStoryFolder(source.url, since);
      return { parsed: folder, etag: null, lastModified: folder.newest?.toISOString() ?? null };
    }
    default:
      return await readOnline(options, source);
  }
}

async function readOnline(options: FetchOptions, source: Source): Promise<Reading> {
  const answer = await fetchText(options, source.url, {
    etag: source.etag,
    lastModified: source.last_modified,
  });
  const { finalUrl, permanentUrl: movedTo } = answer;
  if (answer.notModified)
    return { parsed: undefined, etag: source.etag, lastModified: source.last_modified, movedTo };
  const validators = { etag: answer.etag ?? null, lastModified: answer.lastModified ?? null };
  if (source.kind === 'page')
    return {
      parsed: { stories: [parsePage(answer.text, finalUrl)], problems: [] },
      ...validators,
      movedTo,
    };
  if (source.kind === 'sitemap') {
    const sitemap = parseSitemap(answer.text, finalUrl);
    if (sitemap.children.length === 0) return { parsed: sitemap, ...validators, movedTo };
    // An index may stay the same while what it lists changes.
    const parsed = await fetchChildSitemaps(options, sitemap.children);
    return { parsed, etag: null, lastModified: null, movedTo };
  }
  return { parsed: parseFeed(answer.text, finalUrl), ...validators, movedTo };
}

/** Looks for what is due come each minute. Without this a source of each minute would be due just after the next, and fetched every other one. */
const lookSeconds = 10;

async function recordSuccess(
  context: Pick<Context, 'db' | 'clock'>,
  source: Source,
  reading: Reading,
  intake: IntakeResult,
  tookMs: number,
): Promise<SourceOutcome> {
  const now = context.clock.now();
  const note = reading.movedTo && (await moveTo(context, source, reading.movedTo));
  const nextFetchAt = later(now, source.interval_seconds * (1 + spread(source)) - lookSeconds);
  await context.db
    .updateTable('sources')
    .set({
      etag: reading.etag,
      last_modified: reading.lastModified,
      last_fetched_at: now,
      last_success_at: now,
      last_fetch_ms: tookMs,
      next_fetch_at: nextFetchAt,
      failures: 0,
      last_error: note ?? null,
      last_error_at: note ? now : null,
    })
    .where('id', '=', source.id)
    .execute();
  return {
    id: source.id,
    name: source.name,
    outcome: reading.parsed ? 'fetched' : 'unchanged',
    intake,
    ...(note && { note }),
    nextFetchAt,
  };
}

/** @returns why the address could not be changed */
async function moveTo(
  context: Pick<Context, 'db'>,
  source: Source,
  url: string,
): Promise<string | undefined> {
  if (url === source.url) return undefined;
  const other = await context.db
    .selectFrom('sources')
    .select('name')
    .where('url', '=', url)
    .where('id', '<>', source.id)
    .executeTakeFirst();
  if (!other) {
    try {
      await context.db.updateTable('sources').set({ url }).where('id', '=', source.id).execute();
      return undefined;
    } catch (error) {
      // Another source took the address in between.
      if ((error as { code?: string }).code !== '23505') throw error;
    }
  }
  return `It has moved to ${url}, which is the source "${other?.name ?? 'another'}" already: remove one of the two.`;
}

async function recordFailure(
  context: Pick<Context, 'db' | 'clock'>,
  source: Source,
  error: unknown,
  tookMs: number,
): Promise<SourceOutcome> {
  const now = context.clock.now();
  const details = error instanceof UserError ? error.details : {};
  const gone = details.status === 410;
  const hint = error instanceof UserError && error.hint ? ` ${error.hint}` : '';
  const message = `${messageOf(error)}${hint}`.slice(0, 2_000);
  const backoff = Math.min(source.interval_seconds * 2 ** Math.min(source.failures, 20), day);
  const wait = Math.max(backoff, Math.min(retryAfter(details.retryAfter, now), day));
  const nextFetchAt = later(now, wait * (1 + spread(source)));
  await context.db
    .updateTable('sources')
    .set((eb) => ({
      failures: eb('failures', '+', 1),
      last_error: gone ? `${message} It is paused.` : message,
      last_error_at: now,
      last_fetched_at: now,
      last_fetch_ms: tookMs,
      next_fetch_at: nextFetchAt,
      ...(gone && { paused: true }),
    }))
    .where('id', '=', source.id)
    .execute();
  return {
    id: source.id,
    name: source.name,
    outcome: 'failed',
    intake: { added: [], updated: [], unchanged: [], problems: [] },
    error: message,
    nextFetchAt: gone ? null : nextFetchAt,
  };
}

/** Seconds to wait by a Retry-After header (RFC 9110 section 10.2.3): a number, or a date. */
function retryAfter(header: unknown, now: Date): number {
  if (typeof header !== 'string') return 0;
  if (/^\s*\d+\s*$/.test(header)) return Number(header);
  const until = Date.parse(header);
  return Number.isNaN(until) ? 0 : Math.max(0, (until - now.getTime()) / 1000);
}

const later = (now: Date, seconds: number) => new Date(now.getTime() + Math.round(seconds * 1000));

/** Up to a tenth, always the same for a source: sources added together are not fetched together for ever. */
function spread(source: Source): number {
  return (createHash('sha256').update(`${source.id} ${source.name}`).digest().readUInt32BE() / 2 ** 32) * 0.1;
}

/**
 * Fetches the sources that are due, the longest waiting first. Any number of processes may do so at once: a source is
 * claimed for ten minutes before it is fetched, so a second one passes it over. A bad source never stops the rest.
 * @param options.limit sources at most; 500 if not given
 * @param options.concurrency fetches at a time; 4 if not given
 * @returns an outcome for each source that was fetched
 */
export async function fetchDueSources(
  context: Pick<Context, 'config' | 'db' | 'clock' | 'log'>,
  options: { limit?: number; concurrency?: number; limits?: Partial<FetchOptions> } = {},
): Promise<SourceOutcome[]> {
  const outcomes: SourceOutcome[] = [];
  let left = options.limit ?? 500;
  const work = async () => {
    while (left > 0) {
      left--;
      const source = await claim(context);
      if (!source) return;
      outcomes.push(await fetchSource(context, source, options.limits));
    }
  };
  await Promise.all(Array.from({ length: options.concurrency ?? 4 }, work));
  return outcomes;
}

/** Takes a due source by putting its next fetch ahead; should this process die, it is due again after the lease. */
async function claim(context: Pick<Context, 'db' | 'clock'>): Promise<Source | undefined> {
  const now = context.clock.now();
  // Uses sources_due. Skip locked: whoever holds the row is claiming it.
  const { rows } = await sql<Source>`
    update sources set next_fetch_at = ${later(now, leaseSeconds)}
    where id = (
      select id from sources
      where not paused and kind <> 'api' and next_fetch_at <= ${now}
      order by next_fetch_at, id
      limit 1
      for update skip locked
    )
    returning *`.execute(context.db);
  return rows[0];
}
