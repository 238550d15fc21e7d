/** @jsxImportSource hono/jsx */
import type { Context } from '../../../context.ts';
import type { Slot } from '../../../editions/content.ts';
import type { EditionState } from '../../../editions/editions.ts';
import { type UsualFigures, usualFigures } from '../../../feedback/edition-figures.ts';
import { type EditionReport, keptReport, type StoryFigures } from '../../../feedback/edition-report.ts';
import { parsePolicy } from '../../../selection/policy.ts';
import { Button, Card, EditionStateChip, Figure, Figures, Notice, Table } from '../design/components.tsx';
import type { DeskCall } from '../env.ts';
import { DeskPage } from '../frame.tsx';
import { reasonTexts } from '../today/words.ts';
import { away, type DeskLanguage, moment, number, percent, speaking } from '../words/words.ts';
import { BarChart, HoursChart } from './charts.tsx';
import { clicksOf, type StorySums, summedBy } from './figures.ts';
import { Behind, type Say, ShareCell, ShareFigure } from './parts.tsx';
import { reportTexts } from './words.ts';

/** An edition whose report is looked at. */
export interface ReportedEdition {
  id: number;
  newsletterId: number;
  newsletter: string;
  slug: string;
  timeZone: string;
  subject: string;
  state: EditionState;
  at: Date;
  /** Of each place its name and heading. */
  slots: Pick<Slot, 'name' | 'title'>[];
}

/** The edition, if there is one. */
export async function reportedEdition(
  { db }: Pick<Context, 'db'>,
  id: number,
): Promise<ReportedEdition | undefined> {
  const row = await db
    .selectFrom('editions')
    .innerJoin('newsletters', 'newsletters.id', 'editions.newsletter_id')
    .select([
      'editions.id',
      'editions.newsletter_id as newsletterId',
      'newsletters.name as newsletter',
      'newsletters.slug',
      'newsletters.time_zone as timeZone',
      'editions.subject',
      'editions.state',
      'editions.scheduled_for',
      'editions.planned_at',
      'editions.policy',
    ])
    .where('editions.id', '=', id)
    .executeTakeFirst();
  if (!row) return undefined;
  const { scheduled_for, planned_at, policy, state, ...edition } = row;
  return {
    ...edition,
    state: state as EditionState,
    at: planned_at ?? scheduled_for,
    slots: parsePolicy(policy).slots,
  };
}

const mostBars = 12;

interface PageProps {
  c: DeskCall;
  edition: ReportedEdition;
  kept: Awaited<ReturnType<typeof keptReport>>;
  usual: UsualFigures | undefined;
  now: Date;
}

/** What an edition came to. */
export function EditionReportPage({ c, edition, kept, usual, now }: PageProps) {
  const { language } = c.var;
  const say = speaking(reportTexts, language);
  const isOut = edition.state === 'sent' || edition.state === 'sending' || edition.state === 'paused';
  return (
    <DeskPage
      c={c}
      place="reports"
      title={edition.subject || say('noSubject')}
      crumbs={[
        ['/desk/reports', say('reports')],
        [`/desk/reports/newsletters/${edition.slug}`, edition.newsletter],
      ]}
      sub={
        <>
          {edition.newsletter} ·{' '}
          {moment(edition.at, language, edition.timeZone, { year: 'numeric', timeZoneName: 'short' })}{' '}
          {edition.state === 'sent' ? null : <EditionStateChip state={edition.state} language={language} />}
        </>
      }
      acts={<Button href={`/desk/editions/${edition.id}`}>{say('toEdition')}</Button>}
    >
      {!isOut ? (
        <Notice>{say('notSent')}</Notice>
      ) : kept ? (
        <Report
          edition={edition}
          report={kept.report}
          countedAt={kept.countedAt}
          usual={usual}
          now={now}
          language={language}
          say={say}
        />
      ) : (
        <Counting href={`/desk/reports/editions/${edition.id}`} say={say} />
      )}
    </DeskPage>
  );
}

