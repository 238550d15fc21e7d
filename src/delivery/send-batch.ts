import type { Context } from '../context.ts';
import { untilDatabaseAnswers } from '../db/until-answers.ts';
import { move } from '../editions/lifecycle.ts';
import { type SubjectTest, subjectFor } from '../editions/subject-test.ts';
import { deliveries } from '../observe/metrics.ts';
import { scopeNow } from '../observe/scope.ts';
import { type ComposedMessage, type Composer, compose } from './compose.ts';
import { dkimSignatures, sizeOfSignatures } from './dkim.ts';
import type { Feed, Item } from './feed.ts';
import type { Lanes } from './lanes.ts';
import {
  type Batch,
  claim,
  type Holder,
  leaveBatch,
  release,
  renewLeases,
  takeOverExpired,
  type Verdict,
} from './ledger.ts';
import { nextLocal } from './local-time.ts';
import { loadReaders, type Reader } from './readers.ts';
import { deliveryReport } from './report.ts';
import type { Route, RouteUse } from './route.ts';
import type { Message } from './smtp/connection.ts';
import { raiseTroubles, type Trouble } from './troubles.ts';
import { verdictFor } from './verdict.ts';

/** How a worker sends. */
export interface Sending {
  lanes: Pick<Lanes, 'run'>;
  /** How the way out is called in messages to people, such as smtp.example.com:587. */
  describe: string;
  holder: Holder;
  /** Messages refused for good in a row, by all batches of this process. */
  refusals: { inARow: number };
  /** So many, without one accepted between, pause the edition rather than burn through the list. */
  refusalLimit: number;
  /** Set when the process is to end: no new message begins. */
  stopping: AbortSignal;
}

/** What one batch job did. */
export interface BatchResult {
  accepted: number;
  deferred: number;
  failed: number;
  skipped: number;
  uncertain: number;
  /** What is left of it only other processes may send now. */
  isForOthers?: boolean;
}

const claimSize = 250;

/**
 * Sends what is due in one batch of an edition, until nothing is left of it or its turn is over, the edition is no longer
 * being sent, or the process is to stop. While the database is away it waits for it; verdicts are kept until they are recorded.
 */
export async function sendBatch(
  context: Context,
  composer: Composer,
  batch: Batch,
  sending: Sending,
): Promise<BatchResult> {
  const { holder, stopping } = sending;
  const { editionId } = batch;
  const result: BatchResult = { accepted: 0, deferred: 0, failed: 0, skipped: 0, uncertain: 0 };
  const renewal = setInterval(
    () => {
      renewLeases(context, holder, batch).catch(() => {});
    },
    (holder.leaseSeconds * 1000) / 3,
  );
  let earliest: Date | null = null;
  try {
    await untilDatabaseAnswers(stopping, () =>
      takeOverExpired(context, batch, composer.newsletter.onUncertain),
    );
    while (!stopping.aborted) {
      const claimed = await untilDatabaseAnswers(stopping, () => claim(context, holder, batch, claimSize));
      if (claimed.length === 0) return result;
      const ids = claimed.map(({ subscriberId }) => subscriberId);
      // Who has none of their own is due when the test is over.
      const subject = composer.edition.subject_test
        ? ((await untilDatabaseAnswers(stopping, () => subjectFor(context, editionId))) ?? 0)
        : 0;
      const readers = await untilDatabaseAnswers(stopping, () =>
        loadReaders(context, composer.newsletter.id, ids, composer.past),
      );
      const feed = new BatchFeed(context, composer, sending, { claimed, readers, subject, result });
      const end = await sending.lanes.run(feed);
      await feed.followUp();
      const left = feed.left;
      if (left.length > 0)
        await untilDatabaseAnswers(stopping, () => release(context, holder, editionId, left));
      if (feed.isStopped) return result;
      if (end) {
        earliest = new Date(context.clock.now().getTime() + end.waitMs);
        return { ...result, isForOthers: end.isForOthers };
      }
    }
    return result;
  } finally {
    clearInterval(renewal);
    await untilDatabaseAnswers(stopping, () => leaveBatch(context, holder, batch, earliest));
  }
}

/** By what the routes of an edition's mail are chosen. */
export function routeUseOf({ newsletter: { fromAddress, listIds } }: Composer): RouteUse {
  return { fromDomain: fromAddress.split('@')[1] ?? '', listIds };
}

type Claimed = Awaited<ReturnType<typeof claim>>[number];

