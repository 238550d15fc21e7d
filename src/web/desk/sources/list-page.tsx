/** @jsxImportSource hono/jsx */
import { may } from '../../../access/roles.ts';
import type { Context } from '../../../context.ts';
import { Button, Card, Csrf, Empty, Input, type Mood, Notice, State } from '../design/components.tsx';
import type { DeskCall } from '../env.ts';
import { DeskPage, showDesk } from '../frame.tsx';
import { errorSayings } from '../sayings/errors.ts';
import { Told } from '../sayings/told.tsx';
import { Bars } from '../stories/timeline.tsx';
import { away, type DeskLanguage, moment, number, type Speak, speaking } from '../words/words.ts';
import { deskZone } from '../zone.ts';
import { type Health, type SourceHealth, sourcesHealth, troubleOf } from './health.ts';
import { sourceTexts } from './words.ts';

export type SourceSay = Speak<keyof (typeof sourceTexts)['en']>;

/** What the parts of a page about sources share. */
export interface SourceLook {
  say: SourceSay;
  language: DeskLanguage;
  now: Date;
  zone: string;
}

export const healthMoods: Record<Health, Mood> = {
  failing: 'bad',
  late: 'bad',
  slow: 'wait',
  silent: 'wait',
  ok: 'good',
  new: 'busy',
  api: 'plain',
  paused: 'plain',
};

/** The language, time and zone of who looks. */
export async function sourceLook(context: Context, c: DeskCall): Promise<SourceLook> {
  const { language, session } = c.var;
  return {
    say: speaking(sourceTexts, language),
    language,
    now: context.clock.now(),
    zone: await deskZone(context, session.user),
  };
}

/** `/desk/sources`: every source and how it does, those that need somebody first. */
export async function sourcesPage(
  context: Context,
  c: DeskCall,
  { wrong, address = '' }: { wrong?: string; address?: string } = {},
) {
  const { session } = c.var;
  const words = (c.req.query('q') ?? '').replaceAll('\0', '').trim().slice(0, 200);
  const [look, sources] = await Promise.all([sourceLook(context, c), sourcesHealth(context, { words })]);
  const { say } = look;
  const isAdmin = may(session.user, 'administer');
  const needs = sources.filter(({ health }) => healthMoods[health] === 'bad').length;
  const wants = sources.filter(({ health }) => healthMoods[health] === 'wait').length;
  const removed = c.req.query('removed');
  return showDesk(
    c,
    <DeskPage
      c={c}
      title={say('sources')}
      place="sources"
      sub={
        sources.length === 0
          ? say('sub')
          : [needs > 0 && say('needs', { count: needs }), wants > 0 && say('wantsLook', { count: wants })]
              .filter(Boolean)
              .join(' ') || say('allWell')
      }
    >
      {removed ? <Notice>{say('removed', { name: removed.slice(0, 200) })}</Notice> : null}
      {isAdmin ? (
        <Card id="add" title={say('add')} close>
          <form method="post" action="/desk/sources/look" class="source-add">
            <Csrf token={session.csrf} />
            <Input
              id="address"
              label={say('address')}
              hint={say('addressHint')}
              error={wrong}
              value={address}
              placeholder="https://"
              required
              maxlength={2000}
              inputmode="url"
              autocomplete="off"
              spellcheck={false}
            />
            <Button icon="search">{say('look')}</Button>
          </form>
        </Card>
      ) : null}
      {sources.length > 12 || words ? (
        <form method="get" action="/desk/sources" class="source-find">
          <Input id="q" type="search" label={say('search')} value={words} maxlength={200} />
          <Button>{say('find')}</Button>
        </form>
      ) : null}
      {sources.length === 0 ? (
        <Empty title={say(words ? 'noneFound' : 'none')}>{words ? null : <p>{say('noneText')}</p>}</Empty>
      ) : (
        <ul class="source-list">
          {sources.map((source) => (
            <SourceRow source={source} look={look} />
          ))}
        </ul>
      )}
      {sources.length >= 300 ? <p class="quiet">{say('more', { count: sources.length })}</p> : null}
    </DeskPage>,
    wrong ? 422 : 200,
  );
}

