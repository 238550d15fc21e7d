import { type RawBuilder, sql } from 'kysely';

/**
 * The condition under which a subscription may be mailed at an instant, over the tables `subscriptions` and
 * `subscribers`: confirmed, not on a break, the address suppressed neither for everything nor for this list.
 */
export function mayReceive(now: Date | RawBuilder<Date>) {
  return sql`
    subscriptions.state = 'confirmed'
    and (subscriptions.paused_until is null or subscriptions.paused_until <= ${now})
    and not exists (
      select from suppressions
      where suppressions.email_hash = subscribers.email_hash
        and (suppressions.list_id is null or suppressions.list_id = subscriptions.list_id)
        and (suppressions.expires_at is null or suppressions.expires_at > ${now}))`;
}
