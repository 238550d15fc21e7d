import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { endTroubles, raiseTroubles, type Trouble, tellTroubles } from '../delivery/troubles.ts';
import { move } from '../editions/lifecycle.ts';
import { parseStopRates } from '../editions/stop-rates.ts';
import { UserError } from '../errors.ts';
import { areLate } from '../observe/late-editions.ts';

const rateDays = 3;
/** One or two people say nothing of a list. */
const fewestComplaints = 3;
/** A route in trouble is tried at least every ten seconds while there is mail for it. */
const routeQuietMinutes = 10;

/**
 * Looks for what needs a person: editions that are late, and those that bounce or are complained of too much, whose sending is
 * paused. Tells what is new and what is over. Any number of processes may look, at any time.
 */
export async function watch(context: Context): Promise<void> {
  const late = await lateEditions(context);
  await raiseTroubles(context, [...late, ...(await badRates(context))]);
  await endTroubles(context, await overNow(context, new Set(late.map(({ key }) => key))));
  // Also what could not be sent when it was found, or whose process ended.
  void tellTroubles(context);
}

async function lateEditions({ db, clock }: Context): Promise<Trouble[]> {
  const { rows } = await sql<{ id: number; state: string; name: string; due: Date; reason: string | null }>`
    select editions.id, editions.state, newsletters.name, editions.state_reason as reason,
           coalesce(editions.starts_at, editions.scheduled_for) as due
    from editions join newsletters on newsletters.id = editions.newsletter_id
    where ${areLate(clock.now())}
    order by due limit 50`.execute(db);
  return rows.map(({ id, state, name, due, reason }) => ({
    key: `late:${id}`,
    about: {
      title: `Edition ${id} of ${name} is late`,
      what: `It was to go out at ${due.toISOString()} and is ${inWords[state] ?? state}.`,
      facts: reason ? [{ name: 'Why', value: reason }] : [],
      todo: `Look at it: broadsheet editions show ${id}. ${toDo[state] ?? ''}`.trim(),
    },
  }));
}

const inWords: Record<string, string> = {
  draft: 'still a draft',
  review: 'waiting for approval',
  approved: 'approved, and no worker has begun',
};
const toDo: Record<string, string> = {
  review: 'Approve it, or cancel it.',
  approved: 'See that a worker runs.',
};

/** Editions with more bounces or complaints than their newsletter stands; those that are being sent are paused by this. */
async function badRates(context: Context): Promise<Trouble[]> {
  const { db, clock } = context;
  const since = new Date(clock.now().getTime() - rateDays * 86_400_000);
  const editions = await db
    .selectFrom('editions')
    .innerJoin('newsletters', 'newsletters.id', 'editions.newsletter_id')
    .select(['editions.id', 'editions.state', 'newsletters.name', 'newsletters.stop_rates'])
    .where('editions.state', 'in', ['sending', 'sent'])
    .where('editions.planned_at', '>', since)
    .execute();
  const found: Trouble[] = [];
  for (const { id, state, name, stop_rates } of editions) {
    const limits = parseStopRates(stop_rates);
    const counts = await countsOf(context, id);
    if (counts.answered < limits.after) continue;
    const kinds = [
      ['bounces', counts.bounces, limits.bounces, 'messages were refused for good or came back'],
      ['complaints', counts.complaints, limits.complaints, 'readers complained'],
    ] as const;
    for (const [kind, count, limit, words] of kinds) {
      const share = count / counts.answered;
      if (share <= limit || (kind === 'complaints' && count < fewestComplaints)) continue;
      const key = `${kind}:${id}`;
      // Whoever lets it go on has seen it.
      if (await isKnown(context, key)) continue;
      const why = `${count} of ${counts.answered} ${words} (${percent(share)}, the limit is ${percent(limit)})`;
      const isPaused = state === 'sending' && (await pause(context, id, why));
      found.push({
        key,
        about: {
          title: isPaused
            ? `Edition ${id} of ${name} is paused`
            : `Edition ${id} of ${name} has too many ${kind}`,
          what: `${why}.`,
          facts: [{ name: 'Edition', value: String(id) }],
          todo: isPaused
            ? `See where these addresses come from; then go on (broadsheet editions resume ${id}), which is not stopped again for this, or cancel it.`
            : 'See where these addresses come from before the next edition goes out.',
        },
      });
    }
  }
  return found;
}

async function countsOf({ db }: Context, editionId: number) {
  const { rows } = await sql<{ answered: number; bounces: number; complaints: number }>`
    select answered::integer, (refused + hard)::integer as bounces, complaints::integer
    from (
      select count(*) filter (where state = 'accepted' or smtp_code >= 500) as answered,
             count(*) filter (where state = 'failed' and smtp_code >= 500) as refused
      from deliveries where edition_id = ${editionId} and state in ('accepted', 'failed')
    ) as ledger, (
      select count(distinct subscriber_id) filter (where kind = 'hard') as hard,
             count(distinct subscriber_id) filter (where kind = 'complaint') as complaints
      from feedback_events where edition_id = ${editionId} and source <> 'sending'
    ) as back`.execute(db);
  return rows[0] ?? { answered: 0, bounces: 0, complaints: 0 };
}

const percent = (share: number) => `${Number((share * 100).toPrecision(2))} %`;

async function pause(context: Context, editionId: number, why: string): Promise<boolean> {
  try {
    await move(context, editionId, 'pause', why);
    context.log.error({ editionId, reason: why }, 'sending paused');
    return true;
  } catch (error) {
    // Somebody was first.
    if (error instanceof UserError) return false;
    throw error;
  }
}

async function isKnown({ db }: Context, key: string): Promise<boolean> {
  return (
    (await db.selectFrom('troubles').select('key').where('key', '=', key).executeTakeFirst()) !== undefined
  );
}

/** Of the troubles that are open, those that are over. @param late what is late now */
async function overNow({ db, clock }: Context, late: Set<string>): Promise<string[]> {
  const open = await db
    .selectFrom('troubles')
    .select(['key', 'seen_at'])
    .where('ended_at', 'is', null)
    .execute();
  const editionOf = (key: string) => (/^(?:paused|bounces|complaints):(\d+)$/.exec(key) ?? [])[1];
  const ids = open.flatMap(({ key }) => Number(editionOf(key) ?? [])).filter((id) => id > 0);
  const paused = await db
    .selectFrom('editions')
    .select('id')
    .where('id', 'in', [0, ...ids])
    .where('state', '=', 'paused')
    .execute();
  const stillPaused = new Set(paused.map(({ id }) => String(id)));
  const quiet = new Date(clock.now().getTime() - routeQuietMinutes * 60_000);
  return open
    .filter(({ key, seen_at }) => {
      const edition = editionOf(key);
      if (edition !== undefined) return !stillPaused.has(edition);
      return key.startsWith('late:') ? !late.has(key) : seen_at < quiet;
    })
    .map(({ key }) => key);
}
