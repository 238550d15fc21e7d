/** @jsxImportSource hono/jsx */
import { HTTPException } from 'hono/http-exception';
import { may, visibleNewsletters } from '../../../access/roles.ts';
import type { Context } from '../../../context.ts';
import { UserError } from '../../../errors.ts';
import { joinInTurn, splitInTurn, takeStorylinesTurn } from '../../../selection/storylines.ts';
import { searchStories } from '../../../stories/search.ts';
import { formOf } from '../../request.ts';
import { noteDeskAct } from '../access/door.ts';
import {
  Button,
  Card,
  Csrf,
  EditionStateChip,
  Empty,
  Input,
  Notice,
  Pager,
  Tabs,
} from '../design/components.tsx';
import type { DeskCall } from '../env.ts';
import { DeskPage, showDesk } from '../frame.tsx';
import { errorSaid } from '../sayings/errors.ts';
import { away, type DeskLanguage, moment, type Speak, speaking } from '../words/words.ts';
import { deskZone, zoneName } from '../zone.ts';
import { editionsWith, type Report, recentStorylines, reportsOf, type Touched } from './storylines.ts';
import { Spark, Timeline } from './timeline.tsx';
import { storyTexts } from './words.ts';

type Say = Speak<keyof (typeof storyTexts)['en']>;

const windows = { day: 24, days: 72, week: 168 } as const;
const pageSize = 30;

/** `/desk/storylines`: the events of the last time, by coverage. */
export async function storylinesPage(context: Context, c: DeskCall) {
  const { language, session } = c.var;
  const say = speaking(storyTexts, language);
  const given = c.req.query('time') ?? '';
  const time = Object.hasOwn(windows, given) ? (given as keyof typeof windows) : 'days';
  const now = context.clock.now();
  const since = new Date(now.getTime() - windows[time] * 3_600_000);
  const [, stories, id] = /^(\d{1,9})-(\d{1,15})$/.exec(c.req.query('after') ?? '') ?? [];
  const after = stories && id ? { stories: Number(stories), id: Number(id) } : undefined;
  const [rows, zone] = await Promise.all([
    recentStorylines(context, since, pageSize + 1, after),
    deskZone(context, session.user),
  ]);
  const shown = rows.slice(0, pageSize);
  const last = rows.length > pageSize ? shown.at(-1) : undefined;
  const at = (each: string) => `/desk/storylines?time=${each}`;
  return showDesk(
    c,
    <DeskPage
      c={c}
      title={say('storylines')}
      place="storylines"
      sub={say('storylinesSub', { zone: zoneName(zone) })}
    >
      <Tabs
        label={say('window')}
        current={at(time)}
        tabs={[
          [at('day'), say('day')],
          [at('days'), say('days')],
          [at('week'), say('week')],
        ]}
      />
      {shown.length === 0 ? (
        <Empty title={say('storylinesNone')}>
          <p>{say('storylinesNoneText')}</p>
        </Empty>
      ) : (
        <ol class="line-list">
          {shown.map((each) => (
            <li>
              <div class="count" aria-hidden="true">
                {each.stories}
              </div>
              <div class="what">
                <h2>
                  <a href={`/desk/storylines/${each.id}`}>{each.title}</a>
                </h2>
                <p class="of">
                  <strong>{say('reports', { count: each.stories })}</strong>
                  <span>{say('publishers', { count: each.publishers })}</span>
                  <span>
                    {each.firstPublishers.join(', ')}
                    {each.publishers > each.firstPublishers.length ? ' …' : null}
                  </span>
                </p>
              </div>
              <div class="course">
                <Spark
                  times={each.times}
                  from={since.getTime()}
                  until={now.getTime()}
                  label={say('spark', { count: each.stories })}
                />
                <span class="quiet small" title={moment(each.first, language, zone)}>
                  {away(each.last, now, language)}
                </span>
              </div>
            </li>
          ))}
        </ol>
      )}
      <Pager
        label={say('pages')}
        {...(after && { newer: [at(time), say('first')] as [string, string] })}
        {...(last && {
          older: [`${at(time)}&after=${last.stories}-${last.id}`, say('more')] as [string, string],
        })}
      />
    </DeskPage>,
  );
}

interface Seen {
  c: DeskCall;
  say: Say;
  language: DeskLanguage;
  zone: string;
  id: number;
  reports: Report[];
}

