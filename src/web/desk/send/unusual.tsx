/** @jsxImportSource hono/jsx */
import type { Audience } from '../../../delivery/plan.ts';
import { type Unusual, unusualCount } from '../../../schedule/before-sending.ts';
import { Icon } from '../design/icons.tsx';
import { type DeskLanguage, moment, number, speaking } from '../words/words.ts';
import type { Sheet } from './sheet.ts';
import { sendTexts } from './words.ts';

interface UnusualListProps {
  sheet: Sheet;
  /** Undefined: they are being counted. */
  audience: Audience | undefined;
  language: DeskLanguage;
  /** It takes the place of the one on the page. */
  swapped?: boolean;
}

/** What is unusual about an edition, with ways to look at it. */
export function UnusualList({ sheet, audience, language, swapped }: UnusualListProps) {
  const say = speaking(sendTexts, language);
  const all = [...(audience ? unusualCount(audience.recipients, sheet.usual) : []), ...sheet.unusual];
  return (
    <div id="unusual" hx-swap-oob={swapped ? 'outerHTML' : undefined}>
      {all.length > 0 ? (
        <ul class="unusual">
          {all.map((each) => {
            const { text, href } = said(each, sheet, language);
            return (
              <li>
                <Icon name="warning" size={16} />
                <span>
                  {text} {href ? <a href={href}>{say('look')}</a> : null}
                </span>
              </li>
            );
          })}
        </ul>
      ) : !audience ? (
        <p class="quiet">{say('counting')}</p>
      ) : sheet.usual === undefined ? (
        <p class="quiet">{say('firstEdition')}</p>
      ) : (
        <p class="fine">
          <Icon name="check" size={16} /> {say('nothingUnusual')}
        </p>
      )}
    </div>
  );
}

function said(each: Unusual, { newsletter }: Sheet, language: DeskLanguage): { text: string; href?: string } {
  const say = speaking(sendTexts, language);
  const count = (value: number) => number(value, language);
  const date = (at: Date) =>
    moment(at, language, newsletter.timeZone, { hour: undefined, minute: undefined, year: 'numeric' });
  switch (each.kind) {
    case 'many':
      return {
        text: say('many', {
          recipients: count(each.recipients),
          usual: count(each.usual),
          times: number(each.recipients / each.usual, language, { maximumFractionDigits: 1 }),
        }),
      };
    case 'few':
      return { text: say('few', { recipients: count(each.recipients), usual: count(each.usual) }) };
    case 'nobody':
      return { text: say('unusualNobody') };
    case 'noImage':
      return { text: say('noImage') };
    case 'noPreheader':
      return { text: say('noPreheader') };
    case 'sameSubject':
      return { text: say('sameSubject', { date: date(each.at) }), href: `/desk/editions/${each.editionId}` };
    case 'sameStory':
      return {
        text: say('sameStory', { title: each.title, date: date(each.at) }),
        href: `/desk/editions/${each.editionId}`,
      };
    case 'newHost':
      return { text: say('newHost', { host: each.host, title: each.title }) };
    case 'large':
      return { text: say('large', { size: count(Math.round(each.bytes / 1024)) }) };
  }
}
