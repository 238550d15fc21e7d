/** @jsxImportSource hono/jsx */
import type { Preview } from '../../../delivery/preview.ts';
import { placementReasons } from '../sayings/placements.ts';
import { Told } from '../sayings/told.tsx';
import { type DeskLanguage, speaking } from '../words/words.ts';
import { slotName } from './look.tsx';
import { previewTexts } from './preview-words.ts';
import type { EditionView } from './view.ts';
import { editionTexts } from './words.ts';

interface ReasonsProps {
  view: EditionView;
  placements: Preview['placements'];
  language: DeskLanguage;
}

/** Why a reader gets what they get, in the order of their mail. */
export function PreviewReasons({ view, placements, language }: ReasonsProps) {
  const say = speaking(previewTexts, language);
  const names = speaking(editionTexts, language);
  if (placements.length === 0) return <p class="quiet">{say('whyNothing')}</p>;
  return (
    <ol class="pv-reasons">
      {placements.map(({ slot, title, key, because }) => (
        <li>
          <a class="serif" href={`/desk/editions/${view.edition.id}#story-${key}`} data-shows-story={key}>
            {title}
          </a>{' '}
          <span class="tag">
            {slotName(view.slots.find((each) => each.slot.name === slot)?.slot ?? { name: slot }, names)}
          </span>
          <p class="quiet small">
            {because.map((reason, at) => (
              <>
                {at > 0 ? ' · ' : null}
                <Told text={reason} sayings={placementReasons} language={language} />
              </>
            ))}
          </p>
        </li>
      ))}
    </ol>
  );
}
