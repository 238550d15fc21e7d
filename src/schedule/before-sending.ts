import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { servesBest } from '../delivery/route.ts';
import { listRoutes } from '../delivery/routes.ts';
import type { EditionStory } from '../editions/content.ts';
import { type Edition, storiesOf } from '../editions/editions.ts';
import { largestChoice, sizeOf } from '../rendering/checks/largest-digest.ts';
import { gmailClipBytes } from '../rendering/checks/parts.ts';
import type { CompiledEdition } from '../rendering/compile.ts';
import { loadCompiled } from '../rendering/store.ts';

/** Something about an edition that its newsletter's editions usually have not. */
export type Unusual =
  | { kind: 'many' | 'few'; recipients: number; usual: number }
  | { kind: 'nobody' }
  | { kind: 'noImage' }
  | { kind: 'noPreheader' }
  | { kind: 'sameSubject'; editionId: number; at: Date }
  | { kind: 'sameStory'; title: string; editionId: number; at: Date }
  | { kind: 'newHost'; host: string; title: string }
  | { kind: 'large'; bytes: number };

const day = 24 * 3_600_000;
const subjectsCountMs = 365 * day;
const storiesCountMs = 30 * day;
const comparedEditions = 60;
const muchMore = 3;
const mostSame = 5;

/**
 * What is unusual about an edition beside those that its newsletter sent before. Who would get it is counted elsewhere, as
 * that takes long.
 * @param bytes of the largest digest; undefined: it was not rendered
 */
export async function unusualOf(
  context: Pick<Context, 'db' | 'clock'>,
  edition: Edition,
  bytes: number | undefined,
): Promise<Unusual[]> {
  const stories = (await storiesOf(context, edition.id)).filter(
    ({ slot, from, kind }) => slot !== 'reserve' && !from && kind !== 'note',
  );
  const [subject, told, hosts] = await Promise.all([
    sameSubject(context, edition),
    sameStories(context, edition, stories),
    newHosts(context, edition, stories),
  ]);
  return [
    ...(stories.some(({ imageUrl }) => imageUrl) && !stories[0]?.imageUrl
      ? [{ kind: 'noImage' as const }]
      : []),
    ...(edition.preheader.trim() === '' ? [{ kind: 'noPreheader' as const }] : []),
    ...subject,
    ...told,
    ...hosts,
    ...(bytes !== undefined && bytes > gmailClipBytes ? [{ kind: 'large' as const, bytes }] : []),
  ];
}

/** Whether far more or far fewer would get an edition than its newsletter's editions usually went to. */
export function unusualCount(recipients: number, usual: number | undefined): Unusual[] {
  if (recipients === 0) return [{ kind: 'nobody' }];
  if (usual === undefined) return [];
  if (recipients >= muchMore * usual) return [{ kind: 'many', recipients, usual }];
  if (recipients < usual / muchMore) return [{ kind: 'few', recipients, usual }];
  return [];
}

/** To how many the newsletter's last ten editions went: the median; undefined if it has sent none. */
export async function usualRecipients(
  { db }: Pick<Context, 'db'>,
  newsletterId: number,
): Promise<number | undefined> {
  const { rows } = await sql<{ usual: number | null }>`
    select percentile_cont(0.5) within group (order by planned_count) as usual from (
      select planned_count from editions
      where newsletter_id = ${newsletterId} and state = 'sent' and planned_count > 0
      order by scheduled_for desc limit 10) as latest`.execute(db);
  const usual = rows[0]?.usual;
  return usual === null || usual === undefined ? undefined : Math.round(usual);
}

