import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { messageOf } from '../errors.ts';
import type { Limits } from './throttle.ts';

// So long is waited for an answer of the database, or for others to give back what they did not use.
const askingMs = 20;
const againMs = 2000;
const longestPart = 100;

/** What a route may take in a day (UTC), all processes together: each takes parts of it in advance, from one row. */
export class DayQuota {
  readonly #context: Pick<Context, 'db' | 'clock' | 'log'>;
  readonly #route: string;
  #day = { name: '', left: 0, isAsking: false, isOver: false };
  #takingPart: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(context: Pick<Context, 'db' | 'clock' | 'log'>, route: string) {
    this.#context = context;
    this.#route = route;
  }

  /** Milliseconds after which to ask again; 0: one may go now. Takes another part when there is none left. */
  wait(limits: Pick<Limits, 'perDay' | 'warmUp'>): number {
    const now = this.#context.clock.now();
    const quota = quotaOf(limits, now);
    if (quota === undefined) return 0;
    const today = now.toISOString().slice(0, 10);
    if (this.#day.name !== today) this.#day = { name: today, left: 0, isAsking: false, isOver: false };
    const day = this.#day;
    if (day.left > 0) return 0;
    if (!day.isAsking && !this.#isClosed) this.#ask(day, quota);
    return day.isOver ? Date.parse(`${today}T00:00:00Z`) + 86_400_000 - now.getTime() : askingMs;
  }

  /** One has gone. */
  use(limits: Pick<Limits, 'perDay' | 'warmUp'>): void {
    if (limits.perDay !== undefined || limits.warmUp) this.#day.left--;
  }

  /** Gives back what was taken of the day and not used. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#takingPart;
    const { name, left } = this.#day;
    if (name === '' || left === 0) return;
    await this.#context.db
      .updateTable('route_days')
      .set({ taken: sql<number>`greatest(0, taken - ${left})` })
      .where('route', '=', this.#route)
      .where('day', '=', sql<Date>`${name}::date`)
      .execute();
  }

  #ask(day: { name: string; left: number; isAsking: boolean; isOver: boolean }, quota: number): void {
    day.isAsking = true;
    this.#takingPart = this.#takePart(day.name, quota)
      .then((given) => {
        day.left += given;
        if (day.left === 0 && !day.isOver)
          this.#context.log.warn(
            { route: this.#route, quota },
            'the route’s quota of today is used up; what is left goes out tomorrow, or by other routes',
          );
        day.isOver = day.left === 0;
      })
      .catch((error) => this.#context.log.debug({ error: messageOf(error) }, 'no part of the quota taken'))
      .finally(() => {
        // While there is nothing to have, it is asked for now and then only.
        setTimeout(
          () => {
            day.isAsking = false;
          },
          day.left > 0 ? 0 : againMs,
        ).unref();
      });
  }

  async #takePart(today: string, quota: number): Promise<number> {
    const { db } = this.#context;
    const part = Math.max(1, Math.min(longestPart, Math.ceil(quota / 20)));
    await sql`insert into route_days (route, day) values (${this.#route}, ${today}::date) on conflict do nothing`.execute(
      db,
    );
    const { rows } = await sql<{ given: number }>`
      with today as (
        select taken from route_days where route = ${this.#route} and day = ${today}::date for update
      )
      update route_days
      set taken = today.taken + least(${part}::integer, greatest(0, ${quota}::integer - today.taken))
      from today
      where route_days.route = ${this.#route} and route_days.day = ${today}::date
      returning route_days.taken - today.taken as given`.execute(db);
    return rows[0]?.given ?? 0;
  }
}

/** How many are allowed on a day; undefined: as many as there are. */
function quotaOf({ perDay, warmUp }: Pick<Limits, 'perDay' | 'warmUp'>, now: Date): number | undefined {
  if (!warmUp) return perDay;
  const days = Math.floor((now.getTime() - new Date(`${warmUp.from}T00:00:00Z`).getTime()) / 86_400_000);
  const warm = Math.floor(warmUp.first * warmUp.factor ** Math.max(0, days));
  return Math.min(perDay ?? Number.MAX_SAFE_INTEGER, warm);
}
