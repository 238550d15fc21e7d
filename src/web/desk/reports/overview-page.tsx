/** @jsxImportSource hono/jsx */
import { Card, Empty, Table } from '../design/components.tsx';
import type { DeskCall } from '../env.ts';
import { DeskPage } from '../frame.tsx';
import { type DeskLanguage, number, percent, speaking } from '../words/words.ts';
import { Sparkline } from './charts.tsx';
import type { NewsletterSums, SentEdition } from './figures.ts';
import { EditionRow } from './newsletter-report-page.tsx';
import { compared, type Say } from './parts.tsx';
import { PeriodChoice } from './period.tsx';
import { reportTexts } from './words.ts';

interface OverviewProps {
  c: DeskCall;
  days: number;
  newsletters: NewsletterSums[];
  latest: (SentEdition & { newsletter: string; timeZone: string })[];
}

/** What all newsletters came to. */
export function OverviewPage({ c, days, newsletters, latest }: OverviewProps) {
  const { language } = c.var;
  const say = speaking(reportTexts, language);
  return (
    <DeskPage
      c={c}
      place="reports"
      title={say('reports')}
      sub={say('overviewSub', { days })}
      acts={<PeriodChoice at="/desk/reports" days={days} say={say} />}
    >
      {latest.length === 0 && newsletters.every(({ now }) => now.editions === 0) ? (
        <Empty title={say('none')}>
          <p>{say('noneText')}</p>
        </Empty>
      ) : null}
      {newsletters.length > 0 ? (
        <Card id="newsletters" title={say('newsletters')}>
          <div class="folds labelled">
            <Table
              caption={say('newsletters')}
              columns={[
                { label: say('newsletter') },
                { label: say('editions'), number: true },
                { label: say('delivered'), number: true },
                { label: say('opens'), number: true },
                { label: say('clicks'), number: true },
                { label: say('unsubscribed'), number: true },
                { label: <span class="vh">{say('trend')}</span> },
              ]}
            >
              {newsletters.map(({ slug, name, now, before, trend }) => (
                <tr>
                  <td class="named">
                    <a href={`/desk/reports/newsletters/${slug}?period=${days}`}>{name}</a>
                  </td>
                  <td class="number" data-label={say('editions')}>
                    {number(now.editions, language)}
                  </td>
                  <td class="number" data-label={say('delivered')}>
                    {number(now.delivered, language)}
                  </td>
                  <Share
                    label={say('opens')}
                    now={now.opened}
                    before={before.opened}
                    moreIs="good"
                    {...{ say, language }}
                  />
                  <Share
                    label={say('clicks')}
                    now={now.clicked}
                    before={before.clicked}
                    moreIs="good"
                    {...{ say, language }}
                  />
                  <Share
                    label={say('unsubscribed')}
                    now={now.unsubscribed}
                    before={before.unsubscribed}
                    moreIs="bad"
                    {...{ say, language }}
                  />
                  <td class="number">
                    <Sparkline values={trend} />
                  </td>
                </tr>
              ))}
            </Table>
          </div>
        </Card>
      ) : null}
      {latest.length > 0 ? (
        <Card id="latest" title={say('latest')}>
          <div class="folds labelled">
            <Table
              caption={say('latest')}
              columns={[
                { label: say('edition') },
                { label: say('delivered'), number: true },
                { label: say('opens'), number: true },
                { label: say('clicks'), number: true },
                { label: say('unsubscribed'), number: true },
                { label: say('complaints'), number: true },
              ]}
            >
              {latest.map((edition) => (
                <EditionRow
                  edition={edition}
                  newsletter={edition.newsletter}
                  zone={edition.timeZone}
                  {...{ say, language }}
                />
              ))}
            </Table>
          </div>
        </Card>
      ) : null}
    </DeskPage>
  );
}

function Share({
  label,
  now,
  before,
  moreIs,
  say,
  language,
}: {
  label: string;
  now: number | null;
  before: number | null;
  moreIs: 'good' | 'bad';
  say: Say;
  language: DeskLanguage;
}) {
  if (now === null)
    return (
      <td class="number quiet" data-label={label}>
        <span aria-hidden="true">–</span>
        <span class="vh">{say('notCounted')}</span>
      </td>
    );
  const than = before === null ? undefined : compared(now, before, 'before', say, language);
  const isBetter = than?.isMore === undefined ? undefined : than.isMore === (moreIs === 'good');
  return (
    <td class="number" data-label={label}>
      {percent(now, language)}
      {than ? (
        <span class={isBetter === undefined ? 'than' : isBetter ? 'than up' : 'than down'}>{than.text}</span>
      ) : null}
    </td>
  );
}
