import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { contextOver } from '../../bench/database.ts';
import type { Context } from '../../src/context.ts';
import { connectTo } from '../../src/db/connect.ts';
import { joinEmbedded } from '../../src/db/embedded/join.ts';
import { migrate } from '../../src/db/migrate.ts';
import { createNewsletter, setNewsletterPaused } from '../../src/editions/newsletters.ts';
import { messageOf } from '../../src/errors.ts';
import { createLinkSigner } from '../../src/links.ts';
import { addSource } from '../../src/stories/sources.ts';
import { createList } from '../../src/subscribers/lists.ts';
import { Random } from '../torture/random.ts';
import { Sink } from '../torture/sink.ts';
import { check, type Findings } from './check.ts';
import { evidenceOf, leftBehind } from './evidence.ts';
import { rises } from './line.ts';
import { Measuring, ownName, processesWith, type Series } from './measure.ts';
import { Processes } from './processes.ts';
import { Publisher } from './publisher.ts';
import { type Deed, Readers } from './readers.ts';
import { recordingIn, recordRelease } from './record.ts';

export interface SoakOptions {
  minutes: number;
  seed: number;
  /** On each of three lists, at the start. */
  readers: number;
  /** The program's main file, compiled. */
  main: string;
  /** Called now and then with how it goes. */
  tell?: (line: string) => void;
  stopping?: AbortSignal;
  /** A folder for what the next version is tested with (record.ts). */
  record?: string | undefined;
}

export interface SoakResult extends Findings {
  minutes: number;
  seconds: number;
  stories: number;
  kills: number;
  stops: number;
  /** Of these, how many did not get done in time and said so. */
  slowStops: number;
  deeds: Record<string, number>;
  letters: number;
  series: Series[];
  databaseMegabytes: number;
  /** From the scheduled minute to the last message of an edition, in seconds. */
  lateness: { median: number; longest: number };
  /** Warnings and errors of the log: each message, how often, and one of them. */
  logged: { level: number; message: string; count: number; example: string }[];
  /** What could not be looked at on this system. */
  notLooked: string[];
}

const secret = 'a-secret-for-the-soak-that-is-long-enough';
const apiToken = 'a-token-for-the-soak';
const domain = 'harbour.example.com';
const lists = ['harbour', 'science', 'sport'] as const;
/** Those that are killed and stopped; the others live from beginning to end, so that their memory can be watched. */
const mortal = ['worker-2', 'worker-3'] as const;
const immortal = ['serve', 'worker-1'] as const;
const connectionsEach = 4;
const errorLevel = 50;
const minute = 60_000;
/** In ten: half as many come as there are deeds, and half go. */
const deeds: Deed[] = [
  ...(['signs up', 'signs up', 'joins', 'joins', 'joins'] as const),
  ...(['leaves', 'leaves', 'is erased', 'bounces', 'complains'] as const),
];
const deedEveryMs = 2_500;
const clickShare = 0.05;
const storyEveryMs = 1_500;
const startsWithinMs = 3 * minute;
const settlesWithinMs = 5 * minute;
/** A line through less says nothing: processes grow until they have done everything once. */
const leastHours = 8 / 60;

