import type { Reader } from './readers.ts';

/** An edition as it stands at the end; times in milliseconds. */
export interface SoakedEdition {
  id: number;
  newsletter: string;
  list: string;
  scheduledFor: number;
  state: string;
  reason: string | null;
  plannedAt: number | null;
  planned: number;
  /** Whether its report adds up. */
  sums: boolean;
}

export interface SoakedDelivery {
  editionId: number;
  subscriberId: number;
  state: string;
  doubted: boolean;
}

/** What is known when all is over. */
export interface Evidence {
  editions: SoakedEdition[];
  deliveries: SoakedDelivery[];
  /** For which minutes each newsletter should have an edition. */
  due: Map<string, number[]>;
  /** Runs of which the log says that they were missed while no process looked. */
  missedByLog: number;
  /** When each message came, by `edition-reader`. */
  copies: Map<string, number[]>;
  people: Reader[];
  /** Clicks written, by reader. */
  clicks: Map<number, number>;
  /** Connections of the workers that were killed, one message each. */
  mostDoubts: number;
}

/** What came of it. */
export interface Findings {
  editions: number;
  messages: number;
  /** Deliveries of which nobody knows, and those that were sent again for that. */
  uncertain: number;
  doubted: number;
  twice: number;
  lost: number;
  /** Minutes without an edition, as the log says too. */
  missed: number;
  /** Editions for which there were too few new stories: sources are fetched once a minute at most, and readers wait. */
  skipped: number;
  violations: string[];
}

/** A message that had begun goes out. */
const underWayMs = 5_000;
/** Between what readers know and what the database has written. */
const betweenMs = 1_500;
const openStates = ['planned', 'claimed', 'begun', 'deferred'];

/** As a newsletter wants it: with few new stories there is no edition. */
const isForWantOfStories = ({ state, reason }: Pick<SoakedEdition, 'state' | 'reason'>) =>
  state === 'skipped' && /new stor(y|ies)/.test(reason ?? '');

/** Holds the promises against what the readers saw. */
export function check(evidence: Evidence): Findings {
  const { editions, deliveries, copies, people, clicks } = evidence;
  const violations: string[] = [];
  let more = 0;
  const wrong = (what: string) => void (violations.length < 30 ? violations.push(what) : more++);

  const byMinute = Map.groupBy(editions, ({ newsletter, scheduledFor }) => `${newsletter} ${scheduledFor}`);
  for (const [minute, each] of byMinute) if (each.length > 1) wrong(`${each.length} editions for ${minute}`);
  let missed = 0;
  for (const [newsletter, minutes] of evidence.due)
    missed += minutes.filter((minute) => !byMinute.has(`${newsletter} ${minute}`)).length;
  if (missed > evidence.missedByLog)
    wrong(`${missed} minutes have no edition, and the log tells of ${evidence.missedByLog} that were missed`);
  for (const { id, newsletter, state, reason, sums, planned } of editions) {
    if (state !== 'sent' && !isForWantOfStories({ state, reason }))
      wrong(`edition ${id} of ${newsletter} is ${state} (${reason})`);
    if (!sums) wrong(`the report of edition ${id} does not add up to ${planned}`);
  }

  const skipped = editions.filter(isForWantOfStories).length;
  if (skipped * 10 > editions.length)
    wrong(`${skipped} of ${editions.length} editions found too few new stories`);

  let lost = 0;
  let twice = 0;
  const rows = new Map<string, SoakedDelivery>();
  const readers = new Map(people.map((reader) => [reader.id, reader]));
  for (const delivery of deliveries) {
    const { editionId, subscriberId, state, doubted } = delivery;
    const key = `${editionId}-${subscriberId}`;
    const who = `reader ${subscriberId} of edition ${editionId}`;
    rows.set(key, delivery);
    const got = copies.get(key)?.length ?? 0;
    const isDoubtful = doubted || state === 'uncertain';
    if (openStates.includes(state)) {
      lost++;
      wrong(`${who} is left ${state}`);
    }
    if (state === 'accepted' && got === 0) {
      lost++;
      wrong(`${who} is accepted, and has no message`);
    }
    if (got > 1) twice++;
    if (got > 1 && !doubted) wrong(`${who} got ${got}, and the ledger had no doubt`);
    if (got > 0 && state !== 'accepted' && !isDoubtful) wrong(`${who} got a message, and is ${state}`);
  }
  for (const [key, times] of copies) {
    if (!rows.has(key)) wrong(`a message of ${key} came, and was not planned`);
    const left = readers.get(Number(key.split('-')[1]))?.left;
    const late = left === undefined ? 0 : Math.max(...times) - left;
    if (late > underWayMs) wrong(`${key}: a message came ${Math.round(late)} ms after its reader had left`);
  }
  for (const { id, list, plannedAt, state } of editions) {
    if (plannedAt === null || state === 'cancelled') continue;
    for (const reader of people) {
      const isOn =
        reader.list === list &&
        reader.since !== undefined &&
        reader.since + betweenMs < plannedAt &&
        (reader.leaving === undefined || reader.leaving - betweenMs > plannedAt);
      if (!isOn || rows.has(`${id}-${reader.id}`)) continue;
      lost++;
      wrong(`reader ${reader.id} was on ${list}, and edition ${id} was not planned for them`);
    }
  }

  const uncertain = deliveries.filter(({ state }) => state === 'uncertain').length;
  const doubted = deliveries.filter((each) => each.doubted && each.state !== 'uncertain').length;
  if (uncertain + doubted > evidence.mostDoubts)
    wrong(`${uncertain + doubted} messages were in doubt; at most ${evidence.mostDoubts} can be`);

  // What an erased reader did is erased with them.
  for (const reader of people) {
    const written = clicks.get(reader.id) ?? 0;
    if (!reader.isErased && written !== reader.clicks)
      wrong(`reader ${reader.id} clicked ${reader.clicks} times, and ${written} are counted`);
  }
  if (more > 0) violations.push(`and ${more} more`);
  return {
    editions: editions.length,
    messages: [...copies.values()].reduce((sum, { length }) => sum + length, 0),
    uncertain,
    doubted,
    twice,
    lost,
    missed,
    skipped,
    violations,
  };
}