function SourceRow({ source, look }: { source: SourceHealth; look: SourceLook }) {
  const { say, language, now, zone } = look;
  const when = (at: Date | null) =>
    at ? (
      <time datetime={at.toISOString()} title={moment(at, language, zone)}>
        {away(at, now, language)}
      </time>
    ) : (
      say('never')
    );
  return (
    <li>
      <div class="what">
        <h2>
          <a href={`/desk/sources/${source.id}`}>{source.name}</a>
        </h2>
        <p class="of">
          <State mood={healthMoods[source.health]}>{say(source.health)}</State>
          {source.kind === 'api' ? null : <span>{say(source.kind as 'feed')}</span>}
          {source.publisher === source.name ? null : <span>{source.publisher}</span>}
        </p>
        <Trouble source={source} look={look} />
      </div>
      <div class="course">
        <Bars counts={source.perDay} label={perDayLabel(source, look)} />
        <span class="quiet small">{say('aDay', { count: averageOf(source, language) })}</span>
      </div>
      <dl class="fetch-times">
        <div>
          <dt>{say('lastSuccess')}</dt>
          <dd>{when(source.last_success_at)}</dd>
        </div>
        <div>
          <dt>{say('nextFetch')}</dt>
          <dd>{nextFetch(source, look)}</dd>
        </div>
      </dl>
    </li>
  );
}

/** When a source is fetched next, in words. */
export function nextFetch(source: SourceHealth, { say, language, now }: SourceLook) {
  if (source.paused || source.kind === 'api' || !source.next_fetch_at) return say('notFetched');
  return source.next_fetch_at <= now ? say('soon') : away(source.next_fetch_at, now, language);
}

/** A source's stories of each day, for those who do not see the bars. */
export const perDayLabel = ({ perDay }: SourceHealth, { say }: SourceLook) =>
  say('perDay', { days: String(perDay.length), list: perDay.join(', ') });

/** How many stories a day a source had, with one decimal place. */
export const averageOf = ({ perDay }: SourceHealth, language: DeskLanguage) =>
  number(perDay.reduce((all, each) => all + each, 0) / perDay.length, language, { maximumFractionDigits: 1 });

/** What is not as it should be, in words, and what to do about it. */
export function Trouble({ source, look }: { source: SourceHealth; look: SourceLook }) {
  const { say, language, now } = look;
  const { health, last_error, failures } = source;
  const toldError = <Told text={last_error ?? ''} sayings={errorSayings} language={language} />;
  if (health === 'ok' || health === 'api') return last_error ? <p class="trouble">{toldError}</p> : null;
  if (health === 'paused')
    return (
      <p class="trouble quiet">
        {last_error ? <>{toldError} </> : null}
        {say('pausedText')}
      </p>
    );
  if (health === 'new') return <p class="trouble quiet">{say('newText')}</p>;
  if (health === 'late')
    return (
      <p class="trouble">{say('lateText', { when: away(source.next_fetch_at ?? now, now, language) })}</p>
    );
  if (health === 'slow')
    return (
      <p class="trouble">
        {say('slowText', {
          seconds: number((source.last_fetch_ms ?? 0) / 1000, language, { maximumFractionDigits: 1 }),
        })}
      </p>
    );
  if (health === 'silent')
    return (
      <p class="trouble">
        {source.newest ? say('silentText', { when: away(source.newest, now, language) }) : say('silentNever')}
      </p>
    );
  const error = last_error ?? '';
  const next =
    source.next_fetch_at && source.next_fetch_at > now
      ? away(source.next_fetch_at, now, language)
      : say('soon');
  return (
    <div class="trouble">
      <p>
        {failures > 1
          ? say('failedTimes', { count: failures })
          : say('failedTimes', {
              count: failures,
              when: source.last_error_at ? away(source.last_error_at, now, language) : '',
            })}{' '}
        {say(troubleOf(error), { next })}
      </p>
      <p class="quiet small">
        <Told text={error} sayings={errorSayings} language={language} />
      </p>
    </div>
  );
}
