import { sql } from 'kysely';
import type { Context } from '../../../context.ts';
import { type Progress, ProgressReader } from '../../../delivery/progress.ts';
import { messageOf } from '../../../errors.ts';
import { type Standing, standings } from './standing.ts';

/** An edition on its way, and how far it is. */
export interface Running {
  id: number;
  newsletterId: number;
  newsletter: string;
  timeZone: string;
  subject: string;
  state: 'sending' | 'paused';
  reason: string | null;
  plannedAt: Date;
  planned: number;
  /** Undefined: it is being counted for the first time. */
  progress: Progress | undefined;
  /** Messages that came to an end, over the last seconds. */
  perSecond: number;
  /** Until all have been tried, if it goes on like this. */
  secondsLeft: number | undefined;
  /** Nothing is due before. */
  goesOnAt: Date | undefined;
}

const lookMs = 1000;
const rateOverMs = 15_000;
const pauseToTellMs = 30_000;

/** What is on its way, and how every edition stands that has not gone out. */
type Watcher = (running: Running[], standing: Standing[]) => void;

interface Followed {
  reader: ProgressReader;
  samples: { at: number; settled: number }[];
  progress: Progress | undefined;
}

/**
 * Looks once a second at the editions that are on their way, for as long as somebody watches, and once for all who do.
 */
export class RunningWatch {
  readonly #context: Pick<Context, 'db' | 'clock' | 'log'>;
  readonly #followed = new Map<number, Followed>();
  readonly #watchers = new Set<Watcher>();
  #timer: NodeJS.Timeout | undefined;
  #look: Promise<Running[]> | undefined;
  #latest: { at: number; running: Running[] } | undefined;

  constructor(context: Pick<Context, 'db' | 'clock' | 'log'>) {
    this.#context = context;
  }

  /** @returns what ends it */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    if (!this.#timer) void this.#turn();
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size > 0) return;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    };
  }

  /** How it stands, from a look of the last second or one made now. */
  now(): Promise<Running[]> {
    const latest = this.#latest;
    if (latest && performance.now() - latest.at < lookMs) return Promise.resolve(latest.running);
    this.#look ??= this.#lookNow().finally(() => {
      this.#look = undefined;
    });
    return this.#look;
  }

  async #turn(): Promise<void> {
    this.#timer = setTimeout(() => {}, 0);
    try {
      const [running, standing] = await Promise.all([this.now(), standings(this.#context)]);
      for (const watcher of this.#watchers) watcher(running, standing);
    } catch (error) {
      this.#context.log.debug({ error: messageOf(error) }, 'what is being sent was not looked at');
    }
    if (this.#watchers.size === 0) this.#timer = undefined;
    else this.#timer = setTimeout(() => void this.#turn(), lookMs).unref();
  }

  async #lookNow(): Promise<Running[]> {
    const editions = await runningEditions(this.#context);
    for (const id of this.#followed.keys())
      if (!editions.some((each) => each.id === id)) this.#followed.delete(id);
    const running = await Promise.all(
      editions.map(async ({ nextDue, ...edition }): Promise<Running> => {
        const followed = this.#followed.get(edition.id) ?? {
          reader: new ProgressReader(edition.id),
          samples: [],
          progress: undefined,
        };
        this.#followed.set(edition.id, followed);
        followed.progress = await followed.reader.read(this.#context, {
          planned_at: edition.plannedAt,
          planned_count: edition.planned,
        });
        const perSecond = rate(followed, performance.now());
        const { waiting } = followed.progress;
        const isLater = nextDue && nextDue.getTime() - this.#context.clock.now().getTime() > pauseToTellMs;
        return {
          ...edition,
          progress: followed.progress,
          perSecond,
          secondsLeft: perSecond > 0 && waiting > 0 ? waiting / perSecond : undefined,
          goesOnAt: isLater && edition.state === 'sending' ? nextDue : undefined,
        };
      }),
    );
    this.#latest = { at: performance.now(), running };
    return running;
  }
}

function rate(followed: Followed, at: number): number {
  const { progress, samples } = followed;
  if (!progress) return 0;
  samples.push({ at, settled: progress.planned - progress.waiting - progress.deferred });
  while (samples[0] && at - samples[0].at > rateOverMs) samples.shift();
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at - first.at < lookMs / 2) return 0;
  return Math.max(0, ((last.settled - first.settled) / (last.at - first.at)) * 1000);
}

/** The editions that are being sent, or were stopped in the middle of it; without counting anything. */
export async function runningEditions({
  db,
}: Pick<Context, 'db'>): Promise<
  (Omit<Running, 'progress' | 'perSecond' | 'secondsLeft' | 'goesOnAt'> & { nextDue: Date | null })[]
> {
  const rows = await db
    .selectFrom('editions')
    .innerJoin('newsletters', 'newsletters.id', 'editions.newsletter_id')
    .select([
      'editions.id',
      'editions.newsletter_id as newsletterId',
      'newsletters.name as newsletter',
      'newsletters.time_zone as timeZone',
      'editions.subject',
      'editions.state_reason as reason',
      'editions.planned_at as plannedAt',
      'editions.planned_count as planned',
    ])
    .select(sql<'sending' | 'paused'>`editions.state`.as('state'))
    .select((e) =>
      e
        .selectFrom('delivery_batches')
        .select((of) => of.fn.min('due_at').as('due'))
        .whereRef('edition_id', '=', 'editions.id')
        .where('due_at', 'is not', null)
        .as('nextDue'),
    )
    .where('editions.state', 'in', ['sending', 'paused'])
    .where('editions.planned_at', 'is not', null)
    .orderBy('editions.planned_at')
    .execute();
  return rows.flatMap(({ plannedAt, planned, ...row }) =>
    plannedAt ? [{ ...row, plannedAt, planned: planned ?? 0 }] : [],
  );
}
