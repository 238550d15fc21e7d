/** @jsxImportSource hono/jsx */
import type { EditionReport } from '../../../feedback/edition-report.ts';
import { Card, Table } from '../design/components.tsx';
import { subjectOutcomes } from '../sayings/states.ts';
import { Told } from '../sayings/told.tsx';
import { reasonTexts } from '../today/words.ts';
import { type DeskLanguage, number, speaking } from '../words/words.ts';
import { BarChart } from './charts.tsx';
import { Behind, type Say, ShareCell, withShare } from './parts.tsx';
import type { PartProps } from './story-cards.tsx';

/** What went to which domains, of an edition. */
export function Domains({
  edition,
  report: { domains },
  say,
  language,
}: PartProps & { report: EditionReport }) {
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

/** What came of the subjects that were tried out. */
export function Subjects({
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
        {winner ? (
          <>
            {say('won', { subject: winner.subject })}{' '}
            <Told text={outcome?.why ?? ''} sayings={subjectOutcomes} language={language} />
          </>
        ) : (
          say('undecided')
        )}
      </p>
    </Card>
  );
}

/** What became of the messages, and what programs did with them. */
export function Delivery({
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
