import { type ChildProcess, fork, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { getEdition } from '../src/editions/editions.ts';
import { assembleHtml, assembleText } from '../src/rendering/assemble.ts';
import { readerTexts } from '../src/rendering/compile.ts';
import { loadCompiled } from '../src/rendering/store.ts';
import { type BenchContext, withOwnDatabase } from './database.ts';
import { seedAudience, seedEdition } from './edition.ts';
import { byTurns, type Measurement, type MeasureOptions, rounded, secondsOf } from './measure.ts';
import type { RoundRequest, RoundResult } from './send-round.ts';

const connections = 16;
/** Postfix's own load generator, where it is installed. */
const smtpSource = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
  .map((folder) => join(folder, 'smtp-source'))
  .find((file) => existsSync(file));

/**
 * An edition sent to a sink on the loopback interface, with the ledger in an embedded Postgres, against Nodemailer's pool
 * composing each message for the same sink. Each round is a process of its own; the sink is another.
 */
export async function measureSend({ rows = 4_000, rounds = 3, say }: MeasureOptions): Promise<Measurement> {
  return withOwnDatabase(async (context) => {
    const sink = await startSink();
    try {
      return await measureOver(context, sink, rows, rounds, say);
    } finally {
      sink.stop();
    }
  });
}

async function measureOver(
  context: BenchContext,
  sink: Sink,
  messages: number,
  rounds: number,
  say: MeasureOptions['say'],
): Promise<Measurement> {
  const newsletterId = await seedAudience(context, messages);
  const sample = await sampleParts(context, await seedEdition(context, newsletterId));
  const base = { smtpUrl: sink.url, connections };
  const megabytes = { ours: 0, nodemailer: 0 };
  const rate = async (request: RoundRequest) => {
    const result = await runRound(request);
    megabytes[request.who] = Math.max(megabytes[request.who], result.megabytes);
    const taken = await sink.taken();
    if (taken !== messages)
      throw new Error(`The sink got ${taken} messages of ${messages} from ${request.who}.`);
    say(`${request.who}: ${Math.round(messages / result.seconds)} a second, ${result.megabytes} MB resident`);
    return messages / result.seconds;
  };
  const measured = [
    async () =>
      rate({
        who: 'ours',
        socketFolder: String(context.database.connection.host),
        home: context.config.home,
        editionId: await seedEdition(context, newsletterId),
        ...base,
      }),
    () => rate({ who: 'nodemailer', messages, ...sample, ...base }),
  ];
  if (smtpSource) measured.push(() => rateOfSmtpSource(smtpSource, sink, messages, sample.bytes));
  const [ours = 0, reference = 0, source] = await byTurns(rounds, ...measured);
  const result: Measurement = {
    name: 'send',
    ours: rounded(ours),
    oursUnit: 'messages a second, each planned, claimed, begun, assembled, sent and recorded',
    reference: rounded(reference),
    referenceUnit: 'messages a second, Nodemailer composing each and recording nothing',
    ratio: rounded(ours / reference),
    oursResidentMegabytes: megabytes.ours,
    referenceResidentMegabytes: megabytes.nodemailer,
    messageKilobytes: rounded(sample.bytes / 1000),
    smtpSource: source === undefined ? null : rounded(source),
    ratioToSmtpSource: source === undefined ? null : rounded(ours / source),
    messages,
    connections,
    rounds,
  };
  if (source !== undefined) say(`smtp-source, one message again and again: ${result.smtpSource} a second`);
  return result;
}

/** The HTML and text of one reader's message, for the reference to compose. */
async function sampleParts(context: BenchContext, editionId: number) {
  const forms = await loadCompiled(context, await getEdition(context, editionId));
  if (!forms) throw new Error('The edition was not compiled.');
  const compiled = forms.for({ language: null, untracked: false });
  const values = {
    ...readerTexts(compiled, { name: 'Reader 1', email: 'reader1@mail.test' }),
    unsubscribeUrl: 'https://news.example.com/unsubscribe/1',
    preferencesUrl: 'https://news.example.com/preferences/1',
    viewUrl: 'https://news.example.com/view/1',
    token: '1-1-aaaa',
  };
  const choice = [[0], [1, 2, 3, 4], [5, 6, 7, 8, 9]];
  const html = assembleHtml(compiled, choice, values);
  const text = assembleText(compiled, choice, values);
  return { html, text, bytes: Buffer.byteLength(html) + Buffer.byteLength(text) };
}

async function runRound(request: RoundRequest): Promise<RoundResult> {
  const child = fork(join(import.meta.dirname, 'send-round.ts'), [], {
    execArgv: ['--import', 'tsx', ...(process.env.ROUND_ARGS?.split(' ') ?? [])],
    env: { ...childEnvironment, NODE_ENV: 'production' },
  });
  const result = new Promise<RoundResult>((resolve, reject) => {
    child.once('message', (message) => resolve(message as RoundResult));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`A round ended with ${code} before it was done.`)));
  });
  child.send(request);
  return result;
}

// A child needs to find programs, and nothing of what this shell happens to have set (DATABASE_URL, SMTP_URL).
const childEnvironment = { PATH: process.env.PATH, CAO: process.env.CAO };

interface Sink {
  url: string;
  port: number;
  /** Messages since the last call. */
  taken(): Promise<number>;
  stop(): void;
}

async function startSink(): Promise<Sink> {
  const child = fork(join(import.meta.dirname, 'sink.ts'), [], { execArgv: [], env: childEnvironment });
  const { port } = await answer<{ port: number }>(child);
  return {
    url: `smtp://127.0.0.1:${port}`,
    port,
    async taken() {
      child.send('count');
      return (await answer<{ taken: number }>(child)).taken;
    },
    stop: () => child.disconnect(),
  };
}

function answer<T>(child: ChildProcess): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    child.once('error', reject);
    child.once('message', (message) => {
      child.off('error', reject);
      resolve(message as T);
    });
  });
}

async function rateOfSmtpSource(
  program: string,
  sink: Sink,
  messages: number,
  bytes: number,
): Promise<number> {
  const seconds = await secondsOf(
    () =>
      new Promise<void>((resolve, reject) => {
        const child = spawn(
          program,
          [
            '-d',
            '-s',
            String(connections),
            '-l',
            String(bytes),
            '-m',
            String(messages),
            `127.0.0.1:${sink.port}`,
          ],
          { stdio: 'ignore' },
        );
        child.once('error', reject);
        child.once('close', (code) =>
          code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}.`)),
        );
      }),
  );
  await sink.taken();
  return messages / seconds;
}
