import { type ChildProcess, fork, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sql } from 'kysely';
import { planDeliveries } from '../src/delivery/plan.ts';
import { editNewsletter } from '../src/editions/newsletters.ts';
import { packageRoot } from '../src/package-root.ts';
import { type BenchContext, withOwnDatabase } from './database.ts';
import { seedAudience, seedEdition } from './edition.ts';
import type { LoadRequest, LoadResult } from './engagement-client.ts';
import { byTurns, type Measurement, type MeasureOptions, median, rounded } from './measure.ts';

const connections = 64;
// A child needs to find programs, and nothing of what this shell happens to have set (DATABASE_URL, SMTP_URL).
const childEnvironment = { PATH: process.env.PATH, NODE_ENV: 'production' };

/**
 * Clicks and openings of different readers, by turns, over HTTP against `broadsheet serve` in one process, until the last
 * is in the embedded Postgres and the process has ended by SIGTERM; against a server that writes each by an INSERT of its
 * own, and against the same `broadsheet serve` answering the same requests of nobody, which are not recorded. All are
 * there: sums are compared. The client is a third process of the same machine.
 */
export async function measureEngagement(options: MeasureOptions): Promise<Measurement> {
  return withOwnDatabase((context) => measureOver(context, options));
}

async function measureOver(
  context: BenchContext,
  { rows = 60_000, rounds = 3, say }: MeasureOptions,
): Promise<Measurement> {
  const readers = Math.ceil(rows / 2);
  const newsletterId = await seedAudience(context, readers);
  await editNewsletter(context, newsletterId, { tracking: { opens: true } });
  await sql`create table plain_engagement (edition_id bigint, subscriber_id bigint, kind text, at timestamptz)`.execute(
    context.db,
  );
  const ids = (await context.db.selectFrom('subscribers').select('id').orderBy('id').execute()).map(
    ({ id }) => id,
  );
  const most = { megabytes: 0, p99: 0 };
  const recordedRates: number[] = [];
  const answeredRates: number[] = [];

  const serve = async (isCounted: boolean) => {
    const editionId = await plannedEdition(context, newsletterId);
    const server = await startServe(context);
    const load = {
      editionId,
      port: server.port,
      secret: String(context.config.secret),
      // A click and an opening of each.
      readers: Array.from({ length: rows }, (_, at) => (isCounted ? (ids[at >> 1] ?? 0) : 0)),
      links: 30,
      connections,
    };
    // Connections, caches and compiled code, as in a server that is not seconds old; not recorded.
    await runLoad({ ...load, readers: load.readers.slice(0, 5_000).map(() => 0) });
    const result = await runLoad(load);
    const megabytes = server.megabytes();
    const stopping = performance.now();
    await server.stop();
    const stopSeconds = (performance.now() - stopping) / 1_000;
    const recorded = await recordedOf(context, editionId);
    if (result.right !== rows || recorded !== (isCounted ? rows : 0))
      throw new Error(`Of ${rows} requests ${result.right} were answered and ${recorded} recorded.`);
    // From the first request until the process has ended, with all that it held in memory written.
    const rate = rows / (result.seconds + stopSeconds);
    say(
      `${isCounted ? 'recorded' : 'not recorded'}: ${Math.round(rate)} a second (${Math.round(rows / result.seconds)} answered), median ${result.median.toFixed(1)} ms, p99 ${result.p99.toFixed(1)} ms, ${megabytes} MB; ended ${stopSeconds.toFixed(2)} s after SIGTERM`,
    );
    if (isCounted) {
      most.megabytes = Math.max(most.megabytes, megabytes);
      most.p99 = Math.max(most.p99, result.p99);
      recordedRates.push(rate);
      answeredRates.push(rows / result.seconds);
    }
    return rate;
  };

  const plain = async () => {
    const child = fork(join(import.meta.dirname, 'engagement-plain.ts'), [], {
      execArgv: ['--import', 'tsx'],
      env: childEnvironment,
    });
    const secret = String(context.config.secret);
    child.send({ socketFolder: String(context.database.connection.host), secret });
    const { port } = await message<{ port: number }>(child);
    const part = Math.min(ids.length, 20_000);
    const result = await runLoad({
      editionId: 1,
      port,
      secret,
      readers: ids.slice(0, part),
      links: 30,
      connections,
    });
    child.kill();
    say(
      `an INSERT each: ${Math.round(part / result.seconds)} a second, median ${result.median.toFixed(1)} ms`,
    );
    return part / result.seconds;
  };

  const [ours = 0, reference = 0, silent = 0] = await byTurns(
    rounds,
    () => serve(true),
    plain,
    () => serve(false),
  );
  return {
    name: 'engagement',
    ours: rounded(ours),
    oursUnit: 'clicks and openings a second, until the last is in the database and the process has ended',
    reference: rounded(reference),
    referenceUnit: 'requests a second, a bare server that writes each by an INSERT before it answers',
    ratio: rounded(ours / reference),
    answered: rounded(median(answeredRates)),
    slowestRound: rounded(Math.min(...recordedRates)),
    notRecorded: rounded(silent),
    ratioToNotRecorded: rounded(ours / silent),
    p99Milliseconds: rounded(most.p99),
    oursResidentMegabytes: most.megabytes,
    requests: rows,
    connections,
    rounds,
  };
}

