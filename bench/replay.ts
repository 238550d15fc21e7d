import { monitorEventLoopDelay } from 'node:perf_hooks';
import { sql } from 'kysely';
import { createNewsletter } from '../src/editions/newsletters.ts';
import { askForReplay, findReplay } from '../src/editions/policy-replays.ts';
import { replayEditions } from '../src/editions/replay.ts';
import { computeReplayApart } from '../src/editions/replay-apart.ts';
import { parsePolicy } from '../src/selection/policy.ts';
import { type BenchContext, memoryOf, withOwnDatabase } from './database.ts';
import { addPartitions, addStories, benchStory, seedAudience, slots } from './edition.ts';
import { takeRounds } from './intake.ts';
import { type Measurement, type MeasureOptions, rounded, secondsOf } from './measure.ts';
import { arrivals } from './stories.ts';

const editionCount = 28;
const readers = 20_000;
const day = 24 * 3_600_000;

/**
 * Four weeks of daily editions replayed, each sent to 20,000 readers, over a month of stories; against reading those
 * stories from the database once, without choosing anything.
 */
export async function measureReplay({ rows = 30_000, say }: MeasureOptions): Promise<Measurement> {
  return withOwnDatabase(async (own) => {
    const context: BenchContext = { ...own, config: { ...own.config, embeddings: false } };
    const { db } = context;
    await takeRounds(context, arrivals(rows, Date.now()));
    // Invented stories are of two days: spread over the month, storyline by storyline.
    await sql`
      update stories set published_at = now() - (coalesce(storyline_id, id) % 30) * interval '1 day' - interval '1 hour',
        first_seen_at = now() - (coalesce(storyline_id, id) % 30) * interval '1 day' - interval '1 hour'`.execute(
      db,
    );
    const newsletter = await newsletterWithPast(context);
    let editions = 0;
    const took: { seconds: number } = { seconds: 0 };
    const { peak } = await memoryOf(async () => {
      took.seconds = await secondsOf(async () => {
        const replay = await replayEditions(context, newsletter, {
          since: new Date(Date.now() - 31 * day),
          policy: parsePolicy({ slots, minimumStories: 1 }),
          onEdition: ({ edition }, done, of) => say(`edition ${edition}, ${done} of ${of}`),
        });
        editions = replay.editions.length;
        if (replay.total.added < editions) throw new Error('Nothing was chosen.');
      });
    });
    const replayed = async (compute: (id: number, work: () => Promise<void>) => Promise<void>) => {
      const { id, work } = await askForReplay(context, newsletter, {
        policy: { slots, minimumStories: 1 },
        editions: editionCount,
        by: 'bench',
      });
      const worst = await longestHold(() => compute(id, work));
      const found = await findReplay(context, newsletter.id, id);
      if (found?.state !== 'done') throw new Error(`A replay ended as ${found?.state}: ${found?.failed}`);
      return worst;
    };
    const heldHere = await replayed((_id, work) => work());
    const heldApart = await replayed((id) => computeReplayApart(context, own.database.connection, id));
    say(
      `others waited ${rounded(heldHere)} ms at the most beside a replay, ${rounded(heldApart)} ms beside one in a thread`,
    );
    const reading = await secondsOf(() => sql`select * from stories`.execute(db));
    return {
      name: 'replay',
      ours: rounded(took.seconds / editions),
      oursUnit: 'seconds an edition',
      reference: rounded(reading),
      referenceUnit: 'seconds, reading the stories once',
      ratio: rounded((reading * editions) / took.seconds),
      stories: rows,
      editions,
      readers,
      residentMegabytes: peak,
      heldMs: rounded(heldHere),
      heldBesideThreadMs: rounded(heldApart),
    };
  });
}

/** For how long nothing else could run in this process while something was done, at the worst. @returns milliseconds */
async function longestHold(action: () => Promise<void>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  await action();
  delay.disable();
  return delay.max / 1e6;
}

async function newsletterWithPast(context: BenchContext) {
  const { db } = context;
  await seedAudience(context, readers);
  const newsletter = await createNewsletter(context, {
    slug: 'replayed',
    name: 'Replayed',
    fromAddress: 'post@news.example.com',
    cron: '0 7 * * *',
    timeZone: 'UTC',
  });
  const stories = Array.from({ length: 40 }, (_, position) => benchStory(position));
  for (let count = 0; count < editionCount; count++) {
    const { id } = await db
      .insertInto('editions')
      .values({
        newsletter_id: newsletter.id,
        scheduled_for: new Date(Date.now() - (editionCount - count) * day),
        state: 'sent',
        planned_at: new Date(),
        theme: 'broadsheet',
        language: 'en',
        policy: JSON.stringify({ slots }),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await addStories(db, id, stories);
    await addPartitions(db, id);
    await sql`
      insert into deliveries (edition_id, subscriber_id, state, stories)
      select ${id}, id, 'accepted', array(
        select ((id + place) % 40)::smallint from generate_series(1, 10) as place)
      from subscribers order by id`.execute(db);
    await sql`
      insert into engagement (edition_id, subscriber_id, kind, position, first_at, last_at)
      select ${id}, id, 'click', (id + 1 + id % 3) % 40, now(), now() from subscribers where id % 10 = 0`.execute(
      db,
    );
  }
  await sql`analyze`.execute(db);
  return newsletter;
}
