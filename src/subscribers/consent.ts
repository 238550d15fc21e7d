import { createHash } from 'node:crypto';
import type { Context } from '../context.ts';
import type { Json } from '../db/schema.ts';

/** Where an act of consent came from, kept as proof. */
export interface Origin {
  /**
   * The way it came: `form`, `link`, `one-click`, `preferences`, `page`, `admin`, `import`, `api`, `mail`, `complaint`, `sunset`, or a
   * change of lists: `merge`, `split`, `copy`.
   */
  via: string;
  /** The address of the person's machine, if they acted themselves. */
  ip?: string | null;
  /** The page on which they acted: its path, without tokens. */
  page?: string | null;
  /** What they read when they agreed: a version that `noteWording` gave. */
  wording?: string | null;
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

/**
 * Adds a line to the consent log. The database refuses to change or delete lines; erasure and retention forget through
 * functions of its own (`consent_log_forget_…` in the migration 0009).
 * @param listId null: every list
 */
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
      page: origin.page?.slice(0, 300) ?? null,
      wording: origin.wording ?? null,
      evidence: JSON.stringify(origin.evidence ?? {}),
    })
    .execute();
}

/**
 * Keeps what people read when they are asked for consent, each wording once, and gives its version.
 * @param wording.language BCP 47 tag
 * @param wording.text all of it, with the list's name put in
 * @returns 16 hexadecimal digits, the same for the same language and text; for `Origin.wording`
 */
export async function noteWording(
  context: Pick<Context, 'db' | 'clock'>,
  wording: { language: string; text: string },
): Promise<string> {
  const text = wording.text.replaceAll('\0', '').trim();
  const version = createHash('sha256').update(`${wording.language}\n${text}`).digest('hex').slice(0, 16);
  await context.db
    .insertInto('consent_wordings')
    .values({ version, language: wording.language, text, first_used_at: context.clock.now() })
    .onConflict((conflict) => conflict.column('version').doNothing())
    .execute();
  return version;
}
