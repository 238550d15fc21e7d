import { sql } from 'kysely';
import type { Context } from '../context.ts';

/** An event as it was recorded. */
export interface RecordedEvent {
  id: number;
  at: Date;
  recordedAt: Date;
  source: string;
  kind: string;
  reason: string | null;
  status: string | null;
  reply: number | null;
  detail: string;
  /** Null: it is about a letter to one person, or named no delivery of ours by a signature. */
  editionId: number | null;
  subscriberId: number | null;
  /** The reader's address, or that of the reader whom an unmatched event names; null if there is none (any more). */
  email: string | null;
  action: string;
}

/**
 * What came back, the newest first.
 * @param filter.since events that were recorded then or later
 * @param filter.limit 100 if not given
 */
export async function listFeedback(
  { db }: Pick<Context, 'db'>,
  filter: { editionId?: number; since?: Date; kind?: string; limit?: number } = {},
): Promise<RecordedEvent[]> {
  const { editionId, since, kind } = filter;
  return db
    .selectFrom('feedback_events as f')
    .leftJoin('subscribers as s', (join) =>
      join.on(
        sql<boolean>`s.id = f.subscriber_id or (f.subscriber_id is null and s.email_hash = f.email_hash)`,
      ),
    )
    .select([
      'f.id',
      'f.at',
      'f.recorded_at as recordedAt',
      'f.source',
      'f.kind',
      'f.reason',
      'f.status',
      'f.reply',
      'f.detail',
      'f.edition_id as editionId',
      'f.subscriber_id as subscriberId',
      's.email',
      'f.action',
    ])
    .$if(editionId !== undefined, (query) => query.where('f.edition_id', '=', editionId ?? 0))
    .$if(since !== undefined, (query) => query.where('f.recorded_at', '>=', since ?? new Date(0)))
    .$if(kind !== undefined, (query) => query.where('f.kind', '=', kind ?? ''))
    .orderBy('f.id', 'desc')
    .limit(filter.limit ?? 100)
    .execute();
}
