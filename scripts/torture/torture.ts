import { fullDisk, type Kind, kinds, planOf } from './plan.ts';
import { canMount, type Postgres, startPostgres } from './postgres.ts';
import { type RunResult, tortureRun } from './run.ts';
import { buildWorker } from './workers.ts';

export interface TortureOptions {
  /** At most so many. */
  runs: number;
  /** Of the first run; the next has the next. */
  seed: number;
  /** No run begins after so long. */
  minutes?: number | undefined;
  /** Runs at a time. */
  atOnce?: number;
  mostReaders?: number;
  /** Set when no more runs are to begin. */
  stopping?: AbortSignal;
  /** Called when one has ended. */
  onRun?(result: RunResult): void;
}

export interface TortureResult {
  results: RunResult[];
  /** Why some kind of fault was left out. */
  skipped: string[];
}

/** Sends editions while things go wrong, each run over a database of its own, and checks what came of it. */
export async function torture(options: TortureOptions): Promise<TortureResult> {
  const { runs, seed, minutes = Number.POSITIVE_INFINITY, atOnce = 2, mostReaders = 700 } = options;
  const { stopping, onRun } = options;
  const canFillDisk = canMount();
  const worker = await buildWorker();
  const results: RunResult[] = [];
  const deadline = performance.now() + minutes * 60_000;
  let next = 0;
  const turn = async () => {
    const own = new Map<boolean, Postgres>();
    try {
      while (next < runs && performance.now() < deadline && !stopping?.aborted) {
        const plan = planOf(seed + next++, { mostReaders, canFillDisk });
        const ownDisk = plan.faults.some(({ kind }) => kind === fullDisk);
        const postgres = own.get(ownDisk) ?? (await startPostgres(mostReaders, { ownDisk }));
        own.set(ownDisk, postgres);
        const result = await tortureRun(postgres, worker.file, plan);
        results.push(result);
        onRun?.(result);
      }
    } finally {
      for (const postgres of own.values()) await postgres.close();
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(atOnce, runs) }, turn));
  } finally {
    worker.remove();
  }
  return {
    results: results.sort((a, b) => a.plan.seed - b.plan.seed),
    skipped: canFillDisk ? [] : [`"${fullDisk}" was left out: it takes the right to mount a disk (root)`],
  };
}

/** What came of the runs in which a fault was. */
export interface KindSummary {
  kind: Kind | 'all';
  runs: number;
  kills: number;
  databaseKills: number;
  messages: number;
  uncertain: number;
  doubts: number;
  twice: number;
  lost: number;
  violations: number;
  longestRecoverySeconds: number;
}

/** Sums up by kind of fault; a run counts for each that it had. The last line is of all runs. */
export function summaryOf(results: RunResult[]): KindSummary[] {
  const line = (kind: KindSummary['kind'], of: RunResult[]): KindSummary => {
    const sum = (value: (result: RunResult) => number) => of.reduce((total, each) => total + value(each), 0);
    return {
      kind,
      runs: of.length,
      kills: sum(({ kills }) => kills),
      databaseKills: sum(({ databaseKills }) => databaseKills),
      messages: sum(({ messages }) => messages),
      uncertain: sum(({ uncertain }) => uncertain),
      doubts: sum(({ doubts }) => doubts),
      twice: sum(({ twice }) => twice),
      lost: sum(({ lost }) => lost),
      violations: sum(({ violations }) => violations.length),
      longestRecoverySeconds: Math.max(0, ...of.map(({ recoverySeconds }) => recoverySeconds)),
    };
  };
  const byKind = kinds.map((kind) =>
    line(
      kind,
      results.filter(({ plan }) => plan.faults.some((fault) => fault.kind === kind)),
    ),
  );
  return [...byKind.filter(({ runs }) => runs > 0), line('all', results)];
}
