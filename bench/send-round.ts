// One round of `npm run bench -- send`, in a process of its own so that its memory is its own. Its parent sends one
// `RoundRequest`, waits for `ready`, says `go`, and gets one `RoundResult`.
import { setTimeout as sleep } from 'node:timers/promises';
import nodemailer from 'nodemailer';
import { connectTo } from '../src/db/connect.ts';
import { startWorker } from '../src/schedule/worker.ts';
import { contextOver, memoryOf } from './database.ts';

/** What a round is to do. */
export type RoundRequest =
  | {
      who: 'ours';
      socketFolder: string;
      home: string;
      smtpUrl: string;
      connections: number;
      editionId: number;
      /** Only the first of several workers plans. */
      plans: boolean;
    }
  | {
      who: 'nodemailer' | 'nodemailer-raw';
      smtpUrl: string;
      connections: number;
      messages: number;
      html: string;
      text: string;
    };

/** How it went. */
export interface RoundResult {
  seconds: number;
  /** Of the processor, by this process. */
  processorSeconds: number;
  /** The most that was resident. */
  megabytes: number;
  /** Resident when a tenth of the time had passed, and at the end. */
  early: number;
  late: number;
  /** Messages a second in the second tenth of them, and in the last. */
  rates?: { early: number; late: number };
}

// Often enough for runs of some seconds; the looks of several workers cost something too.
const lookMs = 100;

const said = () => new Promise<unknown>((resolve) => process.once('message', resolve));

const request = (await said()) as RoundRequest;
const result = request.who === 'ours' ? await ours(request) : await byNodemailer(request);
process.send?.(result);
process.disconnect();

/** The whole path as in production: planned, claimed, begun, assembled, sent, recorded. */
async function ours(request: Extract<RoundRequest, { who: 'ours' }>): Promise<RoundResult> {
  const connection = { host: request.socketFolder, port: 5432, user: 'broadsheet', database: 'broadsheet' };
  const database = connectTo(connection, 10);
  const context = contextOver(database, request.home, {
    smtpUrl: request.smtpUrl,
    smtpConnections: request.connections,
  });
  const worker = await startWorker(context, {
    connection,
    schedule: false,
    // The look at the ledger is for what was lost; here nothing is, and it would start the edition before the clock.
    sweepSeconds: 3600,
  });
  process.send?.('ready');
  await said();
  const started = performance.now();
  const used = process.cpuUsage();
  let seconds = 0;
  const settled: { at: number; open: number }[] = [];
  const residents: number[] = [];
  const memory = await memoryOf(async () => {
    if (request.plans) await worker.start(request.editionId);
    for (let looks = 0; ; looks++) {
      const edition = await context.db
        .selectFrom('editions')
        .select('state')
        .where('id', '=', request.editionId)
        .executeTakeFirstOrThrow();
      if (edition.state === 'sent') break;
      // Often enough to see how it goes, and seldom enough to cost nothing.
      if (looks % 5 === 0) {
        residents.push(process.memoryUsage.rss() / 1e6);
        settled.push({ at: performance.now(), open: await openBatches(context.db, request.editionId) });
      }
      await sleep(lookMs);
    }
    seconds = (performance.now() - started) / 1000;
  });
  residents.push(process.memoryUsage.rss() / 1e6);
  settled.push({ at: performance.now(), open: 0 });
  await worker.stop();
  await database.close();
  const early = residents[Math.floor(residents.length / 10)] ?? 0;
  return {
    seconds,
    processorSeconds: secondsSince(used),
    megabytes: memory.peak,
    early: Math.round(early),
    late: Math.round(residents.at(-1) ?? 0),
    ...ratesOf(settled),
  };
}

function secondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

async function openBatches(db: ReturnType<typeof connectTo>['db'], editionId: number): Promise<number> {
  const { open } = await db
    .selectFrom('delivery_batches')
    .select((e) => e.fn.countAll<number>().as('open'))
    .where('edition_id', '=', editionId)
    .where('due_at', 'is not', null)
    .executeTakeFirstOrThrow();
  return open;
}

/** Batches a second, early and late. */
function ratesOf(looks: { at: number; open: number }[]): Pick<RoundResult, 'rates'> {
  const all = Math.max(...looks.map(({ open }) => open));
  const first = (done: number) =>
    looks.find(({ open, at }) => open <= all - done && at > (looks[0]?.at ?? 0));
  const rate = (from: number, to: number) => {
    const [a, b] = [first(all * from), first(all * to)];
    return a && b && b.at > a.at ? ((a.open - b.open) / (b.at - a.at)) * 1000 : 0;
  };
  return { rates: { early: rate(0.1, 0.3), late: rate(0.8, 1) } };
}

/** Nodemailer's pool, composing each message from its parts or given it whole, with no record of anything. */
async function byNodemailer(request: Exclude<RoundRequest, { who: 'ours' }>): Promise<RoundResult> {
  const transporter = nodemailer.createTransport({
    url: request.smtpUrl,
    pool: true,
    maxConnections: request.connections,
    maxMessages: Number.POSITIVE_INFINITY,
    ignoreTLS: true,
  });
  process.send?.('ready');
  await said();
  const started = performance.now();
  const used = process.cpuUsage();
  let next = 0;
  const raw = request.who === 'nodemailer-raw' ? Buffer.from(request.html) : undefined;
  const one = async () => {
    for (;;) {
      const reader = next++;
      if (reader >= request.messages) return;
      if (raw) {
        const envelope = { from: 'post@news.example.com', to: [`reader${reader}@mail.test`] };
        await transporter.sendMail({ envelope, raw });
        continue;
      }
      await transporter.sendMail({
        from: 'The Harbour Post <post@news.example.com>',
        to: `Reader ${reader} <reader${reader}@mail.test>`,
        subject: 'The tide gate holds for another winter',
        text: request.text,
        html: request.html,
        headers: { 'List-Unsubscribe': `<https://news.example.com/unsubscribe/${reader}>` },
      });
    }
  };
  let seconds = 0;
  const memory = await memoryOf(async () => {
    // Twice as many at work as there are connections, so that none waits for composing.
    await Promise.all(Array.from({ length: request.connections * 2 }, one));
    seconds = (performance.now() - started) / 1000;
  });
  transporter.close();
  return { seconds, processorSeconds: secondsSince(used), megabytes: memory.peak, early: 0, late: 0 };
}
