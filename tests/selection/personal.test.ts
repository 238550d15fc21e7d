import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseFor, type PersonalCandidate } from '../../src/selection/personal.ts';

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
}));
const none = { topics: [], mutedTopics: [] };

test('a reader without wishes gets the editor’s order', () => {
  expect(chooseFor(candidates, slots, none)).toEqual([[0], [1, 2], [3, 4, 5]]);
});

test('a chosen topic moves its stories up', () => {
  const chosen = chooseFor(candidates, slots, { topics: ['city'], mutedTopics: [] }).flat();
  expect(chosen[0]).toBe(3);
  expect(chosen).toContain(7);
});

test('a minor story on a chosen topic does not become the lead', () => {
  const one = candidates.map((candidate) => ({
    ...candidate,
    topics: candidate.position === 9 ? ['chess'] : ['sea'],
  }));
  expect(chooseFor(one, slots, { topics: ['chess'], mutedTopics: [] })[0]).toEqual([0]);
});

test('what an editor pinned stays in its place for everyone, even where its topic is muted', () => {
  const pinned = candidates.map((candidate) =>
    candidate.position === 5 ? { ...candidate, pinned: true, slot: 'lead' } : candidate,
  );
  for (const wishes of [none, { topics: ['sea'], mutedTopics: ['land'] }])
    expect(chooseFor(pinned, slots, wishes)[0]).toEqual([5]);
});

test('whatever the wishes: no story twice, none on a muted topic, no slot overfull, the same each time', () => {
  const wish = fc.subarray(topics);
  fc.assert(
    fc.property(wish, wish, fc.nat(12), (chosen, muted, count) => {
      const wishes = { topics: chosen, mutedTopics: muted };
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