async function plannedEdition(context: BenchContext, newsletterId: number): Promise<number> {
  const editionId = await seedEdition(context, newsletterId);
  await planDeliveries(context, editionId);
  await sql`update deliveries set state = 'accepted', settled_at = now() - interval '1 hour' where edition_id = ${editionId}`.execute(
    context.db,
  );
  await sql`vacuum analyze deliveries`.execute(context.db);
  return editionId;
}

async function recordedOf({ db }: BenchContext, editionId: number): Promise<number> {
  const { rows } = await sql<{ times: number }>`
    select coalesce(sum(times), 0)::integer as times from engagement
    where edition_id = ${editionId} and source = 'person'`.execute(db);
  return rows[0]?.times ?? 0;
}

async function startServe(context: BenchContext) {
  const socket = encodeURIComponent(String(context.database.connection.host));
  const child = spawn(
    process.execPath,
    [
      ...['--max-semi-space-size=8', '--import', 'tsx', ...(process.env.SERVE_ARGS?.split(' ') ?? [])],
      ...[join(packageRoot, 'src/cli/main.ts'), 'serve', '--no-worker', '--port', '0', '--json'],
    ],
    {
      cwd: packageRoot,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...childEnvironment,
        DATABASE_URL: `postgres://broadsheet@${socket}/broadsheet`,
        BROADSHEET_HOME: context.config.home,
        BROADSHEET_SECRET: context.config.secret,
        LOG_LEVEL: 'warn',
      },
    },
  );
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`The server ended with ${code}.`)),
    );
  });
  let port = 0;
  for await (const line of createInterface(child.stdout)) {
    const { url } = JSON.parse(line) as { url?: string };
    if (url) {
      port = Number(new URL(url).port);
      break;
    }
  }
  return {
    port,
    /** The most that it held, where the system tells. */
    megabytes: () => {
      try {
        const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
        return Math.round(Number(peak) / 1_000);
      } catch {
        return 0;
      }
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function runLoad(load: LoadRequest): Promise<LoadResult> {
  const child = fork(join(import.meta.dirname, 'engagement-client.ts'), [], {
    execArgv: ['--import', 'tsx'],
    env: childEnvironment,
  });
  child.send(load);
  await message(child);
  child.send('go');
  return message<LoadResult>(child);
}

function message<T>(child: ChildProcess): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const ended = (code: number | null) =>
      reject(new Error(`A process ended with ${code} before it was done.`));
    child.once('exit', ended);
    child.once('message', (value) => {
      child.off('exit', ended);
      resolve(value as T);
    });
  });
}