/** Runs the whole program for so long while the world does what it does, and holds its promises against what was seen. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { seed, tell = () => {}, stopping } = options;
  const started = performance.now();
  const random = new Random(seed);
  const home = mkdtempSync(join(tmpdir(), 'broadsheet-soak-'));
  // Run by root, the server is another user, who must reach its folder.
  chmodSync(home, 0o755);
  const folders = { logs: join(home, 'logs'), temporary: join(home, 'tmp') };
  for (const folder of Object.values(folders)) mkdirSync(folder);
  const sink = new Sink(new Random(seed + 1), { pipelining: true, answerMs: 100 });
  const publisher = new Publisher(seed + 2);
  const lease = await joinEmbedded(home, { max_connections: '150' });
  const database = connectTo(
    { host: lease.socketFolder, port: 5432, user: 'broadsheet', database: 'broadsheet' },
    4,
    lease,
    { settings: `set application_name = '${ownName}'` },
  );
  const port = await freePort();
  const bouncePort = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const environment = {
    BROADSHEET_HOME: home,
    BROADSHEET_SECRET: secret,
    API_TOKEN: apiToken,
    API_PER_MINUTE: '6000',
    SMTP_URL: `smtp://127.0.0.1:${await sink.listen()}`,
    SMTP_CONNECTIONS: String(connectionsEach),
    PORT: String(port),
    PUBLIC_URL: url,
    RETURN_PATH: `bounces@${domain}`,
    BOUNCE_SMTP_PORT: String(bouncePort),
    ALLOW_PRIVATE_NETWORK: 'true',
    LOG_LEVEL: 'info',
    STOP_SECONDS: '60',
    TMPDIR: folders.temporary,
  };
  const noted = join(home, 'statements');
  const processes = new Processes(
    options.main,
    { ...environment, ...(options.record && recordingIn(noted)) },
    folders.logs,
  );
  try {
    await migrate(database.db);
    const context = contextOver(database, home, { allowPrivateNetwork: true });
    for (const feed of await publisher.start(storyEveryMs))
      await addSource(context, feed, {
        kind: 'feed',
        name: `Paper ${feed.split('/').at(-1)}`,
        intervalSeconds: 60,
      });
    const readers = new Readers(
      {
        ...{ url, apiToken, bouncePort, signer: createLinkSigner(secret) },
        senders: new Map(lists.map((list) => [list, `${list}@${domain}`])),
      },
      random,
      clickShare,
    );
    let lastMail = () => {};
    sink.onMail = (mail) => {
      readers.take(mail);
      lastMail();
    };
    processes.start('serve', ['serve', '--no-worker']);
    for (const name of ['worker-1', ...mortal]) processes.start(name, ['worker']);
    await untilAnswers(`${url}/health/ready`, processes);
    const newsletters = await setUp(context, readers, options.readers);
    tell(`${readers.people.size} readers on ${lists.length} lists, ${publisher.stories} stories published`);

    const measuring = new Measuring(context, processes, immortal.length + mortal.length);
    const from = Date.now();
    const until = from + options.minutes * minute;
    const isOver = () => Date.now() >= until || stopping?.aborted === true || processes.wrong.length > 5;
    await Promise.all([
      live(readers, random, isOver),
      disturb(processes, random, { isOver, nextMail: () => new Promise((resolve) => (lastMail = resolve)) }),
      report(readers, processes, { isOver, tell, from }),
    ]);

    const through = Date.now();
    for (const { id } of newsletters) await setNewsletterPaused(context, id, true);
    await readers.end();
    const unsettled = await untilSettled(context, settlesWithinMs);
    await measuring.stop();
    const remains = await leftBehind(context);
    const { megabytes } = remains;
    await processes.stopAll();
    // Clicks are written by the time that the server has ended.
    const evidence = await evidenceOf(context, { readers, newsletters, from, through });
    const open = await ownConnectionsLeft(context);
    if (options.record) {
      const { statements, migration } = await recordRelease(context, { noted, folder: options.record });
      tell(`recorded in ${options.record}: ${statements} statements, a schema as of ${migration}`);
    }
    const orphans = processesWith(`BROADSHEET_HOME=${home}`);
    const logged = [...processes.logged(40)].map(([message, each]) => ({ message, ...each }));
    const missedByLog = processes.missedRuns();
    const findings = check({
      ...evidence,
      missedByLog,
      mostDoubts: connectionsEach * (processes.kills + processes.slowStops),
    });
    const series = measuring.lines(Math.min(10, options.minutes / 3) / 60);
    const violations = [
      ...findings.violations,
      ...unsettled,
      ...readers.wrong.map((each) => `readers: ${each}`),
      ...processes.wrong,
      ...series.filter(isGrowing).map(({ name }) => `${name} grows`),
      ...remains.violations,
      ...(open > 0 ? [`${open} connections are open after all processes ended`] : []),
      ...(orphans && orphans.length > 0 ? [`processes are left: ${orphans.join(', ')}`] : []),
      ...readdirSync(folders.temporary)
        // Node's own, kept from one start to the next.
        .filter((file) => file !== 'node-compile-cache')
        .map((file) => `a temporary file is left: ${file}`),
      ...(measuring.longestIdle > 60
        ? [`a session was idle in a transaction for ${Math.round(measuring.longestIdle)} s`]
        : []),
      ...logged
        .filter(({ level, message }) => level >= errorLevel && !/\(STOP_SECONDS\)/.test(message))
        .map(({ message, count, example }) => `logged ${count} times: ${message}: ${example.slice(0, 500)}`),
    ];
    return {
      ...findings,
      violations,
      minutes: (through - from) / minute,
      seconds: (performance.now() - started) / 1000,
      stories: publisher.stories,
      kills: processes.kills,
      stops: processes.stops,
      slowStops: processes.slowStops,
      deeds: Object.fromEntries(readers.done),
      letters: readers.letters,
      series,
      databaseMegabytes: megabytes,
      lateness: await latenessOf(context),
      logged,
      notLooked: orphans ? [] : ['orphaned processes: they can be told by /proc only'],
    };
  } finally {
    processes.killAll();
    await publisher.stop();
    await sink.close();
    await database.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A process may grow by a tenth while it is watched (which the garbage collector decides), and by no more; connections not by one. */
export function isGrowing({ unit, line }: Series): boolean {
  return line.hours >= leastHours && rises(line, unit === 'MB' ? Math.max(20, line.mean / 10) : 1);
}

