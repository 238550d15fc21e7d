import { sql, type Transaction } from 'kysely';
import { z } from 'zod';
import { checked } from '../checked.ts';
import type { Context } from '../context.ts';
import type { DB } from '../db/schema.ts';
import { fisherExact } from './proportions.ts';

/** How a newsletter tries subjects out: on a share of its readers first; the others get the better one. */
export const subjectTestSchema = z.strictObject({
  /** Further subjects, as patterns beside the newsletter's own. */
  patterns: z.array(z.string().trim().min(1).max(300)).min(1).max(3),
  /** The share of readers on whom they are tried, the own one included. */
  share: z.number().min(0.01).max(0.9).default(0.2),
  /** How long the others wait. */
  waitMinutes: z
    .int()
    .min(5)
    .max(2 * 24 * 60)
    .default(60),
  /** What tells the better one. Openings are counted only where the newsletter counts them, and by programs too. */
  by: z.enum(['clicks', 'opens']).default('clicks'),
});

export type SubjectTestSettings = z.infer<typeof subjectTestSchema>;

/** An edition's test: its settings, and what came of it. */
export interface SubjectTest extends Omit<SubjectTestSettings, 'patterns'> {
  /** ISO 8601; from planning on. */
  endsAt?: string;
  outcome?: SubjectOutcome;
}

/** What came of a test. */
export interface SubjectOutcome {
  /** The number of the subject that all others get; 0 is the edition's own. */
  winner: number;
  /** For people. */
  why: string;
  /** For each subject, by number: how many got it, and how many did what counts. */
  results: { subject: number; readers: number; responded: number; pValue: number | null }[];
}

const significant = 0.05;
/** Fewer readers of each subject tell nothing. */
export const leastReaders = 20;

/**
 * Writes down which subjects an edition tries out beside its own; those that are the same as another count once.
 * @param settings null: none are tried
 */
export async function trySubjects(
  db: Transaction<DB>,
  { id, subject: own }: { id: number; subject: string },
  tried: string[],
  settings: SubjectTest | null,
): Promise<void> {
  const others = settings ? [...new Set(tried)].filter((subject) => subject !== own) : [];
  await db.deleteFrom('edition_subjects').where('edition_id', '=', id).execute();
  if (others.length > 0)
    await db
      .insertInto('edition_subjects')
      .values([own, ...others].map((subject, number) => ({ edition_id: id, number, subject })))
      .execute();
  await db
    .updateTable('editions')
    .set({ subject_test: others.length > 0 ? JSON.stringify(settings) : null })
    .where('id', '=', id)
    .execute();
}

/** The subjects that an edition tries out beside its own, in order. */
export async function triedSubjects({ db }: Pick<Context, 'db'>, editionId: number): Promise<string[]> {
  const rows = await db
    .selectFrom('edition_subjects')
    .select('subject')
    .where('edition_id', '=', editionId)
    .where('number', '>', 0)
    .orderBy('number')
    .execute();
  return rows.map(({ subject }) => subject);
}

/** @throws UserError listing what is wrong */
export function parseSubjectTest(document: unknown): SubjectTestSettings {
  return checked(subjectTestSchema, document, {
    says: 'The test of subjects is set wrongly',
    root: 'test',
    code: 'usage',
    hint: 'A right one is {"patterns": ["{{ second.title }}"], "share": 0.2, "waitMinutes": 60, "by": "clicks"}.',
  });
}

/**
 * Which subject an edition's further readers get. The first who asks when the time is over decides, for good: the
 * challenger that most answered wins if its share differs from the own one's by more than chance (Fisher's exact test at
 * 0.05, divided among the challengers: Bonferroni); else the own one stays.
 * @returns undefined while the test goes on
 */
export async function subjectFor(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  editionId: number,
): Promise<number | undefined> {
  const testOf = (from: Context['db']) =>
    from.selectFrom('editions').select('subject_test').where('id', '=', editionId);
  // Asked for each few hundred messages, and decided once: only who is to decide locks the edition.
  const row = await testOf(db).executeTakeFirst();
  const test = row?.subject_test as SubjectTest | null | undefined;
  if (!test) return 0;
  if (test.outcome) return test.outcome.winner;
  if (!test.endsAt || new Date(test.endsAt) > clock.now()) return undefined;
  return db.transaction().execute(async (transaction) => {
    const locked = await testOf(transaction).forNoKeyUpdate().executeTakeFirst();
    const decided = (locked?.subject_test as SubjectTest | null | undefined)?.outcome;
    if (decided) return decided.winner;
    const { rows } = await sql<{ subject: number; readers: number; responded: number }>`
      select deliveries.subject, count(*)::integer as readers,
             (count(*) filter (where exists (
               select from engagement
               where engagement.edition_id = ${editionId} and engagement.subscriber_id = deliveries.subscriber_id
                 and engagement.kind = ${test.by === 'clicks' ? 'click' : 'open'}
                 and engagement.source = 'person')))::integer as responded
      from deliveries
      where edition_id = ${editionId} and subject is not null and state in ('accepted', 'uncertain')
      group by 1 order by 1`.execute(transaction);
    const outcome = decide(rows, test.by);
    await transaction
      .updateTable('editions')
      .set({ subject_test: JSON.stringify({ ...test, outcome }) })
      .where('id', '=', editionId)
      .execute();
    return outcome.winner;
  });
}

/** What the numbers say. @param counts for each subject that somebody got */
export function decide(
  counts: { subject: number; readers: number; responded: number }[],
  by: SubjectTestSettings['by'],
): SubjectOutcome {
  const own = counts.find(({ subject }) => subject === 0) ?? { subject: 0, readers: 0, responded: 0 };
  const others = counts.filter(({ subject }) => subject !== 0);
  const results = [
    { ...own, pValue: null },
    ...others.map((each) => ({
      ...each,
      pValue: Math.min(
        1,
        others.length * fisherExact(each.responded, each.readers, own.responded, own.readers),
      ),
    })),
  ];
  const rate = ({ readers, responded }: { readers: number; responded: number }) =>
    readers === 0 ? 0 : responded / readers;
  const large = results.slice(1).filter(({ readers }) => readers >= leastReaders);
  const byRate = large.sort((a, b) => rate(b) - rate(a) || a.subject - b.subject);
  const winning = byRate.find((each) => rate(each) > rate(own) && (each.pValue ?? 1) <= significant);
  const best = winning ?? byRate[0];
  const verb = by === 'clicks' ? 'clicked' : 'opened';
  const said = (each: { readers: number; responded: number }) => `${each.responded} of ${each.readers}`;
  if (!best || own.readers < leastReaders)
    return { winner: 0, why: 'too few readers got each subject to tell', results };
  const told = `${said(best)} ${verb} with subject ${best.subject}, ${said(own)} with the edition’s own`;
  return {
    winner: winning?.subject ?? 0,
    why: winning
      ? `${told}: more than chance (p = ${best.pValue?.toPrecision(2)})`
      : `${told}: no more than chance may do (p = ${best.pValue?.toPrecision(2)})`,
    results,
  };
}
