import type { Selectable } from 'kysely';
import type { Context } from '../context.ts';
import type { AuditLog } from '../db/schema.ts';
import { UserError } from '../errors.ts';

/** What someone did. */
export interface NotedAct {
  /** Who; null: nobody who is logged in, or the command line. */
  user: { id: number; email: string } | null;
  /** In lower case with dots, the group first: `edition.approve`, `login.failed`. */
  act: string;
  newsletterId?: number;
  editionId?: number;
  /** To what, in a few words that a person reads. */
  subject?: string;
  /** Further facts. No secret may be among them. */
  details?: object;
  ip?: string | null;
}

/** A line of the audit log. */
export interface LoggedAct {
  id: number;
  at: Date;
  userId: number | null;
  userEmail: string | null;
  act: string;
  newsletterId: number | null;
  editionId: number | null;
  subject: string | null;
  details: Record<string, unknown>;
  ip: string | null;
}

/** Which lines of the audit log are wanted; all that are given hold. */
export interface ActFilter {
  userId?: number;
  /** By address, as it was then; in any case of letters. */
  userEmail?: string;
  /** An act, or the beginning of several up to a dot: `login` has `login.failed` too. */
  act?: string;
  newsletterId?: number;
  editionId?: number;
  /** What was acted on, as the line names it. */
  subject?: string;
  /** From this instant on. */
  since?: Date;
  /** Before this instant. */
  until?: Date;
  /** At the most; 50 if not given. */
  limit?: number;
}

const longestSubject = 300;

/**
 * Writes a line into the audit log, which only grows.
 * @param deps.db the database, or the transaction in which the act itself is done, so that neither is there without the other
 */
export async function noteAct(deps: Pick<Context, 'db' | 'clock'>, noted: NotedAct): Promise<void> {
  await deps.db
    .insertInto('audit_log')
    .values({
      at: deps.clock.now(),
      user_id: noted.user?.id ?? null,
      user_email: noted.user?.email ?? null,
      act: noted.act,
      newsletter_id: noted.newsletterId ?? null,
      edition_id: noted.editionId ?? null,
      subject: noted.subject === undefined ? null : stripped(noted.subject).slice(0, longestSubject),
      details: JSON.stringify(noted.details ?? {}, (_key, value: unknown) =>
        typeof value === 'string' ? stripped(value) : value,
      ),
      ip: noted.ip ?? null,
    })
    .execute();
}

// What was typed may be noted, and Postgres knows no character zero.
const stripped = (text: string) => text.replaceAll('\0', '').toWellFormed();

/**
 * Reads the audit log, the newest first.
 * @param cursor `next` of the page before
 * @returns a page of it, and what to ask the following with; null: this was the last
 * @throws UserError (code `cursor`) if the cursor is none
 */
export async function listActs(
  { db }: Pick<Context, 'db'>,
  filter: ActFilter = {},
  cursor?: string,
): Promise<{ acts: LoggedAct[]; next: string | null }> {
  if (cursor !== undefined && !/^\d{1,15}$/.test(cursor))
    throw new UserError('This cursor is none of ours.', {
      code: 'cursor',
      hint: 'Give "next" of the page before, or begin without a cursor.',
    });
  const limit = filter.limit ?? 50;
  let query = db.selectFrom('audit_log').selectAll();
  if (cursor !== undefined) query = query.where('id', '<', Number(cursor));
  if (filter.userId !== undefined) query = query.where('user_id', '=', filter.userId);
  if (filter.userEmail)
    query = query.where((e) =>
      e(e.fn('lower', ['user_email']), '=', filter.userEmail?.trim().toLowerCase() ?? ''),
    );
  if (filter.act) {
    const act = filter.act.trim();
    query = query.where((e) => e.or([e('act', '=', act), e('act', 'like', `${escaped(act)}.%`)]));
  }
  if (filter.subject !== undefined) query = query.where('subject', '=', filter.subject);
  if (filter.newsletterId !== undefined) query = query.where('newsletter_id', '=', filter.newsletterId);
  if (filter.editionId !== undefined) query = query.where('edition_id', '=', filter.editionId);
  if (filter.since) query = query.where('at', '>=', filter.since);
  if (filter.until) query = query.where('at', '<', filter.until);
  const rows = await query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const acts = rows.slice(0, limit).map(fromRow);
  return { acts, next: rows.length > limit ? String(acts.at(-1)?.id ?? 0) : null };
}

const escaped = (text: string) => text.replace(/[\\%_]/g, '\\$&');

const fromRow = (row: Selectable<AuditLog>): LoggedAct => ({
  id: row.id,
  at: row.at,
  userId: row.user_id,
  userEmail: row.user_email,
  act: row.act,
  newsletterId: row.newsletter_id,
  editionId: row.edition_id,
  subject: row.subject,
  details: row.details as Record<string, unknown>,
  ip: row.ip,
});
