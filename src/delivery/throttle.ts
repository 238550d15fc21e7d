import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { messageOf } from '../errors.ts';
import { DayQuota } from './day-quota.ts';
import type { MailProviders } from './mail-provider.ts';
import { Recently } from './recently.ts';
import type { Throttle } from './route.ts';
import { isTooFast, Refusers } from './too-fast.ts';
import type { Outcome } from './verdict.ts';
import { WorkerShare } from './worker-share.ts';

/** What a route may do, all processes together. Undefined: as much as it can. */
export interface Limits {
  perSecond?: number | undefined;
  perDay?: number | undefined;
  connections?: number | undefined;
  /** From a day on (as in 2026-11-24) so many, and each day more by a factor, until `perDay` or for ever. */
  warmUp?: { from: string; first: number; factor: number } | undefined;
  /** What goes to one mail provider or domain. `*` stands for each that is not named. */
  groups: Map<string, { perSecond?: number | undefined; connections?: number | undefined }>;
}

type Deps = Pick<Context, 'db' | 'clock' | 'log'>;

/** Times at which one message each may go, in milliseconds of `performance.now()`. */
interface Slots {
  next: number;
  step: number;
  left: number;
}

interface Pace {
  /** Messages a second that are allowed now: what is set, or what was learned if that is less. */
  rate: number | undefined;
  /** In the order of their times; others may have what lies between two of them. */
  slots: Slots[];
  asking: boolean;
  inFlight: number;
  sent: Recently;
  learnedAt: number;
}

// Slots are reserved for about this long, and lost if nobody uses them for as long.
const horizonMs = 500;
const mostPaces = 20_000;
const refreshMs = 2000;
const slowest = 0.05;
const asking = 20;
// A clock of the database that once was ahead must not hold up a route for as long. Of slow paces some processes may have
// reserved a time each.
const farthestSeconds = 60;
const farthestTimes = 40;

/**
 * Limits that all processes on all hosts share through Postgres. Each reserves the times of its next messages, half a
 * second's worth at once (the generic cell rate algorithm over a row's `next_at`), so there is no round trip a message.
 * Refusals for speed halve what a provider gets; a minute without one gives a third back.
 */
export class SharedThrottle implements Throttle {
  readonly #context: Deps;
  readonly #route: string;
  readonly #providers: MailProviders;
  readonly #paces = new Map<string, Pace>();
  #limits: Limits;
  readonly #share: WorkerShare;
  readonly #day: DayQuota;
  readonly #refusers = new Refusers();
  #timer: NodeJS.Timeout;
  #refreshing: Promise<void> = Promise.resolve();
  #isClosed = false;
  /** Some provider has refused us for speed: from then on it is looked up which domains are its own. */
  #hasLearned = false;

  constructor(
    context: Deps,
    route: string,
    limits: Limits,
    { providers, worker }: { providers: MailProviders; worker: string },
  ) {
    this.#context = context;
    this.#route = route;
    this.#limits = limits;
    this.#providers = providers;
    this.#share = new WorkerShare(worker);
    this.#day = new DayQuota(context, route);
    this.#timer = setTimeout(() => {}, 0);
    this.#refresh();
  }

  /** Takes other limits from now on. */
  set limits(limits: Limits) {
    this.#limits = limits;
    this.#look().catch(() => {});
  }

