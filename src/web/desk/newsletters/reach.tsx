/** @jsxImportSource hono/jsx */
import { sql } from 'kysely';
import type { Context } from '../../../context.ts';
import { type DeskLanguage, percent } from '../words/words.ts';
import type { Key, Say } from './form-values.ts';

const mostLookedAt = 50_000;
const words: Record<string, Key> = { every: 'every', daily: 'daily2', weekly: 'weekly', monthly: 'monthly' };

/** How often a newsletter's readers want it. Of many the first 50,000 are looked at. */
export async function frequencies(
  { db }: Pick<Context, 'db'>,
  newsletterId: number,
): Promise<{ frequency: string; readers: number }[]> {
  const { rows } = await sql<{ frequency: string; readers: number }>`
    select frequency, count(*)::integer as readers
    from (
      select frequency from subscriptions
      where state = 'confirmed'
        and list_id in (select list_id from newsletter_lists where newsletter_id = ${newsletterId})
      limit ${sql.lit(mostLookedAt)}) as people
    group by 1 order by 2 desc, 1`.execute(db);
  return rows;
}

/** How often readers want a newsletter, as shares of those that were looked at. */
export function Reach({
  rows,
  say,
  language,
}: {
  rows: Awaited<ReturnType<typeof frequencies>>;
  say: Say;
  language: DeskLanguage;
}) {
  const all = rows.reduce((sum, { readers }) => sum + readers, 0);
  if (all === 0) return <p class="quiet small">{say('reachNone')}</p>;
  const named = (frequency: string) => (words[frequency] ? say(words[frequency]) : frequency);
  return (
    <div class="stack tight reach">
      <p class="label">{say('howOften')}</p>
      <ul class="row">
        {rows.map(({ frequency, readers }) => (
          <li>
            <span class="tag">
              {named(frequency)} {percent(readers / all, language)}
            </span>
          </li>
        ))}
      </ul>
      <p class="quiet small">
        {say('reachSample', { count: all })}. {say('reachText')}
      </p>
    </div>
  );
}