/** Stands where figures will be, and asks for them until they are there. */
export function Counting({ href, say }: { href: string; say: Say }) {
  return (
    <div
      id="counting"
      hx-get={href}
      hx-trigger="load delay:1500ms"
      hx-select=".inner"
      hx-target="closest .inner"
      hx-swap="outerHTML"
    >
      <Notice mood="busy">
        <p>
          {say('counting')} <a href={href}>{say('countingAgain')}</a>
        </p>
      </Notice>
    </div>
  );
}

interface ReportProps {
  edition: ReportedEdition;
  report: EditionReport;
  countedAt: Date;
  usual: UsualFigures | undefined;
  now: Date;
  language: DeskLanguage;
  say: Say;
}

function Report({ edition, report, countedAt, usual, now, language, say }: ReportProps) {
  const { delivery, opens, clicks, privacy, counts } = report;
  const delivered = delivery.accepted;
  const share = (readers: number, isCounted: boolean) =>
    isCounted && delivered > 0 && (privacy === 'individual' || readers > 0) ? readers / delivered : null;
  const isNameless = privacy === 'aggregate' && clicks.readers === 0;
  return (
    <>
      {edition.state === 'sent' ? null : <Notice mood="busy">{say('onItsWay')}</Notice>}
      {privacy === 'off' ? <Notice>{say('off')}</Notice> : null}
      {privacy === 'aggregate' ? <Notice>{say('aggregate')}</Notice> : null}
      <Card
        footer={
          <span class="quiet small">
            {usual && usual.of > 0 ? `${say('comparedWith', { count: usual.of })} ` : ''}
            {say('personsOnly')} {say('countedAt', { ago: away(countedAt, now, language) })}
          </span>
        }
      >
        <Figures>
          <Figure
            label={say('delivered')}
            value={number(delivered, language)}
            than={say('ofPlanned', { count: delivery.planned })}
          />
          {isNameless ? (
            <>
              <Times
                label={say('openedTimes')}
                times={counts.opens ? opens.times : null}
                {...{ say, language }}
              />
              <Times
                label={say('clickedTimes')}
                times={counts.clicks ? clicks.times : null}
                {...{ say, language }}
              />
            </>
          ) : (
            <>
              <ShareFigure
                label={say('opens')}
                share={share(opens.readers, counts.opens)}
                usual={usual?.opened}
                {...{ say, language }}
              />
              <ShareFigure
                label={say('clicks')}
                share={share(clicks.readers, counts.clicks)}
                usual={usual?.clicked}
                {...{ say, language }}
              />
            </>
          )}
          <ShareFigure
            label={say('unsubscribed')}
            share={delivered > 0 ? delivery.unsubscribed / delivered : null}
            usual={usual?.unsubscribed}
            moreIs="bad"
            {...{ say, language }}
          />
          <Figure label={say('complaints')} value={number(delivery.complaints, language)} />
          <Figure label={say('bounced')} value={number(delivery.bounced, language)} />
        </Figures>
      </Card>
      {counts.clicks ? <Stories edition={edition} stories={report.stories} {...{ say, language }} /> : null}
      {report.subjects.length > 1 ? <Subjects report={report} {...{ say, language }} /> : null}
      {counts.clicks ? (
        <div class="grid halves">
          <Sums
            what="slots"
            edition={edition}
            sums={summedBy(report.stories, ({ slot }) => [slotTitle(edition, slot)])}
            {...{ say, language }}
          />
          <Sums
            what="topics"
            edition={edition}
            sums={summedBy(report.stories, ({ topics }) => topics)}
            {...{ say, language }}
          />
        </div>
      ) : null}
      <Hours edition={edition} report={report} {...{ say, language }} />
      <Domains edition={edition} report={report} {...{ say, language }} />
      <Delivery report={report} {...{ say, language }} />
    </>
  );
}

