import { counted, type Finding, shortened } from './finding.ts';

const longestSubject = 150;
const shownColumns = 70;
const longestPreheader = 140;

/**
 * Looks at an edition's subjects and the line that inboxes show behind them.
 * @param subjects the edition's own first, then those that it tries out
 * @param last the subject of the newsletter's edition before
 */
export function checkSubjects(subjects: string[], preheader: string, last: string | undefined): Finding[] {
  return [
    ...subjects.flatMap((subject, number) => checkSubject(subject, last, number)),
    ...checkPreheader(preheader),
  ];
}

function checkSubject(subject: string, last: string | undefined, number: number): Finding[] {
  const found: Finding[] = [];
  const which = number === 0 ? 'The subject' : `The subject to be tried out, number ${number + 1},`;
  const add = (severity: Finding['severity'], message: string, mend: string) =>
    found.push({
      check: 'subject',
      severity,
      message: `${which} ${message}`,
      where: {
        part: 'subject',
        ...(number > 0 && { field: 'tried' as const }),
        ...(subject && { element: shortened(subject, 80) }),
      },
      mend,
    });
  const length = [...subject.trim()].length;
  if (length === 0) add('error', 'is empty.', 'Write one, or change the newsletter’s subject pattern.');
  else if (length > longestSubject)
    add('error', `has ${length} characters; ${longestSubject} are the most.`, 'Shorten it.');
  else if (columns(subject) > shownColumns)
    add(
      'warning',
      `is ${columns(subject)} columns wide; most inboxes cut it at about ${shownColumns}, phones at half of that.`,
      'Put what matters first, or shorten it.',
    );
  if (isShouting(subject))
    add('warning', 'is written in capitals, which spam filters count against it.', 'Write it as a sentence.');
  if (/[!！]\s*[!！]\s*[!！]/.test(subject))
    add('warning', 'has several exclamation marks in a row, as spam has.', 'One is enough, none is better.');
  if (last !== undefined && last.trim() === subject.trim() && length > 0)
    add(
      'warning',
      'is the same as that of the edition before, so inboxes may fold both into one.',
      'Change it, or put a story’s title into the newsletter’s subject pattern.',
    );
  return found;
}

function checkPreheader(preheader: string): Finding[] {
  const length = [...preheader.trim()].length;
  if (length === 0)
    return [
      {
        check: 'preheader',
        severity: 'warning',
        message: 'There is no preheader: inboxes show the first words of the frame behind the subject.',
        where: { part: 'preheader' },
        mend: 'Write one, or change the newsletter’s preheader pattern.',
      },
    ];
  if (length > longestPreheader)
    return [
      {
        check: 'preheader',
        severity: 'hint',
        message: `The preheader has ${counted(length, 'character')}; no inbox shows more than ${longestPreheader}.`,
        where: { part: 'preheader', element: shortened(preheader, 80) },
        mend: 'Shorten it.',
      },
    ];
  return [];
}

// A single word may be an abbreviation, and many scripts have no capitals.
function isShouting(text: string): boolean {
  const letters = text.match(/\p{L}/gu) ?? [];
  const cased = letters.filter((letter) => letter.toLowerCase() !== letter.toUpperCase());
  const words = text.trim().split(/\s+/).length;
  return words >= 2 && cased.length >= 8 && cased.every((letter) => letter === letter.toUpperCase());
}

/** How wide text is: Chinese, Japanese and Korean characters and emoji take two columns. */
export function columns(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += wide.test(segment) ? 2 : 1;
  return width;
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303F\uFF01-\uFF60]/u;
