import { compose, composePage, prepareComposer } from '../src/delivery/compose.ts';
import { activateDkimKey, createDkimKey } from '../src/delivery/dkim-keys.ts';
import { loadReaders, type Reader } from '../src/delivery/readers.ts';
import { deliveryReport } from '../src/delivery/report.ts';
import { getEdition } from '../src/editions/editions.ts';
import { linkSigner } from '../src/links.ts';
import { type BenchContext, withOwnDatabase } from './database.ts';
import { seedAudience, seedEdition } from './edition.ts';
import { byTurns, type Measurement, type MeasureOptions, median, rounded } from './measure.ts';
import { processorClock } from './processor.ts';
import type { RoundRequest, RoundResult } from './send-round.ts';
import { rateOfSmtpSource, runRound, type Sink, smtpSource, startSink } from './send-setup.ts';

const connections = 16;
const usualMessages = 40_000;
// The references' rates do not depend on how many there are.
const mostByNodemailer = 5_000;
const mostBySource = 100_000;
const sampled = 300;

/**
 * An edition sent to a sink on the loopback interface, with the ledger in an embedded Postgres, against Nodemailer's pool
 * composing each message for the same sink; beside it Nodemailer given the whole message, and Postfix's `smtp-source`.
 */
export async function measureSend({
  rows = usualMessages,
  rounds = 3,
  say,
}: MeasureOptions): Promise<Measurement> {
  return overSink(0, async (context, sink) => {
    const newsletterId = await seedAudience(context, rows);
    const sample = await sampleParts(context, newsletterId, await seedEdition(context, newsletterId));
    const seen: RoundResult[] = [];
    const measured = [
      async () => {
        const [result] = await sendEdition(context, sink, newsletterId, { messages: rows });
        if (result) seen.push(result);
        return told(say, 'ours', rows, result);
      },
      async () => byNodemailer('nodemailer', sink, sample, Math.min(rows, mostByNodemailer), say),
      async () => byNodemailer('nodemailer-raw', sink, sample, Math.min(rows, mostByNodemailer), say),
    ];
    if (smtpSource) {
      const program = smtpSource;
      measured.push(async () => {
        const rate = await rateOfSmtpSource(program, sink, {
          messages: Math.min(rows, mostBySource),
          bytes: sample.bytes,
          connections,
        });
        say(`smtp-source: ${Math.round(rate)} a second`);
        return rate;
      });
    }
    const [ours = 0, reference = 0, raw = 0, source] = await byTurns(rounds, ...measured);
    const longest = seen.toSorted((a, b) => b.seconds - a.seconds)[0];
    if (source !== undefined) say(`ours is at ${rounded(ours / source)} of smtp-source`);
    return {
      name: 'send',
      ours: rounded(ours),
      oursUnit: 'messages a second, each planned, claimed, begun, assembled, sent and recorded',
      reference: rounded(reference),
      referenceUnit: 'messages a second, Nodemailer composing each and recording nothing',
      ratio: rounded(ours / reference),
      nodemailerRaw: rounded(raw),
      smtpSource: source === undefined ? null : rounded(source),
      ratioToSmtpSource: source === undefined ? null : rounded(ours / source),
      residentMegabytes: longest?.megabytes,
      residentEarly: longest?.early,
      residentLate: longest?.late,
      lateRateToEarly: longest?.rates && rounded(longest.rates.late / longest.rates.early),
      messageKilobytes: rounded(sample.bytes / 1000),
      sink: sink.describe,
      messages: rows,
      connections,
      rounds,
    };
  });
}

/** The same edition signed, by RSA, by Ed25519 and by both, against not signing it. */
export async function measureDkim({
  rows = usualMessages / 2,
  rounds = 3,
  say,
}: MeasureOptions): Promise<Measurement> {
  return overSink(0, async (context, sink) => {
    const newsletterId = await seedAudience(context, rows);
    const domain = await domainOf(context, newsletterId);
    await createDkimKey(context, { domain, selector: 'rsa' });
    await createDkimKey(context, { domain, selector: 'ed', algorithm: 'ed25519-sha256' });
    const withKeys = async (...selectors: string[]) => {
      for (const selector of ['rsa', 'ed'])
        await activateDkimKey(context, domain, selector, selectors.includes(selector));
      const [result] = await sendEdition(context, sink, newsletterId, { messages: rows });
      return told(say, selectors.join(' and ') || 'unsigned', rows, result);
    };
    const [unsigned = 0, rsa = 0, ed = 0, both = 0] = await byTurns(
      rounds,
      () => withKeys(),
      () => withKeys('rsa'),
      () => withKeys('ed'),
      () => withKeys('rsa', 'ed'),
    );
    return {
      name: 'dkim',
      ours: rounded(rsa),
      oursUnit: 'messages a second, signed by RSA of 2,048 bits',
      reference: rounded(unsigned),
      referenceUnit: 'messages a second, not signed',
      ratio: rounded(rsa / unsigned),
      ed25519: rounded(ed),
      both: rounded(both),
      sink: sink.describe,
      messages: rows,
      rounds,
    };
  });
}

// Where each answer takes its time, few connections keep the processors free, so that what is measured is the waiting.
const waitingConnections = 4;
const waitMs = 50;
// So many more, that starting a process is a small part of it there too.
const atOnceTimes = 5;

/** How some workers did: messages a second, and processor time for each message, theirs and that of Postgres, in microseconds. */
interface Side {
  rate: number;
  workers: number;
  postgres: number;
}

