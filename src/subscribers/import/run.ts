import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Context } from '../../context.ts';
import type { FilePart } from '../formats/read.ts';
import { MailDomains } from '../mail-domains.ts';
import { Lane } from './lane.ts';
import type { ImportOptions, ImportPlan } from './plan.ts';
import { recordLanes } from './record.ts';
import { type ImportRow, RowMaker } from './rows.ts';
import { addCounts, noCounts, type RowPlace, type Tally } from './tally.ts';

const usualLanes = 2;
const usualRowsAtOnce = 5_000;
/** Fewer rows than this are not worth a second connection. */
const fewRows = 2_000;

/** After so many rows the lanes get to hear what Postgres answered: a millisecond or two, of which each batch waits for a dozen. */
const rowsInTurn = 64;

/** Takes an import's rows from the file to its lanes. */
export class ImportRun {
  readonly #context: Pick<Context, 'db' | 'clock'>;
  readonly #plan: ImportPlan;
  readonly #options: ImportOptions;
  readonly #importId: number | null;
  readonly #tally: Tally;
  readonly #maker: RowMaker;
  readonly #mailDomains: MailDomains | undefined;
  /** Rows that came before the lanes were opened. */
  #early: ImportRow[] = [];
  #lanes: Lane[] = [];
  /** For each lane, the line up to which an earlier run stored its rows. */
  readonly #storedThrough: number[];
  /** Counts of rows that belong to no lane, until there is one. */
  readonly #earlyCounts = noCounts();
  #line = 0;
  /** Rows of the file that were looked at, those that an earlier run stored among them. */
  #read = 0;

  constructor(
    context: Pick<Context, 'db' | 'clock'>,
    plan: ImportPlan,
    options: ImportOptions,
    importId: number | null,
    tally: Tally,
  ) {
    this.#context = context;
    this.#plan = plan;
    this.#options = options;
    this.#importId = importId;
    this.#tally = tally;
    this.#storedThrough = plan.before?.storedThrough ?? [];
    this.#mailDomains = plan.options.checkMx ? (options.mailDomains ?? new MailDomains()) : undefined;
    this.#maker = new RowMaker(plan.mode, plan.options.confirmed !== false, (...told) =>
      this.#report(...told),
    );
  }

  /** Takes some rows of the file. */
  async take(part: FilePart): Promise<void> {
    this.#read += part.records.length + part.broken.length;
    const broken = part.broken.toSorted((a, b) => a.line - b.line);
    let next = 0;
    const reportBroken = (before: number) => {
      for (let row = broken[next]; row && row.line < before; row = broken[++next]) {
        const column = row.column === undefined ? undefined : part.columns.headers[row.column];
        this.#report('bad', row, row.reason, column);
        this.#line = Math.max(this.#line, row.line);
      }
    };
    let inTurn = 0;
    for (const record of part.records) {
      if (++inTurn % rowsInTurn === 0) await nextTurn();
      if (next < broken.length) reportBroken(record.line);
      if (record.remark) this.#report('warning', record, record.remark);
      const row = this.#maker.make(record, part.columns);
      this.#line = Math.max(this.#line, record.line);
      const waiting = row && this.#hand(row);
      if (waiting) await waiting;
    }
    reportBroken(Number.POSITIVE_INFINITY);
  }

  /** Stores what is left. */
  async finish(): Promise<void> {
    if (this.#lanes.length === 0) await this.#openLanes(1);
    for (const index of this.#lanes.keys()) await this.#store(index, this.#line);
    await this.settled();
  }

  /** Waits until everything that was handed to the lanes is stored. */
  async settled(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.settled()));
  }

  /** Closes the lanes' connections. What they are at is taken back. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#lanes.map((lane) => lane.settled()));
    for (const lane of this.#lanes) lane.close();
  }

  async #openLanes(wanted: number): Promise<void> {
    const { db } = this.#context;
    const { at, mode, listId, tags, consent, fileName } = this.#plan;
    const evidence = {
      ...(consent && { consent }),
      ...(fileName && { file: fileName }),
      ...(this.#importId !== null && { import: this.#importId }),
    };
    // An import goes on with as many lanes as it began with: how rows are shared out depends on it.
    const count = this.#storedThrough.length || wanted;
    if (this.#importId !== null && this.#storedThrough.length === 0)
      await recordLanes(this.#context, this.#importId, count);
    for (let number = 0; number < count; number++)
      this.#lanes.push(
        await Lane.open(
          db,
          {
            ...{ number, at, mode, listId, tags, evidence, importId: this.#importId },
            rowsAtOnce: this.#options.rowsAtOnce ?? usualRowsAtOnce,
          },
          this.#tally,
        ),
      );
    const [first] = this.#lanes;
    if (first) addCounts(first.counts, this.#earlyCounts);
    const early = this.#early;
    this.#early = [];
    for (const row of early) await this.#hand(row);
  }

  /** Gives a row to its lane. @returns what has to be waited for before the next, if anything */
  #hand(row: ImportRow): Promise<void> | undefined {
    if (this.#lanes.length === 0) {
      this.#early.push(row);
      return this.#early.length >= fewRows ? this.#openLanes(this.#options.lanes ?? usualLanes) : undefined;
    }
    const number = this.#laneOf(row.key);
    const lane = this.#lanes[number] as Lane;
    const replay = row.line <= (this.#storedThrough[number] ?? 0);
    if (lane.mustStoreBefore(replay))
      return this.#store(number, row.line - 1).then(() => lane.add(row, replay));
    lane.add(row, replay);
    return lane.isFull ? this.#store(number, row.line) : undefined;
  }

  #laneOf(key: string): number {
    if (this.#lanes.length === 1) return 0;
    let hash = 0;
    for (let index = 0; index < key.length; index++) hash = (Math.imul(hash, 31) + key.charCodeAt(index)) | 0;
    // The low bits alone would follow the last letters.
    return ((hash ^ (hash >>> 15)) >>> 0) % this.#lanes.length;
  }

  async #store(number: number, through: number): Promise<void> {
    const lane = this.#lanes[number] as Lane;
    if (this.#mailDomains && lane.rows.length > 0) await this.#checkDomains(lane, this.#mailDomains);
    await lane.store(through);
    this.#options.onProgress?.(this.#read);
  }

  /** Takes out the rows whose domain takes no mail. */
  async #checkDomains(lane: Lane, mailDomains: MailDomains): Promise<void> {
    const answers = await mailDomains.ask(lane.rows.map(({ domain }) => domain));
    lane.keepOnly((row) => {
      if (answers.get(row.domain) !== 'no') return true;
      lane.counts.badRows += 1;
      this.#tally.report('bad', row, `the domain ${row.domain} takes no mail`);
      return false;
    });
  }

  /** Reports and counts a row that no lane gets to see; a warning is about one that does. */
  #report(kind: 'bad' | 'passed over' | 'warning', row: RowPlace, reason: string, column?: string): void {
    // An earlier run told of it.
    if (row.line <= (this.#storedThrough[0] ?? 0)) return;
    this.#tally.report(kind, row, reason, column);
    if (kind === 'warning') return;
    const counts = this.#lanes[0]?.counts ?? this.#earlyCounts;
    counts.rows += 1;
    counts[kind === 'bad' ? 'badRows' : 'passedOver'] += 1;
  }
}
