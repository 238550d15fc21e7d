import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { contextOver } from '../../bench/database.ts';
import { isConnectionError } from '../../src/db/connect.ts';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { deliveryReport } from '../../src/delivery/report.ts';
import { move, type Transition } from '../../src/editions/lifecycle.ts';
import { messageOf, UserError } from '../../src/errors.ts';
import { removeSubscriber, unsubscribe } from '../../src/subscribers/subscribe.ts';
import { type Change, check, type Findings, type Row } from './check.ts';
import type { Fault, RunPlan } from './plan.ts';
import type { Postgres } from './postgres.ts';
import { Random } from './random.ts';
import { type Mood, Sink } from './sink.ts';
import { Workers } from './workers.ts';

/** What came of a run, and how it went. */
export interface RunResult extends Findings {
  plan: RunPlan;
  seconds: number;
  /** Workers killed; kills and restarts of the database. */
  kills: number;
  databaseKills: number;
  /** From the end of the last fault to the end of the send. */
  recoverySeconds: number;
  /** How often the report was read while it went on. */
  looks: number;
}

const leaseSeconds = 1;
const firstMessageMs = 60_000;
const endsWithinMs = 60_000;
const minute = 60_000;

/** One edition, sent while what the plan says goes wrong. @param workerFile made by `buildWorker` */
export async function tortureRun(postgres: Postgres, workerFile: string, plan: RunPlan): Promise<RunResult> {
  const started = performance.now();
  const name = `run_${plan.seed}_${process.pid}`;
  const database = await postgres.database(name);
  const sink = new Sink(new Random(plan.seed + 1), plan);
  const port = await sink.listen();
  const run = new Run(plan, { database, postgres, sink, workerFile, name, port });
  try {
    return await run.go(started);
  } finally {
    await run.close();
    await sink.close();
    await database.close();
    await patiently(() => postgres.drop(name));
  }
}

class Run {
  readonly #plan: RunPlan;
  readonly #random: Random;
  readonly #parts: { postgres: Postgres; sink: Sink };
  readonly #context: ReturnType<typeof contextOver>;
  readonly #workers: Workers;
  readonly #left = new Map<number, number>();
  readonly #violations: string[] = [];
  #offset = 0;
  #databaseKills = 0;
  #editionId = 0;
  #looks = 0;
  #isOver = false;