async function sameSubject({ db }: Pick<Context, 'db'>, edition: Edition): Promise<Unusual[]> {
  const row = await db
    .selectFrom('editions')
    .select(['id', 'scheduled_for'])
    .where('newsletter_id', '=', edition.newsletter_id)
    .where('id', '<>', edition.id)
    .where('planned_at', 'is not', null)
    .where('scheduled_for', '>', new Date(edition.scheduled_for.getTime() - subjectsCountMs))
    .where((e) => e(e.fn<string>('lower', ['subject']), '=', edition.subject.toLowerCase()))
    .orderBy('scheduled_for', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ? [{ kind: 'sameSubject', editionId: row.id, at: row.scheduled_for }] : [];
}

async function sameStories(
  { db }: Pick<Context, 'db'>,
  edition: Edition,
  stories: EditionStory[],
): Promise<Unusual[]> {
  const ids = stories.flatMap(({ storyId }) => (storyId === null ? [] : [storyId]));
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('edition_stories')
    .innerJoin('editions', 'editions.id', 'edition_stories.edition_id')
    .select(['edition_stories.story_id', 'editions.id', 'editions.scheduled_for'])
    .distinctOn('edition_stories.story_id')
    .where('editions.newsletter_id', '=', edition.newsletter_id)
    .where('editions.id', '<>', edition.id)
    .where('editions.planned_at', 'is not', null)
    .where('editions.scheduled_for', '>', new Date(edition.scheduled_for.getTime() - storiesCountMs))
    .where('edition_stories.story_id', 'in', ids)
    .where('edition_stories.slot', '<>', 'reserve')
    .orderBy('edition_stories.story_id')
    .orderBy('editions.scheduled_for', 'desc')
    .execute();
  return rows.slice(0, mostSame).map(({ story_id, id, scheduled_for }) => ({
    kind: 'sameStory',
    title: stories.find(({ storyId }) => storyId === story_id)?.title ?? '',
    editionId: id,
    at: scheduled_for,
  }));
}

/** Hosts of stories that no edition of the newsletter has linked before; none for its first edition. */
async function newHosts(
  { db }: Pick<Context, 'db'>,
  edition: Edition,
  stories: EditionStory[],
): Promise<Unusual[]> {
  const rows = await db
    .selectFrom('edition_stories')
    .select(sql<string | null>`snapshot->>'url'`.as('url'))
    .where('edition_id', 'in', (e) =>
      e
        .selectFrom('editions')
        .select('id')
        .where('newsletter_id', '=', edition.newsletter_id)
        .where('id', '<>', edition.id)
        .where('planned_at', 'is not', null)
        .orderBy('scheduled_for', 'desc')
        .limit(comparedEditions),
    )
    .where('slot', '<>', 'reserve')
    .execute();
  if (rows.length === 0) return [];
  const known = new Set(rows.map(({ url }) => hostOf(url)));
  const found = new Map<string, string>();
  for (const { url, title } of stories) {
    const host = hostOf(url);
    if (host && !known.has(host) && !found.has(host)) found.set(host, title);
  }
  return [...found].slice(0, mostSame).map(([host, title]) => ({ kind: 'newHost', host, title }));
}

const hostOf = (url: string | null) => (url && URL.canParse(url) ? new URL(url).hostname : undefined);

/** The HTML of the largest digest of an edition that somebody may get, in bytes; undefined: it was not rendered. */
export async function largestBytes(
  context: Pick<Context, 'db'>,
  edition: Pick<Edition, 'id' | 'language'>,
): Promise<number | undefined> {
  const forms = await loadCompiled(context, edition);
  return forms && bytesOf(forms.for({ language: null, untracked: false }));
}

function bytesOf(compiled: CompiledEdition): number {
  const choice = largestChoice(compiled);
  let bytes = 0;
  for (const part of compiled.html) {
    if (typeof part === 'number' || Buffer.isBuffer(part)) {
      bytes += sizeOf([part]);
      continue;
    }
    const blocks = (choice[part.slot] ?? []).map((position) => part.blocks.get(position) ?? []);
    if (blocks.some((block) => block.length > 0))
      bytes += sizeOf(part.before) + sizeOf(part.after) + sizeOf(blocks.flat());
  }
  return bytes;
}

/** By which way an edition leaves. */
export interface WayOut {
  fromName: string;
  fromAddress: string;
  replyTo: string | null;
  /** The names and hosts of its routes; none: every route is switched off, or made for other mail. */
  routes: { name: string; host: string }[];
  /** No mail server is set: mail is caught on this machine. */
  isCaught: boolean;
}

/** Looks up who an edition of a newsletter comes from, and which routes it takes. */
export async function wayOutOf(
  context: Pick<Context, 'db' | 'config'>,
  newsletterId: number,
): Promise<WayOut> {
  const { db, config } = context;
  const [newsletter, lists, routes] = await Promise.all([
    db.selectFrom('newsletters').selectAll().where('id', '=', newsletterId).executeTakeFirstOrThrow(),
    db.selectFrom('newsletter_lists').select('list_id').where('newsletter_id', '=', newsletterId).execute(),
    listRoutes(context),
  ]);
  const sender = {
    fromName: newsletter.from_name,
    fromAddress: newsletter.from_address,
    replyTo: newsletter.reply_to,
  };
  if (routes.length === 0)
    return {
      ...sender,
      routes: config.smtpUrl ? [{ name: '', host: hostNamed(config.smtpUrl) }] : [],
      isCaught: !config.smtpUrl,
    };
  const candidates = routes
    .filter(({ active }) => active)
    .map(({ name, url, fromDomain, listId }) => ({
      describe: name,
      url,
      ...((fromDomain !== null || listId !== null) && {
        only: { ...(fromDomain !== null && { fromDomain }), ...(listId !== null && { listId }) },
      }),
    }));
  const best = servesBest(candidates, {
    fromDomain: newsletter.from_address.split('@')[1] ?? '',
    listIds: lists.map(({ list_id }) => list_id),
  });
  return {
    ...sender,
    routes: best.map(({ describe, url }) => ({ name: describe, host: hostNamed(url) })),
    isCaught: false,
  };
}

const hostNamed = (url: string) => {
  const { protocol, host, pathname } = new URL(url);
  return protocol.startsWith('smtp') ? host : `${protocol}${pathname}`;
};
