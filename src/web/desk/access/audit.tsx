/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { type ActFilter, type LoggedAct, listActs } from '../../../access/audit.ts';
import type { Context } from '../../../context.ts';
import { Button, Card, Empty, Input, Pager, Select, Table } from '../design/components.tsx';
import type { DeskCall, DeskEnv } from '../env.ts';
import { DeskPage, showDesk } from '../frame.tsx';
import { actSaid, detailsSaid, groupSaid } from '../sayings/acts.ts';
import { changeSummaries } from '../sayings/changes.ts';
import { Told } from '../sayings/told.tsx';
import { accessTexts } from '../words/access.ts';
import { type DeskLanguage, moment, speaking } from '../words/words.ts';
import { adminsOnly } from './door.ts';

const dayMs = 86_400_000;

/** `/audit`: what was done at the desk, for admins. */
export function auditPages(context: Pick<Context, 'db'>): Hono<DeskEnv> {
  const app = new Hono<DeskEnv>();
  app.use(adminsOnly);
  app.get('/', async (c) => {
    const asked = askedFrom(c);
    const cursor = /^\d{1,15}$/.test(asked.cursor) ? asked.cursor : undefined;
    const [{ acts, next }, newsletters, kinds] = await Promise.all([
      listActs(context, filterFrom(asked), cursor),
      context.db.selectFrom('newsletters').select(['id', 'name']).orderBy('name').execute(),
      context.db.selectFrom('audit_log').select('act').distinct().orderBy('act').limit(200).execute(),
    ]);
    return showDesk(
      c,
      <AuditPage {...{ c, asked, acts, next, newsletters, kinds: kinds.map(({ act }) => act) }} />,
    );
  });
  return app;
}

interface Asked {
  who: string;
  act: string;
  newsletter: string;
  edition: string;
  from: string;
  until: string;
  cursor: string;
}

function askedFrom(c: DeskCall): Asked {
  const text = (name: string) => (c.req.query(name) ?? '').replaceAll('\0', '').trim().slice(0, 254);
  return {
    who: text('who'),
    act: text('act'),
    newsletter: text('newsletter'),
    edition: text('edition'),
    from: text('from'),
    until: text('until'),
    cursor: text('cursor'),
  };
}

/** What is no day or number is taken for not given. */
function filterFrom({ who, act, newsletter, edition, from, until }: Asked): ActFilter {
  const day = (text: string, plus = 0) => {
    const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
    return Number.isNaN(at) ? undefined : new Date(at + plus);
  };
  const id = (text: string) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined);
  return {
    userEmail: who || undefined,
    act: act || undefined,
    newsletterId: id(newsletter),
    editionId: id(edition),
    since: day(from),
    until: day(until, dayMs),
  };
}

interface AuditProps {
  c: DeskCall;
  asked: Asked;
  acts: LoggedAct[];
  next: string | null;
  newsletters: { id: number; name: string }[];
  kinds: string[];
}

function AuditPage({ c, asked, acts, next, newsletters, kinds }: AuditProps) {
  const { language } = c.var;
  const say = speaking(accessTexts, language);
  const link = (cursor: string | null) => {
    const query = new URLSearchParams(
      Object.entries({ ...asked, cursor: cursor ?? '' }).filter(([, text]) => text),
    );
    return `/desk/audit${query.size > 0 ? `?${query}` : ''}`;
  };
  return (
    <DeskPage c={c} title={say('log')} place="audit" sub={say('logSub')}>
      <Card close>
        <form method="get" action="/desk/audit" class="stack">
          <div class="grid">
            <Input id="who" label={say('who')} type="email" value={asked.who} placeholder="ada@example.com" />
            <Select
              id="act"
              label={say('act')}
              value={asked.act}
              options={[['', say('anyAct')], ...kindsOf(kinds, language)]}
            />
            <Select
              id="newsletter"
              label={say('newsletter')}
              value={asked.newsletter}
              options={[
                ['', say('anyNewsletter')],
                ...newsletters.map(({ id, name }): [number, string] => [id, name]),
              ]}
            />
            <Input id="from" label={say('from')} type="date" value={asked.from} />
            <Input id="until" label={say('until')} type="date" value={asked.until} />
          </div>
          {asked.edition ? <input type="hidden" name="edition" value={asked.edition} /> : null}
          <div>
            <Button>{say('show')}</Button>
          </div>
        </form>
      </Card>
      <Card>
        {acts.length === 0 ? (
          <Empty title={say('noActs')} />
        ) : (
          <div class="folds labelled">
            <Table
              caption={say('log')}
              columns={[
                { label: say('when') },
                { label: say('who') },
                { label: say('what') },
                { label: say('to') },
                { label: say('details') },
              ]}
            >
              {acts.map((act) => (
                <tr>
                  <td data-label={say('when')}>
                    <time datetime={act.at.toISOString()}>
                      {moment(act.at, language, 'UTC', { second: '2-digit', timeZoneName: 'short' })}
                    </time>
                  </td>
                  <td data-label={say('who')}>
                    {act.userEmail ?? <span class="quiet">{say('nobody')}</span>}
                    {act.ip ? <div class="quiet small">{act.ip}</div> : null}
                  </td>
                  <td data-label={say('what')}>
                    {actSaid(act.act, language)} <code class="small quiet">{act.act}</code>
                  </td>
                  <td data-label={act.subject || act.editionId ? say('to') : undefined}>
                    {act.act === 'edition.change' && act.subject ? (
                      <Told text={act.subject} sayings={changeSummaries} language={language} />
                    ) : (
                      act.subject
                    )}
                    {act.editionId ? (
                      <div class="small">
                        <a href={`/desk/editions/${act.editionId}`}>#{act.editionId}</a>
                      </div>
                    ) : null}
                  </td>
                  <td
                    class="small wide"
                    data-label={Object.keys(act.details).length > 0 ? say('details') : undefined}
                  >
                    {detailsSaid(act.details, language)}
                  </td>
                </tr>
              ))}
            </Table>
          </div>
        )}
      </Card>
      <Pager
        label={say('log')}
        newer={asked.cursor ? [link(null), say('newest')] : undefined}
        older={next ? [link(next), say('older')] : undefined}
      />
    </DeskPage>
  );
}

/** The acts that there are, each group of several ahead of what is in it. */
function kindsOf(acts: string[], language: DeskLanguage): [string, string][] {
  const groups = Map.groupBy(acts, (act) => act.split('.')[0] ?? act);
  return [...groups].flatMap(([group, own]): [string, string][] => {
    const named = own.map((act): [string, string] => [act, actSaid(act, language) ?? act]);
    const [first] = own;
    return own.length === 1 && first !== group
      ? named
      : [
          [group, `${groupSaid(group, language)}: ${speaking(accessTexts, language)('anyAct')}`],
          ...named.filter(([act]) => act !== group),
        ];
  });
}
