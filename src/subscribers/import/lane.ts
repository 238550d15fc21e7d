import { type Kysely, sql } from 'kysely';
import { type OwnConnection, ownConnection } from '../../db/connect.ts';
import type { DB } from '../../db/schema.ts';
import { lockLane } from './lock.ts';
import { MaybeSeen } from './maybe-seen.ts';
import type { ImportRow } from './rows.ts';
import { createStaging, mayTrustKeys, rememberStaged, stageRows, takeOutRepeated } from './staging.ts';
import type { Stored, Storing } from './store.ts';
import { storePeople } from './store-people.ts';
import { storeStopped } from './store-stopped.ts';
import { type ImportCounts, noCounts, type RowPlace, type Tally } from './tally.ts';

/** What a lane's batches have in common. */
export type LaneOptions = Omit<Storing, 'db' | 'mayTrustKeys'> & {
  number: number;
  rowsAtOnce: number;
};

/** A row that waits to be stored. Where it stands among the batch's bytes is all that is kept of its values. */
interface WaitingRow extends RowPlace {
  domain: string;
  start: number;
  end: number;
}

interface Batch {
  rows: WaitingRow[];
  /** The rows as COPY takes them. */
  bytes: Buffer;
  length: number;
  /** The line of each address. */
  keys: Map<string, number>;
  counts: ImportCounts;
  /** Stored by an earlier run: the addresses are remembered and nothing else. */
  replay: boolean;
  /** An address of it may have stood above, in what was stored before. */
  mayRepeat: boolean;
}

const mostTries = 10;

/**
 * One of an import's connections. Each address belongs to one lane, by its spelling, so that lanes never meet in a
 * row, and a repeated address is told by its lane alone. While a lane stores a batch it collects the next.
 */
export class Lane {
  readonly #connection: OwnConnection;
  readonly #storing: Omit<Storing, 'db'>;
  readonly #number: number;
  readonly #rowsAtOnce: number;
  readonly #tally: Tally;
  readonly #addresses = new MaybeSeen();
  #batch: Batch = emptyBatch();
  #storingNow: Promise<void> = Promise.resolve();

  private constructor(
    connection: OwnConnection,
    { number, rowsAtOnce, ...storing }: LaneOptions & Pick<Storing, 'mayTrustKeys'>,
    tally: Tally,
  ) {
    this.#connection = connection;
    this.#number = number;
    this.#rowsAtOnce = rowsAtOnce;
    this.#storing = storing;
    this.#tally = tally;
  }

