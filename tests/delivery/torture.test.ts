import { expect, test } from 'vitest';
import { check, type Evidence } from '../../scripts/torture/check.ts';
import { kinds, planOf } from '../../scripts/torture/plan.ts';
import { summaryOf, torture } from '../../scripts/torture/torture.ts';

// A few runs of `npm run torture`, with seeds whose faults are of different kinds.

test('nobody is lost, and nobody gets two but those reported, while workers, database and mail server fail', async () => {
  const { results } = await torture({ runs: 3, seed: 2, mostReaders: 200 });
  expect(results.map(({ plan }) => plan.seed)).toEqual([2, 3, 4]);
  for (const { plan, violations, lost, messages, looks } of results) {
    expect(violations, `seed ${plan.seed}`).toEqual([]);
    expect(lost).toBe(0);
    expect(messages).toBeGreaterThan(50);
    expect(looks).toBeGreaterThan(5);
  }
  expect(summaryOf(results).at(-1)).toMatchObject({ kind: 'all', runs: 3, violations: 0 });
}, 180_000);

test('a seed draws the same run each time, and the kinds of fault take turns', () => {
  const options = { mostReaders: 700, canFillDisk: true };
  expect(planOf(7, options)).toEqual(planOf(7, options));
  expect(planOf(7, options)).not.toEqual(planOf(8, options));
  const drawn = new Set(kinds.flatMap((_, seed) => planOf(seed, options).faults.map(({ kind }) => kind)));
  expect([...drawn].sort()).toEqual([...kinds].sort());
});

// The checks are worth what they find.
const copy = { messageId: '<1@example.com>', isAnswered: true };
const change = (was: string, state: string, more = {}) => ({
  subscriberId: 1,
  was,
  state,
  wasWorker: 'w',
  detail: null,
  at: 0,
  ...more,
});
const good: Evidence = {
  edition: { state: 'sent', planned: 1 },
  readers: 1,
  rows: [{ subscriberId: 1, email: 'a@example.com', state: 'accepted', detail: null }],
  changes: [change('claimed', 'begun'), change('begun', 'accepted')],
  copies: new Map([['a@example.com', [copy]]]),
  left: new Map(),
  connections: 1,
  workers: { kills: 0, freezes: 0 },
  unanswered: 0,
};
const [row] = good.rows as [Evidence['rows'][number]];
const silent = change('begun', 'planned', {
  detail: 'sent again: the worker ended before the answer was recorded',
});

test.each<[string, Partial<Evidence>, RegExp | undefined]>([
  ['a message that arrived and is recorded', {}, undefined],
  ['one that is accepted and is nowhere', { copies: new Map() }, /accepted, and the server has nothing/],
  ['one that is left', { rows: [{ ...row, state: 'planned' }] }, /left planned/],
  ['an edition that does not end', { edition: { state: 'sending', planned: 1 } }, /edition is sending/],
  ['a reader who was not planned', { readers: 2 }, /2 readers, 1 planned/],
  [
    'two without a doubt',
    {
      copies: new Map([['a@example.com', [copy, copy]]]),
      changes: [...good.changes, change('claimed', 'begun')],
    },
    /got 2, and the ledger doubted 0/,
  ],
  [
    'two after a worker was killed',
    {
      copies: new Map([['a@example.com', [copy, copy]]]),
      changes: [change('claimed', 'begun'), silent, ...good.changes],
      workers: { kills: 1, freezes: 0 },
    },
    undefined,
  ],
  [
    'two with different Message-IDs',
    {
      copies: new Map([['a@example.com', [copy, { ...copy, messageId: '<2@example.com>' }]]]),
      changes: [change('claimed', 'begun'), silent, ...good.changes],
      workers: { kills: 1, freezes: 0 },
    },
    /different Message-IDs/,
  ],
  ['one that arrived and failed', { rows: [{ ...row, state: 'failed' }] }, /the ledger says failed/],
  ['one that had not begun', { changes: [] }, /got 1, begun 0 times/],
  ['one to somebody else', { copies: new Map([...good.copies, ['b@example.com', [copy]]]) }, /not planned/],
  [
    'one that began after its reader had left',
    { changes: [change('claimed', 'begun', { at: 20 })], left: new Map([[1, 10]]) },
    /had left 10 ms before/,
  ],
  [
    'more doubts than connections',
    { changes: [...good.changes, silent, silent], workers: { kills: 1, freezes: 0 } },
    /2 messages of worker w were in doubt, with 1 connections/,
  ],
  [
    'a doubt of which the server knows nothing',
    { changes: [...good.changes, change('begun', 'uncertain', { detail: 'it did not answer' })] },
    /in doubt for want of an answer/,
  ],
])('the checks of a run: %s', (_what, more, violation) => {
  const { violations } = check({ ...good, ...more });
  if (violation) expect(violations.join('\n')).toMatch(violation);
  else expect(violations).toEqual([]);
});
