/** @jsxImportSource hono/jsx */
import { HTTPException } from 'hono/http-exception';
import { sql } from 'kysely';
import { may, visibleNewsletters } from '../../../access/roles.ts';
import type { Context } from '../../../context.ts';
import { searchStories } from '../../../stories/search.ts';
import { Button, Card, Csrf, Input, Notice, State } from '../design/components.tsx';
import type { DeskCall } from '../env.ts';
import { DeskPage, showDesk } from '../frame.tsx';
import { stampOf } from '../seen.ts';
import { Bars } from '../stories/timeline.tsx';
import { moment, number } from '../words/words.ts';
import { type SourceHealth, sourcesHealth } from './health.ts';
import { averageOf, healthMoods, nextFetch, perDayLabel, sourceLook, Trouble } from './list-page.tsx';
import { formOfSource, type SourceForm, valuesOf, type WrongFields } from './source-form.ts';

const shownStories = 8;
const days = 30;

/** `/desk/sources/:id`: how one source does, what it brought, and its settings. */
export async function sourcePage(
  context: Context,
  c: DeskCall,
  id: number,
  {
    wrong,
    given,
    sent = {},
    done,
  }: { wrong?: WrongFields; given?: SourceForm; sent?: Record<string, string[]>; done?: string } = {},
) {
  const { session } = c.var;
  const [look, source, count, newsletters, { stories }] = await Promise.all([
    sourceLook(context, c),
    sourceOf(context, id, days),
    countOf(context, id),
    newslettersOf(context, id, visibleNewsletters(session.user)),
    searchStories(context, { source: id, limit: shownStories }),
  ]);
  const { say, language, zone } = look;
  const isAdmin = may(session.user, 'administer');
  const at = `/desk/sources/${id}`;
  const form = given ?? formOfSource(source);
  const isFetched = source.kind !== 'api';
  const act = (name: string, icon: 'play' | 'hold' | 'again', text: string) => (
    <form method="post" action={`${at}/${name}`}>
      <Csrf token={session.csrf} />
      <Button icon={icon}>{text}</Button>
    </form>
  );
  return showDesk(
    c,
    <DeskPage
      c={c}
      title={source.name}
      place="sources"
      crumbs={[['/desk/sources', say('sources')]]}
      sub={source.url.replace(/^api:/, '')}
      acts={
        isAdmin ? (
          <>
            {isFetched ? act('fetch', 'again', say('fetchNow')) : null}
            {isFetched
              ? source.paused
                ? act('resume', 'play', say('resume'))
                : act('pause', 'hold', say('pause'))
              : null}
            <Button href={`${at}/remove`} icon="remove">
              {say('remove')}
            </Button>
          </>
        ) : undefined
      }
    >
      {done ? <Notice mood="good">{done}</Notice> : null}
      {wrong ? <Notice mood="bad">{[say('wrong'), wrong.form].filter(Boolean).join(': ')}</Notice> : null}
      <div class="story-columns">
        <div class="stack">
          <Card
            id="health"
            title={say('health')}
            aside={<State mood={healthMoods[source.health]}>{say(source.health)}</State>}
          >
            <div class="stack">
              <Trouble source={source} look={look} />
              <div class="source-days">
                <Bars counts={source.perDay} label={perDayLabel(source, look)} />
                <span class="quiet small">{say('aDay', { count: averageOf(source, language) })}</span>
              </div>
              <dl class="pairs">
                <div>
                  <dt>{say('lastSuccess')}</dt>
                  <dd>
                    {source.last_success_at ? moment(source.last_success_at, language, zone) : say('never')}
                  </dd>
                </div>
                <div>
                  <dt>{say('nextFetch')}</dt>
                  <dd>{nextFetch(source, look)}</dd>
                </div>
                {isFetched ? (
                  <div>
                    <dt>{say('every')}</dt>
                    <dd>{say('everyMinutes', { count: Math.round(source.interval_seconds / 60) })}</dd>
                  </div>
                ) : null}
                {source.last_fetch_ms === null ? null : (
                  <div>
                    <dt>{say('took')}</dt>
                    <dd>
                      {say('seconds', {
                        seconds: number(source.last_fetch_ms / 1000, language, { maximumFractionDigits: 1 }),
                      })}
                    </dd>
                  </div>
                )}
                <div>
                  <dt>{say('newest')}</dt>
                  <dd>{source.newest ? moment(source.newest, language, zone) : say('never')}</dd>
                </div>
              </dl>
            </div>
          </Card>
          <Card
            id="stories"
            title={say('stories')}
            aside={
              stories.length > 0 ? <a href={`/desk/stories?source=${id}`}>{say('allStories')}</a> : undefined
            }
          >
            {stories.length === 0 ? (
              <p class="quiet">{say('noStories')}</p>
            ) : (
              <ul class="lines">
                {stories.map((story) => (
                  <li>
                    <a href={`/desk/stories/${story.id}`}>{story.title}</a>
                    <p class="of">{moment(story.published_at, language, zone)}</p>
                  </li>
                ))}
              </ul>
            )}
            <p class="quiet small below">{say('storiesCount', { count })}</p>
          </Card>
        </div>
        <div class="stack">
          {isAdmin ? (
            <Card id="settings" title={say('edit')}>
              <form method="post" action={at} class="stack" data-asks="">
                <Csrf token={session.csrf} />
                <input
                  type="hidden"
                  name="seen"
                  value={sent.seen?.[0] ?? stampOf(valuesOf(formOfSource(source)))}
                />
                <input type="hidden" name="address-shown" value={sent['address-shown']?.[0] ?? source.url} />
                <SourceFields form={form} wrong={wrong} say={say} withAddress />
                <div class="row">
                  <Button kind="main">{say('save')}</Button>
                </div>
              </form>
            </Card>
          ) : null}
          <Card id="newsletters" title={say('newsletters')}>
            {newsletters.length === 0 ? (
              <p class="quiet">{say('everyNewsletter')}</p>
            ) : (
              <ul class="lines">
                {newsletters.map(({ name, only }) => (
                  <li>
                    {name}
                    {only ? <p class="of">{say('onlyOf', { name })}</p> : null}
                  </li>
                ))}
              </ul>
            )}
          </Card>
        </div>
      </div>
    </DeskPage>,
    wrong ? 422 : 200,
  );
}