function Times({
  label,
  times,
  say,
  language,
}: {
  label: string;
  times: number | null;
  say: Say;
  language: DeskLanguage;
}) {
  return times === null ? (
    <Figure label={label} value="–" than={say('notCounted')} />
  ) : (
    <Figure label={label} value={number(times, language)} />
  );
}

/** What a place is called. */
export const slotTitle = ({ slots }: Pick<ReportedEdition, 'slots'>, slot: string): string => {
  const title = slots.find(({ name }) => name === slot)?.title ?? slot;
  return title.charAt(0).toUpperCase() + title.slice(1);
};

interface PartProps {
  edition: ReportedEdition;
  say: Say;
  language: DeskLanguage;
}

function Stories({ edition, stories, say, language }: PartProps & { stories: StoryFigures[] }) {
  const ranked = stories.toSorted((a, b) => clicksOf(b) - clicksOf(a) || a.position - b.position);
  const first = ranked[0];
  return (
    <Card id="stories" title={say('stories')}>
      {first && clicksOf(first) > 0 ? (
        <BarChart
          id="stories-chart"
          title={say('stories')}
          text={say('storiesText', { first: first.title, value: clicksOf(first) })}
          bars={ranked
            .filter((story) => clicksOf(story) > 0)
            .slice(0, mostBars)
            .map((story) => ({
              label: story.title,
              value: clicksOf(story),
              shown: withShare(clicksOf(story), story.shown, language),
            }))}
        />
      ) : (
        <p class="quiet">{say('noClicks')}</p>
      )}
      <Behind
        caption={say('stories')}
        csv={`/desk/reports/editions/${edition.id}/stories.csv`}
        columns={[
          { label: say('story') },
          { label: say('slot') },
          { label: say('shown'), number: true },
          { label: say('clicksOf'), number: true },
          { label: say('share'), number: true },
          { label: say('beneath'), number: true },
        ]}
        say={say}
      >
        {ranked.map((story) => (
          <tr>
            <td class="named">
              {story.title}
              <span class="quiet small">
                {[story.publisher, ...story.topics].filter(Boolean).join(' · ')}
              </span>
            </td>
            <td>{slotTitle(edition, story.slot)}</td>
            <td class="number">{story.shown === null ? '–' : number(story.shown, language)}</td>
            <td class="number">{number(clicksOf(story), language)}</td>
            <ShareCell value={clicksOf(story)} of={story.shown ?? 0} {...{ say, language }} />
            <td class="number">{number(story.relatedClicks, language)}</td>
          </tr>
        ))}
      </Behind>
    </Card>
  );
}

const withShare = (value: number, of: number | null, language: DeskLanguage) =>
  of ? `${number(value, language)} · ${percent(value / of, language)}` : number(value, language);

function Sums({
  what,
  edition,
  sums,
  say,
  language,
}: PartProps & { what: 'slots' | 'topics'; sums: StorySums[] }) {
  return (
    <SumsCard
      id={what}
      title={say(what)}
      name={say(what === 'slots' ? 'slot' : 'topic')}
      text={(first, value) => say(`${what}Text`, { first, value })}
      csv={`/desk/reports/editions/${edition.id}/${what}.csv`}
      {...{ sums, say, language }}
    />
  );
}

