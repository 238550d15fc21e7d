/** @jsxImportSource hono/jsx */
import type { Newsletter } from '../../../editions/newsletters.ts';
import { parseTracking } from '../../../editions/tracking.ts';
import type { StoryFigures } from '../../../feedback/edition-report.ts';
import { parsePolicy } from '../../../selection/policy.ts';
import type { listReports } from '../../../subscribers/list-report.ts';
import { Card, Empty, Figure, Figures, Notice } from '../design/components.tsx';
import type { DeskCall } from '../env.ts';
import { DeskPage } from '../frame.tsx';
import { type DeskLanguage, moment, number, percent, speaking } from '../words/words.ts';
import { ChangeChart, LineChart } from './charts.tsx';
import { DomainsCard } from './delivery-cards.tsx';
import { Counting } from './edition-report-page.tsx';
import { clicksOf, type DomainSums, median, type SentEdition, summedBy } from './figures.ts';
import { Behind, type Say, ShareCell, ShareFigure } from './parts.tsx';
import { PeriodChoice } from './period.tsx';
import { slotTitle } from './reported-edition.ts';
import { SumsCard } from './story-cards.tsx';
import { reportTexts } from './words.ts';

export interface NewsletterReport {
  newsletter: Newsletter;
  days: number;
  /** The newest first. */
  editions: SentEdition[];
  stories: (StoryFigures & { editionId: number })[];
  domains: DomainSums[];
  lists: Awaited<ReturnType<typeof listReports>>;
}

/** What a newsletter's editions came to over time, and how its lists grew. */
export function NewsletterReportPage({ c, report }: { c: DeskCall; report: NewsletterReport }) {
  const { language } = c.var;
  const say = speaking(reportTexts, language);
  const { newsletter, days, editions, stories, domains, lists } = report;
  const here = `/desk/reports/newsletters/${newsletter.slug}`;
  const { privacy } = parseTracking(newsletter.tracking);
  const { slots } = parsePolicy(newsletter.policy);
  const counted = editions.flatMap(({ figures, ...edition }) => (figures ? [{ ...edition, figures }] : []));
  const isCounting = counted.length < editions.length || lists.some(({ weeks }) => !weeks);
  return (
    <DeskPage
      c={c}
      place="reports"
      title={newsletter.name}
      crumbs={[['/desk/reports', say('reports')]]}
      sub={say('sentCount', { count: editions.length })}
      acts={<PeriodChoice at={here} days={days} say={say} />}
    >
      {privacy === 'off' ? <Notice>{say('off')}</Notice> : null}
      {privacy === 'aggregate' ? <Notice>{say('aggregate')}</Notice> : null}
      {isCounting ? <Counting href={`${here}?period=${days}`} say={say} /> : null}
      {editions.length === 0 ? (
        <Empty title={say('noneInPeriod')}>
          <p>{say('noneText')}</p>
        </Empty>
      ) : (
        <>
          <Sums counted={counted} {...{ say, language }} />
          <div class="grid halves may-be-empty">
            {(['clicked', 'opened', 'unsubscribed'] as const).map((what) => (
              <OverTime what={what} counted={counted} zone={newsletter.time_zone} {...{ say, language }} />
            ))}
            <Delivered counted={counted} zone={newsletter.time_zone} {...{ say, language }} />
          </div>
          <Card id="editions" title={say('editions')}>
            <div class="folds labelled">
              <Behind
                caption={say('editions')}
                csv={`${here}/editions.csv?period=${days}`}
                open
                columns={[
                  { label: say('edition') },
                  { label: say('delivered'), number: true },
                  { label: say('opens'), number: true },
                  { label: say('clicks'), number: true },
                  { label: say('unsubscribed'), number: true },
                  { label: say('complaints'), number: true },
                ]}
                say={say}
              >
                {editions.slice(0, 60).map((edition) => (
                  <EditionRow edition={edition} zone={newsletter.time_zone} {...{ say, language }} />
                ))}
              </Behind>
            </div>
          </Card>
          <Best stories={stories} {...{ say, language }} />
          <div class="grid halves">
            <SumsCard
              id="topics"
              title={say('topics')}
              name={say('topic')}
              text={(first, value) => say('topicsText', { first, value })}
              csv={`${here}/topics.csv?period=${days}`}
              sums={summedBy(stories, ({ topics }) => topics)}
              {...{ say, language }}
            />
            <SumsCard
              id="slots"
              title={say('slots')}
              name={say('slot')}
              text={(first, value) => say('slotsText', { first, value })}
              csv={`${here}/slots.csv?period=${days}`}
              sums={summedBy(stories, ({ slot }) => [slotTitle({ slots }, slot)])}
              {...{ say, language }}
            />
          </div>
          <DomainsCard csv={`${here}/domains.csv?period=${days}`} {...{ domains, say, language }} />
        </>
      )}
      <Growth here={here} {...{ lists, days, say, language }} />
    </DeskPage>
  );
}

