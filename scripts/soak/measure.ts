import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { sql } from 'kysely';
import type { Context } from '../../src/context.ts';
import { fitLine, type Line, leastOf, type Point } from './line.ts';
import type { Processes } from './processes.ts';

/** What was measured, each beside its line. */
export interface Series {
  name: string;
  unit: 'MB' | 'connections';
  line: Line;
}

/** The name under which the soak's own connections are known to Postgres. */
export const ownName = 'soak';

const stretchHours = 30 / 3600;
const everyMs = 5_000;
const hour = 3_600_000;

/** Measures memory and connections every few seconds until it is stopped. */
export class Measuring {
  readonly #context: Context;
  readonly #processes: Processes;
  readonly #names: number;
  readonly #memory = new Map<string, Point[]>();
  readonly #connections: Point[] = [];
  readonly #idle: number[] = [];
  readonly #began = Date.now();
  #timer: NodeJS.Timeout | undefined;
  #looking = Promise.resolve();

  /** @param names of processes, when all run */
  constructor(context: Context, processes: Processes, names: number) {
    this.#context = context;
    this.#processes = processes;
    this.#names = names;
    this.#timer = setInterval(() => {
      this.#looking = this.#look().catch(() => {});
    }, everyMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** The longest that a session was seen idle within a transaction, in seconds. */
  get longestIdle(): number {
    return Math.max(0, ...this.#idle);
  }

  /**
   * The lines of those processes that lived long enough, and of the connections while all processes ran.
   * @param warmUpHours of each process's life, which is left out
   */
  lines(warmUpHours: number): Series[] {
    const series: Series[] = [];
    for (const [key, points] of this.#memory) {
      const first = points[0]?.hours ?? 0;
      const line = fitLine(
        leastOf(
          points.filter(({ hours }) => hours - first > warmUpHours),
          stretchHours,
        ),
      );
      if (line) series.push({ name: key, unit: 'MB', line });
    }
    const line = fitLine(this.#connections.filter(({ hours }) => hours > warmUpHours));
    if (line) series.push({ name: 'connections to Postgres', unit: 'connections', line });
    return series;
  }

  async #look(): Promise<void> {
    const now = Date.now();
    const hours = (now - this.#began) / hour;
    const running = this.#processes.running();
    for (const { name, pid, startedAt } of running) {
      const value = residentMegabytes(pid);
      if (value === undefined) continue;
      const key = `${name}, started after ${Math.round((startedAt - this.#began) / 60_000)} min`;
      const points = this.#memory.get(key);
      if (points) points.push({ hours, value });
      else this.#memory.set(key, [{ hours, value }]);
    }
    const { rows } = await sql<{ connections: number; idle: number | null }>`
      select count(*)::integer as connections,
             max(extract(epoch from clock_timestamp() - state_change)) filter (where state like 'idle in transaction%')::float8 as idle
      from pg_stat_activity
      where datname = current_database() and backend_type = 'client backend' and application_name <> ${ownName}`.execute(
      this.#context.db,
    );
    this.#idle.push(rows[0]?.idle ?? 0);
    // While one starts or is away there are fewer.
    const isWhole =
      running.length === this.#names && running.every(({ startedAt }) => now - startedAt > 15_000);
    if (isWhole) this.#connections.push({ hours, value: rows[0]?.connections ?? 0 });
  }
}

/** What a process has in memory; undefined if it has gone. */
function residentMegabytes(pid: number): number | undefined {
  try {
    const kilobytes = existsSync('/proc')
      ? /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
      : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}

/** The ids of processes that were given a value in their environment; undefined where that cannot be known. */
export function processesWith(value: string): number[] | undefined {
  if (!existsSync('/proc/self/environ')) return undefined;
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) return [];
    try {
      return readFileSync(`/proc/${entry}/environ`, 'utf8').includes(value) ? [Number(entry)] : [];
    } catch {
      return [];
    }
  });
}
