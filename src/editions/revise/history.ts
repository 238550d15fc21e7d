import { sql, type Transaction } from 'kysely';
import type { Context } from '../../context.ts';
import type { DB } from '../../db/schema.ts';
import { difference, type Matter, type Patch } from './matter.ts';

/** Who changes an edition; null: nobody in person, such as a schedule. */
export type Editor = { id: number | null; email: string; name?: string | null } | null;

/** How reasons and histories name somebody. */
export const nameOf = (editor: Editor): string => editor?.name?.trim() || editor?.email || 'Broadsheet';

/** A change of an edition that was made. */
export interface EditionVersion {
  /** The edition's version since. */
  version: number;
  user: { id: number | null; name: string };
  at: Date;
  /** The kind of change, or `undo`, `redo` or `build`. */
  kind: string;
  /** A sentence. */
  summary: string;
  /** What was asked for. */
  change: unknown;
  /** The version whose change this one took back, or did again. */
  undid: number | null;
  redid: number | null;
}

/** What can be taken back, and done again; undefined: nothing. */
export interface Steps {
  undo: EditionVersion | undefined;
  redo: EditionVersion | undefined;
}

const mostVersions = 200;
const keptDays = 90;
const day = 24 * 3_600_000;

/** A change to be written down. */
export interface Written {
  kind: string;
  summary: string;
  change: unknown;
  touched: string[];
  undid?: number;
  redid?: number;
  storylines?: { before: Patch['storylines']; after: Patch['storylines'] };
}

/** Writes down what changed, and forgets the oldest. @param version the edition's since */
export async function writeVersion(
  db: Transaction<DB>,
  { id, version }: { id: number; version: number },
  editor: Editor,
  at: Date,
  { before, after }: { before: Matter; after: Matter },
  { storylines, ...written }: Written,
): Promise<void> {
  const changed = difference(before, after);
  if (storylines?.before) changed.before.storylines = storylines.before;
  if (storylines?.after) changed.after.storylines = storylines.after;
  await db
    .insertInto('edition_versions')
    .values({
      edition_id: id,
      version,
      user_id: editor?.id ?? null,
      user_name: nameOf(editor),
      at,
      kind: written.kind,
      summary: written.summary,
      change: JSON.stringify(written.change),
      touched: written.touched,
      before: JSON.stringify(changed.before),
      after: JSON.stringify(changed.after),
      undid: written.undid ?? null,
      redid: written.redid ?? null,
    })
    .execute();
  await db
    .deleteFrom('edition_versions')
    .where('edition_id', '=', id)
    .where('version', '<=', version - mostVersions)
    .execute();
}

/** What was done to an edition, the latest first, and what can be taken back or done again. */
export async function historyOf(
  { db }: Pick<Context, 'db'>,
  editionId: number,
): Promise<{ versions: EditionVersion[] } & Steps> {
  const rows = await db
    .selectFrom('edition_versions')
    .innerJoin('editions', 'editions.id', 'edition_versions.edition_id')
    .select([
      'edition_versions.version',
      'user_id',
      'user_name',
      'at',
      'kind',
      'summary',
      'change',
      'undid',
      'redid',
      'editions.version as current',
    ])
    .where('edition_id', '=', editionId)
    .orderBy('edition_versions.version', 'desc')
    .execute();
  const versions = rows.map(({ user_id, user_name, current: _, ...row }) => ({
    ...row,
    user: { id: user_id, name: user_name },
  }));
  const steps = stepsOf(versions, rows[0]?.current ?? 0);
  const versionNamed = (version: number | undefined) => versions.find((each) => each.version === version);
  return { versions, undo: versionNamed(steps.undo), redo: versionNamed(steps.redo) };
}

type Row = Pick<EditionVersion, 'version' | 'undid' | 'redid'>;

/**
 * Which change is the next to be taken back, and to be done again. Changes and their taking back lie on two stacks; a new
 * change ends what can be done again. Behind a version that is not written down nothing can be.
 */
export function stepsOf(
  versions: Row[],
  current: number,
): { undo: number | undefined; redo: number | undefined } {
  const rows = [...versions].sort((a, b) => b.version - a.version);
  const connected = rows.findIndex(({ version }, at) => version !== current - at);
  const known = (connected < 0 ? rows : rows.slice(0, connected)).reverse();
  const done: number[] = [];
  const undone: number[] = [];
  const take = (stack: number[], version: number) => {
    const at = stack.lastIndexOf(version);
    if (at >= 0) stack.splice(at, 1);
  };
  for (const { version, undid, redid } of known) {
    if (undid !== null) {
      take(done, undid);
      undone.push(undid);
    } else if (redid !== null) {
      take(undone, redid);
      done.push(redid);
    } else {
      done.push(version);
      undone.length = 0;
    }
  }
  const kept = new Set(known.map(({ version }) => version));
  const [undo, redo] = [done.at(-1), undone.at(-1)];
  return {
    undo: undo !== undefined && kept.has(undo) ? undo : undefined,
    redo: redo !== undefined && kept.has(redo) ? redo : undefined,
  };
}

/** Forgets how editions came about that were sent, or cancelled, so long ago that nobody asks any more. @returns versions that went */
export async function forgetOldVersions({ db, clock }: Pick<Context, 'db' | 'clock'>): Promise<number> {
  const before = new Date(clock.now().getTime() - keptDays * day);
  const { numAffectedRows } = await sql`
    delete from edition_versions using editions
    where editions.id = edition_versions.edition_id
      and editions.state in ('sent', 'cancelled', 'skipped') and editions.updated_at < ${before}`.execute(db);
  await sql`delete from edition_presence where seen_at < ${new Date(clock.now().getTime() - day)}`.execute(
    db,
  );
  return Number(numAffectedRows ?? 0);
}
