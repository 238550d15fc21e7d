import { type SqlBool, sql } from 'kysely';
import type { Context } from '../../context.ts';
import type { Compiled } from './compile.ts';
import { resolveSegment, segmentCondition } from './reference.ts';

type Deps = Pick<Context, 'db' | 'clock'>;

/** How many people a segment has. */
export interface SegmentCount {
  /** All subscribers. */
  subscribers: number;
  /** Those whom the filter fits. */
  people: number;
  /** Of these, who have a confirmed subscription (to one of the lists, if lists are given) and may be mailed now. */
  reachable: number;
}

/**
 * Counts a segment.
 * @param reference a saved segment's name or id, or a filter
 * @param listIds counts as reachable who can be reached through one of these lists only
 * @throws UserError as `segmentCondition`
 */
export async function countSegment(
  context: Deps,
  reference: string | number,
  listIds?: number[],
): Promise<SegmentCount> {
  const condition = await segmentCondition(context, reference);
  const now = context.clock.now();
  return context.db.transaction().execute(async (trx) => {
    // Sets of those who clicked are compared in memory, and may be as large as the table.
    await sql`set local work_mem = '64MB'`.execute(trx);
    const { rows } = await sql<SegmentCount>`
      select (select count(*) from subscribers) as subscribers, count(*) as people,
        count(*) filter (where exists (
          select from subscriptions
          where subscriptions.subscriber_id = subscribers.id and subscriptions.state = 'confirmed'
            and (subscriptions.paused_until is null or subscriptions.paused_until <= ${now}::timestamptz)
            ${listIds ? sql`and subscriptions.list_id = any(${listIds}::bigint[])` : sql``}
            and not exists (
              select from suppressions
              where suppressions.email_hash = subscribers.email_hash
                and (suppressions.list_id is null or suppressions.list_id = subscriptions.list_id)
                and (suppressions.expires_at is null or suppressions.expires_at > ${now}::timestamptz))
        )) as reachable
      from subscribers where ${condition}`.execute(trx);
    return rows[0] ?? { subscribers: 0, people: 0, reachable: 0 };
  });
}

/** Why somebody is in a segment, or is not: each question with its answer. */
export interface Explanation {
  /** All or one of `parts` must hold; or a question with its text. */
  kind: 'all' | 'any' | 'one';
  text: string | null;
  holds: boolean;
  /** What it is made of; for a saved segment, its own questions. */
  parts: Explanation[];
}

/**
 * Goes through a segment's questions for one person.
 * @param reference a saved segment's name or id, or a filter
 */
export async function explainSegment(
  context: Deps,
  reference: string | number,
  subscriberId: number,
): Promise<Explanation> {
  const { compiled } = await resolveSegment(context, reference);
  const questions = questionsOf(compiled);
  const { rows } = await sql<{ answers: boolean[] }>`
    select array[${sql.join(questions.map(({ is }) => sql<SqlBool>`coalesce(${is}, false)`))}]::boolean[] as answers
    from subscribers where id = ${subscriberId}`.execute(context.db);
  const answers = rows[0]?.answers ?? [];
  return explained(
    compiled,
    new Map(questions.map((question, index) => [question, answers[index] === true])),
  );
}

type Question = Extract<Compiled, { kind: 'one' }>;

function questionsOf(compiled: Compiled): Question[] {
  if (compiled.kind === 'one') return [compiled, ...(compiled.inside ? questionsOf(compiled.inside) : [])];
  return compiled.parts.flatMap(questionsOf);
}

function explained(compiled: Compiled, answers: Map<Compiled, boolean>): Explanation {
  if (compiled.kind === 'one')
    return {
      kind: 'one',
      text: compiled.text,
      holds: answers.get(compiled) ?? false,
      parts: compiled.inside ? [explained(compiled.inside, answers)] : [],
    };
  const parts = compiled.parts.map((part) => explained(part, answers));
  const holds =
    compiled.kind === 'all' ? parts.every((part) => part.holds) : parts.some((part) => part.holds);
  return { kind: compiled.kind, text: null, holds, parts };
}
