import { expect, test } from 'vitest';
import { type CopyCandidate, copiesOf } from '../../src/selection/copies.ts';

const wire =
  'A ferry that takes its power from the tide crossed Kelder Strait on Monday with forty passengers on board. ' +
  'The Ebba has no engine for the crossing: a cable and a sail below the waterline let the current do the work. ' +
  'The trip takes eleven minutes at full flow, and twice as long when the water is slack. Tickets cost two crowns. ' +
  'Engineer Jo Ravn used a wing-shaped keel that flips when the tide turns. Sensors on the cable stop the ferry in a storm. ' +
  'The county paid for a heated shed in which passengers wait. A second ferry is to follow in spring, the cooperative said.';

const own =
  'Forty people were the first to ride the tidal ferry over Kelder Strait. None of them got wet, and one of them was asleep. ' +
  'What carries the Ebba is the current: she hangs on a cable like a kite on its string, and her keel is the wing. ' +
  'Islanders paid for her, each with a share of fifty crowns, after the old ferry had been sold to a museum last year. ' +
  '“A cable and a sail below the waterline let the current do the work,” said Jo Ravn, who built her in a barn.';

let next = 1;
const story = (bodyText: string, more: Partial<CopyCandidate> = {}): CopyCandidate => ({
  id: next++,
  title: `Headline number ${next}`,
  dek: '',
  bodyText,
  publishedAt: Date.UTC(2026, 10, 24) + next * 60_000,
  ...more,
});

test('wire text under another headline, cut, or with a local lead, is the same text', () => {
  const original = story(wire);
  const cut = story(wire.slice(0, 330));
  const withLead = story(
    `Sailors of Marlow Bay know the current well, and many of them had laughed at the plan. Now they watch from the pier. ${wire}`,
  );
  const shouted = story(wire.toUpperCase().replaceAll(',', ''));
  expect(copiesOf([withLead, cut, shouted, original])).toEqual(
    new Map([cut, withLead, shouted].map(({ id }) => [id, original.id])),
  );
});

test('two reports of one event that quote the same sentence are two texts', () => {
  expect(copiesOf([story(wire), story(own)]).size).toBe(0);
});

test('of stories without a text the headline tells, if it is long enough to be somebody’s', () => {
  const title = 'Tidal ferry carries its first passengers across strait';
  const [first, second] = [story('', { title }), story('', { title: title.toUpperCase() })];
  expect(copiesOf([first, second])).toEqual(new Map([[second.id, first.id]]));
  expect(
    copiesOf([story('', { title: 'Business highlights' }), story('', { title: 'Business highlights' })]).size,
  ).toBe(0);
  // The same headline over different texts is a series, such as a live blog.
  expect(copiesOf([story(wire, { title }), story(own, { title })]).size).toBe(0);
});

test('copies in a script without spaces are found', () => {
  const chinese =
    '中国央行周一宣布下调存款准备金率以支持经济增长，这是今年以来第三次下调。分析人士表示，此举将释放大量长期资金，有助于降低实体经济融资成本。';
  const first = story(chinese);
  const second = story(`本报讯：${chinese}`);
  expect(copiesOf([first, second])).toEqual(new Map([[second.id, first.id]]));
});

test('a text of no words, or of one word a hundred thousand times, stops nothing', () => {
  const spam = 'buy '.repeat(100_000);
  const stories = [story(''), story('…'.repeat(500)), story(spam), story(spam)];
  expect(copiesOf(stories).size).toBe(1);
});

test('of a burst of copies one is the original, and each text is read once', () => {
  let read = 0;
  const counted = (text: string) => {
    const candidate = story('');
    const get = () => {
      read++;
      return text;
    };
    Object.defineProperty(candidate, 'bodyText', { enumerable: true, get });
    return candidate;
  };
  const burst = Array.from({ length: 3_000 }, (_, copy) => counted(`${wire} Offer ${copy}.`));
  const copies = copiesOf(burst);
  expect(copies.size).toBe(2_999);
  expect(new Set(copies.values())).toEqual(new Set([burst[0]?.id]));
  // Asked again, nothing is read anew.
  const once = read;
  copiesOf(burst);
  expect(read).toBe(once);
});