async function seenOf(context: Context, c: DeskCall, id: number): Promise<Seen> {
  const { language, session } = c.var;
  const [reports, zone] = await Promise.all([reportsOf(context, id), deskZone(context, session.user)]);
  if (reports.length === 0) throw new HTTPException(404);
  return { c, say: speaking(storyTexts, language), language, zone, id, reports };
}

const titleOf = (reports: Report[]) => (reports.find(({ image }) => image) ?? reports[0])?.title ?? '';

/** `/desk/storylines/:id`: who reported it when. */
export async function storylinePage(context: Context, c: DeskCall, id: number, wrong?: string) {
  const { say, language, zone, reports } = await seenOf(context, c, id);
  const { session } = c.var;
  const touched = await editionsWith(context, [id], visibleNewsletters(session.user));
  const mayEdit = may(session.user, 'edit');
  const title = titleOf(reports);
  const publishers = new Set(reports.map(({ publisher }) => publisher)).size;
  const list = (
    <ReportList
      reports={reports}
      say={say}
      language={language}
      zone={zone}
      choosing={mayEdit && reports.length > 1}
    />
  );
  const done = c.req.query('done');
  return showDesk(
    c,
    <DeskPage
      c={c}
      title={title}
      place="storylines"
      crumbs={[['/desk/storylines', say('storylines')]]}
      sub={`${say('reports', { count: reports.length })} · ${say('publishers', { count: publishers })} · ${zoneName(zone)}`}
      acts={
        mayEdit ? (
          <Button href={`/desk/storylines/${id}/merge`} icon="merge">
            {say('merge')}
          </Button>
        ) : undefined
      }
    >
      {wrong ? <Notice mood="bad">{wrong}</Notice> : null}
      {done === 'split' ? <Notice mood="good">{say('wasSplit')}</Notice> : null}
      {done === 'merged' ? <Notice mood="good">{say('wasMerged')}</Notice> : null}
      <Card id="timeline" title={say('timeline')}>
        <Timeline reports={reports} say={say} language={language} zone={zone} />
      </Card>
      <Card id="reports" title={say('reportsTitle')}>
        {mayEdit && reports.length > 1 ? (
          <form method="get" action={`/desk/storylines/${id}/split`} class="stack">
            <p class="quiet small">{say('splitText')}</p>
            {list}
            <div class="row">
              <Button icon="split">{say('split')}</Button>
            </div>
          </form>
        ) : (
          list
        )}
      </Card>
      <Card id="in-editions" title={say('inEditions')}>
        <TouchedList touched={touched} say={say} language={language} />
      </Card>
    </DeskPage>,
    wrong ? 422 : 200,
  );
}

function ReportList({
  reports,
  say,
  language,
  zone,
  choosing = false,
}: {
  reports: Report[];
  say: Say;
  language: DeskLanguage;
  zone: string;
  choosing?: boolean;
}) {
  const day = (at: Date) => moment(at, language, zone, { hour: undefined, minute: undefined });
  return (
    <ol class="report-list">
      {reports.map((report, at) => {
        const before = reports[at - 1];
        const isNewDay = !before || day(before.at) !== day(report.at);
        return (
          <li class={choosing ? 'choosing' : undefined}>
            {isNewDay ? <h3 class="day">{day(report.at)}</h3> : null}
            <div class="report">
              {choosing ? (
                <label class="pick">
                  <input type="checkbox" name="story" value={report.id} />
                  <span class="vh">{say('choose', { title: report.title })}</span>
                </label>
              ) : null}
              <time datetime={report.at.toISOString()}>
                {moment(report.at, language, zone, {
                  weekday: undefined,
                  day: undefined,
                  month: undefined,
                })}
              </time>
              <div>
                <a href={`/desk/stories/${report.id}`}>{report.title}</a>
                <p class="of">{report.publisher}</p>
              </div>
            </div>
          </li>
        );
      })}
    </ol>
  );
}

function TouchedList({ touched, say, language }: { touched: Touched[]; say: Say; language: DeskLanguage }) {
  if (touched.length === 0) return <p class="quiet">{say('inEditionsNone')}</p>;
  return (
    <>
      <ul class="lines">
        {touched.map((each) => (
          <li>
            <a href={`/desk/editions/${each.id}`}>{each.subject || say('noSubject')}</a>
            <p class="of">
              <span>{each.newsletter}</span>
              <EditionStateChip state={each.state} language={language} />
            </p>
            {each.titles.map((title) => (
              <p class="small">{title}</p>
            ))}
          </li>
        ))}
      </ul>
      <p class="quiet small">{say('inEditionsText')}</p>
    </>
  );
}

