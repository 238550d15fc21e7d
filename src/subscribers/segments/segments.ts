import type { Selectable, Transaction } from 'kysely';
import { sql } from 'kysely';
import type { Context } from '../../context.ts';
import type { DB, Segments } from '../../db/schema.ts';
import { UserError } from '../../errors.ts';
import { namesIn } from './compile.ts';
import { fieldNamed } from './fields.ts';
import { parseFilter } from './parse.ts';
import { checkFilter, noSegment } from './reference.ts';
import { renamedIn } from './rename.ts';

type Deps = Pick<Context, 'db' | 'clock'>;

/** A filter with a name. */
export interface Segment {
  id: number;
  name: string;
  description: string;
  /** As it was written. */
  filter: string;
  createdAt: Date;
  updatedAt: Date;
}

/** A segment and what depends on it. */
export interface SegmentUse extends Segment {
  /** Segments that refer to it, by name. */
  segments: string[];
  /** Newsletters that are limited to it, by slug. */
  newsletters: string[];
}

/**
 * Saves a filter under a name.
 * @throws UserError if the name is taken or cannot be one, or the filter is wrong
 */
export async function createSegment(
  context: Deps,
  request: { name: string; filter: string; description?: string },
): Promise<Segment> {
  const name = checkName(request.name);
  return writing(context, async (inside) => {
    const filter = request.filter.trim();
    await checkFilter(inside, filter, name);
    const now = context.clock.now();
    const row = await inside.db
      .insertInto('segments')
      .values({
        name,
        description: request.description?.trim() ?? '',
        filter,
        created_at: now,
        updated_at: now,
      })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returningAll()
      .executeTakeFirst();
    if (!row)
      throw new UserError(`There is a segment "${name}" already.`, {
        code: 'exists',
        hint: `Choose another name, or change it with: broadsheet segments edit ${name} --filter …`,
      });
    return fromRow(row);
  });
}

/**
 * Changes a segment; what is not given stays. With a new name, segments that refer to it are rewritten.
 * @throws UserError as `createSegment`, or if it would be made of itself, or nothing is given
 */
export async function editSegment(
  context: Deps,
  nameOrId: string | number,
  changes: { name?: string; filter?: string; description?: string },
): Promise<Segment> {
  const name = changes.name === undefined ? undefined : checkName(changes.name);
  if (name === undefined && changes.filter === undefined && changes.description === undefined)
    throw new UserError('Nothing to change was given.', {
      code: 'usage',
      hint: 'See what can be changed: broadsheet segments edit --help',
    });
  return writing(context, async (inside) => {
    const before = await findSegment(inside, nameOrId);
    const filter = changes.filter?.trim();
    if (filter !== undefined) await checkFilter(inside, filter, before.name);
    if (name !== undefined && name !== before.name) {
      const taken = await inside.db.selectFrom('segments').select('id').where('name', '=', name).execute();
      if (taken.length > 0) throw new UserError(`There is a segment "${name}" already.`, { code: 'exists' });
      await renameInSegments(inside, 'segment', before.name, name);
    }
    const row = await inside.db
      .updateTable('segments')
      .set({
        ...(name !== undefined && { name }),
        ...(filter !== undefined && { filter }),
        ...(changes.description !== undefined && { description: changes.description.trim() }),
        updated_at: context.clock.now(),
      })
      .where('id', '=', before.id)
      .returningAll()
      .executeTakeFirstOrThrow();
    return fromRow(row);
  });
}

/** Every segment with what depends on it, by name. */
export async function listSegments(context: Pick<Context, 'db'>): Promise<SegmentUse[]> {
  const [rows, newsletters] = await Promise.all([
    context.db.selectFrom('segments').selectAll().orderBy('name').execute(),
    context.db
      .selectFrom('newsletters')
      .select(['slug', 'segment_id'])
      .where('segment_id', 'is not', null)
      .orderBy('slug')
      .execute(),
  ]);
  const named = rows.map((row) => ({ name: row.name, uses: namedIn(row.filter, 'segment') }));
  return rows.map((row) => ({
    ...fromRow(row),
    segments: named.filter(({ uses }) => uses.includes(row.name)).map(({ name }) => name),
    newsletters: newsletters.filter(({ segment_id }) => segment_id === row.id).map(({ slug }) => slug),
  }));
}

