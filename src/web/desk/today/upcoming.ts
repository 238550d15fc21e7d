import { sql } from 'kysely';
import type { Context } from '../../../context.ts';
import type { Edition, EditionState } from '../../../editions/editions.ts';
import { builtAhead } from '../../../editions/lifecycle.ts';
import { blockedBy, keptFindings } from '../../../rendering/checks/check-edition.ts';
import { nextOccurrence, occurrences } from '../../../schedule/occurrences.ts';

/** The newsletter of an edition, as lists show it. */
export interface Of {
  newsletterId: number;
  newsletter: string;
  timeZone: string;
  automatic: boolean;
}

/** An edition that is still to go out. */
export interface Upcoming extends Of {
  kind: 'edition';
  edition: Edition;
  /** When it goes out, if it is approved by then. */
  at: Date;
  lead: { title: string; image: string | null; publisher: string } | undefined;
  errors: number;
  warnings: number;
  hints: number;
  isChecked: boolean;
  isBlocked: boolean;
}

/** An edition that the schedule asks for, and that has not been made. */
export interface Due extends Of {
  kind: 'due';
  at: Date;
  /** Its time is over. */
  isLate: boolean;
}

const day = 24 * 3_600_000;
const aheadMs = 8 * day;
// What waits for longer is not about to go out; the list of editions has it.
const behindMs = 7 * day;
const mostEditions = 40;
const lateMs = 3 * 60_000;

/**
 * The editions that are to go out next, by time, and those that schedules will ask for.
 * @param newsletterIds those that may be seen; undefined: all
 */