/** `/desk/storylines/:id/split`: what a split would make, before it is made. */
export async function splitPage(context: Context, c: DeskCall, id: number) {
  if (!may(c.var.session.user, 'edit')) throw new HTTPException(403);
  const seen = await seenOf(context, c, id);
  const { say, language, zone, reports } = seen;
  const picked = new Set((c.req.queries('story') ?? []).map(Number));
  const goes = reports.filter((report) => picked.has(report.id));
  const stays = reports.filter((report) => !picked.has(report.id));
  if (goes.length === 0 || stays.length === 0) return storylinePage(context, c, id, say('splitNone'));
  const touched = await editionsWith(context, [id], visibleNewsletters(c.var.session.user));
  return showDesk(
    c,
    <DeskPage
      c={c}
      title={say('splitTitle')}
      place="storylines"
      crumbs={[
        ['/desk/storylines', say('storylines')],
        [`/desk/storylines/${id}`, titleOf(reports)],
      ]}
    >
      <div class="grid">
        <Card id="goes" title={`${say('goes')} (${goes.length})`}>
          <ReportList reports={goes} say={say} language={language} zone={zone} />
        </Card>
        <Card id="stays" title={`${say('stays')} (${stays.length})`}>
          <ReportList reports={stays} say={say} language={language} zone={zone} />
        </Card>
      </div>
      <Card id="in-editions" title={say('inEditions')}>
        <TouchedList touched={touched} say={say} language={language} />
      </Card>
      <Notice>{say('splitEffect')}</Notice>
      <form method="post" action={`/desk/storylines/${id}/split`} class="row">
        <Csrf token={c.var.session.csrf} />
        {goes.map((report) => (
          <input type="hidden" name="story" value={report.id} />
        ))}
        <Button kind="main" icon="split">
          {say('splitDo')}
        </Button>
        <Button href={`/desk/storylines/${id}`}>{say('cancel')}</Button>
      </form>
    </DeskPage>,
  );
}

/** Splits stories off a storyline. */
export async function split(context: Context, c: DeskCall, id: number) {
  if (!may(c.var.session.user, 'edit')) throw new HTTPException(403);
  const ids = ((await formOf(c)).story ?? []).map(Number).filter(Number.isSafeInteger);
  const reports = await reportsOf(context, id);
  try {
    const made = await context.db.transaction().execute(async (transaction) => {
      await takeStorylinesTurn(transaction);
      const theirs = await transaction
        .selectFrom('stories')
        .select('id')
        .where('storyline_id', '=', id)
        .where('id', 'in', ids.length > 0 ? ids : [-1])
        .execute();
      if (theirs.length < new Set(ids).size)
        throw new UserError('Not all of these stories are of this storyline, or not any more.', {
          code: 'usage',
        });
      const own = await splitInTurn(transaction, context.clock.now(), ids);
      await noteDeskAct({ ...context, db: transaction }, c, {
        act: 'storyline.split',
        subject: titleOf(reports.filter((report) => ids.includes(report.id))),
        details: { from: id, storyline: own, stories: ids },
      });
      return own;
    });
    return c.redirect(`/desk/storylines/${made}?done=split`, 303);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return storylinePage(context, c, id, errorSaid(error, c.var.language).text);
  }
}

