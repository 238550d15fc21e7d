/** @jsxImportSource hono/jsx */
import { Table } from '../design/components.tsx';
import { type DeskLanguage, number, percent, speaking } from '../words/words.ts';
import type { LinkHeat } from './heat.ts';
import { previewTexts } from './preview-words.ts';
import { type EditionView, everyStory } from './view.ts';

/** What persons followed in an edition, link by link. */
export function HeatTable({
  view,
  heat,
  language,
}: {
  view: EditionView;
  heat: LinkHeat[];
  language: DeskLanguage;
}) {
  const say = speaking(previewTexts, language);
  const stories = new Map(everyStory(view).map((story) => [story.position, story]));
  const seen = new Set<string>();
  const rows = heat.filter(({ position, related }) => {
    const key = `${position} ${related}`;
    return seen.has(key) ? false : seen.add(key);
  });
  if (!rows.some(({ clicks }) => clicks > 0)) return <p class="quiet">{say('clicksNone')}</p>;
  return (
    <div class="pv-heat">
      <p class="quiet small">{say('clicksText')}</p>
      <Table
        caption={say('clicksTable')}
        columns={[
          { label: say('whichLink') },
          { label: say('count'), number: true },
          { label: say('share'), number: true },
        ]}
      >
        {rows.map(({ position, related, url, clicks, share }) => {
          const story = stories.get(position);
          const further = related >= 0 ? (story?.related[related]?.title ?? url) : undefined;
          return (
            <tr>
              <td>
                {further ? (
                  <>
                    {further}{' '}
                    <span class="quiet small">{say('beneathStory', { title: story?.title ?? '' })}</span>
                  </>
                ) : (
                  <a class="serif" href={`#story-${story?.key}`} data-shows-story={story?.key}>
                    {story?.title ?? url}
                  </a>
                )}
              </td>
              <td class="number">{number(clicks, language)}</td>
              <td class="number">
                <meter min={0} max={rows[0]?.share ?? 1} value={share} aria-hidden="true" />
                {percent(share, language)}
              </td>
            </tr>
          );
        })}
      </Table>
    </div>
  );
}
