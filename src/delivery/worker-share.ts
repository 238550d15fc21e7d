import { sql } from 'kysely';
import type { Context } from '../context.ts';

const turnMs = 30_000;
// In these first milliseconds of its turn a process leaves time for what others have still on their way.
const handOverMs = 3000;

/**
 * The parts of connection limits that processes have: together they are the whole. Where there are more processes than
 * connections they take turns, told by the database's clock, so that each can send what it holds.
 */
export class WorkerShare {
  readonly #worker: string;
  #live = 1;
  #rank = 0;
  #isKnown = false;
  /** What to add to `performance.now()` for the database's time. */
  #offset = 0;

  /** @param worker a UUID, made anew by each process */
  constructor(worker: string) {
    this.#worker = worker;
  }

  /** Says that this process is there, and counts the others. To be called every few seconds. */
  async look({ db }: Pick<Context, 'db'>): Promise<void> {
    const { rows } = await sql<{ live: number; rank: number; now: number }>`
      with me as (
        insert into sending_workers values (${this.#worker}, clock_timestamp())
        on conflict (worker) do update set seen_at = clock_timestamp() returning worker
      )
      select count(*) + 1 as live, count(*) filter (where other.worker < ${this.#worker}::uuid) as rank,
             extract(epoch from clock_timestamp())::float8 * 1000 as now
      from sending_workers as other
      where other.worker <> ${this.#worker}::uuid and other.seen_at > clock_timestamp() - interval '10 seconds'`.execute(
      db,
    );
    const [row] = rows;
    if (!row) return;
    this.#live = row.live;
    this.#rank = row.rank;
    this.#offset = row.now - performance.now();
    this.#isKnown = true;
  }

  /** This process's part of a limit now. Until it is known how many there are, it takes the least. */
  of(limit: number): number {
    if (!this.#isKnown) return Math.min(1, limit);
    const live = this.#live;
    if (limit >= live) return Math.floor(limit / live) + (this.#rank < limit % live ? 1 : 0);
    const now = performance.now() + this.#offset;
    const turn = Math.floor(now / turnMs);
    const hasTurn = (of: number) => (this.#rank + of) % live < limit;
    return hasTurn(turn) && (now - turn * turnMs >= handOverMs || hasTurn(turn - 1)) ? 1 : 0;
  }
}