  constructor(
    plan: RunPlan,
    parts: {
      database: Awaited<ReturnType<Postgres['database']>>;
      postgres: Postgres;
      sink: Sink;
      workerFile: string;
      name: string;
      port: number;
    },
  ) {
    const { database, postgres, workerFile, name, port } = parts;
    this.#plan = plan;
    this.#parts = parts;
    this.#random = new Random(plan.seed + 2);
    this.#context = {
      ...contextOver(database, postgres.home, { leaseSeconds }),
      clock: { now: () => new Date(Date.now() + this.#offset) },
    };
    this.#workers = new Workers(workerFile, {
      socketFolder: postgres.socketFolder,
      database: name,
      home: postgres.home,
      settings: {
        BROADSHEET_SECRET: 'a-secret-for-torture-that-is-long-enough',
        IMAGES: 'link',
        SMTP_URL: `smtp://127.0.0.1:${port}`,
        SMTP_CONNECTIONS: String(plan.connections),
        LEASE_SECONDS: String(leaseSeconds),
        // Some runs are to see an edition paused for want of a mail server.
        ROUTE_DOWN_SECONDS: '5',
        PUBLIC_URL: 'https://news.example.com',
        RETURN_PATH: 'bounces@news.example.com',
      },
      clockOffsetMs: 0,
    });
  }

  async go(started: number): Promise<RunResult> {
    const { db } = this.#context;
    const { readers, onUncertain } = this.#plan;
    await sql`delete from subscribers where id not in (select id from subscribers order by id limit ${readers})`.execute(
      db,
    );
    await sql`update newsletters set on_uncertain = ${onUncertain}`.execute(db);
    const edition = await db
      .updateTable('editions')
      .set({ scheduled_for: new Date(Date.now() - minute) })
      .returning('id')
      .executeTakeFirstOrThrow();
    this.#editionId = edition.id;
    const people = await db.selectFrom('subscribers').select(['id', 'email']).orderBy('id').execute();
    const watching = this.#watch();
    this.#workers.want(this.#plan.workers);
    await this.#until('a first message', () => this.#parts.sink.messages > 0, firstMessageMs);
    await Promise.all(
      this.#plan.faults.map(async (fault) => {
        await sleep(fault.at);
        await this.#do(
          fault,
          people.map(({ id }) => id),
        );
      }),
    );
    const recovering = performance.now();
    await this.#end();
    const recoverySeconds = (performance.now() - recovering) / 1000;
    this.#isOver = true;
    await watching;
    await this.close();
    this.#violations.push(...this.#workers.deaths);
    const findings = check({
      ...(await this.#evidence(people)),
      readers: people.length,
      copies: this.#parts.sink.copies,
      left: this.#left,
      connections: this.#plan.connections,
      workers: this.#workers,
      unanswered: this.#parts.sink.unanswered,
    });
    return {
      ...findings,
      violations: [...this.#violations, ...findings.violations],
      plan: this.#plan,
      seconds: (performance.now() - started) / 1000,
      kills: this.#workers.kills,
      databaseKills: this.#databaseKills,
      recoverySeconds,
      looks: this.#looks,
    };
  }

  async close(): Promise<void> {
    this.#isOver = true;
    await this.#workers.close();
  }

  async #do({ kind, lasts, share }: Fault, readers: number[]): Promise<void> {
    const { postgres, sink } = this.#parts;
    const one = (count: number) => this.#random.between(0, Math.max(0, count - 1));
    const database = (signal: 'SIGKILL' | 'SIGINT') => {
      this.#databaseKills++;
      postgres.signal(signal);
    };
    if (kind.startsWith('server: ')) {
      sink.mood = { name: kind.slice('server: '.length) as Mood, share };
      await sleep(lasts);
      sink.mood = undefined;
    } else if (kind === 'kill a worker') this.#workers.kill(one);
    else if (kind === 'kill all workers') this.#workers.killAll();
    else if (kind === 'stop a worker') this.#workers.stop(one);
    else if (kind === 'freeze a worker') await this.#workers.freeze(one, leaseSeconds * 1000 + lasts);
    else if (kind === 'kill Postgres') database('SIGKILL');
    else if (kind === 'restart Postgres') database('SIGINT');
    else if (kind === 'kill a backend') await this.#killBackend();
    else if (kind === 'cut all sessions')
      await patiently(() =>
        sql`select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()`.execute(this.#context.db),
      );
    else if (kind === 'move the clock forward') this.#moveClock(this.#random.pick([1, 60, 25 * 60]) * minute);
    else if (kind === 'move the clock back') {
      this.#moveClock(-this.#random.pick([1, 60, 25 * 60]) * minute);
      await sleep(lasts);
    } else if (kind === 'subscribers leave') {
      for (const id of this.#random.some(readers, this.#random.between(5, 25))) await this.#leaves(id);
    } else if (kind === 'pause and resume') {
      await this.#move('pause');
      await sleep(lasts);
      await this.#move('resume');
    } else if (kind === 'cancel') await this.#move('cancel');
    else if (kind === 'many planners') {
      // Nothing is to plan any more, and none of them may think otherwise.
      const plans = await Promise.all(
        Array.from({ length: 4 }, () => patiently(() => planDeliveries(this.#context, this.#editionId))),
      );
      if (plans.some(Boolean)) this.#violations.push('an edition was planned twice');
    } else if (kind === 'fill the disk') {
      postgres.fillDisk();
      await sleep(500 + lasts);
      postgres.freeDisk();
    }
  }

  async #killBackend(): Promise<void> {
    const { rows } = await patiently(() =>
      sql<{ pid: number }>`
        select pid from pg_stat_activity
        where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`.execute(
        this.#context.db,
      ),
    );
    if (rows.length === 0) return;
    this.#databaseKills++;
    // The server ends all sessions and recovers: nobody can know what the killed one had done to shared memory.
    process.kill(this.#random.pick(rows).pid, 'SIGKILL');
  }

  #moveClock(ms: number): void {
    this.#offset += ms;
    this.#workers.moveClock(this.#offset);
  }

  /** Leaves everything, or is erased; and by the database's clock, when that was certainly done. */
  async #leaves(id: number): Promise<void> {
    const erased = this.#random.chance(0.3);
    await patiently(async () => {
      try {
        if (erased) await removeSubscriber(this.#context, id, { via: 'admin' });
        else await unsubscribe(this.#context, id, 'all', { via: 'link' });
      } catch (error) {
        // The answer of the first try was lost.
        if (!(error instanceof UserError)) throw error;
      }
    });
    const { rows } = await patiently(() =>
      sql<{ at: number }>`select extract(epoch from clock_timestamp())::float8 * 1000 as at`.execute(
        this.#context.db,
      ),
    );
    this.#left.set(id, rows[0]?.at ?? Number.NaN);
  }

  async #move(transition: Transition): Promise<void> {
    await patiently(async () => {
      try {
        await move(this.#context, this.#editionId, transition);
      } catch (error) {
        // It is in another state: sent meanwhile, or the move of a lost answer.
        if (!(error instanceof UserError)) throw error;
      }
    });
  }

  async #state(): Promise<string> {
    const { state } = await patiently(() =>
      this.#context.db
        .selectFrom('editions')
        .select('state')
        .where('id', '=', this.#editionId)
        .executeTakeFirstOrThrow(),
    );
    return state;
  }

  /** No more faults: whatever was stopped goes on, time passes quickly, and the send has to end. */
  async #end(): Promise<void> {
    this.#parts.sink.answerMs = 0;
    const latest = Math.max(this.#offset, 0);
    if (this.#offset < latest) this.#moveClock(latest - this.#offset);
    await this.#until(
      'the end of the send',
      async () => {
        const state = await this.#state();
        // An editor mends the route and goes on; what servers wished to have slower they wish no more.
        if (state === 'paused') await this.#move('resume');
        await patiently(() => sql`delete from throttle_states`.execute(this.#context.db));
        const { rows } = await patiently(() =>
          sql<{ held: number; later: number }>`
            select count(*) filter (where state in ('claimed', 'begun')) as held,
                   count(*) filter (where state = 'deferred') as later
            from deliveries where edition_id = ${this.#editionId}`.execute(this.#context.db),
        );
        const { held = 0, later = 0 } = rows[0] ?? {};
        if (state === 'sent' || (state === 'cancelled' && held === 0)) return true;
        if (later > 0) this.#moveClock(20 * minute);
        return false;
      },
      endsWithinMs,
    );
  }

  async #until(what: string, look: () => boolean | Promise<boolean>, ms: number): Promise<void> {
    for (const end = performance.now() + ms; performance.now() < end; ) {
      if (await look()) return;
      await sleep(150);
    }
    this.#violations.push(`${what} did not come within ${ms / 1000} s; ${this.#workers.count} workers ran`);
  }

  /** Looks at the report again and again: the sum has to hold, and nobody has more out than connections. */
  async #watch(): Promise<void> {
    while (!this.#isOver) {
      try {
        const report = await deliveryReport(this.#context, this.#editionId);
        if (report.planned > 0) this.#looks++;
        if (!report.sums && this.#violations.length < 10)
          this.#violations.push(
            `the report does not add up: ${JSON.stringify({ ...report, uncertainDeliveries: 0, reasons: 0 })}`,
          );
        const { rows } = await sql<{ worker: string; out: number }>`
          select worker, count(*) as out from deliveries
          where edition_id = ${this.#editionId} and state = 'begun'
          group by worker having count(*) > ${this.#plan.connections}`.execute(this.#context.db);
        for (const { worker, out } of rows)
          this.#violations.push(
            `worker ${worker} had ${out} messages out on ${this.#plan.connections} connections`,
          );
      } catch (error) {
        if (!isConnectionError(error)) throw error;
      }
      await sleep(100);
    }
  }

  async #evidence(people: { id: number; email: string }[]) {
    const { db } = this.#context;
    const emails = new Map(people.map(({ id, email }) => [id, email]));
    const edition = await patiently(() =>
      db.selectFrom('editions').select(['state', 'planned_count']).executeTakeFirstOrThrow(),
    );
    const rows = await patiently(() =>
      db.selectFrom('deliveries').select(['subscriber_id', 'state', 'detail']).execute(),
    );
    const changes = await patiently(() =>
      sql<Change>`
        select subscriber_id as "subscriberId", was, state, was_worker as "wasWorker", detail,
               extract(epoch from at)::float8 * 1000 as at
        from torture_journal order by id`.execute(db),
    );
    return {
      edition: { state: edition.state, planned: edition.planned_count ?? 0 },
      rows: rows.map(
        ({ subscriber_id: subscriberId, state, detail }): Row => ({
          subscriberId,
          email: emails.get(subscriberId) ?? `somebody else (${subscriberId})`,
          state,
          detail,
        }),
      ),
      changes: changes.rows,
    };
  }
}

/** Until the database answers. */
async function patiently<T>(action: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await action();
    } catch (error) {
      if (!isConnectionError(error) || tries > 300)
        throw new Error(`the database does not come back: ${messageOf(error)}`, { cause: error });
      await sleep(100);
    }
  }
}
