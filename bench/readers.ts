import { sql } from 'kysely';
import { loadReaders, pastOf } from '../src/delivery/readers.ts';
import { getEdition, storiesOf } from '../src/editions/editions.ts';
import { type BenchContext, withOwnDatabase } from './database.ts';
import { addPartitions, seedAudience, seedEdition } from './edition.ts';
import { byTurns, type Measurement, type MeasureOptions, rounded, secondsOf } from './measure.ts';

const earlierEditions = 20;
// As a worker claims them.
const batch = 200;

/**
 * Readers loaded in batches with their wishes, what they clicked and what they had in twenty earlier editions, against
 * a plain SELECT of their addresses.
 */
export async function measureReaders({
  rows = 50_000,
  rounds = 5,
  say,
}: MeasureOptions): Promise<Measurement> {
  return withOwnDatabase(async (context) => {
    const newsletterId = await seedAudience(context, rows);
    await seedPast(context, newsletterId);
    const editionId = await seedEdition(context, newsletterId);
    await sql`update edition_stories set storyline_id = position + 1 where edition_id = ${editionId}`.execute(
      context.db,
    );
    const edition = await getEdition(context, editionId);
    const past = await pastOf(context, edition, await storiesOf(context, editionId));
    const { rows: people } = await sql<{ id: number }>`select id from subscribers order by id`.execute(
      context.db,
    );
    const batches = Array.from({ length: Math.ceil(people.length / batch) }, (_, at) =>
      people.slice(at * batch, (at + 1) * batch).map(({ id }) => id),
    );
    const measured = (load: (ids: number[]) => Promise<unknown>, who: string) => async () => {
      const seconds = await secondsOf(async () => {
        for (const ids of batches) await load(ids);
      });
      say(`${who}: ${rounded((seconds / rows) * 1e6)} microseconds a reader`);
      return (seconds / rows) * 1e6;
    };
    let remembered = 0;
    const [ours = 0, wishes = 0, reference = 0] = await byTurns(
      rounds,
      measured(async (ids) => {
        const readers = await loadReaders(context, newsletterId, ids, past);
        remembered += readers.filter(({ had, clicks }) => had?.length && clicks?.length).length;
      }, 'with their past'),
      measured((ids) => loadReaders(context, newsletterId, ids), 'wishes alone'),
      measured(
        (ids) =>
          sql`select id, email, name from subscribers where id = any(${ids}::bigint[])`.execute(context.db),
        'addresses alone',
      ),
    );
    if (remembered < rows / 2) throw new Error(`Only ${remembered} readers had a past.`);
    return {
      name: 'readers',
      ours: rounded(ours),
      oursUnit: 'microseconds a reader, with wishes and past',
      reference: rounded(reference),
      referenceUnit: 'microseconds a reader, addresses alone',
      ratio: rounded(reference / ours),
      withoutPast: rounded(wishes),
      earlierEditions,
      rows,
    };
  });
}

/** Editions with the same storylines, each had by everybody (other stories by each) and clicked by one in ten. */
async function seedPast(context: BenchContext, newsletterId: number): Promise<void> {
  const { db } = context;
  await sql`insert into storylines (first_published_at, last_published_at)
    select now(), now() from generate_series(1, 40)`.execute(db);
  for (let count = 0; count < earlierEditions; count++) {
    const id = await seedEdition(context, newsletterId);
    await sql`update edition_stories set storyline_id = position + 1 where edition_id = ${id}`.execute(db);
    await sql`update editions set planned_at = now(), state = 'sent' where id = ${id}`.execute(db);
    await addPartitions(db, id);
    await sql`
      insert into deliveries (edition_id, subscriber_id, state, stories)
      select ${id}, id, 'accepted', array(
        select ((id * 7 + ${count} * 11 + place) % 40)::smallint from generate_series(1, 10) as place)
      from subscribers order by id`.execute(db);
    await sql`
      insert into engagement (edition_id, subscriber_id, kind, position, first_at, last_at)
      select ${id}, id, 'click', id % 40, now(), now() from subscribers where (id + ${count}) % 10 = 0`.execute(
      db,
    );
  }
  await sql`analyze`.execute(db);
}
