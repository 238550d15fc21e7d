/** @jsxImportSource hono/jsx */
import type { Unusual } from '../../../schedule/before-sending.ts';
import { Icon } from '../design/icons.tsx';
import { type DeskLanguage, moment, number, speaking } from '../words/words.ts';
import type { Sheet } from './sheet.ts';
import { sendTexts } from './words.ts';

/** One unusual thing, with a way to look at it. */
export function UnusualLine({
  each,
  sheet,
  language,
}: {
  each: Unusual;
  sheet: Sheet;
  language: DeskLanguage;
}) {
  const { text, href } = said(each, sheet, language);
  const say = speaking(sendTexts, language);
  return (
    <li>
      <Icon name="warning" size={16} />
      <span>
        {text} {href ? <a href={href}>{say('look')}</a> : null}
      </span>
    </li>
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
