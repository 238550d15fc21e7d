/** @jsxImportSource hono/jsx */
import type { UsualFigures } from '../../../feedback/edition-figures.ts';
import type { EditionReport, keptReport } from '../../../feedback/edition-report.ts';
import { Button, Card, EditionStateChip, Figure, Figures, Notice } from '../design/components.tsx';
import type { DeskCall } from '../env.ts';
import { DeskPage } from '../frame.tsx';
import { away, type DeskLanguage, moment, number, speaking } from '../words/words.ts';
import { zoneName } from '../zone.ts';
import { Delivery, Domains, Subjects } from './delivery-cards.tsx';
import { summedBy } from './figures.ts';
import { type Say, ShareFigure } from './parts.tsx';
import { type ReportedEdition, slotTitle } from './reported-edition.ts';
import { Hours, Stories, Sums } from './story-cards.tsx';
import { reportTexts } from './words.ts';

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
          {`${moment(edition.at, language, edition.timeZone, { year: 'numeric' })} (${zoneName(edition.timeZone)})`}{' '}
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
