import type { Transaction } from 'kysely';
import { checked } from '../../checked.ts';
import type { Context } from '../../context.ts';
import type { DB } from '../../db/schema.ts';
import { UserError } from '../../errors.ts';
import { takeStorylinesTurn } from '../../selection/storylines.ts';
import type { Edition, EditionState } from '../editions.ts';
import { builtAhead } from '../lifecycle.ts';
import { apply, type Found, touchedBy, withStorylines } from './apply.ts';
import { type EditionChange, type EditionChangeInput, editionChangeSchema } from './change.ts';
import { type Editor, nameOf, stepsOf, type Written, writeVersion } from './history.ts';
import { changeStorylines, lookUp, storylinesOf } from './look-up.ts';
import { keyOf, type Matter, matterOf, type Patch, patched, writeMatter } from './matter.ts';

/** A change that somebody asks for. */
export interface Revision {
  editionId: number;
  /** The version of the edition that they saw. */
  base: number;
  user: Editor;
  change: EditionChangeInput;
  /** Called in the transaction of the change: what it writes is there exactly if the edition is changed. */
  note?: (db: Context['db'], revised: Revised) => Promise<void>;
}

/** What came of a change. */
export interface Revised {
  edition: Edition;
  version: number;
  /** What was done, in a sentence. */
  summary: string;
  /** What it was about, such as `subject`, `order` or `story:s12:title`. */
  touched: string[];
  /** The edition was approved, and waits for approval again. */
  fellBack: boolean;
}

/** Details of a UserError with the code `conflict`: somebody else was there first. */
export interface ConflictDetails {
  by: string;
  /** ISO 8601. */
  at: string;
  /** The edition's version now. */
  version: number;
  /** What both changed; `edition`, if it is not known any more what was changed. */
  what: string;
  /** A value where there is one, such as a subject; else what they did, in a sentence. */
  theirs: unknown;
  yours: unknown;
}

/**
 * Changes an edition in one transaction. A change that was made on an older version is applied to what is there now, if
 * nobody has changed the same thing since. An approved edition waits for approval again.
 * @throws UserError with the code `conflict` (`ConflictDetails`) if somebody has; `state` if the edition is past changing;
 * `usage`, `place` or `not-found` if it cannot be done
 */
export async function revise(context: Context, { base, change, ...revision }: Revision): Promise<Revised> {
  const asked: EditionChange = checked(editionChangeSchema, change, {
    says: 'The change is wrong',
    root: 'change',
    between: ' ',
    code: 'usage',
    hint: 'Nothing was changed.',
  });
  const { editionId, user } = revision;
  const lookedUp = await lookUp(context, editionId, asked);
  const movesStorylines = asked.kind === 'merge' || asked.kind === 'split';
  return changing(context, revision, movesStorylines, async (transaction, edition) => {
    const touched = touchedBy(asked);
    const before = await matterOf(transaction, edition);
    if (base !== edition.version) await mustNotConflict(transaction, edition, base, touched, before, asked);
    const found: Found = {
      story: lookedUp.story,
      storylines: movesStorylines
        ? await changeStorylines(transaction, context.clock.now(), before, asked)
        : undefined,
    };
    const applied = apply(asked, { matter: before, by: nameOf(user), now: context.clock.now(), found });
    return {
      before,
      after: applied.matter,
      written: {
        kind: asked.kind,
        summary: applied.summary,
        change: asked,
        touched: applied.touched,
        storylines: found.storylines,
      },
    };
  });
}

/** Whose step, and from which version of the edition. */
export type Step = Omit<Revision, 'change'>;

/**
 * Takes the latest change back that was not, whoever made it.
 * @throws UserError with the code `conflict` if the edition has changed since `base`; `state` if there is nothing to take back
 */
export const undo = (context: Context, step: Step): Promise<Revised> => stepped(context, step, 'undo');

/** Does the change again that was taken back last. @throws as `undo` */
export const redo = (context: Context, step: Step): Promise<Revised> => stepped(context, step, 'redo');