/** `/desk/storylines/:id/merge`: finds the other storyline, and shows what putting them together makes. */
export async function mergePage(context: Context, c: DeskCall, id: number, wrong?: string) {
  if (!may(c.var.session.user, 'edit')) throw new HTTPException(403);
  const { say, language, zone, reports } = await seenOf(context, c, id);
  const crumbs: [string, string][] = [
    ['/desk/storylines', say('storylines')],
    [`/desk/storylines/${id}`, titleOf(reports)],
  ];
  const withId = /^\d{1,15}$/.test(c.req.query('with') ?? '') ? Number(c.req.query('with')) : undefined;
  const others = withId === undefined || withId === id ? [] : await reportsOf(context, withId);
  if (withId !== undefined && others.length > 0) {
    const touched = await editionsWith(context, [id, withId], visibleNewsletters(c.var.session.user));
    return showDesk(
      c,
      <DeskPage c={c} title={say('mergeConfirm')} place="storylines" crumbs={crumbs}>
        {wrong ? <Notice mood="bad">{wrong}</Notice> : null}
        <div class="grid">
          {[reports, others].map((each, at) => (
            <Card id={`half-${at}`} title={say('reports', { count: each.length })}>
              <ReportList reports={each} say={say} language={language} zone={zone} />
            </Card>
          ))}
        </div>
        <Card id="in-editions" title={say('inEditions')}>
          <TouchedList touched={touched} say={say} language={language} />
        </Card>
        <Notice>{say('mergeEffect')}</Notice>
        <form method="post" action={`/desk/storylines/${id}/merge`} class="row">
          <Csrf token={c.var.session.csrf} />
          <input type="hidden" name="with" value={withId} />
          <Button kind="main" icon="merge">
            {say('mergeDo')}
          </Button>
          <Button href={`/desk/storylines/${id}`}>{say('cancel')}</Button>
        </form>
      </DeskPage>,
      wrong ? 422 : 200,
    );
  }
  const words = (c.req.query('q') ?? '').trim().slice(0, 300);
  const found = words === '' ? undefined : await searchStories(context, { words, limit: 60 });
  const seen = new Set([id]);
  const choices = found?.stories.filter(({ storyline_id }) => {
    if (storyline_id === null || seen.has(storyline_id)) return false;
    seen.add(storyline_id);
    return true;
  });
  const now = context.clock.now();
  return showDesk(
    c,
    <DeskPage c={c} title={say('mergeTitle')} sub={say('mergeSub')} place="storylines" crumbs={crumbs}>
      <search>
        <form method="get" class="story-search">
          <div class="words">
            <Input
              id="q"
              type="search"
              label={say('search')}
              hint={say('searchHint')}
              value={words}
              maxlength={300}
            />
            <Button icon="search" kind="main">
              {say('find')}
            </Button>
          </div>
        </form>
      </search>
      {choices?.length === 0 ? <p class="quiet">{say('mergeNone')}</p> : null}
      {choices && choices.length > 0 ? (
        <ul class="card lines">
          {choices.slice(0, 15).map((story) => (
            <li class="row apart">
              <div>
                <p class="serif">{story.title}</p>
                <p class="of">
                  <span>{story.publisher}</span>
                  <span>{away(story.published_at, now, language)}</span>
                  <span>{say('reports', { count: story.reports })}</span>
                </p>
              </div>
              <Button
                little
                href={`/desk/storylines/${id}/merge?with=${story.storyline_id}`}
                aria-label={`${say('mergeWith')}: ${story.title}`}
              >
                {say('mergeWith')}
              </Button>
            </li>
          ))}
        </ul>
      ) : null}
    </DeskPage>,
  );
}

/** Makes two storylines one; one with itself is refused. */
export async function merge(context: Context, c: DeskCall, id: number) {
  if (!may(c.var.session.user, 'edit')) throw new HTTPException(403);
  const other = Number((await formOf(c)).with?.[0]);
  const [own, others] = await Promise.all([
    reportsOf(context, id, 1),
    Number.isSafeInteger(other) ? reportsOf(context, other, 1) : [],
  ]);
  const [one, two] = [own[0], others[0]];
  if (!one || !two) throw new HTTPException(404);
  try {
    const { storyline } = await context.db.transaction().execute(async (transaction) => {
      await takeStorylinesTurn(transaction);
      const storylines = await transaction
        .selectFrom('stories')
        .select('storyline_id')
        .distinct()
        .where('id', 'in', [one.id, two.id])
        .execute();
      if (storylines.length < 2)
        throw new UserError('These are one storyline already.', {
          code: 'usage',
        });
      const joined = await joinInTurn(transaction, context.clock.now(), [one.id, two.id]);
      await noteDeskAct({ ...context, db: transaction }, c, {
        act: 'storyline.merge',
        subject: one.title,
        details: { storyline: joined.storyline, from: [id, other], stories: joined.moved },
      });
      return joined;
    });
    return c.redirect(`/desk/storylines/${storyline}?done=merged`, 303);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return storylinePage(context, c, id, errorSaid(error, c.var.language).text);
  }
}
