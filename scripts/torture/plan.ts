import { Random } from './random.ts';
import { type Mood, moods } from './sink.ts';

/** What is done to a run, beside what its mail server does. */
const deeds = [
  'kill a worker',
  'kill all workers',
  'stop a worker',
  'freeze a worker',
  'kill Postgres',
  'kill a backend',
  'restart Postgres',
  'cut all sessions',
  'move the clock forward',
  'move the clock back',
  'subscribers leave',
  'pause and resume',
  'cancel',
  'many planners',
] as const;

/** Only on a disk of its own. */
export const fullDisk = 'fill the disk';

export type Kind = (typeof deeds)[number] | typeof fullDisk | `server: ${Mood}`;

/** Every kind of fault; each is the first of one in so many runs. */
export const kinds: readonly Kind[] = [...deeds, fullDisk, ...moods.map((mood): Kind => `server: ${mood}`)];

export interface Fault {
  kind: Kind;
  /** Milliseconds after the first message. */
  at: number;
  lasts: number;
  /** For a server's mood: whom it meets, from 0 to 1. */
  share: number;
}

/** Everything about a run that is drawn from its seed. */
export interface RunPlan {
  seed: number;
  readers: number;
  workers: number;
  /** Of each worker. */
  connections: number;
  onUncertain: 'resend' | 'skip';
  pipelining: boolean;
  /** How long the server thinks about each message. */
  answerMs: number;
  faults: Fault[];
}

const sendingMs = 2000;

/** @param options.canFillDisk without it that fault is left out */
export function planOf(
  seed: number,
  { mostReaders, canFillDisk }: { mostReaders: number; canFillDisk: boolean },
): RunPlan {
  const random = new Random(seed);
  const first = kinds[seed % kinds.length] as Kind;
  const others = random.some(
    kinds.filter((kind) => kind !== first && kind !== 'cancel' && kind !== fullDisk),
    random.between(1, 4),
  );
  const readers = random.between(Math.min(300, mostReaders), mostReaders);
  const workers = random.between(1, 3);
  const connections = random.between(2, 8);
  return {
    seed,
    readers,
    workers,
    connections,
    onUncertain: random.pick(['resend', 'skip'] as const),
    pipelining: random.chance(0.8),
    answerMs: Math.min(40, Math.round((sendingMs * workers * connections) / readers)),
    faults: [first, ...others]
      .filter((kind) => canFillDisk || kind !== fullDisk)
      .map((kind) => ({
        kind,
        at: random.between(0, sendingMs - 300),
        lasts: random.between(200, 1200),
        share: random.pick([0.1, 0.4, 1]),
      }))
      .sort((a, b) => a.at - b.at),
  };
}