async function stepped(context: Context, { base, ...step }: Step, kind: 'undo' | 'redo'): Promise<Revised> {
  const { editionId, user } = step;
  const now = context.clock.now();
  const moved = await context.db
    .selectFrom('edition_versions')
    .select('version')
    .where('edition_id', '=', editionId)
    .where('kind', 'in', ['merge', 'split'])
    .limit(1)
    .executeTakeFirst();
  return changing(context, step, moved !== undefined, async (transaction, edition) => {
    const before = await matterOf(transaction, edition);
    if (base !== edition.version) await mustNotConflict(transaction, edition, base, ['edition'], before);
    const rows = await transaction
      .selectFrom('edition_versions')
      .select(['version', 'undid', 'redid'])
      .where('edition_id', '=', editionId)
      .execute();
    const version = stepsOf(rows, edition.version)[kind];
    if (version === undefined)
      throw new UserError(
        kind === 'undo' ? 'There is nothing to take back.' : 'There is nothing to do again.',
        {
          code: 'state',
        },
      );
    const row = await transaction
      .selectFrom('edition_versions')
      .selectAll()
      .where('edition_id', '=', editionId)
      .where('version', '=', version)
      .executeTakeFirstOrThrow();
    const patch = (kind === 'undo' ? row.before : row.after) as unknown as Patch;
    let after = patched(before, patch);
    if (patch.storylines) {
      const found = await storylinesOf(transaction, now, after, patch.storylines);
      after = withStorylines(after, found);
      // What is put together again is taken apart again as it is by now.
      const again = found.storylines?.before;
      if (kind === 'redo' && again)
        await transaction
          .updateTable('edition_versions')
          .set({ before: JSON.stringify({ ...(row.before as object), storylines: again }) })
          .where('edition_id', '=', editionId)
          .where('version', '=', version)
          .execute();
    }
    const whose =
      row.user_id === (user?.id ?? null) && row.user_name === nameOf(user) ? '' : ` of ${row.user_name}`;
    return {
      before,
      after,
      written: {
        kind,
        summary: `${kind === 'undo' ? 'Took back' : 'Did again'} a change${whose}: ${row.summary}`,
        change: { kind, version },
        touched: row.touched,
        ...(kind === 'undo' ? { undid: version } : { redid: version }),
      },
    };
  });
}

const changeable: EditionState[] = ['draft', 'review', 'approved'];

/** Runs a change with the edition's row locked, and writes what came of it. */
async function changing(
  context: Context,
  { editionId, user, note }: Omit<Step, 'base'>,
  movesStorylines: boolean,
  work: (
    transaction: Transaction<DB>,
    edition: Edition,
  ) => Promise<{ before: Matter; after: Matter; written: Written }>,
): Promise<Revised> {
  const now = context.clock.now();
  return context.db.transaction().execute(async (transaction) => {
    // Before the edition's lock: whoever has the turn may touch rows of editions.
    if (movesStorylines) await takeStorylinesTurn(transaction);
    const edition = (await transaction
      .selectFrom('editions')
      .selectAll()
      .where('id', '=', editionId)
      .forNoKeyUpdate()
      .executeTakeFirst()) as Edition | undefined;
    mustBeChangeable(editionId, edition);
    const { before, after, written } = await work(transaction, edition);
    const fellBack = edition.state === 'approved';
    const version = edition.version + 1;
    await writeMatter(transaction, editionId, before, after);
    const changed = await transaction
      .updateTable('editions')
      .set({
        version,
        updated_at: now,
        ...(fellBack && {
          state: 'review',
          state_reason: `changed after approval by ${nameOf(user)}`,
          approved_at: null,
          approved_version: null,
          starts_at: null,
        }),
        ...(edition.state_reason === builtAhead && {
          state_reason: `changed by ${nameOf(user)} before its time: it does not go out by itself any more`,
        }),
      })
      .where('id', '=', editionId)
      .returningAll()
      .executeTakeFirstOrThrow();
    await writeVersion(transaction, { id: editionId, version }, user, now, { before, after }, written);
    const revised = {
      edition: changed as Edition,
      version,
      summary: written.summary,
      touched: written.touched,
      fellBack,
    };
    await note?.(transaction, revised);
    return revised;
  });
}

