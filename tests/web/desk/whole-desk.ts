import { sql } from 'kysely';
import { editUser } from '../../../src/access/users.ts';
import { planDeliveries } from '../../../src/delivery/plan.ts';
import { buildEdition } from '../../../src/editions/build.ts';
import { ensureEdition, getEdition, storiesOf } from '../../../src/editions/editions.ts';
import { findNewsletter } from '../../../src/editions/newsletters.ts';
import { askForReplay } from '../../../src/editions/policy-replays.ts';
import type { EditionChangeInput } from '../../../src/editions/revise/change.ts';
import { undo } from '../../../src/editions/revise/revise.ts';
import { countFigures } from '../../../src/feedback/edition-figures.ts';
import { countReport } from '../../../src/feedback/edition-report.ts';
import { createLinkSigner } from '../../../src/links.ts';
import { compileAndStore } from '../../../src/rendering/store.ts';
import { settle } from '../../../src/schedule/settle.ts';
import { assignStorylines } from '../../../src/selection/storylines.ts';
import { countListReport } from '../../../src/subscribers/list-report.ts';
import { Background } from '../../../src/web/background.ts';
import { desk } from '../../../src/web/desk/desk.tsx';
import { addEngagement } from '../../support/engagement.ts';
import { changed } from '../../support/revising.ts';
import { seedEdition, seedNewsletter } from '../../support/seed.ts';
import { seedStories } from '../../support/stories.ts';
import { startDesk } from './desk-site.ts';

/** Events and how several papers have them, in German: what stands in English at a German desk is then the program's. */
const events: [topic: string, headlines: string[]][] = [
  ['Küste', ['Leuchtturm von Skerry brennt wieder', 'Skerry: Leuchtturm nach vierzig Jahren entzündet']],
  ['Wetter', ['Sturm Odile erreicht die Küste am Mittwoch', 'Mittwoch kommt Sturm Odile an die Küste']],
  ['Verkehr', ['Bahnstreik in Dunhaven abgesagt', 'Dunhaven: Streik der Bahn ist vom Tisch']],
  ['Politik', ['Gemeinderat gibt Jugendlichen Redezeit', 'Jugendliche dürfen im Gemeinderat reden']],
  ['Forschung', ['Uhr in Tessaly verliert keine Sekunde', 'Tessaly hat die genaueste Uhr']],
  ['Wirtschaft', ['Elf Bäcker kaufen Aldermoors Bäckerei', 'Aldermoor: Bäckerei gehört nun den Bäckern']],
];
const papers = ['Küstenblatt', 'Hafenbote'];

/**
 * A desk on which each page has something to show: editions that wait, are approved, held, skipped and sent, with changes,
 * checks and readers; stories, storylines and sources with troubles; rules, versions and a replay.
 */
