import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { dropOldLedgers } from '../delivery/old-ledgers.ts';
import { runSunset } from '../delivery/sunset.ts';
import { openTransport } from '../delivery/transport.ts';
import { forgetOldVersions } from '../editions/revise/history.ts';
import { messageOf, UserError } from '../errors.ts';
import { countRefusals } from '../feedback/refusals.ts';
import { applyRetention } from '../subscribers/retention.ts';
import { tendPartitions } from './partitions.ts';

/** From this hour on, in UTC. */
const nightlyHour = 3;
/** So many are asked to stay in one night and list: a mail server sees no sudden burst, and nobody waits long. */
const mostAskedANight = 1_000;
const lookBackMs = 3 * 86_400_000;

/** Whether the night's work is still to be done: it is past its hour, and no process has begun it today. */
export async function nightIsDue({ db, clock }: Pick<Context, 'db' | 'clock'>): Promise<boolean> {
  const now = clock.now();
  if (now.getUTCHours() < nightlyHour) return false;
  const row = await db
    .selectFrom('settings')
    .select('value')
    .where('name', '=', 'nightly')
    .executeTakeFirst();
  return row?.value !== dayOf(now);
}

const dayOf = (at: Date) => at.toISOString().slice(0, 10);

/** Takes today's work for this process; false if another has it. */
async function claimNight({ db, clock }: Pick<Context, 'db' | 'clock'>): Promise<boolean> {
  const { rows } = await sql<{ name: string }>`
    insert into settings as known (name, value) values ('nightly', ${JSON.stringify(dayOf(clock.now()))}::jsonb)
    on conflict (name) do update set value = excluded.value where known.value <> excluded.value
    returning name`.execute(db);
  return rows.length > 0;
}

/**
 * The work of a night, once for all processes: takes away what was kept for as long as the settings say, looks after partitions, counts refusals
 * that were not counted when their edition was done, and asks the long inactive of lists that want it. What fails is logged,
 * and the rest goes on; each part goes on where it was in the next night.
 */
export async function runNightly(context: Context, stopping: AbortSignal): Promise<void> {
  if (!(await claimNight(context))) return;
  const { log } = context;
  const attempt = async (what: string, work: () => Promise<void>) => {
    if (stopping.aborted) return;
    try {
      await work();
    } catch (error) {
      const level = error instanceof UserError ? 'warn' : 'error';
      log[level]({ error: messageOf(error) }, `${what} failed this night`);
    }
  };
  await attempt('taking away what is old', async () => {
    for (const { rule, rows, before } of await applyRetention(context, { stopping }))
      if (rows > 0) log.info({ rule, rows, before }, 'took away what was kept long enough');
  });
  await attempt('dropping old ledgers', async () => {
    const { rows, before } = await dropOldLedgers(context, { stopping });
    if (rows > 0) log.info({ rule: 'ledgers', rows, before }, 'took away what was kept long enough');
  });
  await attempt('looking after partitions', async () => {
    const done = await tendPartitions(context, { stopping });
    if (!done) return;
    const { busy, ...rest } = done;
    if (Object.values(rest).some(({ length }) => length > 0)) log.info(rest, 'looked after partitions');
    if (busy.length > 0) log.warn({ busy }, 'partitions were held by others, and wait for the next night');
  });
  await attempt('forgetting how old editions came about', async () => {
    const versions = await forgetOldVersions(context);
    if (versions > 0) log.info({ versions }, 'forgot how editions came about that were sent long ago');
  });
  await attempt('counting refusals', async () => {
    const editions = await context.db
      .selectFrom('editions')
      .select('id')
      .where('sent_at', '>', new Date(context.clock.now().getTime() - lookBackMs))
      .execute();
    for (const { id } of editions) await countRefusals(context, id);
  });
  await attempt('asking the inactive', () => sunsetLists(context, stopping));
}

async function sunsetLists(context: Context, stopping: AbortSignal): Promise<void> {
  const lists = await context.db
    .selectFrom('lists')
    .select(['id', 'slug', 'sunset_days', 'sunset_grace_days'])
    .where('sunset_days', 'is not', null)
    .where('archived_at', 'is', null)
    .orderBy('id')
    .execute();
  if (lists.length === 0) return;
  const transport = await openTransport(context);
  try {
    for (const { id, slug, sunset_days, sunset_grace_days } of lists) {
      if (sunset_days === null || stopping.aborted) continue;
      try {
        const result = await runSunset(context, transport, {
          list: { id, slug },
          inactiveDays: sunset_days,
          graceDays: sunset_grace_days,
          limit: mostAskedANight,
          stopping,
        });
        context.log.info(result, 'asked the inactive whether they want to stay');
      } catch (error) {
        context.log.warn(
          { list: slug, error: messageOf(error) },
          'the inactive of a list could not be asked',
        );
      }
    }
  } finally {
    await transport.close();
  }
}