function mustBeChangeable(editionId: number, edition: Edition | undefined): asserts edition is Edition {
  if (!edition)
    throw new UserError(`There is no edition ${editionId}.`, {
      code: 'not-found',
      hint: 'List them with "broadsheet editions list".',
    });
  if (!changeable.includes(edition.state) || edition.planned_at)
    throw new UserError(`Edition ${editionId} cannot be changed any more: it is ${edition.state}.`, {
      code: 'state',
      details: { state: edition.state },
    });
}

/** @throws UserError with the code `conflict`, if what a change is about was changed since its base */
export async function mustNotConflict(
  db: Transaction<DB>,
  edition: Edition,
  base: number,
  touched: string[],
  matter: Matter,
  change?: EditionChange,
): Promise<void> {
  if (base > edition.version)
    throw new UserError(
      `Edition ${edition.id} has no version ${base} yet: it has ${edition.version}. Load it again.`,
      {
        code: 'state',
        details: { version: edition.version },
      },
    );
  const since = await db
    .selectFrom('edition_versions')
    .select(['version', 'user_name', 'at', 'summary', 'touched'])
    .where('edition_id', '=', edition.id)
    .where('version', '>', base)
    .orderBy('version', 'desc')
    .execute();
  const isWhole = base < edition.version && since.length === edition.version - base;
  const what = isWhole ? undefined : 'edition';
  for (const row of since) {
    const shared = what ?? touched.find((mine) => row.touched.some((theirs) => overlap(mine, theirs)));
    if (shared !== undefined) throw conflict(edition, row, shared, matter, change);
  }
  if (!isWhole)
    throw conflict(
      edition,
      { user_name: 'somebody', at: edition.updated_at, summary: 'The edition was changed.' },
      'edition',
      matter,
      change,
    );
}

/** Whether two things are the same, or one is part of the other: "story:s1" and "story:s1:title". */
function overlap(a: string, b: string): boolean {
  return a === b || a === 'edition' || b === 'edition' || a.startsWith(`${b}:`) || b.startsWith(`${a}:`);
}

function conflict(
  edition: Edition,
  by: { user_name: string; at: Date; summary: string },
  what: string,
  matter: Matter,
  change: EditionChange | undefined,
): UserError {
  const details: ConflictDetails = {
    by: by.user_name,
    at: by.at.toISOString(),
    version: edition.version,
    what,
    theirs: currentOf(matter, what) ?? by.summary,
    yours: (change && wanted(change, what)) ?? change ?? null,
  };
  return new UserError(`${by.user_name} has changed the same meanwhile: ${by.summary}`, {
    code: 'conflict',
    details: { ...details },
    hint: 'Look at the edition as it is now, and do it again if it is still right.',
  });
}

const fields: Record<string, 'title' | 'dek' | 'imageUrl' | 'imageAlt' | 'note'> = {
  title: 'title',
  dek: 'dek',
  image: 'imageUrl',
  imageAlt: 'imageAlt',
  note: 'note',
};

/** What a part of an edition is now, where that is a value. */
function currentOf(matter: Matter, what: string): unknown {
  if (what === 'subject' || what === 'preheader' || what === 'tried') return matter[what];
  const [part, key, field = ''] = what.split(':');
  if (part === 'slots') return matter.policy.slots.find(({ name }) => name === key)?.count;
  const story = part === 'story' ? matter.stories.find((each) => keyOf(each) === key) : undefined;
  const name = fields[field];
  return story && name ? story[name] : undefined;
}

/** What a change would have made of it. */
function wanted(change: EditionChange, what: string): unknown {
  if (change.kind === 'lines') return change[what as 'subject' | 'preheader' | 'tried'];
  if (change.kind === 'edit') {
    const name = fields[what.split(':')[2] ?? ''];
    return name && name !== 'note' ? change[name] : undefined;
  }
  if (change.kind === 'edit-note' || change.kind === 'add-note')
    return { title: change.title, text: change.text };
  if (change.kind === 'slots') return change.counts[what.slice('slots:'.length)];
  return undefined;
}