/** The fields of a source's form. */
export function SourceFields({
  form,
  wrong = {},
  say,
  withAddress = false,
}: {
  form: SourceForm;
  wrong?: WrongFields;
  say: Awaited<ReturnType<typeof sourceLook>>['say'];
  withAddress?: boolean;
}) {
  return (
    <>
      {withAddress && !form.isApi ? (
        <Input
          id="address"
          label={say('address')}
          value={form.address}
          error={wrong.address}
          required
          maxlength={2000}
          inputmode="url"
          spellcheck={false}
        />
      ) : null}
      <Input id="name" label={say('name')} value={form.name} error={wrong.name} required maxlength={200} />
      <Input
        id="publisher"
        label={say('publisher')}
        hint={say('publisherHint')}
        value={form.publisher}
        maxlength={200}
      />
      <Input
        id="topics"
        label={say('topics')}
        hint={say('topicsHint')}
        value={form.topics}
        maxlength={1000}
      />
      <Input
        id="language"
        label={say('language')}
        hint={say('languageHint')}
        value={form.language}
        error={wrong.language}
        maxlength={35}
      />
      <div class="grid-2">
        <Input
          id="weight"
          type="number"
          label={say('weight')}
          hint={say('weightHint')}
          value={form.weight}
          error={wrong.weight}
          min={0}
          max={1000}
          step="any"
        />
        <Input
          id="minutes"
          type="number"
          label={say('interval')}
          value={form.minutes}
          error={wrong.minutes}
          min={1}
          max={43200}
          step={1}
        />
      </div>
    </>
  );
}

/** @throws HTTPException 404 if there is none */
export async function sourceOf(context: Context, id: number, countedDays?: number): Promise<SourceHealth> {
  const [source] = await sourcesHealth(context, { id, days: countedDays });
  if (!source) throw new HTTPException(404);
  return source;
}

/** How many stories a source has brought. */
export async function countOf({ db }: Pick<Context, 'db'>, id: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from story_search where source_id = ${id}`.execute(db);
  return rows[0]?.count ?? 0;
}

/** The newsletters that name a source, and whether it is their only one. @param visible undefined: all */
export async function newslettersOf(
  { db }: Pick<Context, 'db'>,
  id: number,
  visible: number[] | undefined,
): Promise<{ name: string; only: boolean }[]> {
  const { rows } = await sql<{ name: string; only: boolean }>`
    select newsletters.name, not exists (
      select from newsletter_sources as other
      where other.newsletter_id = own.newsletter_id and other.source_id <> own.source_id) as only
    from newsletter_sources as own join newsletters on newsletters.id = own.newsletter_id
    where own.source_id = ${id} ${visible ? sql`and newsletters.id = any(${visible}::bigint[])` : sql``}
    order by newsletters.name`.execute(db);
  return rows;
}
