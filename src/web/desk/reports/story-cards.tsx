/** @jsxImportSource hono/jsx */
import type { EditionReport, StoryFigures } from '../../../feedback/edition-report.ts';
import { Card } from '../design/components.tsx';
import { type DeskLanguage, number } from '../words/words.ts';
import { BarChart, HoursChart } from './charts.tsx';
import { clicksOf, type StorySums } from './figures.ts';
import { Behind, type Say, ShareCell, withShare } from './parts.tsx';
import { type ReportedEdition, slotTitle } from './reported-edition.ts';

const mostBars = 12;

/** What cards of an edition's report are made from. */
export interface PartProps {
  edition: ReportedEdition;
  say: Say;
  language: DeskLanguage;
}

/** What readers clicked, story by story. */
export function Stories({ edition, stories, say, language }: PartProps & { stories: StoryFigures[] }) {
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

/** What readers clicked by place, or by topic. */
export function Sums({
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

/** When readers came. */
export function Hours({
  edition,
  report: { hours, counts },
  say,
  language,
}: PartProps & { report: EditionReport }) {
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
