import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseFor, decayed, type PersonalCandidate, PersonalChooser } from '../../src/selection/personal.ts';

const slots = [
  { name: 'lead', count: 1 },
  { name: 'top', count: 2 },
  { name: 'brief', count: 3 },
];
const topics = ['sea', 'land', 'sky', 'city'];
const candidates: PersonalCandidate[] = Array.from({ length: 10 }, (_, position) => ({
  position,
  topics: [topics[position % topics.length] ?? ''],
  score: 1 - position / 10,
  pinned: false,
  slot: 'reserve',
  publisher: `Paper ${position % 5}`,
  storylineId: position,
  developing: null,
}));
const none = { id: 1, topics: [], mutedTopics: [], mutedSources: [] };

test('a reader without wishes gets the editor’s order', () => {
  expect(chooseFor(candidates, slots, none)).toEqual([[0], [1, 2], [3, 4, 5]]);
});

test('a chosen topic moves its stories up', () => {
  const chosen = chooseFor(candidates, slots, { ...none, topics: ['city'] }).flat();
  expect(chosen[0]).toBe(3);
  expect(chosen).toContain(7);
});

test('a minor story on a chosen topic does not become the lead', () => {
  const one = candidates.map((candidate) => ({
    ...candidate,
    topics: candidate.position === 9 ? ['chess'] : ['sea'],
  }));
  expect(chooseFor(one, slots, { ...none, topics: ['chess'] })[0]).toEqual([0]);
});

test('what an editor pinned stays in its place for everyone, even where its topic is muted', () => {
  const pinned = candidates.map((candidate) =>
    candidate.position === 5 ? { ...candidate, pinned: true, slot: 'lead' } : candidate,
  );
  for (const wishes of [none, { ...none, topics: ['sea'], mutedTopics: ['land'] }])
    expect(chooseFor(pinned, slots, wishes)[0]).toEqual([5]);
});

test('whatever the wishes: no story twice, none on a muted topic, no slot overfull, the same each time', () => {
  const wish = fc.subarray(topics);
  fc.assert(
    fc.property(wish, wish, fc.nat(12), (chosen, muted, count) => {
      const wishes = { ...none, topics: chosen, mutedTopics: muted };
      const some = candidates.slice(0, count);
      const digest = chooseFor(some, slots, wishes);
      const flat = digest.flat();
      expect(new Set(flat).size).toBe(flat.length);
      for (const position of flat) expect(muted).not.toContain(candidates[position]?.topics[0]);
      for (const [index, slot] of slots.entries())
        expect(digest[index]?.length).toBeLessThanOrEqual(slot.count);
      expect(chooseFor(some, slots, wishes)).toEqual(digest);
      const open = some.filter((candidate) => !muted.includes(candidate.topics[0] ?? '')).length;
      expect(flat.length).toBe(Math.min(6, open));
    }),
  );
});

test('a slot with a topic takes its own, and leaves the others to the slots after it', () => {
  const withTopic = [
    { name: 'lead', count: 1 },
    { name: 'sky', count: 2, topic: 'sky' },
    { name: 'brief', count: 3 },
  ];
  expect(chooseFor(candidates, withTopic, none)).toEqual([[0], [2, 6], [1, 3, 4]]);
  expect(chooseFor(candidates, withTopic, { ...none, mutedTopics: ['sky'] })[1]).toEqual([]);
});

test('muted sources are left out', () => {
  const chosen = chooseFor(candidates, slots, { ...none, mutedSources: ['Paper 0', 'Paper 1'] }).flat();
  expect(chosen).toEqual([2, 3, 4, 7, 8, 9]);
});

test('what a reader clicks moves up, the more the more recent', () => {
  const click = (weight: number) => ({ topics: ['city'], publisher: 'Elsewhere', storylineId: null, weight });
  const placeOfCity = (clicks: ReturnType<typeof click>[]) =>
    chooseFor(candidates, slots, { ...none, clicks })
      .flat()
      .indexOf(3);
  expect(placeOfCity([])).toBe(3);
  expect(placeOfCity([click(1), click(1)])).toBeLessThan(3);
  expect(placeOfCity([click(decayed(120 * 24 * 3_600_000))])).toBe(3);
  expect(decayed(14 * 24 * 3_600_000)).toBe(0.5);
});

test('what a reader has had does not come again, unless it moved on', () => {
  const moved = candidates.map((each) => (each.position === 1 ? { ...each, developing: 'Now this' } : each));
  const chosen = chooseFor(moved, slots, { ...none, had: [0, 1, 2] }).flat();
  expect(chosen).toEqual([1, 3, 4, 5, 6, 7]);
  // Rather twice than an empty mail.
  const all = { ...none, had: candidates.map(({ position }) => position) };
  expect(chooseFor(candidates, slots, all)[0]).toEqual([0]);
});