/** Lists with their readers, and a newsletter for each that fires each minute. */
async function setUp(context: Context, readers: Readers, count: number) {
  const ids = new Map<string, number>();
  for (const slug of lists) {
    const { id } = await createList(context, { slug, name: `The ${slug} list`, welcome: slug !== 'science' });
    ids.set(slug, id);
  }
  const idsOf = async (emails: string[]) => {
    const rows = await context.db
      .selectFrom('subscribers')
      .select(['id', 'email'])
      .where('email', 'in', emails)
      .execute();
    return new Map(rows.map(({ id, email }) => [email, id]));
  };
  for (const list of lists) await readers.importSome(list, count, idsOf);
  const newsletters: { id: number; slug: string; list: string; created: number }[] = [];
  for (const [index, list] of lists.entries()) {
    const { id } = await createNewsletter(context, {
      slug: `the-${list}`,
      name: `The ${list} post`,
      fromAddress: `${list}@${domain}`,
      cron: '* * * * *',
      timeZone: 'UTC',
      mode: 'automatic',
      onUncertain: index === 0 ? 'skip' : 'resend',
      listIds: [ids.get(list) ?? 0],
      policy: {
        windowHours: 1,
        minimumStories: 3,
        candidates: 8,
        slots: [
          { name: 'lead', count: 1 },
          { name: 'top', count: 2 },
          { name: 'brief', count: 3 },
        ],
      },
    });
    newsletters.push({ id, slug: `the-${list}`, list, created: Date.now() });
  }
  return newsletters;
}

/** Readers come and go. */
async function live(readers: Readers, random: Random, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    readers.do(random.pick(deeds), random.pick(lists));
    await sleep(random.between(deedEveryMs / 2, deedEveryMs * 1.5));
  }
}

/** One worker after another is killed, most often while mail goes out, or stopped, and started again. */
async function disturb(
  processes: Processes,
  random: Random,
  { isOver, nextMail }: { isOver: () => boolean; nextMail: () => Promise<void> },
): Promise<void> {
  const rest = async (ms: number) => {
    for (const end = Date.now() + ms; Date.now() < end && !isOver(); ) await sleep(200);
  };
  await rest(20_000);
  while (!isOver()) {
    const name = random.pick(mortal);
    if (random.chance(0.25)) await processes.stop(name);
    else {
      if (random.chance(0.7)) {
        await Promise.race([nextMail(), sleep(minute, undefined, { ref: false })]);
        await sleep(random.between(0, 1_200));
      }
      await processes.kill(name);
    }
    await sleep(random.between(300, 4_000));
    processes.start(name);
    await rest(random.between(15_000, 45_000));
  }
}

async function report(
  readers: Readers,
  processes: Processes,
  { isOver, tell, from }: { isOver: () => boolean; tell: (line: string) => void; from: number },
): Promise<void> {
  for (let told = 0; !isOver(); await sleep(500)) {
    const minutes = Math.floor((Date.now() - from) / minute);
    if (minutes <= told) continue;
    told = minutes;
    tell(
      `${minutes} min: ${readers.copies.size} messages, ${readers.active.length} readers, ${processes.kills} killed, ${processes.stops} stopped`,
    );
  }
}

/** Waits for as long as editions come to their end, however slow the machine is. */
async function untilSettled({ db }: Context, withoutOneMs: number): Promise<string[]> {
  let fewest = Number.POSITIVE_INFINITY;
  let since = Date.now();
  for (;;) {
    const open = await db
      .selectFrom('editions')
      .select(['id', 'state'])
      .where('state', 'in', ['draft', 'approved', 'sending'])
      .execute();
    if (open.length === 0) return [];
    if (open.length < fewest) since = Date.now();
    fewest = Math.min(fewest, open.length);
    if (Date.now() - since > withoutOneMs)
      return open.map(
        ({ id, state }) => `edition ${id} is ${state}, and none ended for ${withoutOneMs / 1000} s`,
      );
    await sleep(500);
  }
}

async function latenessOf({ db }: Context): Promise<{ median: number; longest: number }> {
  const { rows } = await sql<{ median: number; longest: number }>`
    select coalesce(percentile_cont(0.5) within group (order by seconds), 0) as median, coalesce(max(seconds), 0) as longest
    from (select extract(epoch from sent_at - scheduled_for)::float8 as seconds from editions where state = 'sent') as sent`.execute(
    db,
  );
  return rows[0] ?? { median: 0, longest: 0 };
}

/** Postgres looks for closed connections now and then. */
async function ownConnectionsLeft(context: Context): Promise<number> {
  for (let tries = 0; ; tries++) {
    const { connections } = await leftBehind(context);
    if (connections === 0 || tries === 20) return connections;
    await sleep(250);
  }
}

async function untilAnswers(url: string, processes: Processes): Promise<void> {
  for (const end = Date.now() + startsWithinMs; ; await sleep(200))
    try {
      if ((await fetch(url)).ok) return;
    } catch (error) {
      if (Date.now() > end || processes.wrong.length > 0)
        throw new Error(`The program does not start (${messageOf(error)}): ${processes.lastWords('serve')}`);
    }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
