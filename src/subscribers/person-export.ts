import type { Context } from '../context.ts';
import type { JsonValue } from '../db/schema.ts';
import { UserError } from '../errors.ts';
import { parseAddress } from './address.ts';
import { rowsInParts } from './person-parts.ts';
import { allPersonTables, type PersonKey } from './person-tables.ts';

/** Everything that is kept about one person, as a document for them (GDPR articles 15 and 20). */
export interface PersonExport {
  format: 'broadsheet-person-1';
  /** ISO 8601. */
  exportedAt: string;
  /** Null for somebody who is no subscriber. */
  subscriberId: number | null;
  email: string;
  /** By the table's name. Dates are ISO 8601, bytes are hexadecimal. Tables that hold nothing are left out. */
  tables: Record<string, { title: string; rows: Record<string, JsonValue>[] }>;
}

/** Everything about a subscriber. @throws UserError if there is none of this id */
export async function exportPerson(
  context: Pick<Context, 'db' | 'clock'>,
  subscriberId: number,
): Promise<PersonExport> {
  const person = await context.db
    .selectFrom('subscribers')
    .select(['id', 'email', 'email_key as key', 'email_hash as hash'])
    .where('id', '=', subscriberId)
    .executeTakeFirst();
  if (!person) throw new UserError(`There is no subscriber ${subscriberId}.`, { code: 'not-found' });
  return collect(context, person, person.email);
}

/**
 * Everything about an address, a subscriber's or not: someone who is only suppressed may ask too.
 * @throws UserError if it is not an address
 */
export async function exportAddress(
  context: Pick<Context, 'db' | 'clock'>,
  email: string,
): Promise<PersonExport> {
  const address = parseAddress(email);
  const person = await context.db
    .selectFrom('subscribers')
    .select('id')
    .where('email_key', '=', address.key)
    .executeTakeFirst();
  return collect(context, { id: person?.id ?? null, key: address.key, hash: address.hash }, address.email);
}

async function collect(
  context: Pick<Context, 'db' | 'clock'>,
  person: PersonKey,
  email: string,
): Promise<PersonExport> {
  // One look at one moment: what is written meanwhile is in all of it or in none. Of editions, a look for each group of them.
  const parts: Record<string, Record<string, unknown>[]> = {};
  for (const [name, table] of allPersonTables)
    if (table.of) parts[name] = await rowsInParts(context.db, table, person);
  const tables = await context.db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      const found: PersonExport['tables'] = {};
      for (const [name, table] of allPersonTables) {
        const rows = table.of ? (parts[name] ?? []) : (await table.rows(person).execute(trx)).rows;
        if (rows.length > 0) found[name] = { title: table.title, rows: rows.map(plainRow) };
      }
      return found;
    });
  return {
    format: 'broadsheet-person-1',
    exportedAt: context.clock.now().toISOString(),
    subscriberId: person.id,
    email,
    tables,
  };
}

const plainRow = (row: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)]));

function plain(value: unknown): JsonValue {
  if (value === null || value === undefined) return null;
  if (Buffer.isBuffer(value)) return value.toString('hex');
  if (value instanceof Date) return value.toISOString();
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}

const mostShown = 2_000;

/** The same as a page that a person can read and keep: HTML in one piece, without script. */
export function personHtml(person: PersonExport): string {
  const sections = Object.values(person.tables).map(({ title, rows }) => {
    const names = Object.keys(rows[0] ?? {}).filter((name) => rows.some((row) => !isEmpty(row[name])));
    const shown = rows.slice(0, mostShown);
    const left =
      rows.length > shown.length ? `<p>${rows.length - shown.length} more are in the JSON file.</p>` : '';
    const cards = shown.map(
      (row) =>
        `<dl>${names
          .filter((name) => !isEmpty(row[name]))
          .map((name) => `<dt>${escaped(labelOf(name))}</dt><dd>${shownValue(row[name])}</dd>`)
          .join('')}</dl>`,
    );
    return `<section><h2>${escaped(title)} <small>${rows.length}</small></h2>${cards.join('\n')}${left}</section>`;
  });
  const nothing = sections.length === 0 ? '<p>Nothing is kept about this address.</p>' : '';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What is kept about ${escaped(person.email)}</title>
<style>${css}</style>
</head>
<body>
<main>
<h1>What is kept about ${escaped(person.email)}</h1>
<p>All of it, as of ${escaped(readable(person.exportedAt))}. Times are in UTC.</p>
${nothing}${sections.join('\n')}
</main>
</body>
</html>
`;
}

const css = `:root{color-scheme:light dark}
body{margin:0;font:16px/1.5 system-ui,sans-serif;color:CanvasText;background:Canvas}
main{max-width:46rem;margin:0 auto;padding:2rem 1rem 4rem}
h1{font-size:1.6rem;line-height:1.25;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin-top:2.5rem}
small{font-weight:400;color:color-mix(in srgb,CanvasText 70%,Canvas)}
dl{display:grid;grid-template-columns:minmax(8rem,12rem) 1fr;gap:.15rem 1rem;margin:0;padding:.8rem 0;border-top:1px solid color-mix(in srgb,CanvasText 20%,Canvas)}
dt{color:color-mix(in srgb,CanvasText 70%,Canvas)}
dd{margin:0;overflow-wrap:anywhere;white-space:pre-wrap}
@media(max-width:30rem){dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}}`;

const labelOf = (name: string) => name.replaceAll('_', ' ');

const isEmpty = (value: JsonValue | undefined) =>
  value === null ||
  value === undefined ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0);

const longestShown = 2_000;

function shownValue(value: JsonValue | undefined): string {
  if (typeof value === 'string') {
    const text = isTime(value) ? readable(value) : value;
    return escaped(text.length > longestShown ? `${text.slice(0, longestShown)}…` : text);
  }
  if (Array.isArray(value) && value.every((each) => typeof each !== 'object'))
    return escaped(value.join(', '));
  return escaped(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

const isTime = (text: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text);
const readable = (time: string) => time.slice(0, 16).replace('T', ' ');

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