export async function startWholeDesk() {
  const site = await startDesk({
    readers: 24,
    newsletter: {
      name: 'Hafenpost',
      description: 'Was an der Küste geschah',
      timeZone: 'Europe/Berlin',
      tracking: { opens: true },
      policy: {
        minimumStories: 1,
        rules: [{ action: 'boost', topic: 'Küste', factor: 2, because: 'Unser Thema.' }],
        slots: [
          { name: 'lead', count: 1, title: 'Aufmacher' },
          { name: 'top', count: 3, title: 'Wichtiges' },
        ],
      },
    },
  });
  const { context, newsletter, listId } = site;
  const { db, clock } = context;
  const editor = { id: site.editor.id, email: site.editor.email, name: site.editor.name };
  const storyIds = await seedStories(
    context,
    events.flatMap(([topic, headlines], event) =>
      headlines.map((title, paper) => ({
        title,
        dek: `${title}, wie es heißt.`,
        bodyText: `${headlines.join('. ')}. ${topic}: Das steht fest. `.repeat(4),
        publisher: papers[paper] as string,
        topics: [topic],
        hoursAgo: event + paper + 1,
        language: 'de',
      })),
    ),
  );
  await assignStorylines(context, { embed: false });
  await seedSources(site);

  const hour = 3_600_000;
  const made = async (inHours: number) => {
    const at = new Date(clock.now().getTime() + inHours * hour);
    const { edition } = await ensureEdition(context, newsletter.id, at);
    return (await buildEdition(context, edition.id)).edition;
  };
  const sent = await made(-1);
  await compileAndStore(context, sent);
  await db.updateTable('editions').set({ state: 'approved' }).where('id', '=', sent.id).execute();
  await send(site, sent.id);
  const waiting = await made(2);
  await db.updateTable('editions').set({ state: 'review' }).where('id', '=', waiting.id).execute();
  const stories = await storiesOf(context, waiting.id);
  const other = async (inHours: number, state: string, state_reason: string | null) => {
    const at = new Date(clock.now().getTime() + inHours * hour);
    const id = await seedEdition(context, newsletter.id, stories, at);
    const lines = { subject: waiting.subject, preheader: waiting.preheader };
    await db
      .updateTable('editions')
      .set({ ...lines, state, state_reason })
      .where('id', '=', id)
      .execute();
    return id;
  };
  const held = await other(3, 'paused', 'held by Mara');
  const approved = await other(4, 'approved', null);
  const skipped = await other(5, 'skipped', '0 new stories in the last 24 hours; the newsletter asks for 3');
  // The edition of the usual desk has invented stories in English.
  await db.deleteFrom('editions').where('id', '=', site.editionId).execute();

  const [first, second, third] = (await storiesOf(context, waiting.id)).map(({ key }) => key ?? '');
  if (!first || !second || !third) throw new Error('The edition has fewer than three stories.');
  for (const change of [
    { kind: 'lines', subject: 'Der Leuchtturm brennt', tried: ['Er brennt wieder'] },
    { kind: 'pin', story: third, to: { slot: 'top', at: 0 } },
    { kind: 'edit', story: second, title: 'Der Sturm kommt', imageAlt: 'Ein Kai' },
    { kind: 'add-note', place: { at: 'top' }, title: 'Guten Morgen', text: 'Ein Wort der Redaktion.' },
    { kind: 'drop', story: first },
  ] satisfies EditionChangeInput[])
    await changed(context, waiting.id, change, editor);
  await undo(context, {
    editionId: waiting.id,
    base: (await getEdition(context, waiting.id)).version,
    user: editor,
  });
  await settle(context, waiting.id);

  const { id: replayId, work } = await askForReplay(context, await findNewsletter(context, newsletter.slug), {
    policy: { minimumStories: 1, weights: { freshness: 3 } },
    editions: 3,
    by: 'Mara',
  });
  await work();
  await seedNewsletter(context, [listId], {
    slug: 'leer',
    name: 'Abendblatt',
    timeZone: 'Europe/Berlin',
  });

  const { id: storyline } = await db
    .selectFrom('stories')
    .select('storyline_id as id')
    .where('id', '=', storyIds[0] as number)
    .executeTakeFirstOrThrow();
  const note = (await storiesOf(context, waiting.id)).find(({ kind }) => kind === 'note')?.key ?? '';
  return {
    ...site,
    waiting: waiting.id,
    sent: sent.id,
    held,
    approved,
    skipped,
    replayId,
    storyId: storyIds[0] as number,
    storyline: storyline as number,
    story: second,
    note,
  };
}

export type WholeDesk = Awaited<ReturnType<typeof startWholeDesk>>;

async function seedSources({ context: { db, clock } }: Awaited<ReturnType<typeof startDesk>>) {
  const now = clock.now();
  await sql`
    insert into sources (kind, url, name, publisher, next_fetch_at, last_success_at, created_at, failures, last_error, last_error_at, last_fetch_ms)
    select 'feed', 'https://' || n || '.example.com/feed.xml', publisher, publisher, ${now}::timestamptz + interval '9 minutes',
      ${now}::timestamptz - interval '6 minutes', ${now}::timestamptz - interval '90 days', case n when 2 then 4 else 0 end,
      case n when 2 then 'https://2.example.com/feed.xml answered with status 404.' end, ${now}, case n when 1 then 6400 else 420 end
    from (select publisher, row_number() over (order by publisher) as n from stories group by publisher) as papers`.execute(
    db,
  );
  await sql`update stories set source_id = sources.id from sources where sources.name = stories.publisher`.execute(
    db,
  );
}