export async function upcoming(
  { db, clock, log }: Pick<Context, 'db' | 'clock' | 'log'>,
  newsletterIds: number[] | undefined,
): Promise<(Upcoming | Due)[]> {
  const now = clock.now();
  const [rows, newsletters] = await Promise.all([
    db
      .selectFrom('editions')
      .innerJoin('newsletters', 'newsletters.id', 'editions.newsletter_id')
      .leftJoinLateral(
        (e) =>
          e
            .selectFrom('edition_stories')
            .select(sql<Record<string, string | null>>`snapshot`.as('snapshot'))
            .whereRef('edition_id', '=', 'editions.id')
            .where('slot', '<>', 'reserve')
            .where(sql<boolean>`snapshot->>'kind' is distinct from 'note'`)
            .orderBy('position')
            .limit(1)
            .as('lead'),
        (join) => join.onTrue(),
      )
      .selectAll('editions')
      .select(['newsletters.name', 'newsletters.time_zone', 'newsletters.mode', 'newsletters.checks'])
      .select('lead.snapshot as lead')
      .where('editions.state', 'in', ['draft', 'review', 'approved', 'paused'])
      .where('editions.planned_at', 'is', null)
      .where((e) =>
        e.or([
          e('editions.scheduled_for', '>', new Date(now.getTime() - behindMs)),
          e('editions.starts_at', '>', new Date(now.getTime() - behindMs)),
        ]),
      )
      .$if(newsletterIds !== undefined, (query) =>
        query.where('editions.newsletter_id', '=', sql<number>`any(${newsletterIds}::bigint[])`),
      )
      .orderBy(sql`coalesce(editions.starts_at, editions.scheduled_for)`)
      .limit(mostEditions)
      .execute(),
    db
      .selectFrom('newsletters')
      .select(['id', 'name', 'time_zone', 'mode', 'cron', 'scheduled_through', 'catch_up'])
      .where('paused', '=', false)
      .$if(newsletterIds !== undefined, (query) =>
        query.where('id', '=', sql<number>`any(${newsletterIds}::bigint[])`),
      )
      .execute(),
  ]);

  const editions = rows.map(({ name, time_zone, mode, checks, lead, ...row }): Upcoming => {
    const edition = { ...row, state: row.state as EditionState };
    const findings = keptFindings(edition);
    const count = (severity: string) => (findings ?? []).filter((each) => each.severity === severity).length;
    return {
      kind: 'edition',
      newsletterId: edition.newsletter_id,
      newsletter: name,
      timeZone: time_zone,
      automatic: mode === 'automatic',
      edition,
      at: edition.starts_at ?? edition.scheduled_for,
      lead: lead
        ? { title: lead.title ?? '', image: lead.imageUrl ?? null, publisher: lead.publisher ?? '' }
        : undefined,
      errors: count('error'),
      warnings: count('warning'),
      hints: count('hint'),
      isChecked: findings !== undefined,
      isBlocked: findings !== undefined && blockedBy(findings, checks) !== undefined,
    };
  });

  const due = newsletters.flatMap((newsletter): Due[] => {
    const of = {
      kind: 'due' as const,
      newsletterId: newsletter.id,
      newsletter: newsletter.name,
      timeZone: newsletter.time_zone,
      automatic: newsletter.mode === 'automatic',
    };
    try {
      const { cron, time_zone, scheduled_through } = newsletter;
      const missed =
        newsletter.catch_up === 'latest'
          ? occurrences(cron, time_zone, scheduled_through, new Date(now.getTime() - lateMs), 1).at(-1)
          : undefined;
      const from = scheduled_through > now ? scheduled_through : now;
      const next = nextOccurrence(cron, time_zone, from);
      return [
        ...(missed && missed.getTime() > now.getTime() - behindMs
          ? [{ ...of, at: missed, isLate: true }]
          : []),
        ...(next.getTime() < now.getTime() + aheadMs ? [{ ...of, at: next, isLate: false }] : []),
      ];
    } catch (error) {
      log.debug({ newsletter: newsletter.name, error: String(error) }, 'a schedule cannot be read');
      return [];
    }
  });
  const made = await madeOf(db, due);
  const isMade = ({ newsletterId, at }: Due) => made.has(`${newsletterId} ${at.getTime()}`);
  const isListed = ({ newsletterId, at }: Due) =>
    editions.some(
      ({ edition }) =>
        edition.newsletter_id === newsletterId && edition.scheduled_for.getTime() === at.getTime(),
    );
  // Where the next one was skipped or cancelled, what comes after it is the next.
  const after = due
    .filter((each) => !each.isLate && isMade(each) && !isListed(each))
    .flatMap((each): Due[] => {
      const { cron, time_zone } = newsletters.find(({ id }) => id === each.newsletterId) ?? {};
      if (!cron || !time_zone) return [];
      const at = nextOccurrence(cron, time_zone, each.at);
      return at.getTime() < now.getTime() + aheadMs ? [{ ...each, at }] : [];
    });
  const madeAfter = await madeOf(db, after);
  return [
    ...editions,
    ...due.filter((each) => !isMade(each)),
    ...after.filter(({ newsletterId, at }) => !madeAfter.has(`${newsletterId} ${at.getTime()}`)),
  ].sort((a, b) => a.at.getTime() - b.at.getTime());
}

/** Which of them there are already, in whatever state. */
async function madeOf(db: Context['db'], due: Due[]): Promise<Set<string>> {
  if (due.length === 0) return new Set();
  const { rows } = await sql<{ newsletter_id: number; scheduled_for: Date }>`
    select newsletter_id, scheduled_for
    from unnest(${due.map(({ newsletterId }) => newsletterId)}::bigint[], ${due.map(({ at }) => at)}::timestamptz[]) as due (newsletter, at)
    join editions on newsletter_id = due.newsletter and scheduled_for = due.at`.execute(db);
  return new Set(rows.map((row) => `${row.newsletter_id} ${row.scheduled_for.getTime()}`));
}

/** What a person has to do about it; undefined: nothing. */
export function needOf(
  each: Upcoming | Due,
): 'approval' | 'mending' | 'failed' | 'held' | 'late' | undefined {
  if (each.kind === 'due') return each.isLate ? 'late' : undefined;
  const { state, state_reason, built_at } = each.edition;
  if (state === 'paused') return 'held';
  if (state === 'review' && state_reason === builtAhead) return undefined;
  if (state === 'review') return each.isBlocked ? 'mending' : 'approval';
  // Without stories yet it is being built, or is built again at its time.
  return state === 'draft' && state_reason && built_at ? 'failed' : undefined;
}
