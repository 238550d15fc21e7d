import type { Context } from '../context.ts';
import { inTransaction } from '../db/in-transaction.ts';
import { UserError } from '../errors.ts';
import { detectKind } from './detect-kind.ts';
import { checkSourceFields, findSource, type Source, type SourceFields } from './sources.ts';

/** What may be changed of a source; what is left out stays. */
export interface SourceChanges extends Omit<SourceFields, 'kind' | 'language'> {
  /** Where it is now. Its stories and how it did before stay. */
  address?: string;
  /** Null: none is known. */
  language?: string | null;
}

/**
 * Changes a source. A new address is looked at as when it was added, and fetched when it is due, which is at once.
 * @param note called in the transaction of the change: what it writes is there exactly if the source is changed
 * @param check called in it with the source as it was just before: what it throws leaves the source as it is
 * @throws UserError if there is no such source, nothing is to be changed, or a name or address is another source's
 */
export async function editSource(
  context: Pick<Context, 'db' | 'config' | 'clock'>,
  reference: string | number,
  changes: SourceChanges,
  note?: (db: Context['db'], source: Source) => Promise<void>,
  check?: (source: Source) => void,
): Promise<Source> {
  const { address, name, publisher, weight, intervalSeconds, topics, language } = changes;
  checkSourceFields({ ...changes, language: language ?? undefined });
  const before = await findSource(context, reference);
  const found = address === undefined ? undefined : await detectKind(context.config, address);
  const given = {
    name: name?.slice(0, 200),
    publisher: publisher?.slice(0, 200),
    weight,
    interval_seconds: intervalSeconds,
    topics,
    language,
    ...(found && {
      url: found.url,
      kind: found.kind,
      etag: null,
      last_modified: null,
      failures: 0,
      last_error: null,
      next_fetch_at: context.clock.now(),
    }),
  };
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  if (Object.keys(set).length === 0)
    throw new UserError('Nothing to change was given.', {
      code: 'usage',
      hint: 'See what can be changed: broadsheet sources edit --help',
    });
  for (const [column, value] of [
    ['name', set.name],
    ['url', set.url],
  ] as const) {
    if (value === undefined) continue;
    const other = await context.db
      .selectFrom('sources')
      .select('name')
      .where(column, '=', value as string)
      .where('id', '<>', before.id)
      .executeTakeFirst();
    if (other)
      throw new UserError(
        column === 'name'
          ? `There is a source named "${other.name}" already.`
          : `That address is a source already, named "${other.name}".`,
        { code: 'exists' },
      );
  }
  return inTransaction(context, async (transaction) => {
    if (check) {
      const last = await transaction
        .selectFrom('sources')
        .selectAll()
        .where('id', '=', before.id)
        .forNoKeyUpdate()
        .executeTakeFirstOrThrow();
      check(last);
    }
    const source = await transaction
      .updateTable('sources')
      .set(set)
      .where('id', '=', before.id)
      .returningAll()
      .executeTakeFirstOrThrow();
    await note?.(transaction, source);
    return source;
  });
}
