import cron from 'node-cron';
import type { PgBoss } from 'pg-boss';
import type { Context } from '../context.ts';
import { alone } from '../db/alone.ts';
import { isHeld } from '../db/installation.ts';
import { areGoodbyesDue, sendGoodbyesDue } from '../delivery/goodbyes.ts';
import { openTransport } from '../delivery/transport.ts';
import { messageOf } from '../errors.ts';
import { countFigures, latestFiguresDue } from '../feedback/edition-figures.ts';
import { embedPending } from '../selection/embeddings.ts';
import { forgetRemovedStories } from '../selection/library.ts';
import { assignStorylines, regroupStorylines } from '../selection/storylines.ts';
import { labelStories } from '../selection/topics/label.ts';
import { fetchDueSources } from '../stories/sources.ts';
import { draftsToBuild, fireSchedules } from './fire.ts';
import { nightIsDue, runNightly } from './nightly.ts';
import { produceDraft } from './produce.ts';
import { createQueues, looking } from './queues.ts';
import { watch } from './watch.ts';

// So many stories take about ten seconds, in a thread of their own; then others have their turn.
const mostEmbedded = 500;
// Storylines are grouped afresh each hour, at a minute when few newsletters are made.
const regroupMinute = 17;

const queues = {
  fetch: 'fetch-sources',
  embed: 'embed-stories',
  regroup: 'regroup-storylines',
  produce: 'produce-edition',
  goodbyes: 'say-goodbyes',
  figures: 'count-figures',
  nightly: 'nightly',
} as const;

/**
 * Takes part in what comes in and is made of it: pg-boss jobs for fetching, embedding, grouping and producing, and a look
 * at the schedule each minute (node-cron).
 * @param start called with an edition that is approved
 */
export async function openNewsroom(
  context: Context,
  boss: PgBoss,
  start: (editionId: number) => Promise<void>,
): Promise<{ stop(): Promise<void> }> {
  const { log, config } = context;
  await createQueues(boss, Object.values(queues));
  const stopping = new AbortController();
  const enqueue = (name: string, data: Record<string, number>, key: string) =>
    boss.send(name, data, { singletonKey: key });

  await boss.work<object>(queues.fetch, looking, async () => {
    const results = await fetchDueSources(context, {});
    if (results.length > 0) {
      await assignStorylines(context);
      await labelStories(context);
    }
    if (config.embeddings) await enqueue(queues.embed, {}, 'waiting');
  });
  await boss.work<object>(queues.embed, looking, async () => {
    const { embedded, without } = await embedPending(context, { limit: mostEmbedded });
    if (embedded > 0) await labelStories(context);
    if (embedded + without === mostEmbedded) await enqueue(queues.embed, {}, 'waiting');
  });
  await boss.work<object>(queues.regroup, looking, async () => {
    log.info(await regroupStorylines(context), 'storylines of the last days grouped afresh');
    await forgetRemovedStories(context);
  });
  await boss.work<{ editionId: number }>(queues.produce, looking, async ([job]) => {
    if (!job) return;
    try {
      // A draft that takes longer than a minute is asked for again meanwhile: others make the next ones, not the same again.
      const edition = await alone(context.db, `produces edition ${job.data.editionId}`, () =>
        produceDraft(context, job.data.editionId),
      );
      if (edition?.state === 'approved') await start(edition.id);
    } catch (error) {
      if (stopping.signal.aborted) {
        log.info({ editionId: job.data.editionId }, 'an edition was left to others, as this process ends');
        return;
      }
      // Trying again would fail again: the reason stands with the draft, for a person.
      log.error({ editionId: job.data.editionId, error: messageOf(error) }, 'the edition could not be made');
    }
  });
  await boss.work<object>(queues.goodbyes, looking, async () => {
    const transport = await openTransport(context);
    try {
      await sendGoodbyesDue(context, transport);
    } finally {
      await transport.close();
    }
  });
  await boss.work<object>(queues.figures, looking, async () => {
    await alone(context.db, 'counts figures', async () => {
      for (const editionId of await latestFiguresDue(context)) {
        if (stopping.signal.aborted) return;
        await countFigures(context, editionId);
      }
    });
  });
  await boss.work<object>(queues.nightly, looking, () => runNightly(context, stopping.signal));

  const tick = async () => {
    if (await isHeld(context)) return;
    for (const fired of await fireSchedules(context)) log.info(fired, 'a newsletter is due');
    for (const editionId of await draftsToBuild(context))
      await enqueue(queues.produce, { editionId }, String(editionId));
    await enqueue(queues.fetch, {}, 'due');
    if (context.clock.now().getUTCMinutes() === regroupMinute) await enqueue(queues.regroup, {}, 'hourly');
    if (await areGoodbyesDue(context)) await enqueue(queues.goodbyes, {}, 'due');
    if ((await latestFiguresDue(context)).length > 0) await enqueue(queues.figures, {}, 'due');
    if (await nightIsDue(context)) await enqueue(queues.nightly, {}, 'due');
    await watch(context);
  };
  await tick();
  let underWay: Promise<void> | undefined;
  const look = () => {
    underWay ??= tick()
      .catch((error) => log.warn({ error: messageOf(error) }, 'the schedule could not be looked at'))
      .finally(() => {
        underWay = undefined;
      });
    return underWay;
  };
  const ticking = cron.schedule('* * * * *', look, { noOverlap: true, suppressMissedWarning: true });
  // A process that was busy, or stood still, for a second at the full minute looks late, not a minute later.
  ticking.on('execution:missed', () => void look());
  return {
    async stop() {
      stopping.abort();
      await ticking.stop();
      await underWay;
    },
  };
}