type Counted = SentEdition & { figures: NonNullable<SentEdition['figures']> };

interface PartProps {
  counted: Counted[];
  say: Say;
  language: DeskLanguage;
}

function Sums({ counted, say, language }: PartProps) {
  const sum = (of: (figures: Counted['figures']) => number) =>
    counted.reduce((total, { figures }) => total + of(figures), 0);
  const share = (what: 'opened' | 'clicked' | 'unsubscribed') => {
    const some = counted.filter(({ figures }) => figures[what] !== null);
    const of = some.reduce((total, { figures }) => total + figures.delivered, 0);
    return of > 0 ? some.reduce((total, { figures }) => total + (figures[what] ?? 0), 0) / of : null;
  };
  return (
    <Card>
      <Figures>
        <Figure
          label={say('delivered')}
          value={number(
            sum(({ delivered }) => delivered),
            language,
          )}
        />
        <ShareFigure label={say('opens')} share={share('opened')} usual={null} {...{ say, language }} />
        <ShareFigure label={say('clicks')} share={share('clicked')} usual={null} {...{ say, language }} />
        <ShareFigure
          label={say('unsubscribed')}
          share={share('unsubscribed')}
          usual={null}
          {...{ say, language }}
        />
        <Figure
          label={say('complaints')}
          value={number(
            sum(({ complaints }) => complaints),
            language,
          )}
        />
        <Figure
          label={say('bounced')}
          value={number(
            sum(({ bounced }) => bounced),
            language,
          )}
        />
      </Figures>
    </Card>
  );
}

const labels = { clicked: 'clicks', opened: 'opens', unsubscribed: 'unsubscribed' } as const;

function OverTime({
  what,
  counted,
  zone,
  say,
  language,
}: PartProps & { what: keyof typeof labels; zone: string }) {
  const points = counted
    .filter(({ figures }) => figures[what] !== null && figures.delivered > 0)
    .map(({ at, subject, figures }) => {
      const value = (figures[what] ?? 0) / figures.delivered;
      return { at, value, label: `${subject}\n${dayOf(at, zone, language)}: ${percent(value, language)}` };
    })
    .reverse();
  // A line of noughts says nothing that the figure above does not.
  if (points.length < 2 || points.every(({ value }) => value === 0)) return null;
  const label = say(labels[what]);
  const usual = median(points.map(({ value }) => value));
  const values = points.map(({ value }) => value);
  const share = (value: number) => percent(value, language);
  return (
    <Card id={what} title={say('overTime', { what: label })}>
      <LineChart
        id={`${what}-chart`}
        title={say('overTime', { what: label })}
        text={say('overTimeText', {
          what: label,
          from: dayOf(points[0]?.at ?? new Date(0), zone, language),
          to: dayOf(points.at(-1)?.at ?? new Date(0), zone, language),
          low: share(Math.min(...values)),
          high: share(Math.max(...values)),
          usual: share(usual ?? 0),
        })}
        points={points}
        usual={usual}
        isShare
        half
        language={language}
      />
      <p class="quiet small">{say('dashed', { share: share(usual ?? 0) })}</p>
    </Card>
  );
}

function Delivered({ counted, zone, say, language }: PartProps & { zone: string }) {
  const points = counted
    .map(({ at, subject, figures: { delivered } }) => ({
      at,
      value: delivered,
      label: `${subject}\n${dayOf(at, zone, language)}: ${number(delivered, language)}`,
    }))
    .reverse();
  if (points.length < 2) return null;
  const values = points.map(({ value }) => value);
  const usual = median(values);
  return (
    <Card id="delivered" title={say('overTime', { what: say('delivered') })}>
      <LineChart
        id="delivered-chart"
        title={say('overTime', { what: say('delivered') })}
        text={say('overTimeText', {
          what: say('delivered'),
          from: dayOf(points[0]?.at ?? new Date(0), zone, language),
          to: dayOf(points.at(-1)?.at ?? new Date(0), zone, language),
          low: Math.min(...values),
          high: Math.max(...values),
          usual: Math.round(usual ?? 0),
        })}
        points={points}
        half
        language={language}
      />
    </Card>
  );
}

const dayOf = (at: Date, zone: string, language: DeskLanguage) =>
  moment(at, language, zone, { weekday: undefined, hour: undefined, minute: undefined, year: 'numeric' });

