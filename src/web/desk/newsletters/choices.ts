import { sql } from 'kysely';
import { may, visibleNewsletters } from '../../../access/roles.ts';
import type { User } from '../../../access/users.ts';
import type { Context } from '../../../context.ts';
import type { Newsletter } from '../../../editions/newsletters.ts';
import type { Choices } from './section-forms.tsx';
import type { Connected } from './sections.ts';

const zones = Intl.supportedValuesOf('timeZone');
const mostSources = 1_000;

/**
 * What somebody may connect a newsletter with. Who has a role for single newsletters alone may choose among what those have:
 * other lists' people are not theirs to mail.
 * @param newsletter what is connected already is among the choices
 */
export async function choicesFor(
  { db }: Pick<Context, 'db'>,
  user: User,
  newsletter?: { id: number; connected: Connected; segmentId: Newsletter['segment_id'] },
): Promise<Choices> {
  const own = may(user, 'administer') ? undefined : (visibleNewsletters(user) ?? []);
  const administered = own?.filter((id) => may(user, 'administer', id));
  const [lists, segments, sources] = await Promise.all([
    db
      .selectFrom('lists')
      .select(['id', 'name', 'slug'])
      .where((e) =>
        e.or([
          e('archived_at', 'is', null),
          e('id', '=', sql<number>`any(${newsletter?.connected.listIds ?? []}::bigint[])`),
        ]),
      )
      .$if(administered !== undefined, (query) =>
        query.where((e) =>
          e(
            'id',
            'in',
            e
              .selectFrom('newsletter_lists')
              .select('list_id')
              .where(
                'newsletter_id',
                '=',
                sql<number>`any(${[...(administered ?? []), newsletter?.id ?? 0]}::bigint[])`,
              ),
          ),
        ),
      )
      .orderBy('name')
      .execute(),
    db
      .selectFrom('segments')
      .select(['id', 'name'])
      .$if(administered !== undefined, (query) => query.where('id', '=', newsletter?.segmentId ?? 0))
      .orderBy('name')
      .execute(),
    db.selectFrom('sources').select(['id', 'name', 'url']).orderBy('name').limit(mostSources).execute(),
  ]);
  return {
    lists,
    segments,
    sources: sources.map(({ id, name, url }) => ({ id, name: name || url })),
    zones,
  };
}