/** Lets an edition have gone to all its readers, of whom some opened, clicked, and left. */
async function send({ context }: Awaited<ReturnType<typeof startDesk>>, editionId: number) {
  const { db, clock } = context;
  await planDeliveries(context, editionId);
  await sql`update deliveries set state = 'accepted', stories = '{0,1,2}' where edition_id = ${editionId}`.execute(
    db,
  );
  await sql`update deliveries set state = 'failed', smtp_code = 550, detail = '550 5.1.1 no such user'
    where edition_id = ${editionId} and subscriber_id = (select max(subscriber_id) from deliveries)`.execute(
    db,
  );
  const at = clock.now();
  await db.updateTable('editions').set({ state: 'sent', sent_at: at }).where('id', '=', editionId).execute();
  const rows = await db
    .selectFrom('deliveries')
    .select('subscriber_id as id')
    .where('edition_id', '=', editionId)
    .orderBy('id')
    .execute();
  await addEngagement(context, editionId, [
    ...rows.slice(0, 6).map(({ id }) => ({ id, at })),
    ...rows.slice(0, 9).map(({ id }) => ({ id, at, kind: 'open' as const })),
  ]);
  await countReport(context, editionId);
  await countFigures(context, editionId);
  for (const { id } of await db.selectFrom('lists').select('id').execute())
    await countListReport(context, id);
}

/** What a route of the desk gives that is no page of its own. */
type NoPage = 'file' | 'stream' | 'door';

/** What other pages load into themselves. */
const isPiece = (path: string) =>
  /\/(?:beneath|preview\/readers|preview\/why|send\/who|reach|related)$/.test(path);

/**
 * Where each route of the desk is looked at, by its path as the desk has it, or why it is not. Routes are taken from the desk
 * itself, so that one that is not named here is an error.
 */