test('who mutes everything gets nothing', () => {
  expect(chooseFor(candidates, slots, { ...none, mutedTopics: topics }).flat()).toEqual([]);
});

test('roll-up candidates are for those only who did not get their edition', () => {
  const rolledUp = (position: number, day: string, score: number) => ({
    ...(candidates[0] as PersonalCandidate),
    position,
    storylineId: position,
    score,
    from: { editionId: 1, scheduledFor: `2026-11-${day}T07:00:00.000Z` },
  });
  const all = [...candidates, rolledUp(10, '20', 2), rolledUp(11, '18', 0.75)];
  expect(chooseFor(all, slots, none).flat()).toEqual([0, 1, 2, 3, 4, 5]);
  expect(chooseFor(all, slots, { ...none, since: '2026-11-17T07:00:00.000Z' }).flat()).toEqual([
    10, 0, 1, 2, 11, 3,
  ]);
  expect(chooseFor(all, slots, { ...none, since: '2026-11-19T07:00:00.000Z' }).flat()).toEqual([
    10, 0, 1, 2, 3, 4,
  ]);
});

test('exploring gives its share of all places to stories that would not be shown, the same each time', () => {
  const readers = Array.from({ length: 5000 }, (_, id) => ({ ...none, id }));
  const chooser = new PersonalChooser(candidates, slots, { share: 0.05, seed: 7 });
  const usual = chooser.choose({ ...none, id: -1 }).flat();
  let explored = 0;
  const seen = new Set<number>();
  for (const reader of readers) {
    const chosen = chooser.choose(reader);
    expect(chosen).toEqual(new PersonalChooser(candidates, slots, { share: 0.05, seed: 7 }).choose(reader));
    expect(chosen.map(({ length }) => length)).toEqual([1, 2, 3]);
    for (const position of chosen.flat())
      if (position > 5) {
        explored++;
        seen.add(position);
      }
  }
  expect(usual.length).toBe(6);
  expect(explored / (readers.length * 6)).toBeCloseTo(0.05, 2);
  expect([...seen].sort()).toEqual([6, 7, 8, 9]);
  const other = new PersonalChooser(candidates, slots, { share: 0.05, seed: 8 });
  expect(readers.some((reader) => other.choose(reader).join() !== chooser.choose(reader).join())).toBe(true);
});

test('each place says why it is as it is', () => {
  const chooser = new PersonalChooser(
    candidates.map((each) => (each.position === 5 ? { ...each, pinned: true, slot: 'lead' } : each)),
    slots,
  );
  const reader = {
    ...none,
    topics: ['city'],
    mutedTopics: ['land'],
    clicks: [{ topics: ['sky'], publisher: 'Elsewhere', storylineId: null, weight: 1 }],
  };
  const placements = chooser.explain(reader);
  const because = new Map(placements.map(({ position, because: words }) => [position, words.join('; ')]));
  expect(because.get(5)).toMatch(/pinned/);
  expect(because.get(3)).toMatch(/they chose city/);
  expect(because.get(2)).toMatch(/they clicked 1 story/);
  expect(because.get(0)).toBe('as the edition has it');
  expect(placements.flatMap(({ position }) => position)).toEqual(chooser.choose(reader).flat());
});

test('a place for exploring, and what comes again for want of anything else, say so', () => {
  const words = (chooser: PersonalChooser, reader: Parameters<PersonalChooser['explain']>[0]) =>
    chooser.explain(reader).map(({ position, because }) => ({ position, because: because.join('; ') }));
  // A share of a sixth of six places: everybody has one.
  const exploring = new PersonalChooser(candidates, slots, { share: 1 / 6, seed: 7 });
  for (const reader of [none, { ...none, topics: ['city'], mutedTopics: ['land'] }]) {
    const explained = words(exploring, reader);
    expect(explained.map(({ position }) => position)).toEqual(exploring.choose(reader).flat());
    expect(explained.filter(({ because }) => /to learn whether they care/.test(because))).toHaveLength(1);
    expect(explained.at(-1)?.because).toMatch(/to learn whether they care/);
  }
  const hadAll = { ...none, had: candidates.map(({ position }) => position) };
  const again = words(new PersonalChooser(candidates, slots), hadAll);
  expect(again.map(({ position }) => position)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(again.every(({ because }) => because === 'they have had it, but there is nothing else')).toBe(true);
});
