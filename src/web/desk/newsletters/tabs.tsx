/** @jsxImportSource hono/jsx */
import type { Newsletter } from '../../../editions/newsletters.ts';
import { Tabs } from '../design/components.tsx';
import { type DeskLanguage, speaking } from '../words/words.ts';
import { newsletterTexts } from './words.ts';

/** Where a newsletter's pages are, as tabs. They are the same on each of them. */
export function NewsletterTabs({
  newsletter,
  current,
  language,
}: {
  newsletter: Pick<Newsletter, 'slug'>;
  current: 'settings' | 'look' | 'policy';
  language: DeskLanguage;
}) {
  const say = speaking(newsletterTexts, language);
  const here = `/desk/newsletters/${newsletter.slug}`;
  return (
    <Tabs
      label={say('newsletters')}
      tabs={[
        [here, say('settings')],
        [`${here}/look`, say('look')],
        [`${here}/policy`, say('policy')],
        [`/desk/reports/newsletters/${newsletter.slug}`, say('reports')],
      ]}
      current={current === 'settings' ? here : `${here}/${current}`}
    />
  );
}
