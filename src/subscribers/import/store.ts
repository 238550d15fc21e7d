import { type Kysely, sql } from 'kysely';
import type { DB } from '../../db/schema.ts';
import { UserError } from '../../errors.ts';
import type { ImportMode } from './modes.ts';

/** What a batch of rows is stored with. */
export interface Storing {
  /** A transaction on a connection with staging tables. */
  db: Kysely<DB>;
  /** Null for a preview, which looks and writes nothing. */
  importId: number | null;
  /** The import's time. Everything that it writes has it, so that undo can tell what was changed since. */
  at: Date;
  mode: ImportMode;
  /** Null (only for `unsubscribe` and `suppress`): every list. */
  listId: number | null;
  /** Tags that everybody in the file gets. */
  tags: string[];
  /** Kept in the consent log with each person; the row's line is added. */
  evidence: Record<string, string | number>;
  /**
   * Whether the connection may leave foreign keys unchecked. It does so only for subscriptions of people whom the same
   * transaction made, to a list whose row it holds: there is nothing to find out about them.
   */
  mayTrustKeys: boolean;
}

/** What became of a batch. */
export interface Stored {
  added: number;
  updated: number;
  unchanged: number;
  /** Rows that were not taken, and why. */
  suppressed: { line: number; reason: string }[];
  passedOver: { line: number; reason: string }[];
}

/** Keeps the import's list from being removed until the batch is stored. @throws UserError (code `not-found`) if it is gone */
export async function holdList({ db, listId, importId }: Storing): Promise<void> {
  if (listId === null || importId === null) return;
  const { rows } = await sql`select id from lists where id = ${listId} for key share`.execute(db);
  if (rows.length === 0) throw new UserError('The list was removed meanwhile.', { code: 'not-found' });
}

/** Sentences for the reasons of suppressions. */
export const suppressedBecause: Record<string, string> = {
  bounce: 'mail to the address came back before',
  complaint: 'the person reported our mail as spam',
  unsubscribe: 'the person unsubscribed',
  erasure: 'the person asked to be erased',
  manual: 'an admin stopped mail to the address',
};
