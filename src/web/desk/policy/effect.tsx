/** @jsxImportSource hono/jsx */
import type { ComparedChoices } from '../../../editions/compare-choices.ts';
import type { PlacedStory } from '../../../editions/replay.ts';
import { Card, Notice } from '../design/components.tsx';
import { type DeskLanguage, moment } from '../words/words.ts';
import { zoneName } from '../zone.ts';
import type { PolicySay } from './form.ts';

/** What a change would do to the current edition. */
export function Effect({
  compared,
  newsletter,
  say,
  language,
  title,
}: {
  compared: ComparedChoices;
  newsletter: { name: string; time_zone: string };
  say: PolicySay;
  language: DeskLanguage;
  title?: string;
}) {
  const { before, after, edition, at, skipped } = compared;
  const added = after.filter(({ other }) => other === null).length;
  const dropped = before.filter(({ other }) => other === null).length;
  const moved = movedIn(before, after).size;
  const isSame = added + dropped + moved === 0;
  return (
    <Card id="effect" title={title ?? say('effect')}>
      <div class="stack" aria-live="polite">
        <p class="quiet small">
          {edition
            ? say('effectOn', {
                when: `${moment(at, language, newsletter.time_zone)} (${zoneName(newsletter.time_zone)})`,
              })
            : say('effectNone', { name: newsletter.name })}{' '}
          {edition ? say('effectEdits') : null}
        </p>
        {skipped ? <Notice mood="wait">{say('effectSkipped', skipped)}</Notice> : null}
        <p class="big-count">
          {isSame
            ? say('effectSame')
            : say('effectSum', { added, dropped, moved, kept: after.length - added - moved })}
        </p>
        {isSame ? null : <Compared before={before} after={after} say={say} />}
      </div>
    </Card>
  );
}

/**
 * Stories of both versions that stand elsewhere among the others; that places shift as others come and go is no move.
 * @returns their places in `after`, from 0
 */
function movedIn(before: PlacedStory[], after: PlacedStory[]): Set<number> {
  const stayed = before.flatMap(({ other }, place) => (other === null ? [] : [place + 1]));
  const rank = new Map(stayed.map((place, at) => [place, at]));
  const kept = after.flatMap(({ other }, place) => (other === null ? [] : [{ place, other }]));
  return new Set(kept.filter(({ other }, at) => rank.get(other) !== at).map(({ place }) => place));
}

/** Two versions of an edition: what it has then, and what goes out. */
export function Compared({
  before,
  after,
  say,
}: {
  before: PlacedStory[];
  after: PlacedStory[];
  say: PolicySay;
}) {
  const out = before.filter(({ other }) => other === null);
  const moved = movedIn(before, after);
  return (
    <div class="compared">
      <section>
        <h3>{say('inPlaces')}</h3>
        <ol>
          {after.map((story, at) => {
            const isNew = story.other === null;
            const isMoved = moved.has(at);
            const isElsewhere = !isNew && story.other !== at + 1;
            return (
              <li class={isNew ? 'in' : isMoved ? 'moved' : undefined}>
                <span class="place">{at + 1}</span>
                <StoryLine story={story} />
                <span class="change">
                  {isNew ? (
                    <strong>{say('comesIn')}</strong>
                  ) : isElsewhere ? (
                    say('wasAt', { place: String(story.other) })
                  ) : (
                    <span class="vh">{say('same')}</span>
                  )}
                </span>
              </li>
            );
          })}
        </ol>
      </section>
      <section>
        <h3>{say('goesOut')}</h3>
        {out.length === 0 ? <p class="quiet">{say('nothingOut')}</p> : null}
        <ol>
          {before.map((story, at) =>
            story.other === null ? (
              <li class="out">
                <span class="place">{at + 1}</span>
                <StoryLine story={story} />
              </li>
            ) : null,
          )}
        </ol>
      </section>
    </div>
  );
}

function StoryLine({ story }: { story: PlacedStory }) {
  return (
    <span>
      {story.storyId === null ? story.title : <a href={`/desk/stories/${story.storyId}`}>{story.title}</a>}
      <span class="of">
        {story.publisher} · {story.slot}
      </span>
    </span>
  );
}
