import { sql } from 'kysely';
import type { TestContext } from './context.ts';

/** Clicks of readers on the first story of an edition, as counting writes them. */
export async function addEngagement(
  { db }: TestContext,
  editionId: number,
  clicks: { id: number; at: Date; times?: number; source?: string; kind?: 'open' | 'click' }[],
): Promise<void> {
  for (const { id, at, times = 1, source = 'person', kind = 'click' } of clicks)
    await sql`
      insert into engagement (edition_id, subscriber_id, kind, position, source, times, first_at, last_at)
      values (${editionId}, ${id}, ${kind}, ${kind === 'click' ? 0 : -1}, ${source}, ${times}, ${at}, ${at})`.execute(
      db,
    );
}
