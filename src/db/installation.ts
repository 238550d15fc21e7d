import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { UserError } from '../errors.ts';
import { differences, type Place, placeOf } from './place.ts';

type Here = Pick<Context, 'db' | 'config' | 'clock'>;

/** An installation, and whether it may send. */
export interface Installation {
  /** Stays the same wherever the data are moved to. */
  id: string;
  /** When it was made at home where it is. */
  adoptedAt: Date;
  /** Why sending is held, in a sentence. Undefined: it is not. */
  held: string | undefined;
  /** Where it runs now. */
  place: Place;
  /** Where it was when it was adopted; null: nobody knows. */
  adoptedPlace: Place | null;
}

export const adoptHint =
  'If this is the one that shall send from now on, run "broadsheet db adopt"; the other must not run any more.';

/**
 * Which installation the database holds, and whether it is at home here. The first call on a new database makes it so. A copy of
 * the data (a backup restored, a database cloned, a folder copied) runs somewhere else than where it was adopted, and is held.
 */
export async function installationOf(context: Here): Promise<Installation> {
  const place = await placeOf(context);
  await context.db
    .insertInto('installation')
    .values({ place: JSON.stringify(place), adopted_at: context.clock.now() })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const found = await lookUp(context, place);
  if (!found) throw new Error('The row of table installation has gone.');
  if (found.held === undefined && found.adoptedPlace?.name === null && place.name !== null)
    await context.db
      .updateTable('installation')
      .set({ place: sql`jsonb_set(place, '{name}', to_jsonb(${place.name}::text))` })
      .execute();
  return found;
}

/** The same, and nothing is changed. @returns undefined for a new database, which nobody has served yet */
export const findInstallation = async (context: Here): Promise<Installation | undefined> =>
  lookUp(context, await placeOf(context));

/** Whether nothing is sent from here: the data say so, or they are a copy that was not adopted. Looks at where it runs, which takes some milliseconds. */
export const isHeldHere = async (context: Here): Promise<boolean> =>
  (await findInstallation(context))?.held !== undefined;

async function lookUp({ db }: Here, place: Place): Promise<Installation | undefined> {
  const row = await db.selectFrom('installation').selectAll().executeTakeFirst();
  if (!row) return undefined;
  const adoptedPlace = row.place as Place | null;
  const held = heldBecause(row, adoptedPlace, place);
  return { id: row.id, adoptedAt: row.adopted_at, held, place, adoptedPlace };
}

function heldBecause(
  row: { held_because: string | null; held_details: string | null },
  before: Place | null,
  now: Place,
): string | undefined {
  if (row.held_because === 'moved')
    return `The data were moved to ${row.held_details ?? 'another database'}: that installation sends, this one does not`;
  if (row.held_because === 'restored')
    return `The data were restored from a backup${row.held_details ? ` of ${row.held_details}` : ''}`;
  if (!before) return 'The data come from elsewhere';
  const different = differences(before, now);
  if (different.length === 0) return undefined;
  return `The data are a copy: ${different.join(', ')} ${different.length > 1 ? 'are' : 'is'} not what ${different.length > 1 ? 'they were' : 'it was'} when this installation was adopted`;
}

/** Makes the installation at home where it is: it sends from now on. */
export async function adopt(context: Here): Promise<Installation> {
  const before = await installationOf(context);
  await context.db
    .updateTable('installation')
    .set({
      place: JSON.stringify(before.place),
      adopted_at: context.clock.now(),
      held_because: null,
      held_details: null,
    })
    .execute();
  return installationOf(context);
}

/**
 * Holds the installation, so that nothing is sent until somebody adopts it.
 * @param details of what it was restored, or where it was moved
 */
export async function hold(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  because: 'restored' | 'moved',
  details: string,
): Promise<void> {
  const held = { held_because: because, held_details: details };
  await db
    .insertInto('installation')
    .values({ ...held, adopted_at: clock.now() })
    .onConflict((conflict) => conflict.column('only_one').doUpdateSet(held))
    .execute();
}

/**
 * Whether the data say of themselves that they are held: restored, or moved elsewhere. A condition for statements that must not
 * act on them, whatever the process knew when it began.
 */
export const heldByItself = sql<boolean>`exists (select from installation where held_because is not null)`;

/** The same, asked alone. */
export async function isHeld({ db }: Pick<Context, 'db'>): Promise<boolean> {
  const { rows } = await sql<{ held: boolean }>`select ${heldByItself} as held`.execute(db);
  return rows[0]?.held ?? false;
}

/** @throws UserError (code `held`) if the installation is a copy that nobody adopted */
export async function assertOwn(context: Here): Promise<void> {
  const { held } = await installationOf(context);
  if (held !== undefined) throw new UserError(`Sending is held. ${held}.`, { code: 'held', hint: adoptHint });
}
