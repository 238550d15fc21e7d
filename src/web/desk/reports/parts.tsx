/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';
import { Figure, Table } from '../design/components.tsx';
import { Icon } from '../design/icons.tsx';
import { type DeskLanguage, number, percent, type Speak } from '../words/words.ts';
import type { reportTexts } from './words.ts';

export type Say = Speak<keyof typeof reportTexts.en>;

/** A tenth of what is usual is within what days differ by. */
const isAlike = (share: number, usual: number) =>
  Math.abs(share - usual) <= usual * 0.1 || Math.abs(share - usual) < 0.00005;

/** How a share compares, in words. @param than what it is compared with */
export function compared(
  share: number,
  usual: number,
  than: 'usual' | 'before',
  say: Say,
  language: DeskLanguage,
): { text: string; isMore: boolean | undefined } {
  if (isAlike(share, usual))
    return { text: say(than === 'usual' ? 'asUsual' : 'asBefore'), isMore: undefined };
  const isMore = share > usual;
  const difference = percent(Math.abs(share - usual), language);
  const key = than === 'usual' ? (isMore ? 'more' : 'less') : isMore ? 'moreBefore' : 'lessBefore';
  return { text: say(key, { difference }), isMore };
}

interface ShareProps {
  label: string;
  share: number | null;
  usual: number | null | undefined;
  than?: 'usual' | 'before';
  moreIs?: 'good' | 'bad';
  say: Say;
  language: DeskLanguage;
}

/** A share among the figures of a page, beside what is usual. */
export function ShareFigure({
  label,
  share,
  usual,
  than = 'usual',
  moreIs = 'good',
  say,
  language,
}: ShareProps) {
  if (share === null) return <Figure label={label} value="–" than={say('notCounted')} />;
  const against =
    usual === null || usual === undefined ? undefined : compared(share, usual, than, say, language);
  return (
    <Figure
      label={label}
      value={percent(share, language)}
      than={against?.text}
      better={against?.isMore === undefined ? undefined : against.isMore === (moreIs === 'good')}
    />
  );
}

/** A share in a table. */
export function ShareCell({
  label,
  value,
  of,
  say,
  language,
}: {
  /** Of its column, for where tables fold. */
  label?: string;
  value: number | null;
  of: number;
  say: Say;
  language: DeskLanguage;
}) {
  if (value === null || of === 0)
    return (
      <td class="number quiet" data-label={label}>
        <span aria-hidden="true">–</span>
        <span class="vh">{say('notCounted')}</span>
      </td>
    );
  return (
    <td class="number" data-label={label}>
      {percent(value / of, language)}
    </td>
  );
}

/** A number, and its share of another where that is known. */
export const withShare = (value: number, of: number | null, language: DeskLanguage) =>
  of ? `${number(value, language)} · ${percent(value / of, language)}` : number(value, language);

interface BehindProps {
  caption: string;
  columns: Parameters<typeof Table>[0]['columns'];
  csv: string;
  /** Shown at once, not behind a line to open it. */
  open?: boolean;
  say: Say;
  children: Child;
}

/** The table behind a chart, and the same as CSV. */
export function Behind({ caption, columns, csv, open, say, children }: BehindProps) {
  const table = (
    <Table caption={caption} columns={columns}>
      {children}
    </Table>
  );
  const file = (
    <a class="button little plain" href={csv} download aria-label={say('csvOf', { what: caption })}>
      <Icon name="down" size={16} />
      {say('csv')}
    </a>
  );
  if (open)
    return (
      <>
        {table}
        <p class="behind-file">{file}</p>
      </>
    );
  return (
    <div class="behind">
      <details class="fold">
        <summary>{say('table')}</summary>
        {table}
      </details>
      {file}
    </div>
  );
}
