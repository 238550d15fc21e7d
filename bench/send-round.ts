// One round of `npm run bench -- send`, in a process of its own so that its memory is its own. Its parent sends one
// `RoundRequest` and gets one `RoundResult`.
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
    }
  | { who: 'nodemailer'; smtpUrl: string; connections: number; messages: number; html: string; text: string };

/** How it went. */
export interface RoundResult {
  seconds: number;
  megabytes: number;
}

process.once('message', async (request: RoundRequest) => {
  const result = request.who === 'ours' ? await ours(request) : await composingEach(request);
  process.send?.(result);
  process.disconnect();
});

/** The whole path as in production: planned, claimed, begun, assembled, sent, recorded. */
async function ours(request: Extract<RoundRequest, { who: 'ours' }>): Promise<RoundResult> {
  const connection = { host: request.socketFolder, port: 5432, user: 'broadsheet', database: 'broadsheet' };
  const database = connectTo(connection, 10);
  const context = contextOver(database, request.home, {
    smtpUrl: request.smtpUrl,
    smtpConnections: request.connections,
  });
  let settled = () => {};
  const done = new Promise<void>((resolve) => {
    settled = resolve;
  });
  const lookIfSent = async () => {
    const edition = await context.db
      .selectFrom('editions')
      .select('state')
      .where('id', '=', request.editionId)
      .executeTakeFirstOrThrow();
    if (edition.state === 'sent') settled();
  };
  const worker = await startWorker(context, {
    connection,
    schedule: false,
    // The look at the ledger is for what was lost; here nothing is, and it would start the edition before the clock.
    sweepSeconds: 3600,
    onBatch: () => void lookIfSent(),
  });
  const started = performance.now();
  let seconds = 0;
  const memory = await memoryOf(async () => {
    await worker.start(request.editionId);
    await done;
    seconds = (performance.now() - started) / 1000;
  });
  await worker.stop();
  await database.close();
  return { seconds, megabytes: memory.peak };
}

/** Nodemailer's pool composing each message from its parts, with no record of anything. */
async function composingEach(request: Extract<RoundRequest, { who: 'nodemailer' }>): Promise<RoundResult> {
  const transporter = nodemailer.createTransport({
    url: request.smtpUrl,
    pool: true,
    maxConnections: request.connections,
    maxMessages: Number.POSITIVE_INFINITY,
    ignoreTLS: true,
  });
  const started = performance.now();
  let next = 0;
  const one = async () => {
    for (;;) {
      const reader = next++;
      if (reader >= request.messages) return;
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
  return { seconds, megabytes: memory.peak };
}