  /** Opens a connection with everything that a lane needs. */
  static async open(db: Kysely<DB>, options: LaneOptions, tally: Tally): Promise<Lane> {
    const connection = await ownConnection(db);
    try {
      if (options.importId !== null) await lockLane(connection.db, options.importId);
      const addsPeople = options.mode === 'subscribe' || options.mode === 'add';
      await createStaging(connection.db, addsPeople && options.importId !== null);
      const trust = await mayTrustKeys(connection.db);
      return new Lane(connection, { ...options, mayTrustKeys: trust }, tally);
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** The counts that the batch which is being collected will add. */
  get counts(): ImportCounts {
    return this.#batch.counts;
  }

  /** Whether enough rows have come together to be stored. */
  get isFull(): boolean {
    return this.#batch.rows.length >= this.#rowsAtOnce;
  }

  /** Whether a row has to wait until the batch was handed over with `store`: one that an earlier run stored, or the first that none did. */
  mustStoreBefore(replay: boolean): boolean {
    return this.#batch.replay !== replay && this.#batch.rows.length > 0;
  }

  /** Takes a row. @param replay an earlier run stored it */
  add(row: ImportRow, replay: boolean): void {
    const batch = this.#batch;
    if (batch.rows.length === 0) batch.replay = replay;
    if (!replay) batch.counts.rows += 1;
    const first = batch.keys.get(row.key);
    if (first !== undefined) {
      if (!replay) this.#isDuplicate(batch.counts, row, first);
      return;
    }
    batch.keys.set(row.key, row.line);
    if (this.#addresses.add(row.key)) batch.mayRepeat = true;
    const { line, raw, domain, copy } = row;
    const start = batch.length;
    // No character of a string takes more than three bytes.
    if (batch.bytes.length - start < copy.length * 3) batch.bytes = grown(batch.bytes, copy.length * 3);
    batch.length += batch.bytes.write(copy, start);
    batch.rows.push({ line, raw, domain, start, end: batch.length });
  }

  /** The rows of the batch that is being collected. */
  get rows(): readonly Pick<WaitingRow, 'domain'>[] {
    return this.#batch.rows;
  }

  /** Takes rows out of the batch again that were found bad in the meantime. */
  keepOnly(wanted: (row: RowPlace & { domain: string }) => boolean): void {
    const batch = this.#batch;
    batch.rows = batch.rows.filter(wanted);
    batch.bytes = Buffer.concat(batch.rows.map(({ start, end }) => batch.bytes.subarray(start, end)));
    batch.length = 0;
    // Each stands elsewhere now.
    for (const row of batch.rows) {
      const size = row.end - row.start;
      row.start = batch.length;
      batch.length += size;
      row.end = batch.length;
    }
  }

  /**
   * Stores the batch while the caller goes on. Waits for the batch before it, and throws what went wrong with that.
   * @param through the line up to which this lane has all its rows
   */
  async store(through: number): Promise<void> {
    await this.#storingNow;
    const batch = this.#batch;
    this.#batch = emptyBatch();
    this.#storingNow = this.#storeBatch(batch, through);
    // Whoever waits for it next is told; until then it is not unhandled.
    this.#storingNow.catch(() => {});
  }

  /** Waits until everything that was handed over is stored. */
  async settled(): Promise<void> {
    await this.#storingNow;
  }

  /** Gives its connection up. */
  close(): void {
    this.#connection.close();
  }

  async #storeBatch(batch: Batch, through: number): Promise<void> {
    const { client } = this.#connection;
    const { repeated, ...stored } = await this.#tried(async (trx) => {
      let repeated: { line: number; first: number }[] = [];
      if (batch.rows.length > 0) {
        await stageRows(client, batch.bytes.subarray(0, batch.length));
        if (batch.mayRepeat) repeated = await takeOutRepeated(trx);
        await rememberStaged(trx);
      }
      const stores = batch.rows.length > 0 && !batch.replay;
      const done = stores ? await this.#storeRows({ ...this.#storing, db: trx }) : nothingStored;
      const counts = countsWith(batch.counts, done, repeated.length);
      if (this.#storing.importId !== null && !batch.replay) await this.#record(trx, counts, through);
      return { ...done, counts, repeated };
    });
    if (batch.replay) return;

    const rowAt = new Map<number, RowPlace>();
    const told = [repeated, stored.suppressed, stored.passedOver].some((rows) => rows.length > 0);
    if (told) for (const row of batch.rows) rowAt.set(row.line, row);
    const tell = (kind: 'duplicate' | 'suppressed' | 'passed over', line: number, reason: string) => {
      const row = rowAt.get(line);
      if (row) this.#tally.report(kind, row, reason);
    };
    for (const { line, first } of repeated) tell('duplicate', line, standsAlready(first));
    for (const { line, reason } of stored.suppressed) tell('suppressed', line, reason);
    for (const { line, reason } of stored.passedOver) tell('passed over', line, reason);
    this.#tally.count(stored.counts);
  }

  #storeRows(storing: Storing): Promise<Stored> {
    const { mode } = storing;
    return mode === 'unsubscribe' || mode === 'suppress' ? storeStopped(storing) : storePeople(storing);
  }

  /** Runs a transaction, again if another one stood in its way. */
  async #tried<T>(work: (trx: Kysely<DB>) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#connection.db.transaction().execute(work);
      } catch (error) {
        // Somebody added the same person meanwhile (23505), or two waited for each other (40).
        const again = /^(23505|40001|40P01)$/.test((error as { code?: string }).code ?? '');
        if (!again || tries >= mostTries) throw error;
      }
    }
  }

  /** Writes down, with the batch, how far this lane has come. */
  async #record(trx: Kysely<DB>, counts: ImportCounts, through: number): Promise<void> {
    const { importId } = this.#storing;
    await sql`
      update imports set
        "rows" = "rows" + ${counts.rows}, added = added + ${counts.added}, updated = updated + ${counts.updated},
        unchanged = unchanged + ${counts.unchanged}, duplicates = duplicates + ${counts.duplicates},
        suppressed = suppressed + ${counts.suppressed}, passed_over = passed_over + ${counts.passedOver},
        bad = bad + ${counts.badRows}, stored_through[${sql.lit(this.#number + 1)}] = ${through}, updated_at = clock_timestamp()
      where id = ${importId}`.execute(trx);
  }

  #isDuplicate(counts: ImportCounts, row: ImportRow, first: number): void {
    counts.duplicates += 1;
    this.#tally.report('duplicate', row, standsAlready(first));
  }
}

const standsAlready = (line: number) => `the address stands in line ${line} already`;

const nothingStored: Stored = { added: 0, updated: 0, unchanged: 0, suppressed: [], passedOver: [] };

const emptyBatch = (): Batch => ({
  ...{ rows: [], bytes: Buffer.allocUnsafe(firstBytes), length: 0 },
  ...{ keys: new Map(), counts: noCounts(), replay: false, mayRepeat: false },
});

const firstBytes = 65_536;

function grown(bytes: Buffer, needed: number): Buffer {
  const more = Buffer.allocUnsafe(Math.max(bytes.length * 2, bytes.length + needed));
  bytes.copy(more);
  return more;
}

const countsWith = (counts: ImportCounts, stored: Stored, repeated: number): ImportCounts => ({
  ...counts,
  added: counts.added + stored.added,
  updated: counts.updated + stored.updated,
  unchanged: counts.unchanged + stored.unchanged,
  duplicates: counts.duplicates + repeated,
  suppressed: counts.suppressed + stored.suppressed.length,
  passedOver: counts.passedOver + stored.passedOver.length,
});