export function pagesOf(site: WholeDesk): { path: string; name: string; isPiece: boolean }[] {
  const { context, waiting, sent, held, approved, skipped, story, note, newsletter } = site;
  const edition = '/editions/:id{[0-9]{1,15}}';
  const slug = '/newsletters/:slug{[a-z0-9][a-z0-9-]*}';
  const at = (id: number) => `/editions/${id}`;
  const here = `/newsletters/${newsletter.slug}`;
  const known: Record<string, string[] | NoPage> = {
    '/assets/:hash/:name': 'file',
    '/login': ['/login'],
    '/login/link': ['/login/link?token=none'],
    '/login/code': 'door',
    '/account': ['/account'],
    '/users': ['/users'],
    '/users/:id{[0-9]{1,15}}': [`/users/${site.viewer.id}`],
    '/audit': ['/audit'],
    [edition]: [waiting, sent, skipped].map(at),
    [`${edition}/history`]: [`${at(waiting)}/history`],
    [`${edition}/find`]: [`${at(waiting)}/find?for=add`],
    [`${edition}/stories/:key`]: [`${at(waiting)}/stories/${story}`],
    [`${edition}/stories/:key/replace`]: [`${at(waiting)}/stories/${story}/replace`],
    [`${edition}/stories/:key/merge`]: [`${at(waiting)}/stories/${story}/merge`],
    [`${edition}/stories/:key/beneath`]: [`${at(waiting)}/stories/${story}/beneath`],
    [`${edition}/notes/new`]: [`${at(waiting)}/notes/new`],
    [`${edition}/notes/:key`]: [`${at(waiting)}/notes/${note}`],
    [`${edition}/preview.html`]: 'file',
    [`${edition}/preview`]: [`${at(waiting)}/preview`],
    [`${edition}/preview/readers`]: [`${at(waiting)}/preview/readers`],
    [`${edition}/preview/why`]: [`${at(waiting)}/preview/why`],
    [`${edition}/checks`]: [`${at(waiting)}/checks`],
    '/': ['/'],
    '/today/progress': 'stream',
    '/editions': ['/editions'],
    [`${edition}/send`]: [waiting, approved, held].map((id) => `${at(id)}/send`),
    [`${edition}/send/who`]: [`${at(waiting)}/send/who`],
    '/newsletters': ['/newsletters'],
    '/newsletters/new': ['/newsletters/new'],
    [slug]: [here],
    [`${slug}/reach`]: [`${here}/reach`],
    [`${slug}/remove`]: [`${here}/remove`],
    [`${slug}/look`]: [`${here}/look`],
    [`${slug}/look/preview.html`]: 'file',
    '/reports': ['/reports'],
    '/reports/editions/:id{[0-9]{1,15}}': [`/reports/editions/${sent}`, `/reports/editions/${waiting}`],
    '/reports/editions/:id{[0-9]{1,15}}/:table{(?:stories|slots|topics|domains|hours)\\.csv}': 'file',
    '/reports/newsletters/:slug{[a-z0-9][a-z0-9-]*}': [`/reports${here}`, '/reports/newsletters/leer'],
    '/reports/newsletters/:slug{[a-z0-9][a-z0-9-]*}/:table{(?:editions|topics|slots|domains|growth)\\.csv}':
      'file',
    '/stories': ['/stories', '/stories?q=leuchtturm', '/stories?q=nichts'],
    '/stories/:id{[0-9]{1,15}}': [`/stories/${site.storyId}`],
    '/stories/:id{[0-9]{1,15}}/related': [`/stories/${site.storyId}/related`],
    '/storylines': ['/storylines'],
    '/storylines/:id{[0-9]{1,15}}': [`/storylines/${site.storyline}`],
    '/storylines/:id{[0-9]{1,15}}/split': [`/storylines/${site.storyline}/split?story=${site.storyId}`],
    '/storylines/:id{[0-9]{1,15}}/merge': [`/storylines/${site.storyline}/merge`],
    '/sources': ['/sources'],
    '/sources/:id{[0-9]{1,15}}': ['/sources/1', '/sources/2'],
    '/sources/look': 'door',
    '/sources/:id{[0-9]{1,15}}/remove': ['/sources/1/remove'],
    [`${slug}/policy`]: [`${here}/policy`],
    [`${slug}/policy/versions`]: [`${here}/policy/versions`],
    [`${slug}/policy/replays`]: [`${here}/policy/replays`],
    [`${slug}/policy/replays/:id{[0-9]{1,15}}`]: [`${here}/policy/replays/${site.replayId}`],
    [`${slug}/rules`]: [`${here}/rules`],
    '/components': ['/components'],
  };
  const app = desk(context, {
    signer: createLinkSigner('routes alone'),
    background: new Background(context.log),
    letters: { send: async () => {} } as never,
  });
  const routes = new Set(app.routes.filter(({ method }) => method === 'GET').map(({ path }) => path));
  const forgotten = [...routes].filter((path) => known[path] === undefined);
  if (forgotten.length > 0)
    throw new Error(`Say in tests/web/desk/whole-desk.ts where to look at ${forgotten.join(', ')}.`);
  return [...routes].flatMap((route) => {
    const where = known[route];
    return Array.isArray(where)
      ? where.map((path) => ({
          path: `/desk${path}`.replace(/\/$/, ''),
          name: path.replace(/\W+/g, '-'),
          isPiece: isPiece(path),
        }))
      : [];
  });
}

/** Has everybody at the desk read German. */
export async function speakGerman({ context, admin, editor, viewer }: WholeDesk): Promise<void> {
  for (const { id } of [admin, editor, viewer]) await editUser(context, id, { locale: 'de' });
}
