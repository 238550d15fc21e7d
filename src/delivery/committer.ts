import type { Context } from '../context.ts';
import { isConnectionError } from '../db/connect.ts';
import { untilDatabaseAnswers } from '../db/until-answers.ts';
import { type Claim, exchange, type Verdict } from './ledger.ts';

/** What a look at a delivery that was to begin came to. `away`: the edition is not being sent, or somebody else has it. */
export type Begun = 'begun' | 'skipped' | 'away';

interface Request {
  verdict: (Verdict & Claim) | undefined;
  begin: Claim | undefined;
  resolve(begun: Begun): void;
  reject(error: unknown): void;
}

const largestGroup = 500;

const keyOf = ({ subscriberId, worker }: Claim) => `${subscriberId} ${worker}`;

/**
 * Writes verdicts and beginnings into the ledger. What is asked for while a commit is under way goes into the next one
 * together: the more connections there are, the more messages share a commit.
 */
export class Committer {
  readonly #context: Context;
  readonly #leaseSeconds: number;
  readonly #stopping: AbortSignal;
  readonly #commitsAtOnce: number;
  readonly #waiting = new Map<number, Request[]>();
  #running = 0;

  /** @param stopping after which a database that stays away is waited for no longer than a few seconds */
  constructor(
    context: Context,
    leaseSeconds: number,
    { stopping, commitsAtOnce = 2 }: { stopping: AbortSignal; commitsAtOnce?: number },
  ) {
    this.#context = context;
    this.#leaseSeconds = leaseSeconds;
    this.#stopping = stopping;
    this.#commitsAtOnce = commitsAtOnce;
  }

  /**
   * Records what became of one delivery and begins another of the same edition, both if given. Resolves when that is
   * durable; while the database is away it goes on trying.
   * @throws what the database throws for this request alone
   */
  exchange(
    editionId: number,
    verdict: (Verdict & Claim) | undefined,
    begin: Claim | undefined,
  ): Promise<Begun> {
    return new Promise((resolve, reject) => {
      const request = { verdict, begin, resolve, reject };
      const waiting = this.#waiting.get(editionId);
      if (waiting) waiting.push(request);
      else this.#waiting.set(editionId, [request]);
      // Not at once: connections whose answers came in the same moment share a commit.
      setImmediate(() => this.#commit());
    });
  }

  #commit(): void {
    if (this.#running >= this.#commitsAtOnce) return;
    const [next] = this.#waiting;
    if (!next) return;
    const [editionId, requests] = next;
    // Behind the other editions: each has its turn.
    this.#waiting.delete(editionId);
    const group = requests.splice(0, largestGroup);
    if (requests.length > 0) this.#waiting.set(editionId, requests);
    this.#running++;
    this.#write(editionId, group).finally(() => {
      this.#running--;
      this.#commit();
    });
  }

  async #write(editionId: number, group: Request[]): Promise<void> {
    try {
      const states = await untilDatabaseAnswers(this.#stopping, () =>
        exchange(
          this.#context,
          this.#leaseSeconds,
          editionId,
          group.flatMap(({ verdict }) => verdict ?? []),
          group.flatMap(({ begin }) => begin ?? []),
        ),
      );
      const found = new Map(states.map((each) => [keyOf(each), each.state]));
      for (const { begin, resolve } of group) resolve((begin && found.get(keyOf(begin))) || 'away');
    } catch (error) {
      const [first] = group;
      if (group.length === 1 || isConnectionError(error)) {
        for (const { reject } of group) reject(error);
        return;
      }
      // One of them cannot be written; the others can.
      this.#context.log.warn(
        { editionId, error, with: first?.begin?.subscriberId },
        'a group is written one by one',
      );
      for (const request of group) await this.#write(editionId, [request]);
    }
  }
}