/** One segment with what depends on it. @throws UserError if there is none */
export async function showSegment(
  context: Pick<Context, 'db'>,
  nameOrId: string | number,
): Promise<SegmentUse> {
  const { id } = await findSegment(context, nameOrId);
  const found = (await listSegments(context)).find((segment) => segment.id === id);
  if (!found) throw noSegment(String(nameOrId), []);
  return found;
}

/** @throws UserError naming similar segments, if there is none of this name or id */
export async function findSegment(context: Pick<Context, 'db'>, nameOrId: string | number): Promise<Segment> {
  const wanted = String(nameOrId).trim().replaceAll('\0', '').toLowerCase();
  const row = await context.db
    .selectFrom('segments')
    .selectAll()
    .where((eb) => (/^\d{1,15}$/.test(wanted) ? eb('id', '=', Number(wanted)) : eb('name', '=', wanted)))
    .executeTakeFirst();
  if (row) return fromRow(row);
  const others = await context.db.selectFrom('segments').select('name').orderBy('name').execute();
  throw noSegment(
    wanted,
    others.map(({ name }) => name),
  );
}

/** @throws UserError if there is no such segment, or segments or newsletters need it */
export async function removeSegment(context: Deps, nameOrId: string | number): Promise<Segment> {
  return writing(context, async (inside) => {
    const segment = await showSegment(inside, nameOrId);
    const needed = [
      ...segment.segments.map((name) => `the segment "${name}"`),
      ...segment.newsletters.map((slug) => `the newsletter "${slug}"`),
    ];
    if (needed.length > 0)
      throw new UserError(`The segment "${segment.name}" is needed by ${needed.join(', ')}.`, {
        code: 'in-use',
        hint: 'Change these first: broadsheet segments edit, or broadsheet newsletters edit NEWSLETTER --segment none',
        details: { segments: segment.segments, newsletters: segment.newsletters },
      });
    await inside.db.deleteFrom('segments').where('id', '=', segment.id).execute();
    return segment;
  });
}

/** Puts another name into all segments that name a list or segment. @returns the names of those that were rewritten */
export async function renameInSegments(
  context: Deps,
  field: 'list' | 'segment',
  from: string,
  to: string,
): Promise<string[]> {
  const rows = await context.db.selectFrom('segments').select(['id', 'name', 'filter']).execute();
  const changed = rows
    .map((row) => ({ ...row, rewritten: renamedIn(row.filter, field, from, to) }))
    .filter(({ filter, rewritten }) => filter !== rewritten);
  for (const { id, rewritten } of changed)
    await context.db
      .updateTable('segments')
      .set({ filter: rewritten, updated_at: context.clock.now() })
      .where('id', '=', id)
      .execute();
  return changed.map(({ name }) => name);
}

/** Names of the segments that name a list. */
export async function segmentsNaming(context: Pick<Context, 'db'>, list: string): Promise<string[]> {
  const rows = await context.db.selectFrom('segments').select(['name', 'filter']).orderBy('name').execute();
  return rows.filter(({ filter }) => namedIn(filter, 'list').includes(list)).map(({ name }) => name);
}

/** A filter that was right once may name a zone or country that is gone; the others are listed all the same. */
function namedIn(filter: string, field: 'list' | 'segment'): string[] {
  try {
    return namesIn(parseFilter(filter), field);
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}

/** Writers take turns, so that two of them together make no circle. Readers do not wait. */
async function writing<T>(
  { db, clock }: Deps,
  work: (inside: { db: Transaction<DB>; clock: Deps['clock'] }) => Promise<T>,
): Promise<T> {
  return db.transaction().execute(async (trx) => {
    await sql`lock table segments in share row exclusive mode`.execute(trx);
    return work({ db: trx, clock });
  });
}

function checkName(text: string): string {
  const name = text.trim().toLowerCase();
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(name))
    throw new UserError(`"${text.trim().slice(0, 80)}" cannot be a segment's name.`, {
      code: 'usage',
      hint: 'Use lower-case letters, digits and hyphens, a letter first, and no more than 63 characters.',
    });
  if (fieldNamed(name))
    throw new UserError(`"${name}" is a field of filters, and cannot be a segment's name as well.`, {
      code: 'usage',
    });
  return name;
}

function fromRow(row: Selectable<Segments>): Segment {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    filter: row.filter,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