/** Two and four worker processes against one: with a sink that answers at once, and with one that waits 50 ms. */
export async function measureWorkers({
  rows = 4_000,
  rounds = 2,
  say,
}: MeasureOptions): Promise<Measurement> {
  const compared = async (wait: number, messages: number, connectionsEach: number) =>
    overSink(wait, async (context, sink) => {
      const newsletterId = await seedAudience(context, messages);
      const now = await processorClock(context);
      const sides: Record<number, Side[]> = { 4: [], 2: [], 1: [] };
      const by = async (workers: number) => {
        const before = now().postgres;
        const results = await sendEdition(context, sink, newsletterId, {
          ...{ messages, workers, connectionsEach },
        });
        const each = (seconds: number) => (seconds * 1e6) / messages;
        const side: Side = {
          rate: messages / (results[0]?.seconds ?? Number.NaN),
          workers: each(results.reduce((sum, { processorSeconds }) => sum + processorSeconds, 0)),
          postgres: each(now().postgres - before),
        };
        sides[workers]?.push(side);
        say(
          `${workers} with ${wait} ms: ${rounded(side.rate)} a second, ${Math.round(side.workers)} µs a message and ${Math.round(side.postgres)} of Postgres`,
        );
        return side.rate;
      };
      await byTurns(
        rounds,
        () => by(4),
        () => by(2),
        () => by(1),
      );
      const of = (workers: number, what: keyof Side) =>
        median((sides[workers] ?? []).map((side) => side[what]));
      const figures = (workers: number) => ({
        rate: rounded(of(workers, 'rate')),
        ratio: rounded(of(workers, 'rate') / of(1, 'rate')),
        processorMicroseconds: rounded(of(workers, 'workers')),
        postgresMicroseconds: rounded(of(workers, 'postgres')),
      });
      return { four: figures(4), two: figures(2), one: figures(1) };
    });
  const waiting = await compared(waitMs, rows, waitingConnections);
  const atOnce = await compared(0, rows * atOnceTimes, connections);
  return {
    name: 'workers',
    ours: waiting.two.rate,
    oursUnit: `messages a second by two workers of ${waitingConnections} connections, each answer after ${waitMs} ms`,
    reference: waiting.one.rate,
    referenceUnit: 'messages a second by one',
    ratio: waiting.two.ratio,
    waiting,
    atOnce,
    messages: rows,
    rounds,
  };
}

function overSink<T>(waitMs: number, measure: (context: BenchContext, sink: Sink) => Promise<T>): Promise<T> {
  return withOwnDatabase(async (context) => {
    const sink = await startSink(waitMs);
    try {
      return await measure(context, sink);
    } finally {
      sink.stop();
    }
  });
}

async function sendEdition(
  context: BenchContext,
  sink: Sink,
  newsletterId: number,
  {
    messages,
    workers = 1,
    connectionsEach = connections,
  }: { messages: number; workers?: number; connectionsEach?: number },
): Promise<RoundResult[]> {
  const editionId = await seedEdition(context, newsletterId);
  const results = await runRound(
    ...Array.from({ length: workers }, (_, at) => ({
      who: 'ours' as const,
      socketFolder: String(context.database.connection.host),
      home: context.config.home,
      smtpUrl: sink.url,
      connections: connectionsEach,
      editionId,
      plans: at === 0,
    })),
  );
  const { accepted, sums } = await deliveryReport(context, editionId);
  if (accepted !== messages || !sums) throw new Error(`Of ${messages} messages ${accepted} were accepted.`);
  return results;
}

async function byNodemailer(
  who: Exclude<RoundRequest['who'], 'ours'>,
  sink: Sink,
  sample: { html: string; text: string; raw: string },
  messages: number,
  say: MeasureOptions['say'],
): Promise<number> {
  const html = who === 'nodemailer-raw' ? sample.raw : sample.html;
  const [result] = await runRound({
    who,
    messages,
    html,
    text: sample.text,
    smtpUrl: sink.url,
    connections,
  });
  return told(say, who, messages, result);
}

function told(
  say: MeasureOptions['say'],
  who: string,
  messages: number,
  result: RoundResult | undefined,
): number {
  const rate = messages / (result?.seconds ?? Number.NaN);
  say(`${who}: ${Math.round(rate)} a second, ${result?.megabytes} MB resident`);
  return rate;
}

async function domainOf(context: BenchContext, newsletterId: number): Promise<string> {
  const { from_address } = await context.db
    .selectFrom('newsletters')
    .select('from_address')
    .where('id', '=', newsletterId)
    .executeTakeFirstOrThrow();
  return from_address.split('@')[1] ?? '';
}

/** What the references send: one reader's HTML and text, and how large the messages are as they go over the wire. */
async function sampleParts(context: BenchContext, newsletterId: number, editionId: number) {
  const edition = await getEdition(context, editionId);
  const composer = await prepareComposer(context, edition, await linkSigner(context));
  const people = await context.db
    .selectFrom('subscribers')
    .select('id')
    .orderBy('id')
    .limit(sampled)
    .execute();
  const readers = await loadReaders(
    context,
    newsletterId,
    people.map(({ id }) => id),
    composer.past,
  );
  const sizes = readers.map((reader) => compose(context, composer, reader)?.size ?? 0);
  const bytes = Math.round(sizes.reduce((sum, size) => sum + size, 0) / sizes.length);
  const { html, text } = composePage(context, composer, readers[0] as Reader);
  return { html, text, bytes, raw: `Subject: x\r\n\r\n${'a line of a message\r\n'.repeat(bytes / 21)}` };
}
