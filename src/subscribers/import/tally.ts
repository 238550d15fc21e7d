/** A row that was not taken, or was taken with a remark, and why. */
export interface ImportProblem {
  /**
   * Bad: nothing could be done with it. Duplicate: the address stood above. Suppressed: it must not be mailed.
   * Passed over: it is not what the import is for. Warning: it was taken, but look at it.
   */
  kind: 'bad' | 'duplicate' | 'suppressed' | 'passed over' | 'warning';
  /** Where the row starts in the file, from 1. */
  line: number;
  /** The header of the column that is meant, if it is one column. */
  column: string | null;
  reason: string;
  /** The row as written, cut to 500 characters. */
  row: string;
}

/** What became of an import's rows. Each row is in exactly one of the counts, except that `warnings` are counted beside. */
export interface ImportCounts {
  /** Rows read, without the header and empty lines. */
  rows: number;
  /** People who are on the list now and were not before; for `suppress` and `unsubscribe`, addresses that are stopped now. */
  added: number;
  /** People who were there, and about whom the file knew something new. */
  updated: number;
  unchanged: number;
  duplicates: number;
  suppressed: number;
  /** Rows that the import is not for: people whom the file calls unsubscribed, or who are unknown to an update. */
  passedOver: number;
  badRows: number;
}

export interface ImportResult extends ImportCounts {
  /** The import's id, for `broadsheet subscribers imports`; null for a preview. */
  importId: number | null;
  /** Whose export the file is, if it was recognised. */
  service: string | null;
  /** Rows that were taken and should be looked at. */
  warnings: number;
  /** The first 1,000 bad rows; `onProblem` gets them all. */
  bad: ImportProblem[];
  /** The first 1,000 duplicates, suppressed addresses and rows that were passed over. */
  notTaken: ImportProblem[];
  /** The first 1,000 warnings. */
  warned: ImportProblem[];
  /** Headers of the columns that were not used. */
  ignoredColumns: string[];
}

const keptProblems = 1_000;

/** Where a row stands, and what it looks like. */
export interface RowPlace {
  line: number;
  raw: string;
}

/** Nothing, yet. */
export const noCounts = (): ImportCounts => ({
  ...{ rows: 0, added: 0, updated: 0, unchanged: 0 },
  ...{ duplicates: 0, suppressed: 0, passedOver: 0, badRows: 0 },
});

/** Adds some counts to others. */
export function addCounts(to: ImportCounts, counts: ImportCounts): void {
  for (const name of Object.keys(noCounts()) as (keyof ImportCounts)[]) to[name] += counts[name];
}

/** Adds up what became of the rows, and passes problems on. */
export class Tally {
  readonly result: ImportResult = {
    ...{ importId: null, service: null },
    ...noCounts(),
    ...{ warnings: 0, bad: [], notTaken: [], warned: [], ignoredColumns: [] },
  };
  readonly #onProblem: ((problem: ImportProblem) => void) | undefined;

  constructor(onProblem?: (problem: ImportProblem) => void) {
    this.#onProblem = onProblem;
  }

  /** Adds what became of some rows. */
  count(counts: ImportCounts): void {
    addCounts(this.result, counts);
  }

  /** Tells of a row that was not taken, or was taken with a warning. It is counted by `count`; warnings are counted here. */
  report(kind: ImportProblem['kind'], { line, raw }: RowPlace, reason: string, column?: string): void {
    const problem: ImportProblem = {
      ...{ kind, line, column: column ?? null, reason },
      row: raw.length > 500 ? `${raw.slice(0, 500)}…` : raw,
    };
    const { result } = this;
    if (kind === 'warning') result.warnings += 1;
    const kept = kind === 'bad' ? result.bad : kind === 'warning' ? result.warned : result.notTaken;
    if (kept.length < keptProblems) kept.push(problem);
    this.#onProblem?.(problem);
  }

  /** The result, with its problems in the order of the file. */
  finished(): ImportResult {
    for (const problems of [this.result.bad, this.result.notTaken, this.result.warned])
      problems.sort((a, b) => a.line - b.line);
    return this.result;
  }
}
