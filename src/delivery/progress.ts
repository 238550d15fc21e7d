import { sql } from 'kysely';
import type { Context } from '../context.ts';

/** How far an edition is that is being sent. */
export interface Progress {
  planned: number;
  accepted: number;
  failed: number;
  skipped: number;
  uncertain: number;
  deferred: number;
  /** Not tried yet, or being tried now. */
  waiting: number;
  /** What failed and what waits for another try, by the server's words, the most frequent first. */
  troubles: { state: 'failed' | 'deferred'; code: number | null; words: string; count: number }[];
}

interface Tally {
  /** Of what the batch was when it was counted; what differs has to be counted again. */
  as: string;
  /** By state, code and words. */
  counts: { state: string; code: number | null; words: string; count: number }[];
}

const mostTroubles = 20;

/**
 * Follows an edition through its batches. A batch that has come to its end, or that nobody has touched since it was last
 * counted, is not counted again: a look costs what happened since the look before, not what the edition has readers.
 */
export class ProgressReader {
  readonly #editionId: number;
  readonly #tallies = new Map<number, Tally>();

  constructor(editionId: number) {
    this.#editionId = editionId;
  }

  /** @param edition as it is now */
  async read(
    { db }: Pick<Context, 'db'>,
    edition: { planned_at: Date | null; planned_count: number | null },
  ): Promise<Progress> {
    const { rows: batches } = await sql<{
      batch: number;
      first: number;
      last: number;
      held: boolean;
      due: string | null;
    }>`
      select batch, first_id as first, last_id as last, worker is not null as held, due_at::text as due
      from delivery_batches
      -- Nobody was at the others yet: all in them is planned.
      where edition_id = ${this.#editionId}
        and not (worker is null and due_at is not null and due_at <= ${edition.planned_at}::timestamptz)`.execute(
      db,
    );
    const changed = batches.filter(
      ({ batch, held, due }) => held || this.#tallies.get(batch)?.as !== String(due),
    );
    if (changed.length > 0) await this.#count(db, changed);
    return this.#sum(edition.planned_count ?? 0);
  }

  async #count(
    db: Context['db'],
    batches: { batch: number; first: number; last: number; held: boolean; due: string | null }[],
  ): Promise<void> {
    const { rows } = await sql<Tally['counts'][number] & { batch: number }>`
      select range.batch, counted.*
      from unnest(${batches.map(({ batch }) => batch)}::integer[], ${batches.map(({ first }) => first)}::bigint[],
                  ${batches.map(({ last }) => last)}::bigint[]) as range (batch, first, last)
      -- Batch by batch through the key: joined, all could be compared with all.
      cross join lateral (
        select state, case when state in ('failed', 'deferred') then smtp_code end as code,
               case when state in ('failed', 'deferred') then left(coalesce(detail, ''), 300) else '' end as words,
               count(*)::integer as count
        from deliveries
        where edition_id = ${this.#editionId} and subscriber_id between range.first and range.last and state <> 'planned'
        group by 1, 2, 3
      ) as counted`.execute(db);
    const byBatch = Map.groupBy(rows, ({ batch }) => batch);
    for (const { batch, held, due } of batches)
      this.#tallies.set(batch, { as: held ? 'held' : String(due), counts: byBatch.get(batch) ?? [] });
  }

  #sum(planned: number): Progress {
    const states: Record<string, number> = {};
    const troubles = new Map<string, Progress['troubles'][number]>();
    for (const { counts } of this.#tallies.values())
      for (const { state, code, words, count } of counts) {
        states[state] = (states[state] ?? 0) + count;
        if (state !== 'failed' && state !== 'deferred') continue;
        const known = troubles.get(`${state} ${code} ${words}`);
        if (known) known.count += count;
        else troubles.set(`${state} ${code} ${words}`, { state, code, words, count });
      }
    const count = (state: string) => states[state] ?? 0;
    const over = {
      accepted: count('accepted'),
      failed: count('failed'),
      skipped: count('skipped'),
      uncertain: count('uncertain'),
      deferred: count('deferred'),
    };
    const settled = Object.values(over).reduce((sum, each) => sum + each, 0);
    return {
      planned,
      ...over,
      waiting: Math.max(0, planned - settled),
      troubles: [...troubles.values()].sort((a, b) => b.count - a.count).slice(0, mostTroubles),
    };
  }
}
