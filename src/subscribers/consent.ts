import type { Context } from '../context.ts';
import type { Json } from '../db/schema.ts';

/** Where an act of consent came from, kept as proof. */
export interface Origin {
  /** The way it came: `form`, `link`, `one-click`, `preferences`, `admin`, `import`, `api`, `mail`, `complaint`. */
  via: string;
  /** The address of the person's machine, if they acted themselves. */
  ip?: string | null;
  /** Whatever else proves it: the user agent, an admin's note, the file and line. Must not hold the email address. */
  evidence?: Record<string, Json>;
}

export type ConsentAct =
  | 'requested'
  | 'confirmed'
  | 'imported'
  | 'added'
  | 'changed'
  | 'unsubscribed'
  | 'resubscribed'
  | 'removed';

/** Adds a line to the consent log. Lines are never changed or deleted. @param listId null: every list */
export async function logConsent(
  context: Pick<Context, 'db' | 'clock'>,
  emailHash: Buffer,
  act: ConsentAct,
  listId: number | null,
  origin: Origin,
): Promise<void> {
  await context.db
    .insertInto('consent_log')
    .values({
      email_hash: emailHash,
      list_id: listId,
      act,
      at: context.clock.now(),
      via: origin.via,
      ip: origin.ip ?? null,
      evidence: JSON.stringify(origin.evidence ?? {}),
    })
    .execute();
}