/** What was claimed of a batch, composed one by one as connections come free. */
class BatchFeed implements Feed {
  readonly #context: Context;
  readonly #composer: Composer;
  readonly #sending: Sending;
  readonly #claimed: Claimed[];
  readonly #readers: Map<number, Reader>;
  readonly #subject: number;
  readonly #result: BatchResult;
  readonly #given = new Map<Item, Claimed>();
  readonly #back: Claimed[] = [];
  readonly #span = scopeNow().span;
  readonly #effects: Promise<unknown>[] = [];
  #at = 0;
  #isStopped = false;

  constructor(
    context: Context,
    composer: Composer,
    sending: Sending,
    {
      claimed,
      readers,
      subject,
      result,
    }: { claimed: Claimed[]; readers: Reader[]; subject: number; result: BatchResult },
  ) {
    this.#context = context;
    this.#composer = composer;
    this.#sending = sending;
    this.#claimed = claimed;
    this.#readers = new Map(readers.map((reader) => [reader.id, reader]));
    this.#subject = subject;
    this.#result = result;
  }

  /** The edition is not being sent any more: nothing more of it is to be claimed. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  get editionId(): number {
    return this.#composer.edition.id;
  }

  get use() {
    return routeUseOf(this.#composer);
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Who was claimed and neither sent to nor skipped. */
  get left(): number[] {
    return [...this.#back, ...this.#claimed.slice(this.#at)].map(({ subscriberId }) => subscriberId);
  }

  /** Waits for what had to be done about verdicts. */
  async followUp(): Promise<void> {
    await Promise.all(this.#effects);
  }

  next(): Item | undefined {
    if (this.#isStopped) return undefined;
    const claimed = this.#claimed[this.#at++];
    if (!claimed) {
      this.#at = this.#claimed.length;
      return undefined;
    }
    const item = this.#itemOf(claimed);
    this.#given.set(item, claimed);
    return item;
  }

  settled(item: Item, verdict: Verdict, route: string): void {
    this.#given.delete(item);
    // What was not handed over has no state of its own: it is tried again.
    if (verdict.state !== 'planned') this.#count(verdict.state, route);
    const { refusals, refusalLimit, describe } = this.#sending;
    const { state, smtpCode, detail } = verdict;
    if (state !== 'planned') this.#result[state]++;
    if (state === 'accepted') refusals.inARow = 0;
    // Also what is tried again, as it was about us and not about the recipient.
    if (smtpCode === null || smtpCode < 500) return;
    refusals.inARow++;
    if (refusals.inARow < refusalLimit) return;
    refusals.inARow = 0;
    this.#isStopped = true;
    this.#effects.push(
      pausedFor(
        this.#context,
        item.editionId,
        `${describe} refused ${refusalLimit} messages in a row: ${detail}`,
      ).then((troubles) => raiseTroubles(this.#context, troubles)),
    );
  }

  #count(state: string, route: string): void {
    deliveries.inc({ state, route, newsletter: this.#composer.newsletter.slug });
  }

  notBegun(item: Item, why: 'skipped' | 'away', route: string): void {
    const claimed = this.#given.get(item);
    this.#given.delete(item);
    if (why === 'skipped') {
      this.#result.skipped++;
      this.#count('skipped', route);
    } else {
      // Paused, cancelled, or taken over: whoever looks next finds out what is due.
      this.#isStopped = true;
      if (claimed) this.#back.push(claimed);
    }
  }

  giveBack(item: Item): void {
    const claimed = this.#given.get(item);
    this.#given.delete(item);
    if (claimed) this.#back.push(claimed);
  }

  /** Signing goes on in other threads while the message before it is on its way. */
  #signed({ from, to, raw, size }: ComposedMessage): Pick<Item, 'message' | 'ready'> {
    const { dkim } = this.#composer;
    const message: Message = { from, to, raw, size: size + sizeOfSignatures(dkim) };
    if (dkim.length === 0) return { message };
    const ready = dkimSignatures(raw, dkim, this.#context.clock.now()).then((signatures) => {
      message.raw = [signatures, ...raw];
    });
    // Whoever sends it looks at it; who gives it back does not.
    ready.catch(() => {});
    return { message, ready };
  }

  #itemOf(claimed: Claimed): Item {
    const { subscriberId } = claimed;
    const composer = this.#composer;
    const base = { editionId: composer.edition.id, subscriberId, worker: this.#sending.holder.worker };
    const reader = this.#readers.get(subscriberId);
    // Claimed a moment ago, and the person is not there: erased in between.
    if (!reader) return { ...base, message: undefined, verdictOn: () => gone(subscriberId) };
    const message = compose(this.#context, composer, reader, claimed.subject ?? this.#subject);
    if (!message) return { ...base, message: undefined, verdictOn: () => nothingLeft(subscriberId) };
    return {
      ...base,
      span: this.#span,
      ...this.#signed(message),
      verdictOn: (outcome) =>
        verdictFor(
          outcome ?? { kind: 'route-failed', words: 'it was not handed over' },
          {
            subscriberId,
            attempts: claimed.attempts,
            stories: message.stories,
            plannedAt: dueSince(composer, claimed.subject, reader) ?? this.#context.clock.now(),
          },
          {
            onUncertain: composer.newsletter.onUncertain,
            retryMinutes: composer.newsletter.retryMinutes,
            now: this.#context.clock.now(),
            random: Math.random(),
          },
        ),
    };
  }
}

/** From when on a delivery is tried: whoever had to wait has the same time for it as everybody. */
function dueSince({ edition, newsletter }: Composer, subject: number | null, reader: Reader): Date | null {
  const { planned_at } = edition;
  const endsAt = (edition.subject_test as SubjectTest | null)?.endsAt;
  if (subject === null && endsAt) return new Date(endsAt);
  if (!newsletter.deliverAt || !planned_at) return planned_at;
  const from = edition.scheduled_for < planned_at ? edition.scheduled_for : planned_at;
  const due = nextLocal(newsletter.deliverAt, reader.timeZone ?? newsletter.timeZone, from);
  return due > planned_at ? due : planned_at;
}

const nothingLeft = (subscriberId: number): Verdict => ({
  ...gone(subscriberId),
  state: 'skipped',
  detail: 'the reader’s wishes leave no story of this edition',
});

const gone = (subscriberId: number): Verdict => ({
  subscriberId,
  state: 'failed',
  smtpCode: null,
  detail: 'the subscriber was removed',
  nextAttemptAt: null,
  stories: null,
  counts: false,
  isUnknown: false,
});

/**
 * Pauses editions because a route takes no mail, and tells. One of which other processes get mail through goes on: then
 * it is this host whose network is in trouble.
 * @param forMs for so long this process got nothing through; undefined: what it sends is left in doubt, so it is paused
 * whatever others do
 */
export async function pauseAll(
  context: Context,
  { describe }: Pick<Route, 'describe'>,
  words: string,
  editionIds: number[],
  forMs?: number,
): Promise<void> {
  const paused: Trouble[] = [];
  for (const editionId of editionIds) {
    const reason = `${describe} takes no mail: ${words}`;
    if (forMs !== undefined && (await isAcceptedSince(context, editionId, forMs)))
      context.log.warn({ editionId, reason }, 'others get mail through, and this process does not');
    else paused.push(...(await pausedFor(context, editionId, reason)));
  }
  await raiseTroubles(context, paused);
}

/** Pauses an edition that no route may take, and tells: all are switched off, or serve other mail alone. */
export async function pauseUnserved(context: Context, editionId: number): Promise<void> {
  const todo = 'Switch a route on, or make one for its mail (broadsheet routes list)';
  await raiseTroubles(context, await pausedFor(context, editionId, 'no route serves it', todo));
}

async function isAcceptedSince({ db, clock }: Context, editionId: number, ms: number): Promise<boolean> {
  const found = await db
    .selectFrom('deliveries')
    .select('subscriber_id')
    .where('edition_id', '=', editionId)
    .where('state', '=', 'accepted')
    .where('settled_at', '>', new Date(clock.now().getTime() - ms))
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

/** Pauses an edition with a reason that its editor reads. @returns what to tell those who look after the server; nothing if others did */
async function pausedFor(
  context: Context,
  editionId: number,
  reason: string,
  todo = 'Mend the route (broadsheet routes test)',
): Promise<Trouble[]> {
  context.log.error({ editionId, reason }, 'sending paused');
  try {
    await move(context, editionId, 'pause', reason);
  } catch {
    // Another worker, or an editor, was first, and has told.
    return [];
  }
  const report = await deliveryReport(context, editionId);
  const about = {
    title: `Edition ${editionId} is paused`,
    what: `Its mail cannot go out, so sending has stopped. ${report.accepted} of ${report.planned} readers have it.`,
    facts: [
      { name: 'Edition', value: String(editionId) },
      { name: 'Why', value: reason },
    ],
    todo: `${todo}, then go on: broadsheet editions resume ${editionId}. Nobody gets it twice.`,
  };
  return [{ key: `paused:${editionId}`, about }];
}
