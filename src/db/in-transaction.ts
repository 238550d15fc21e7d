import type { Kysely, Transaction } from 'kysely';
import type { DB } from './schema.ts';

/** Works in one transaction: in the one that it is called in, if it is. @returns what the work returns */
export const inTransaction = <Result>(
  { db }: { db: Kysely<DB> },
  work: (transaction: Transaction<DB>) => Promise<Result>,
): Promise<Result> => (db.isTransaction ? work(db as Transaction<DB>) : db.transaction().execute(work));