  /** Ends what runs in the background, and gives back what was reserved of the day. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#refreshing;
    await this.#day.close();
  }

  connections(most: number): number {
    const { connections } = this.#limits;
    return connections === undefined ? most : Math.min(most, this.#share.of(connections));
  }

  wait(): number {
    const whole = this.#ready('');
    return whole > 0 ? whole : this.#day.wait(this.#limits);
  }

  groupOf(address: string): string {
    return this.#providers.groupOf(address, this.#limits.groups.size > 0 || this.#hasLearned);
  }

  take(group: string): number {
    const limit = this.#groupLimit(group);
    const pace = this.#pace(group);
    if (limit?.connections !== undefined) {
      const share = this.#share.of(limit.connections);
      if (pace.inFlight >= share) return share > 0 ? asking : Number.POSITIVE_INFINITY;
    }
    const wait = this.#ready(group);
    if (wait > 0) return wait;
    const whole = this.#ready('');
    if (whole > 0) return whole;
    this.#use(group);
    this.#use('');
    this.#day.use(this.#limits);
    pace.inFlight++;
    return 0;
  }

  release(group: string): void {
    const pace = this.#pace(group);
    pace.inFlight = Math.max(0, pace.inFlight - 1);
  }

  answered(group: string, outcome: Outcome): void {
    const now = performance.now();
    this.#pace(group).sent.add(now);
    if (group !== '') this.#pace('').sent.add(now);
    if (!isTooFast(outcome)) return;
    // A route's own trouble says nothing of the recipients' providers.
    const about = outcome.kind === 'route-failed' ? '' : this.#refusers.note(group, now);
    const pace = this.#pace(about);
    if (now - pace.learnedAt < 5000) return;
    pace.learnedAt = now;
    this.#slowDown(about, Math.max(pace.sent.perSecond(now), slowest * 2), outcome.words).catch((error) =>
      this.#context.log.warn({ error: messageOf(error) }, 'a slow-down could not be noted'),
    );
  }

  #groupLimit(group: string) {
    return this.#limits.groups.get(group) ?? this.#limits.groups.get('*');
  }

  #pace(group: string): Pace {
    let pace = this.#paces.get(group);
    if (!pace) {
      if (this.#paces.size >= mostPaces)
        for (const [name, { inFlight, slots }] of this.#paces)
          if (name !== '' && inFlight === 0 && slots.length === 0) this.#paces.delete(name);
      const set = group === '' ? this.#limits.perSecond : this.#groupLimit(group)?.perSecond;
      pace = {
        rate: set,
        slots: [],
        asking: false,
        inFlight: 0,
        sent: new Recently(),
        learnedAt: Number.NEGATIVE_INFINITY,
      };
      this.#paces.set(group, pace);
    }
    return pace;
  }

  /** Milliseconds until a message may go, as far as the pace goes; asks for times ahead when they run out. */
  #ready(group: string): number {
    const pace = this.#pace(group);
    if (pace.rate === undefined) return 0;
    const now = performance.now();
    let left = 0;
    // Times that nobody used are gone: a pause is no right to a burst.
    while (pace.slots[0]) {
      const [first] = pace.slots;
      const missed = Math.max(0, Math.floor((now - horizonMs - first.next) / first.step));
      first.next += missed * first.step;
      first.left -= missed;
      if (first.left > 0) break;
      pace.slots.shift();
    }
    for (const slots of pace.slots) left += slots.left;
    if (left <= (pace.rate * horizonMs) / 2000) this.#reserve(group, pace);
    return pace.slots[0] ? Math.max(0, pace.slots[0].next - now) : asking;
  }

  #use(group: string): void {
    const [first] = this.#pace(group).slots;
    if (!first) return;
    first.next += first.step;
    first.left--;
  }

  #reserve(group: string, pace: Pace): void {
    const { rate } = pace;
    if (pace.asking || rate === undefined || this.#isClosed) return;
    const last = pace.slots.at(-1);
    if (last && last.next + last.left * last.step > performance.now() + 2 * horizonMs) return;
    pace.asking = true;
    const count = Math.max(1, Math.round((rate * horizonMs) / 1000));
    const seconds = count / rate;
    const before = performance.now();
    sql<{ waitMs: number }>`
      insert into throttle_states as state (route, recipients, next_at)
      values (${this.#route}, ${group}, clock_timestamp() + make_interval(secs => ${seconds}))
      on conflict (route, recipients) do update
        set next_at = least(
              greatest(state.next_at, clock_timestamp()),
              clock_timestamp() + make_interval(secs => ${Math.max(farthestSeconds, farthestTimes * seconds)})
            ) + make_interval(secs => ${seconds})
      returning extract(epoch from next_at - make_interval(secs => ${seconds}) - clock_timestamp())::float8 * 1000 as "waitMs"`
      .execute(this.#context.db)
      .then(({ rows }) => {
        if (rate !== pace.rate) return;
        // Counted from before the question: rather a little early than ever slower.
        pace.slots.push({
          next: before + Math.max(0, rows[0]?.waitMs ?? 0),
          step: 1000 / rate,
          left: count,
        });
      })
      .catch((error) => this.#context.log.debug({ error: messageOf(error) }, 'no times reserved'))
      .finally(() => {
        pace.asking = false;
      });
  }

  async #slowDown(group: string, observed: number, words: string): Promise<void> {
    await sql`
      insert into throttle_states as state (route, recipients, learned, usual, learned_at, words)
      values (${this.#route}, ${group}, ${Math.max(slowest, observed / 2)}, ${observed}, clock_timestamp(), ${words.slice(0, 300)})
      on conflict (route, recipients) do update
        set learned = greatest(${slowest}, least(coalesce(state.learned, ${observed}), ${observed}) / 2),
            usual = greatest(coalesce(state.usual, 0), ${observed}),
            learned_at = clock_timestamp(), words = excluded.words
        -- Others have just noted the same.
        where state.learned_at is null or state.learned_at < clock_timestamp() - interval '5 seconds'`.execute(
      this.#context.db,
    );
    this.#context.log.info({ route: this.#route, recipients: group, words }, 'slower, as the server asks');
    await this.#look();
  }

  #refresh(): void {
    if (this.#isClosed) return;
    this.#refreshing = this.#look()
      .catch((error) => this.#context.log.debug({ error: messageOf(error) }, 'limits were not looked at'))
      .then(() => {
        if (this.#isClosed) return;
        this.#timer = setTimeout(() => this.#refresh(), refreshMs);
        this.#timer.unref();
      });
  }

  /** What was learned by all, a little of it forgotten; and how many share the connections. */
  async #look(): Promise<void> {
    const { db } = this.#context;
    const { rows } = await sql<{ recipients: string; learned: number }>`
      with better as (
        update throttle_states
        set learned = case when learned * 1.33 < usual then learned * 1.33 end,
            usual = case when learned * 1.33 < usual then usual end,
            learned_at = clock_timestamp()
        where route = ${this.#route} and learned is not null and learned_at < clock_timestamp() - interval '1 minute'
        returning recipients, learned
      )
      select recipients, learned from better where learned is not null
      union all
      select recipients, learned from throttle_states as state
      where route = ${this.#route} and learned is not null
        and not exists (select from better where better.recipients = state.recipients)`.execute(db);
    const learned = new Map(rows.map((row) => [row.recipients, row.learned]));
    this.#hasLearned = [...learned.keys()].some((group) => group !== '');
    for (const group of new Set([...this.#paces.keys(), ...learned.keys()])) {
      const pace = this.#pace(group);
      const set = group === '' ? this.#limits.perSecond : this.#groupLimit(group)?.perSecond;
      const rate = least(set, learned.get(group));
      if (rate !== pace.rate) pace.slots = [];
      pace.rate = rate;
    }
    const { connections, groups } = this.#limits;
    if (connections !== undefined || [...groups.values()].some((group) => group.connections))
      await this.#share.look(this.#context);
  }
}

const least = (a: number | undefined, b: number | undefined) =>
  a === undefined ? b : b === undefined ? a : Math.min(a, b);