/** A chart of sums over stories, with the table behind it. */
export function SumsCard({
  id,
  title,
  name,
  text,
  csv,
  sums,
  say,
  language,
}: {
  id: string;
  title: string;
  name: string;
  text: (first: string, value: number) => string;
  csv: string;
  sums: StorySums[];
  say: Say;
  language: DeskLanguage;
}) {
  const first = sums[0];
  if (!first) return null;
  return (
    <Card id={id} title={title}>
      {first.clicks > 0 ? (
        <BarChart
          id={`${id}-chart`}
          title={title}
          text={text(first.name, first.clicks)}
          half
          bars={sums
            .filter(({ clicks }) => clicks > 0)
            .slice(0, 8)
            .map((each) => ({
              label: each.name,
              value: each.clicks,
              shown: withShare(each.clicks, each.shown, language),
            }))}
        />
      ) : (
        <p class="quiet">{say('noClicks')}</p>
      )}
      <Behind
        caption={title}
        csv={csv}
        columns={[
          { label: name },
          { label: say('stories'), number: true },
          { label: say('shown'), number: true },
          { label: say('clicksOf'), number: true },
          { label: say('share'), number: true },
        ]}
        say={say}
      >
        {sums.map((each) => (
          <tr>
            <td>{each.name}</td>
            <td class="number">{number(each.stories, language)}</td>
            <td class="number">{number(each.shown, language)}</td>
            <td class="number">{number(each.clicks, language)}</td>
            <ShareCell value={each.clicks} of={each.shown} {...{ say, language }} />
          </tr>
        ))}
      </Behind>
    </Card>
  );
}

function Hours({ edition, report: { hours, counts }, say, language }: PartProps & { report: EditionReport }) {
  if (hours.length === 0) return null;
  const most = hours.reduce((best, each) => (each.clicked > best.clicked ? each : best));
  return (
    <Card id="hours" title={say('hours')}>
      <HoursChart
        id="hours-chart"
        title={say('hours')}
        text={say('hoursText', { hour: most.hour })}
        hours={hours}
        language={language}
      />
      <p class="quiet small">{say(counts.opens ? 'hoursLegend' : 'clicksLegend')}</p>
      <Behind
        caption={say('hours')}
        csv={`/desk/reports/editions/${edition.id}/hours.csv`}
        columns={[
          { label: say('hour') },
          { label: say('firstOpens'), number: true },
          { label: say('firstClicks'), number: true },
        ]}
        say={say}
      >
        {hours.map(({ hour, opened, clicked }) => (
          <tr>
            <td>{number(hour, language)}</td>
            <td class="number">{number(opened, language)}</td>
            <td class="number">{number(clicked, language)}</td>
          </tr>
        ))}
      </Behind>
    </Card>
  );
}

function Domains({ edition, report: { domains }, say, language }: PartProps & { report: EditionReport }) {
  const first = domains[0];
  if (!first) return null;
  return (
    <DomainsCard csv={`/desk/reports/editions/${edition.id}/domains.csv`} {...{ domains, say, language }} />
  );
}

/** What went to which recipients' domains. */
export function DomainsCard({
  domains,
  csv,
  say,
  language,
}: {
  domains: Pick<
    EditionReport['domains'][number],
    'domain' | 'sent' | 'delivered' | 'failed' | 'opened' | 'clicked' | 'complaints'
  >[];
  csv: string;
  say: Say;
  language: DeskLanguage;
}) {
  const first = domains[0];
  if (!first) return null;
  const named = (domain: string) => domain || say('others');
  return (
    <Card id="domains" title={say('domains')}>
      <BarChart
        id="domains-chart"
        title={say('domains')}
        text={say('domainsText', { first: named(first.domain), value: first.delivered })}
        bars={domains.slice(0, 10).map((each) => ({
          label: named(each.domain),
          value: each.delivered,
          shown: withShare(each.delivered, each.sent, language),
        }))}
      />
      <Behind
        caption={say('domains')}
        csv={csv}
        columns={[
          { label: say('domain') },
          { label: say('sent'), number: true },
          { label: say('delivered'), number: true },
          { label: say('failed'), number: true },
          { label: say('opens'), number: true },
          { label: say('clicks'), number: true },
          { label: say('complaints'), number: true },
        ]}
        say={say}
      >
        {domains.map((each) => (
          <tr>
            <td>{each.domain || <span class="quiet">{say('others')}</span>}</td>
            <td class="number">{number(each.sent, language)}</td>
            <td class="number">{number(each.delivered, language)}</td>
            <td class="number">{number(each.failed, language)}</td>
            <ShareCell value={each.opened} of={each.delivered} {...{ say, language }} />
            <ShareCell value={each.clicked} of={each.delivered} {...{ say, language }} />
            <td class="number">{number(each.complaints, language)}</td>
          </tr>
        ))}
      </Behind>
      <p class="quiet small">{say('smallDomains')}</p>
    </Card>
  );
}

