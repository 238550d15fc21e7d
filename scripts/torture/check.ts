import type { Copy } from './sink.ts';

/** A delivery as the ledger has it at the end. */
export interface Row {
  subscriberId: number;
  email: string;
  state: string;
  detail: string | null;
}

/** A change of a delivery, in order. */
export interface Change {
  subscriberId: number;
  was: string;
  state: string;
  wasWorker: string | null;
  detail: string | null;
  /** When its statement came in, in milliseconds. */
  at: number;
}

/** What is known of a run when it has ended. */
export interface Evidence {
  edition: { state: string; planned: number };
  /** Who was to be planned. */
  readers: number;
  rows: Row[];
  changes: Change[];
  copies: Map<string, Copy[]>;
  /** When the leaving of each who left was committed, by the database's clock. */
  left: Map<number, number>;
  connections: number;
  workers: { kills: number; freezes: number };
  /** Messages to which the server gave no clean answer. */
  unanswered: number;
}

/** What came of a run. */
export interface Findings {
  messages: number;
  /** Deliveries that stand as uncertain at the end. */
  uncertain: number;
  /** How often the ledger said that nobody knows; with `resend` each is followed by another try. */
  doubts: number;
  /** Who got more than one. */
  twice: number;
  /** Who is missing: without a final state, or accepted and not at the server. */
  lost: number;
  /** Workers that were taken over although nobody had touched them: the machine was too slow for the lease. */
  stalls: number;
  /** What must not be. */
  violations: string[];
}

/** Holds what the ledger says against what the mail server has. */
export function check(evidence: Evidence): Findings {
  const { edition, rows, changes, copies, left, connections, workers, unanswered } = evidence;
  const violations: string[] = [];
  const wrong = (what: string) => void (violations.length < 20 && violations.push(what));
  const begun = countBy(changes.filter(({ state }) => state === 'begun'));
  const takenOver = changes.filter((change) => isDoubt(change) && wasTakenOver(change));
  const doubts = countBy(changes.filter(isDoubt));

  if (rows.length !== evidence.readers || edition.planned !== rows.length)
    wrong(`${evidence.readers} readers, ${edition.planned} planned, ${rows.length} rows`);
  if (edition.state !== 'sent' && edition.state !== 'cancelled') wrong(`the edition is ${edition.state}`);

  let lost = 0;
  let twice = 0;
  const open =
    edition.state === 'cancelled' ? ['claimed', 'begun'] : ['planned', 'claimed', 'begun', 'deferred'];
  for (const { subscriberId, email, state, detail } of rows) {
    const who = `reader ${subscriberId}`;
    const got = copies.get(email)?.length ?? 0;
    const doubted = doubts.get(subscriberId) ?? 0;
    if (open.includes(state)) {
      lost++;
      wrong(`${who} is left ${state} (${detail})`);
    }
    if (state === 'accepted' && got === 0) {
      lost++;
      wrong(`${who} is accepted, and the server has nothing`);
    }
    if (got > 1) twice++;
    if (got > 1 + doubted) wrong(`${who} got ${got}, and the ledger doubted ${doubted} times`);
    if (got > 0 && state !== 'accepted' && doubted === 0)
      wrong(`${who} got a message, and the ledger says ${state} (${detail})`);
    if (got > (begun.get(subscriberId) ?? 0))
      wrong(`${who} got ${got}, begun ${begun.get(subscriberId) ?? 0} times`);
    if (new Set(copies.get(email)?.map(({ messageId }) => messageId)).size > 1)
      wrong(`${who} got copies with different Message-IDs`);
  }
  const known = new Set(rows.map(({ email }) => email));
  for (const email of copies.keys())
    if (!known.has(email)) wrong(`${email} got a message and was not planned`);

  for (const { subscriberId, state, at } of changes) {
    const leftAt = left.get(subscriberId);
    if (state === 'begun' && leftAt !== undefined && at > leftAt)
      wrong(`reader ${subscriberId} had left ${Math.round(at - leftAt)} ms before their message began`);
  }

  // A worker has one message out on each connection, and each time it goes silent these are in doubt, no more.
  const silent = Map.groupBy(takenOver, ({ wasWorker }) => wasWorker ?? '');
  for (const [worker, each] of silent)
    if (each.length > connections * (1 + workers.freezes))
      wrong(`${each.length} messages of worker ${worker} were in doubt, with ${connections} connections`);
  const stalls = Math.max(0, silent.size - workers.kills - workers.freezes);
  const mostTakenOver = connections * (workers.kills + workers.freezes + stalls);
  if (takenOver.length > mostTakenOver)
    wrong(`${takenOver.length} messages were in doubt after workers ended; at most ${mostTakenOver} can be`);
  const other = changes.filter((change) => isDoubt(change) && !wasTakenOver(change)).length;
  if (other > unanswered)
    wrong(
      `${other} messages were in doubt for want of an answer, and the server left ${unanswered} without one`,
    );

  return {
    messages: [...copies.values()].reduce((sum, { length }) => sum + length, 0),
    uncertain: rows.filter(({ state }) => state === 'uncertain').length,
    doubts: takenOver.length + other,
    twice,
    lost,
    stalls,
    violations,
  };
}

/** The ledger says that a message may or may not have arrived. */
const isDoubt = ({ was, state, detail }: Change) =>
  was === 'begun' && (state === 'uncertain' || /^sent again:/.test(detail ?? ''));

/** By another, as its worker was silent; otherwise by the worker itself, as the server was. */
const wasTakenOver = ({ detail }: Change) => /the worker ended before/.test(detail ?? '');

function countBy(changes: Change[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { subscriberId } of changes) counts.set(subscriberId, (counts.get(subscriberId) ?? 0) + 1);
  return counts;
}
