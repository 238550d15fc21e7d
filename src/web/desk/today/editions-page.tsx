/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { sql } from 'kysely';
import { visibleNewsletters } from '../../../access/roles.ts';
import type { Context } from '../../../context.ts';
import type { EditionState } from '../../../editions/editions.ts';
import { Button, EditionStateChip, Empty, Input, Pager, Select, Table } from '../design/components.tsx';
import { componentTexts } from '../design/words.ts';
import type { DeskEnv } from '../env.ts';
import { DeskPage, showDesk } from '../frame.tsx';
import { moment, number, speaking } from '../words/words.ts';
import { zoneName } from '../zone.ts';
import { todayTexts } from './words.ts';

const pageSize = 50;
const states: EditionState[] = [
  'draft',
  'review',
  'approved',
  'sending',
  'paused',
  'sent',
  'cancelled',
  'skipped',
];

/** `/desk/editions`: all editions, the newest first, by newsletter, state and words of the subject. */
export function editionsPage(context: Context): Hono<DeskEnv> {
  const app = new Hono<DeskEnv>();
  app.get('/', async (c) => {
    const { session, language } = c.var;
    const say = speaking(todayTexts, language);
    const visible = visibleNewsletters(session.user);
    const asked = {
      newsletter: /^\d{1,15}$/.test(c.req.query('newsletter') ?? '')
        ? Number(c.req.query('newsletter'))
        : undefined,
      state: states.find((state) => state === c.req.query('state')),
      words: (c.req.query('q') ?? '').replaceAll('\0', '').trim().slice(0, 200),
      before: cursorOf(c.req.query('before')),
    };
    const newsletters = await context.db
      .selectFrom('newsletters')
      .select(['id', 'name'])
      .$if(visible !== undefined, (query) => query.where('id', '=', sql<number>`any(${visible}::bigint[])`))
      .orderBy('name')
      .execute();
    const rows = await editionsFor(context, visible, asked);
    const shown = rows.slice(0, pageSize);
    const last = rows.length > pageSize ? shown.at(-1) : undefined;
    const link = (before?: string) => {
      const query = new URLSearchParams({
        ...(asked.newsletter !== undefined && { newsletter: String(asked.newsletter) }),
        ...(asked.state && { state: asked.state }),
        ...(asked.words && { q: asked.words }),
        ...(before && { before }),
      });
      return `/desk/editions${query.size > 0 ? `?${query}` : ''}`;
    };
    return showDesk(
      c,
      <DeskPage c={c} title={say('editions')} place="editions">
        <form class="filters" method="get" action="/desk/editions">
          <Input id="q" type="search" label={say('searchSubject')} value={asked.words} maxlength={200} />
          <Select
            id="newsletter"
            label={say('newsletter')}
            value={asked.newsletter ?? ''}
            options={[['', say('anyNewsletter')], ...newsletters.map(({ id, name }) => [id, name] as const)]}
          />
          <Select
            id="state"
            label={say('state')}
            value={asked.state ?? ''}
            options={[
              ['', say('anyState')],
              ...states.map((state) => [state, componentTexts[language][state]] as const),
            ]}
          />
          <Button icon="search">{say('find')}</Button>
        </form>
        {shown.length === 0 ? (
          <Empty title={say('nothingFound')}>
            <p>{say('nothingFoundText')}</p>
          </Empty>
        ) : (
          <div class="folds">
            <Table
              caption={say('editions')}
              columns={[
                { label: say('edition') },
                { label: say('state') },
                { label: say('when') },
                { label: say('recipients'), number: true },
              ]}
            >
              {shown.map((each) => (
                <tr>
                  <td class="named">
                    <a href={`/desk/editions/${each.id}`}>{each.subject || say('noSubject')}</a>
                    <span class="quiet small">{each.newsletter}</span>
                  </td>
                  <td>
                    <EditionStateChip state={each.state as EditionState} language={language} />
                  </td>
                  <td class="nowrap">
                    {moment(each.scheduled_for, language, each.time_zone, {
                      ...(each.scheduled_for.getUTCFullYear() !== context.clock.now().getUTCFullYear() && {
                        year: 'numeric',
                      }),
                    })}
                    <span class="quiet small in-zone">{zoneName(each.time_zone)}</span>
                  </td>
                  <td class="number">
                    {each.planned_count === null ? '–' : number(each.planned_count, language)}
                  </td>
                </tr>
              ))}
            </Table>
          </div>
        )}
        <Pager
          label={say('page')}
          {...(asked.before && { newer: [link(), say('newest')] as [string, string] })}
          {...(last && {
            older: [link(`${last.scheduled_for.getTime()}-${last.id}`), say('older')] as [string, string],
          })}
        />
      </DeskPage>,
    );
  });
  return app;
}

interface Asked {
  newsletter: number | undefined;
  state: EditionState | undefined;
  words: string;
  before: { at: Date; id: number } | undefined;
}

function editionsFor({ db }: Pick<Context, 'db'>, visible: number[] | undefined, asked: Asked) {
  const { newsletter, state, words, before } = asked;
  return db
    .selectFrom('editions')
    .innerJoin('newsletters', 'newsletters.id', 'editions.newsletter_id')
    .select([
      'editions.id',
      'editions.subject',
      'editions.state',
      'editions.scheduled_for',
      'editions.planned_count',
      'newsletters.name as newsletter',
      'newsletters.time_zone',
    ])
    .$if(visible !== undefined, (query) =>
      query.where('editions.newsletter_id', '=', sql<number>`any(${visible}::bigint[])`),
    )
    .$if(newsletter !== undefined, (query) => query.where('editions.newsletter_id', '=', newsletter ?? 0))
    .$if(state !== undefined, (query) => query.where('editions.state', '=', state ?? ''))
    .$if(words !== '', (query) =>
      query.where('editions.subject', 'ilike', `%${words.replace(/[\\%_]/g, '\\$&')}%`),
    )
    .$if(before !== undefined, (query) =>
      query.where(sql<boolean>`(editions.scheduled_for, editions.id) < (${before?.at}, ${before?.id})`),
    )
    .orderBy('editions.scheduled_for', 'desc')
    .orderBy('editions.id', 'desc')
    .limit(pageSize + 1)
    .execute();
}

function cursorOf(text: string | undefined): Asked['before'] {
  const [, at, id] = /^(-?\d{1,15})-(\d{1,15})$/.exec(text ?? '') ?? [];
  return at && id ? { at: new Date(Number(at)), id: Number(id) } : undefined;
}
