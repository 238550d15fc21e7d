import { type Kysely, sql } from 'kysely';
import type { DB } from '../../db/schema.ts';
import type { NameKind } from './tree.ts';

const most = 200;

// Editions are called by their newsletter, which names its newest one, or by their id.
const queries: Record<NameKind, string> = {
  editions: `select slug as name from newsletters
    union all select id::text from (select id from editions order by id desc limit 20) as newest`,
  lists: 'select slug as name from lists order by slug',
  newsletters: 'select slug as name from newsletters order by slug',
  routes: 'select name from routes order by name',
  segments: 'select slug as name from segments order by slug',
  sources: 'select name from sources order by name',
  topics: 'select slug as name from topics order by slug',
};

/** Names that a command takes, by kind; those with characters that a shell would read are left out. */
export async function knownNames(db: Kysely<DB>, kind: NameKind): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from (${sql.raw(queries[kind])}) as known limit ${most}`.execute(db);
  return rows.map(({ name }) => name).filter((name) => /^[\p{L}\p{N}_.@-]+$/u.test(name));
}
