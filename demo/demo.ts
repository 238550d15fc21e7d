// `npm run demo`: the whole way from stories to mail, on an embedded Postgres and an embedded inbox.
// `-- --once` exits by itself, with 0 only when every reader's mail arrived and is as planned.
import { join, relative } from 'node:path';
import { styleText } from 'node:util';
import { sql } from 'kysely';
import { createLoginLink } from '../src/access/login-links.ts';
import { createUser, findUserByEmail } from '../src/access/users.ts';
import { untilSignal } from '../src/cli/until-signal.ts';
import { systemClock } from '../src/clock.ts';
import { loadConfig } from '../src/config.ts';
import type { Context } from '../src/context.ts';
import { openDatabase } from '../src/db/connect.ts';
import { deliveryReport } from '../src/delivery/report.ts';
import { ensureEdition, getEdition, storiesOf } from '../src/editions/editions.ts';
import { createNewsletter, type Newsletter, type NewsletterFields } from '../src/editions/newsletters.ts';
import { messageOf } from '../src/errors.ts';
import { linkSigner } from '../src/links.ts';
import { createLog } from '../src/log.ts';
import { produceEdition } from '../src/schedule/produce.ts';
import { startWorker } from '../src/schedule/worker.ts';
import { addSource, fetchDueSources } from '../src/stories/sources.ts';
import { createList } from '../src/subscribers/lists.ts';
import { subscribe, updatePreferences } from '../src/subscribers/subscribe.ts';
import { checkMails } from './check.ts';
import { freePort } from './free-port.ts';
import { openNewsstand } from './newsstand.ts';
import { readers } from './readers.ts';

const hourMs = 3_600_000;
const once = process.argv.includes('--once');
const started = performance.now();
const policy = {
  windowHours: 24,
  candidates: 15,
  slots: [
    { name: 'lead', count: 1 },
    { name: 'top', count: 4 },
    { name: 'brief', count: 5 },
  ],
};
const newsletters = [
  {
    slug: 'wendmark-today',
    name: 'Wendmark Today',
    description: 'What moved in the county since yesterday',
    theme: 'broadsheet',
    fromAddress: 'today@wendmark.example.com',
    brand: { footer: 'Wendmark Today, 1 Quay Street, Wendmark' },
  },
  {
    slug: 'wendmark-briefing',
    name: 'Wendmark Briefing',
    description: 'The county in five minutes',
    theme: 'briefing',
    fromAddress: 'briefing@wendmark.example.com',
    subject: 'Briefing: {{ lead.title }}',
    brand: { colour: '#1f5fbf', footer: 'Wendmark Briefing, 1 Quay Street, Wendmark' },
  },
];
const editor = { email: 'mara@wendmark.example.com', name: 'Mara Lind', role: 'admin' } as const;
/** One that waits for an editor: what the desk opens with. */
const evening = {
  slug: 'wendmark-evening',
  name: 'Wendmark Evening',
  description: 'The day in the county, when it is over',
  theme: 'magazine',
  fromAddress: 'evening@wendmark.example.com',
  brand: { colour: '#3f5b45', footer: 'Wendmark Evening, 1 Quay Street, Wendmark' },
};

// Ctrl-C before everything is up: whatever was opened is closed in the opposite order.
const closers: (() => Promise<unknown>)[] = [];
const closeAll = async () => {
  for (const close of closers.reverse()) await close().catch(() => {});
};

try {
  const asked = untilSignal();
  const finished = await Promise.race([run(), asked.then(() => undefined)]);
  if (finished && !once) await asked;
  if (finished && finished.wrong.length > 0) process.exitCode = 1;
  if (!once) console.log('\nClosing.');
} catch (error) {
  console.error(`\n${styleText('red', 'The demo failed:')} ${messageOf(error)}`);
  if (process.argv.includes('--debug')) console.error(error);
  process.exitCode = 1;
} finally {
  await closeAll();
  process.exit();
}

