import type { PlacedStory, Replay, ReplayedEdition } from '../editions/replay.ts';
import type { Estimate } from '../selection/replay-clicks.ts';

const cellWidth = 46;
// Below this share, how much a place does is assumed rather than measured.
const enoughVaried = 0.02;

/** An edition as it was sent and as replayed, side by side in 100 columns. */
export function editionTable(edition: ReplayedEdition): string[] {
  const { asSent, replayed, kept, moved, added, dropped, skipped, deleted } = edition;
  const counts = `${kept} kept${moved > 0 ? ` (${moved} moved)` : ''}, ${added} added, ${dropped} dropped`;
  const lines = [
    `Edition ${edition.edition}, ${edition.scheduledFor.slice(0, 16).replace('T', ' ')} UTC: ${counts}`,
  ];
  if (skipped !== null) lines.push(`    The policy would have left it out: ${skipped}.`);
  if (deleted > 0)
    lines.push(
      `    ${deleted} of its stories ${deleted === 1 ? 'has' : 'have'} been deleted since and could not be chosen.`,
    );
  lines.push(`    ${fitted('  as sent', cellWidth)}  ${'  under the policy'}`);
  for (let at = 0; at < Math.max(asSent.length, replayed.length); at++) {
    const left = cell(asSent[at], '-', at + 1, 'to');
    const right = cell(replayed[at], '+', at + 1, 'from');
    lines.push(`${String(at + 1).padStart(3)} ${left}  ${right}`.trimEnd());
  }
  return lines;
}

function cell(story: PlacedStory | undefined, alone: string, place: number, way: string): string {
  if (!story) return ' '.repeat(cellWidth);
  const mark = story.other === null ? alone : ' ';
  const moved = story.other !== null && story.other !== place ? ` (${way} ${story.other})` : '';
  return fitted(
    `${mark} ${fitted(oneLine(story.title), cellWidth - 2 - moved.length, true)}${moved}`,
    cellWidth,
  );
}

/** What all editions together say. */
export function replaySummary(replay: Replay): string[] {
  const { total, editions, clicks, editionsWithReaders } = replay;
  const lines = [
    `${plural(editions.length, 'edition')}, ${plural(total.places, 'place')}: ${total.kept} kept (${total.moved} moved), ${total.added} added, ${total.dropped} dropped.`,
  ];
  if (total.skipped > 0) lines.push(`${plural(total.skipped, 'edition')} would have been left out.`);
  if (total.deleted > 0)
    lines.push(`${plural(total.deleted, 'story', 'stories')} of them no longer there to be chosen.`);
  if (!clicks)
    return [
      ...lines,
      'No clicks are recorded for these editions, so what readers would have made of it is not known.',
    ];
  const { expected, kept, keptIfAverage } = clicks;
  lines.push(
    `Clicks kept: ${Math.round(expected.replayed)} of ${Math.round(expected.asSent)}, ${percent(kept)}.`,
  );
  if (expected.unknownShare > 0)
    lines.push(
      `${Math.round(expected.unknownShare * 100)} % of what readers would look at, nobody was shown; it counts no clicks here.`,
      `Were it as attractive as the rest: ${percent(keptIfAverage)}.`,
    );
  if (kept.low === null)
    lines.push(`${plural(editionsWithReaders, 'edition')} with readers are too few to say how sure that is.`);
  if (clicks.varied < enoughVaried)
    lines.push(
      'Nearly all readers got each story in the same place. So how much a place does is assumed,',
      'not measured, and the estimate may be further off than an interval says.',
    );
  if (editionsWithReaders < editions.length)
    lines.push(
      `Of ${plural(editions.length - editionsWithReaders, 'edition')} it is not known who got what.`,
    );
  return lines;
}

function percent({ value, low, high }: Estimate): string {
  const in100 = (share: number) => Math.round(share * 100);
  const interval = low === null || high === null ? '' : ` (90 % interval: ${in100(low)} to ${in100(high)} %)`;
  return `${in100(value)} %${interval}`;
}

const oneLine = (text: string) => text.replace(/[\s\p{Cc}]+/gu, ' ');

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
// What terminals show two columns wide.
const wide =
  /\p{Extended_Pictographic}|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/** Text cut or padded to a number of columns. */
function fitted(text: string, columns: number, cutOnly = false): string {
  let used = 0;
  let kept = '';
  let room = '';
  for (const { segment } of segmenter.segment(text)) {
    const width = wide.test(segment) ? 2 : 1;
    if (used + width > columns)
      return `${room}…${' '.repeat(cutOnly ? 0 : Math.max(0, columns - widthOf(room) - 1))}`;
    used += width;
    kept += segment;
    if (used <= columns - 1) room = kept;
  }
  return cutOnly ? kept : kept + ' '.repeat(columns - used);
}

function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += wide.test(segment) ? 2 : 1;
  return width;
}