/** A sent edition in a table, with its figures. */
export function EditionRow({
  edition: { id, subject, at, figures },
  newsletter,
  zone,
  say,
  language,
}: {
  edition: SentEdition;
  /** Among those of others. */
  newsletter?: string;
  zone: string;
  say: Say;
  language: DeskLanguage;
}) {
  return (
    <tr>
      <td class="named">
        <a href={`/desk/reports/editions/${id}`}>{subject || say('noSubject')}</a>
        <span class="quiet small">
          {newsletter ? `${newsletter} · ` : null}
          {moment(at, language, zone)}
        </span>
      </td>
      {figures ? (
        <>
          <td class="number" data-label={say('delivered')}>
            {number(figures.delivered, language)}
          </td>
          <ShareCell
            label={say('opens')}
            value={figures.opened}
            of={figures.delivered}
            {...{ say, language }}
          />
          <ShareCell
            label={say('clicks')}
            value={figures.clicked}
            of={figures.delivered}
            {...{ say, language }}
          />
          <ShareCell
            label={say('unsubscribed')}
            value={figures.unsubscribed}
            of={figures.delivered}
            {...{ say, language }}
          />
          <td class="number" data-label={say('complaints')}>
            {number(figures.complaints, language)}
          </td>
        </>
      ) : (
        <td class="number quiet" colspan={5}>
          …
        </td>
      )}
    </tr>
  );
}

function Best({
  stories,
  say,
  language,
}: {
  stories: NewsletterReport['stories'];
  say: Say;
  language: DeskLanguage;
}) {
  const best = stories
    .filter((story) => clicksOf(story) > 0)
    .toSorted((a, b) => clicksOf(b) - clicksOf(a))
    .slice(0, 10);
  if (best.length === 0) return null;
  return (
    <Card id="best" title={say('best')}>
      <ol class="best">
        {best.map((story) => (
          <li>
            <a href={`/desk/reports/editions/${story.editionId}#stories`}>{story.title}</a>
            <span class="quiet small">{[story.publisher, ...story.topics].filter(Boolean).join(' · ')}</span>
            <strong>
              {number(clicksOf(story), language)}
              {story.shown ? (
                <span class="quiet small"> {percent(clicksOf(story) / story.shown, language)}</span>
              ) : null}
            </strong>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function Growth({
  lists,
  days,
  here,
  say,
  language,
}: {
  lists: NewsletterReport['lists'];
  days: number;
  here: string;
  say: Say;
  language: DeskLanguage;
}) {
  const shown = lists.flatMap(({ weeks, ...list }) =>
    weeks ? [{ ...list, weeks: weeks.slice(-Math.max(4, Math.ceil(days / 7))) }] : [],
  );
  if (shown.length === 0) return null;
  return (
    <>
      {shown.map(({ listId, name, weeks }) => {
        const joined = weeks.reduce((sum, week) => sum + week.joined, 0);
        const left = weeks.reduce((sum, week) => sum + week.left, 0);
        const from = moment(new Date(`${weeks[0]?.week}T00:00:00Z`), language, 'UTC', {
          weekday: undefined,
          hour: undefined,
          minute: undefined,
        });
        const text = say('growthText', {
          joined: number(joined, language),
          left: number(left, language),
          from,
        });
        return (
          <Card
            id={`list-${listId}`}
            title={`${say('growth')}: ${name}`}
            aside={<span class="quiet small">{text}</span>}
          >
            <div class="grid halves">
              <LineChart
                id={`size-${listId}`}
                title={`${name}: ${say('size')}`}
                text={say('sizeText', {
                  from: number(weeks[0]?.size ?? 0, language),
                  to: number(weeks.at(-1)?.size ?? 0, language),
                })}
                points={weeks.map(({ week, size }) => ({
                  at: new Date(`${week}T00:00:00Z`),
                  value: size,
                  label: `${week}: ${number(size, language)}`,
                }))}
                language={language}
                half
              />
              <ChangeChart
                id={`change-${listId}`}
                title={`${name}: ${say('joined')}, ${say('left')}`}
                text={text}
                weeks={weeks.map((week) => ({
                  at: new Date(`${week.week}T00:00:00Z`),
                  joined: week.joined,
                  left: week.left,
                  label: `${week.week}: +${number(week.joined, language)} −${number(week.left, language)}`,
                }))}
                language={language}
                half
              />
            </div>
            <Behind
              caption={`${say('growth')}: ${name}`}
              csv={`${here}/growth.csv?list=${listId}`}
              columns={[
                { label: say('week') },
                { label: say('size'), number: true },
                { label: say('joined'), number: true },
                { label: say('left'), number: true },
                { label: say('bounced'), number: true },
              ]}
              say={say}
            >
              {weeks.toReversed().map((week) => (
                <tr>
                  <td>{week.week}</td>
                  <td class="number">{number(week.size, language)}</td>
                  <td class="number">{number(week.joined, language)}</td>
                  <td class="number">{number(week.left, language)}</td>
                  <td class="number">{number(week.bounced, language)}</td>
                </tr>
              ))}
            </Behind>
          </Card>
        );
      })}
    </>
  );
}