async function run(): Promise<{ wrong: string[] }> {
  const config = loadConfig();
  const port = await freePort(config.port);
  const home = process.env.BROADSHEET_HOME ? config.home : join(config.home, 'demo');
  // Whatever is configured for real use, the demo keeps to itself: its own database, and no mail leaves.
  const settings = {
    ...config,
    home,
    databaseUrl: undefined,
    smtpUrl: undefined,
    allowPrivateNetwork: true,
    publicUrl: `http://localhost:${port}`,
  };

  const database = await step('Starting Postgres', async () => {
    const opened = await openDatabase(settings);
    closers.push(opened.close);
    return { value: opened, told: `in ${relative('.', home) || '.'}` };
  });
  const context: Context = {
    config: settings,
    db: database.db,
    clock: systemClock,
    log: createLog(config.logLevel ?? 'error'),
  };
  const { db } = context;
  await startOver(context);

  await step('Fetching ten publishers', async () => {
    const stand = await openNewsstand(systemClock.now());
    closers.push(stand.close);
    for (const { publisher, url } of stand.feeds) {
      const known = await db
        .selectFrom('sources')
        .select('id')
        .where('name', '=', publisher)
        .executeTakeFirst();
      if (known)
        await db
          .updateTable('sources')
          .set({ url, paused: false, next_fetch_at: new Date(0), etag: null, last_modified: null })
          .where('id', '=', known.id)
          .execute();
      else await addSource(context, url, { kind: 'feed', name: publisher, publisher });
    }
    const outcomes = await fetchDueSources(context);
    const failed = outcomes.filter((outcome) => outcome.error);
    if (failed.length > 0) throw new Error(`${failed[0]?.name} could not be fetched: ${failed[0]?.error}`);
    const { count } = await db
      .selectFrom('stories')
      .select((e) => e.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return { value: undefined, told: `${count} stories in RSS, Atom, RDF and JSON Feed` };
  });

  const listId = await step('Subscribing readers', async () => {
    const known = await db.selectFrom('lists').select('id').where('slug', '=', 'readers').executeTakeFirst();
    const list = known ?? (await createList(context, { name: 'Readers of Wendmark', slug: 'readers' }));
    for (const reader of readers) {
      const { subscriberId } = await subscribe(context, {
        email: reader.email,
        list: list.id,
        name: reader.name,
        topics: reader.topics,
        via: 'demo',
        confirmed: true,
        evidence: { note: 'an invented reader of the demo' },
      });
      if (subscriberId)
        await updatePreferences(
          context,
          subscriberId,
          { lists: [{ listId: list.id, subscribed: true, mutedTopics: reader.mutedTopics }] },
          { via: 'demo' },
        );
    }
    return { value: list.id, told: `${readers.length}, each with wishes of their own` };
  });

  const editions = await step('Choosing and rendering', async () => {
    const ids: number[] = [];
    for (const fields of newsletters) {
      const newsletter = await newsletterOf(context, listId, fields, {
        cron: '0 7 * * *',
        mode: 'automatic',
      });
      const { edition } = await ensureEdition(context, newsletter.id, wholeSecond(systemClock.now()));
      const made = await produceEdition(context, edition.id);
      if (made.state !== 'approved') throw new Error(`${fields.name} is ${made.state}: ${made.state_reason}`);
      ids.push(made.id);
    }
    const stories = await storiesOf(context, ids[0] ?? 0);
    return {
      value: ids,
      told: `${stories.length} storylines; the lead is "${stories[0]?.title}" (${stories[0]?.coverage} publishers)`,
    };
  });

  const last = await db
    .selectFrom('inbox_messages')
    .select((e) => e.fn.max('id').as('id'))
    .executeTakeFirst();
  const wrong = await step('Sending', async () => {
    const worker = await startWorker(context, {
      connection: database.connection,
      sweepSeconds: 1,
      schedule: false,
    });
    closers.push(worker.stop);
    const problems: string[] = [];
    for (const id of editions) {
      await worker.start(id);
      while ((await getEdition(context, id)).state === 'sending')
        await new Promise((resolve) => setTimeout(resolve, 50));
      const { state, state_reason } = await getEdition(context, id);
      if (state !== 'sent') problems.push(`Edition ${id} is ${state}: ${state_reason}`);
      problems.push(...(await checkMails(context, id, readers, last?.id ?? 0)));
    }
    const reports = await Promise.all(editions.map((id) => deliveryReport(context, id)));
    const accepted = reports.reduce((sum, report) => sum + report.accepted, 0);
    return {
      value: problems,
      told: `${accepted} mails, each as the ledger says${problems.length > 0 ? ', but for what follows' : ''}`,
    };
  });
  const desk = await step('Laying out an edition for the editors', async () => {
    const newsletter = await newsletterOf(context, listId, evening, { cron: '0 18 * * *', mode: 'approval' });
    // The next full hour, not the newsletter's: by tomorrow evening the stories of today would be too old for it.
    const next = new Date(Math.ceil(systemClock.now().getTime() / hourMs) * hourMs);
    const { edition } = await ensureEdition(context, newsletter.id, next);
    const made = await produceEdition(context, edition.id);
    const known = await findUserByEmail(context, editor.email);
    const user = known ?? (await createUser(context, editor));
    const link = await createLoginLink(context, user.id, { how: 'cli' });
    return { value: link, told: `${evening.name} is ${made.state === 'review' ? 'in review' : made.state}` };
  });
  for (const problem of wrong) console.log(`  ${styleText('red', problem)}`);

  const site = once
    ? undefined
    : await import('../src/web/site.ts').then(({ startSite }) =>
        startSite(context, { host: '127.0.0.1', port }),
      );
  if (site) closers.push(site.close);
  await summary(context, editions, home, desk);
  return { wrong };
}

/** A newsletter of the demo, made if there is none. */
async function newsletterOf(
  context: Context,
  listId: number,
  fields: Pick<NewsletterFields, 'slug' | 'name' | 'fromAddress'>,
  how: Pick<NewsletterFields, 'cron' | 'mode'>,
): Promise<Newsletter> {
  const known = await context.db
    .selectFrom('newsletters')
    .selectAll()
    .where('slug', '=', fields.slug)
    .executeTakeFirst();
  return (
    known ??
    (await createNewsletter(context, {
      ...fields,
      ...how,
      timeZone: 'Europe/Berlin',
      policy,
      listIds: [listId],
    }))
  );
}

/** Removes the demo's former editions, so that the day can be told again; stories, readers and caught mail stay. */
async function startOver({ db }: Context): Promise<void> {
  const old = await db
    .deleteFrom('editions')
    .where('newsletter_id', 'in', (e) =>
      e
        .selectFrom('newsletters')
        .select('id')
        .where(
          'slug',
          'in',
          [...newsletters, evening].map(({ slug }) => slug),
        ),
    )
    .returning('id')
    .execute();
  for (const { id } of old) await sql`drop table if exists ${sql.table(`deliveries_e${id}`)}`.execute(db);
}

async function summary(context: Context, editionIds: number[], home: string, desk: string): Promise<void> {
  const { publicUrl } = context.config;
  const signer = await linkSigner(context);
  const stories = await storiesOf(context, editionIds[0] ?? 0);
  console.log(`\n${styleText('bold', 'Wendmark Today')}, as a reader without wishes gets it:\n`);
  for (const story of stories.filter((each) => each.slot !== 'reserve').slice(0, 5))
    console.log(
      `  ${story.position + 1}. ${story.title}\n     ${styleText('dim', `${story.reason.text} ${story.related.length} related.`)}`,
    );
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`\nDone in ${seconds} s.`);
  if (once) return;
  const command = (text: string) =>
    styleText('cyan', `BROADSHEET_HOME=${relative('.', home) || '.'} npm run broadsheet -- ${text}`);
  console.log(`
Look at it
  the editors' desk       ${desk}
                          (once, within 15 minutes; after that, as ${editor.email} with a link from the inbox)
  the inbox               ${publicUrl}/inbox
  Wendmark Today          ${publicUrl}/view/${signer.sign('view', [0, editionIds[0] ?? 0])}
  Wendmark Briefing       ${publicUrl}/view/${signer.sign('view', [0, editionIds[1] ?? 0])}
  the sign-up page        ${publicUrl}/subscribe/readers

Try next, in another terminal
  ${command('selection explain wendmark-today')}
  ${command('editions report wendmark-today')}
  ${command('editions preview wendmark-today --as bo@readers.example.com')}
  ${command('subscribers list --list readers')}

Ctrl-C ends the demo. Running it again tells the same day again.`);
}

async function step<T>(name: string, action: () => Promise<{ value: T; told: string }>): Promise<T> {
  const begun = performance.now();
  const open = process.stdout.isTTY;
  if (open) process.stdout.write(`  … ${name}`);
  const { value, told } = await action();
  const seconds = styleText('dim', `${((performance.now() - begun) / 1000).toFixed(1)} s`);
  process.stdout.write(
    `${open ? '\r\u001b[K' : ''}  ${styleText('green', '✓')} ${name}: ${told} ${seconds}\n`,
  );
  return value;
}

function wholeSecond(at: Date): Date {
  return new Date(Math.floor(at.getTime() / 1000) * 1000);
}
