import { setTimeout as sleep } from 'node:timers/promises';
import { may } from '../../../access/roles.ts';
import type { Context } from '../../../context.ts';
import { seedAddresses } from '../../../delivery/test-mail.ts';
import type { Edition } from '../../../editions/editions.ts';
import { blockedBy, keptFindings } from '../../../rendering/checks/check-edition.ts';
import type { Finding } from '../../../rendering/checks/finding.ts';
import {
  type Unusual,
  unusualOf,
  usualRecipients,
  type WayOut,
  wayOutOf,
} from '../../../schedule/before-sending.ts';
import { type Settled, settle } from '../../../schedule/settle.ts';
import type { DeskSession } from '../env.ts';
import type { Estimates } from '../today/estimates.ts';

/** All that the page for sending an edition shows, beside who gets it. */
export interface Sheet {
  edition: Edition;
  newsletter: {
    id: number;
    name: string;
    timeZone: string;
    deliverAt: string | null;
    undoSeconds: number;
    lists: string[];
    segment: string | null;
  };
  findings: Finding[];
  isBlocked: boolean;
  /** Why it could not be rendered. */
  problem: string | undefined;
  /** It is rendered and checked as it is. */
  isSettled: boolean;
  unusual: Unusual[];
  usual: number | undefined;
  bytes: number | undefined;
  way: WayOut;
  seeds: string[];
  /** Who approved it, if it is. */
  approvedBy: { name: string; at: Date } | undefined;
  mayEdit: boolean;
  mayApprove: boolean;
  mayAdminister: boolean;
}

/**
 * Reads what the page shows. An edition that is still to be approved is rendered and checked as it is now first.
 * @param patienceMs for how long that is waited for; it goes on after that
 * @returns undefined if there is no such edition
 */
export async function readSheet(
  context: Context,
  estimates: Estimates,
  editionId: number,
  session: DeskSession,
  patienceMs: number,
): Promise<Sheet | undefined> {
  const { db } = context;
  const known = await db
    .selectFrom('editions')
    .select(['state', 'newsletter_id'])
    .where('id', '=', editionId)
    .executeTakeFirst();
  if (!known || !may(session.user, 'view', known.newsletter_id)) return undefined;
  const isToSettle = known.state === 'review' || known.state === 'approved';
  const settled = isToSettle ? await settledWithin(context, editionId, patienceMs) : undefined;
  const edition = settled?.edition ?? ((await editionOf(context, editionId)) as Edition);
  const newsletter = await db
    .selectFrom('newsletters')
    .leftJoin('segments', 'segments.id', 'newsletters.segment_id')
    .selectAll('newsletters')
    .select('segments.name as segment')
    .where('newsletters.id', '=', edition.newsletter_id)
    .executeTakeFirstOrThrow();
  const isOpen = ['draft', 'review', 'approved', 'paused'].includes(edition.state);
  const bytes = await estimates.bytes(edition);
  const [lists, unusual, usual, way, seeds, approvedBy] = await Promise.all([
    db
      .selectFrom('newsletter_lists')
      .innerJoin('lists', 'lists.id', 'newsletter_lists.list_id')
      .select('name')
      .where('newsletter_id', '=', newsletter.id)
      .where('archived_at', 'is', null)
      .orderBy('name')
      .execute(),
    isOpen ? unusualOf(context, edition, bytes) : [],
    usualRecipients(context, newsletter.id),
    wayOutOf(context, newsletter.id),
    seedAddresses(context, newsletter.id),
    approverOf(context, edition),
  ]);
  const findings = settled?.findings ?? keptFindings(edition) ?? [];
  return {
    edition,
    newsletter: {
      id: newsletter.id,
      name: newsletter.name,
      timeZone: newsletter.time_zone,
      deliverAt: newsletter.deliver_at,
      undoSeconds: newsletter.undo_seconds,
      lists: lists.map(({ name }) => name),
      segment: newsletter.segment,
    },
    findings,
    isBlocked: blockedBy(findings, newsletter.checks) !== undefined,
    problem: settled?.problem,
    isSettled: !isToSettle || settled !== undefined,
    unusual,
    usual,
    bytes,
    way,
    seeds,
    approvedBy,
    mayEdit: may(session.user, 'edit', newsletter.id),
    mayApprove: may(session.user, 'approve', newsletter.id),
    mayAdminister: may(session.user, 'administer', newsletter.id),
  };
}

async function settledWithin(context: Context, editionId: number, ms: number): Promise<Settled | undefined> {
  const settling = settle(context, editionId);
  // Whoever looks again meets what it failed with.
  settling.catch(() => {});
  if (ms === Number.POSITIVE_INFINITY) return settling;
  return (await Promise.race([settling, sleep(ms, undefined, { ref: false })])) ?? undefined;
}

const editionOf = ({ db }: Pick<Context, 'db'>, id: number) =>
  db.selectFrom('editions').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

/** Who approved an edition at the desk, if it stands approved. */
export async function approverOf(
  { db }: Pick<Context, 'db'>,
  edition: Pick<Edition, 'id' | 'approved_at'>,
): Promise<{ name: string; at: Date } | undefined> {
  if (!edition.approved_at) return undefined;
  const row = await db
    .selectFrom('audit_log')
    .leftJoin('users', 'users.id', 'audit_log.user_id')
    .select(['audit_log.at', 'audit_log.user_email', 'users.name'])
    .where('audit_log.edition_id', '=', edition.id)
    .where('act', '=', 'edition.approve')
    .orderBy('audit_log.id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && { name: row.name || row.user_email || 'Broadsheet', at: edition.approved_at };
}

/** When an approved edition begins, or one in review would by its schedule. */
export const startOf = ({ starts_at, scheduled_for }: Pick<Edition, 'starts_at' | 'scheduled_for'>) =>
  starts_at ?? scheduled_for;
