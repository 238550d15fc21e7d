/** @jsxImportSource hono/jsx */
import type { Reason } from '../../../selection/chosen.ts';
import { storyReasons } from '../sayings/stories.ts';
import { Told } from '../sayings/told.tsx';
import { number } from '../words/words.ts';
import type { Look } from './look.tsx';

/** Parts of a reason that are shares of one, which a bar can show; the others are plain numbers. */
const shares = ['coverage', 'freshness', 'prominence', 'engagement', 'nearness'] as const;
const numbers = ['publishers', 'copies', 'ageHours', 'sourceWeight', 'novelty', 'rules'] as const;

const names = {
  coverage: 'partCoverage',
  publishers: 'partPublishers',
  copies: 'partCopies',
  freshness: 'partFreshness',
  ageHours: 'partAgeHours',
  prominence: 'partProminence',
  engagement: 'partEngagement',
  sourceWeight: 'partSourceWeight',
  novelty: 'partNovelty',
  rules: 'partRules',
  nearness: 'partNearness',
} as const;

/** Why a story stands where it stands: the sentence, and the numbers behind it. */
export function Why({ look, reason, score }: { look: Look; reason: Reason; score: number }) {
  const { say, language } = look;
  const shown = (value: number) => number(value, language, { maximumFractionDigits: 2 });
  const parts = [...shares, ...numbers].filter((name) => reason.parts[name] !== undefined);
  return (
    <div class="ed-reason">
      <p>
        <Told text={reason.text} sayings={storyReasons} language={language} />
      </p>
      {parts.length === 0 ? null : (
        <dl class="ed-parts">
          <div>
            <dt>{say('score')}</dt>
            <dd>
              <strong>{shown(score)}</strong>
            </dd>
          </div>
          {parts.map((name) => {
            const value = reason.parts[name] ?? 0;
            return (
              <div>
                <dt>{say(names[name])}</dt>
                <dd>
                  {(shares as readonly string[]).includes(name) ? (
                    <meter min={0} max={1} value={value} aria-hidden="true" />
                  ) : null}
                  {shown(value)}
                </dd>
              </div>
            );
          })}
        </dl>
      )}
    </div>
  );
}