function Subjects({
  report: { subjects, outcome },
  say,
  language,
}: Omit<PartProps, 'edition'> & { report: EditionReport }) {
  const winner = subjects.find(({ number: each }) => each === outcome?.winner);
  return (
    <Card id="subjects" title={say('subjects')}>
      <Table
        caption={say('subjects')}
        columns={[
          { label: say('subject') },
          { label: say('readers'), number: true },
          { label: say('opens'), number: true },
          { label: say('clicks'), number: true },
        ]}
      >
        {subjects.map((each) => (
          <tr>
            <td>{each.subject}</td>
            <td class="number">{number(each.readers, language)}</td>
            <ShareCell value={each.opened} of={each.readers} {...{ say, language }} />
            <ShareCell value={each.clicked} of={each.readers} {...{ say, language }} />
          </tr>
        ))}
      </Table>
      <p class="quiet small">
        {winner ? `${say('won', { subject: winner.subject })} ${outcome?.why ?? ''}` : say('undecided')}
      </p>
    </Card>
  );
}

function Delivery({
  report: { delivery, failures, opens, clicks },
  say,
  language,
}: Omit<PartProps, 'edition'> & { report: EditionReport }) {
  const why = speaking(reasonTexts, language);
  const parts = (
    [
      ['delivered', delivery.accepted],
      ['failed', delivery.failed],
      ['skipped', delivery.skipped],
      ['uncertain', delivery.uncertain],
      ['waiting', delivery.deferred + delivery.waiting],
    ] as const
  ).filter(([name, count]) => name === 'delivered' || count > 0);
  const programs = (
    [
      ['openedTimes', opens],
      ['clickedTimes', clicks],
    ] as const
  ).filter(([, { times, prefetched, scanned }]) => times + prefetched + scanned > 0);
  return (
    <div class="grid halves">
      <Card id="delivery" title={say('delivery')}>
        <dl class="pairs">
          {parts.map(([name, count]) => (
            <div>
              <dt>{say(name)}</dt>
              <dd>{number(count, language)}</dd>
            </div>
          ))}
        </dl>
        {failures.length > 0 ? (
          <>
            <h3 class="within">{say('failures')}</h3>
            <ul class="counted-list">
              {failures.slice(0, 8).map(({ reason, count }) => (
                <li>
                  <strong>{number(count, language)}</strong> {why(reason)}
                </li>
              ))}
            </ul>
          </>
        ) : null}
      </Card>
      {programs.length > 0 ? (
        <Card id="programs" title={say('programs')}>
          <Table
            caption={say('programs')}
            columns={[
              { label: <span class="vh">{say('programs')}</span> },
              { label: say('persons'), number: true },
              { label: say('prefetched'), number: true },
              { label: say('scanned'), number: true },
            ]}
          >
            {programs.map(([name, { times, prefetched, scanned }]) => (
              <tr>
                <th scope="row">{say(name)}</th>
                <td class="number">{number(times, language)}</td>
                <td class="number">{number(prefetched, language)}</td>
                <td class="number">{number(scanned, language)}</td>
              </tr>
            ))}
          </Table>
        </Card>
      ) : null}
    </div>
  );
}

/** What the page shows of an edition. */
export async function readEditionReport(context: Pick<Context, 'db'>, edition: ReportedEdition) {
  const [kept, usual] = await Promise.all([
    keptReport(context, edition.id),
    usualFigures(context, [edition.id]),
  ]);
  return { kept, usual: usual.get(edition.id) };
}
