import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { applyEvent } from './apply.ts';
import { classify } from './classify.ts';
import { bounceKind } from './event.ts';
import { isHard, type Reason } from './reasons.ts';

const groupSize = 500;

/**
 * Counts the mailboxes that refused an edition while it was sent (full, disabled, their server failing) as soft bounces,
 * as if a mail server of ours had sent a bounce about them. What is about us or the message, and mailboxes that do not exist
 * (the ledger suppresses those), is left. Doing it again counts nothing twice.
 * @returns how many were counted
 */
export async function countRefusals(
  context: Pick<Context, 'db' | 'clock' | 'config'>,
  editionId: number,
): Promise<number> {
  let counted = 0;
  let after = 0;
  while (true) {
    const { rows } = await sql<{ id: number; code: number; detail: string; at: Date }>`
      select subscriber_id as id, smtp_code as code, coalesce(detail, '') as detail, settled_at as at
      from deliveries
      where edition_id = ${editionId} and subscriber_id > ${after} and state = 'failed' and smtp_code between 400 and 599
        and not exists (
          select from feedback_events
          where external_id = 'sending:' || deliveries.edition_id || '-' || deliveries.subscriber_id)
      order by subscriber_id limit ${groupSize}`.execute(context.db);
    for (const { id, code, detail, at } of rows) {
      const refusal = understood(code, detail);
      if (!refusal) continue;
      const { action } = await applyEvent(context, {
        source: 'sending',
        externalId: `sending:${editionId}-${id}`,
        about: { editionId, subscriberId: id },
        kind: 'soft',
        ...refusal,
        reply: code,
        detail,
        address: null,
        at,
      });
      if (action !== 'repeated') counted += 1;
    }
    if (rows.length < groupSize) return counted;
    after = rows.at(-1)?.id ?? after;
  }
}

/** Why a mailbox refused, or undefined if that says nothing of the mailbox, or that there is none. */
function understood(code: number, detail: string): { reason: Reason; status: string | null } | undefined {
  const words = detail.replace(/^given up after [^:]{1,40}: /, '');
  const status = /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(words)?.[0] ?? null;
  const reason = classify({
    texts: [words],
    status,
    reply: code,
    isStated: words !== '',
    action: null,
  });
  if (isHard(reason) || bounceKind({ reason, hard: code >= 500 }) !== 'soft') return undefined;
  return { reason, status };
}
