import { setTimeout as sleep } from 'node:timers/promises';
import type { Transporter } from 'nodemailer';
import type { Context } from '../context.ts';
import { isConnectionError } from '../db/connect.ts';
import { move } from '../editions/lifecycle.ts';
import { type SubjectTest, subjectFor } from '../editions/subject-test.ts';
import { type Composer, compose } from './compose.ts';
import { handOver } from './hand-over.ts';
import { begin, claim, type Holder, record, release, renewLeases, type Verdict } from './ledger.ts';
import { loadReaders } from './readers.ts';
import { suppressBounced } from './suppress-bounced.ts';
import { isUnknownMailbox, verdictFor } from './verdict.ts';

/** How a worker sends. */
export interface Sending {
  transporter: Transporter;
  /** How the route is called in messages to people, such as smtp.example.com:587. */
  route: string;
  holder: Holder;
  /** Messages out at once: what can be uncertain after a crash. */
  connections: number;
  /** Rounds without one answered message before the edition is paused. */
  routeFailureLimit: number;
  /** Waits between such rounds: this, twice this, and so on, up to 10 s. */
  routeRetryMs: number;
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
}

const claimSize = 200;

/**
 * Sends what is due in one batch of an edition, until nothing is left of it, the edition is no longer being sent, or
 * the process is to stop. While the database is away the loop waits for it; verdicts are kept until they are recorded.
 */
export async function sendBatch(
  context: Context,
  composer: Composer,
  batch: number,
  sending: Sending,
): Promise<BatchResult> {
  const { holder } = sending;
  const editionId = composer.edition.id;
  const result: BatchResult = { accepted: 0, deferred: 0, failed: 0, skipped: 0, uncertain: 0 };
  const renewal = setInterval(
    () => {
      renewLeases(context, holder, editionId).catch(() => {});
    },
    (holder.leaseSeconds * 1000) / 3,
  );
  let failedRounds = 0;
  try {
    while (!sending.stopping.aborted) {
      const claimed = await untilDatabaseAnswers(sending, () =>
        claim(context, holder, editionId, batch, claimSize),
      );
      if (claimed.length === 0) return result;
      const attempts = new Map(claimed.map((row) => [row.subscriberId, row.attempts]));
      const subjects = new Map(claimed.map((row) => [row.subscriberId, row.subject]));
      // Who has none of their own is due when the test is over.
      const subject = composer.edition.subject_test
        ? ((await untilDatabaseAnswers(sending, () => subjectFor(context, editionId))) ?? 0)
        : 0;
      const readers = await untilDatabaseAnswers(sending, () =>
        loadReaders(context, composer.newsletter.id, [...attempts.keys()], composer.past),
      );
      const byId = new Map(readers.map((reader) => [reader.id, reader]));
      const ids = [...attempts.keys()];

      for (let start = 0; start < ids.length; start += sending.connections) {
        const group = ids.slice(start, start + sending.connections);
        const begun = sending.stopping.aborted
          ? new Set<number>()
          : await untilDatabaseAnswers(sending, () => begin(context, holder, editionId, group));
        // What has begun is sent, even if the process is to stop by now: nobody else would.
        if (
          begun.size === 0 &&
          (sending.stopping.aborted || !(await stillSending(context, editionId, sending)))
        ) {
          await untilDatabaseAnswers(sending, () => release(context, holder, editionId, ids.slice(start)));
          return result;
        }
        result.skipped += group.length - begun.size;

        const verdicts = await Promise.all(
          [...begun].map(async (id): Promise<Verdict> => {
            const reader = byId.get(id);
            // Consent was there a moment ago, the person is not: erased in between.
            if (!reader) return gone(id);
            const message = compose(context, composer, reader, subjects.get(id) ?? subject);
            if (!message) return nothingLeft(id);
            const outcome = await handOver(sending.transporter, message);
            return verdictFor(
              outcome,
              {
                subscriberId: id,
                attempts: attempts.get(id) ?? 0,
                stories: message.stories,
                plannedAt: dueSince(composer, subjects.get(id) ?? null) ?? context.clock.now(),
              },
              {
                onUncertain: composer.newsletter.onUncertain,
                now: context.clock.now(),
                random: Math.random(),
              },
            );
          }),
        );
        await untilDatabaseAnswers(sending, () => record(context, holder, editionId, verdicts));
        const bounced = verdicts
          .filter(
            (each) => each.state === 'failed' && isUnknownMailbox(each.smtpCode ?? 0, each.detail ?? ''),
          )
          .map((each) => each.subscriberId);
        await untilDatabaseAnswers(sending, () => suppressBounced(context, editionId, bounced));
        for (const { state } of verdicts) {
          if (state !== 'planned') result[state]++;
          if (state === 'accepted') sending.refusals.inARow = 0;
          else if (state === 'failed') sending.refusals.inARow++;
        }
        if (sending.refusals.inARow >= sending.refusalLimit) {
          sending.refusals.inARow = 0;
          const words = verdicts.find((verdict) => verdict.state === 'failed')?.detail;
          await pauseFor(
            context,
            editionId,
            `${sending.route} refused ${sending.refusalLimit} messages in a row: ${words}`,
          );
          continue;
        }

        const routeFailed = verdicts.filter((verdict) => verdict.state === 'planned');
        if (routeFailed.length < verdicts.length || verdicts.length === 0) {
          failedRounds = 0;
          continue;
        }
        failedRounds++;
        await untilDatabaseAnswers(sending, () =>
          release(context, holder, editionId, ids.slice(start + sending.connections)),
        );
        if (failedRounds >= sending.routeFailureLimit) {
          await pauseFor(context, editionId, `${sending.route} takes no mail: ${routeFailed[0]?.detail}`);
          return result;
        }
        await sleep(Math.min(sending.routeRetryMs * 2 ** (failedRounds - 1), 10_000), undefined, {
          signal: sending.stopping,
        }).catch(() => {});
        break;
      }
    }
    return result;
  } finally {
    clearInterval(renewal);
  }
}

/** From when on a delivery is tried: who waited for a test of subjects has the same time for it as everybody. */
function dueSince({ edition }: Composer, subject: number | null): Date | null {
  const endsAt = (edition.subject_test as SubjectTest | null)?.endsAt;
  return subject === null && endsAt ? new Date(endsAt) : edition.planned_at;
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
});

async function stillSending(context: Context, editionId: number, sending: Sending): Promise<boolean> {
  const row = await untilDatabaseAnswers(sending, () =>
    context.db.selectFrom('editions').select('state').where('id', '=', editionId).executeTakeFirst(),
  );
  return row?.state === 'sending';
}

async function pauseFor(context: Context, editionId: number, reason: string): Promise<void> {
  context.log.error({ editionId, reason }, 'sending paused: the mail server takes nothing');
  try {
    await move(context, editionId, 'pause', reason);
  } catch {
    // Another worker, or an editor, was first.
  }
}

/** Tries again while the database is away: what was sent must be recorded, however long that takes. */
async function untilDatabaseAnswers<T>(sending: Sending, action: () => Promise<T>): Promise<T> {
  for (let wait = 100; ; wait = Math.min(wait * 2, 2000)) {
    try {
      return await action();
    } catch (error) {
      if (!isConnectionError(error)) throw error;
      await sleep(wait);
      if (sending.stopping.aborted && wait >= 2000) throw error;
    }
  }
}
