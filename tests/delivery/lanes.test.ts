import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { Committer } from '../../src/delivery/committer.ts';
import type { Feed, Item } from '../../src/delivery/feed.ts';
import { type LaneOptions, Lanes } from '../../src/delivery/lanes.ts';
import type { Verdict } from '../../src/delivery/ledger.ts';
import type { Route, Throttle } from '../../src/delivery/route.ts';
import type { TurnEnd } from '../../src/delivery/turn.ts';
import { createLog } from '../../src/log.ts';

// Lanes by themselves: routes that take everything at once, and a ledger that agrees to everything.

const committer = {
  exchange: async (_edition: number, _verdict: unknown, begin: unknown) => (begin ? 'begun' : 'away'),
} as Pick<Committer, 'exchange'> as Committer;

const accepted: Verdict = {
  subscriberId: 0,
  state: 'accepted',
  smtpCode: 250,
  detail: null,
  nextAttemptAt: null,
  stories: null,
  counts: true,
  isUnknown: false,
};

class Readers implements Feed {
  readonly editionId = 1;
  readonly use = { fromDomain: 'harbour.example.com', listIds: [1] };
  readonly left: number[];
  sent: string[] = [];
  isStopped = false;
  readonly #domainOf: (reader: number) => string;

  constructor(count: number, domainOf = (_reader: number) => 'example.com') {
    this.left = Array.from({ length: count }, (_, at) => at + 1);
    this.#domainOf = domainOf;
  }

  next(): Item | undefined {
    const reader = this.isStopped ? undefined : this.left.shift();
    if (reader === undefined) return undefined;
    const to = `reader${reader}@${this.#domainOf(reader)}`;
    return {
      editionId: this.editionId,
      subscriberId: reader,
      worker: 'one',
      message: { from: 'news@harbour.example.com', to, raw: [], size: 1 },
      verdictOn: () => accepted,
    };
  }

  settled({ message }: Item): void {
    this.sent.push(message?.to ?? '');
  }

  notBegun({ subscriberId }: Item): void {
    this.left.push(subscriberId);
  }

  giveBack({ subscriberId }: Item): void {
    this.left.push(subscriberId);
  }

  stop(): void {
    this.isStopped = true;
  }
}

interface Counted extends Route {
  sent: number;
}

function route(more: Partial<Route> = {}, sendMs = 0): Counted {
  const made: Counted = {
    describe: 'a route',
    connections: 2,
    messagesPerConnection: Number.POSITIVE_INFINITY,
    sent: 0,
    open: async () => ({
      isUsable: true,
      messages: 1,
      send: async () => {
        if (sendMs > 0) await sleep(sendMs);
        made.sent++;
        return { kind: 'answered', code: 250, words: '250 ok' };
      },
      quit: async () => {},
      destroy() {},
    }),
    ...more,
  };
  return made;
}

const throttle = (more: Partial<Throttle>): Throttle => ({
  wait: () => 0,
  groupOf: (address) => address.split('@')[1] ?? '',
  take: () => 0,
  release() {},
  connections: (most) => most,
  answered() {},
  ...more,
});

const away = (words = 'ECONNREFUSED'): Partial<Route> => ({ open: () => Promise.reject(new Error(words)) });

function lanesOf(routes: Route[], more: Partial<LaneOptions> = {}) {
  const stop = new AbortController();
  const down: { words: string; forMs: number | undefined; afterMs: number }[] = [];
  const unserved: number[] = [];
  const began = performance.now();
  const lanes = new Lanes(
    routes,
    committer,
    {
      routeRetryMs: 5,
      routeFailureLimit: 3,
      routeDownMs: 0,
      stopping: stop.signal,
      onRouteDown: async (_route, words, _editionIds, forMs) => {
        down.push({ words, forMs, afterMs: performance.now() - began });
      },
      onUnserved: async (editionId) => {
        unserved.push(editionId);
      },
      ...more,
    },
    createLog('silent'),
  );
  onTestFinished(() => lanes.close());
  return { lanes, stop, down, unserved };
}

/** What a promise comes to, or that it has not come to anything in time. */
const within = <T>(ms: number, promise: Promise<T>): Promise<T | 'not yet'> =>
  Promise.race([promise, sleep(ms).then(() => 'not yet' as const)]);

test('a process without a share of the connections gives back what it was given', async () => {
  const none = route({ throttle: throttle({ connections: () => 0 }) });
  const { lanes } = lanesOf([none]);
  const feed = new Readers(10);
  expect(lanes.waitFor(feed.use)).toBeGreaterThan(10_000);
  expect(await within(5000, lanes.run(feed))).toEqual({ waitMs: 0, isForOthers: false });
  expect({ sent: none.sent, left: feed.left.length }).toEqual({ sent: 0, left: 10 });
});

test('recipients who have to wait are given back after a while, with the time of their turn, and the others are sent to', async () => {
  const slow = throttle({ take: (group) => (group === 'slow.test' ? 20_000 : 0) });
  const { lanes } = lanesOf([route({ throttle: slow })]);
  const feed = new Readers(20, (reader) => (reader % 2 ? 'slow.test' : 'example.com'));
  const end = await within(5000, lanes.run(feed));
  const { waitMs, isForOthers } = end as TurnEnd;
  expect(isForOthers).toBe(false);
  expect(waitMs).toBeGreaterThan(10_000);
  expect(waitMs).toBeLessThanOrEqual(20_000);
  expect(feed.sent).toHaveLength(10);
  expect(feed.left).toHaveLength(10);
});

test('recipients to whom only other processes may send now are given back at once', async () => {
  const others = throttle({ take: (group) => (group === 'shared.test' ? Number.POSITIVE_INFINITY : 0) });
  const { lanes } = lanesOf([route({ throttle: others })]);
  const feed = new Readers(20, (reader) => (reader % 2 ? 'shared.test' : 'example.com'));
  expect(await within(1500, lanes.run(feed))).toEqual({ waitMs: 0, isForOthers: true });
  expect(feed.sent).toHaveLength(10);
  expect(feed.left).toHaveLength(10);
});

test('while mail flows, a process keeps to its share of the connections when that becomes smaller', async () => {
  let share = 4;
  let open = 0;
  const most: number[] = [];
  const shared = route({
    connections: 4,
    throttle: throttle({ connections: () => share }),
    open: async () => ({
      isUsable: true,
      messages: 1,
      send: async () => {
        most[share] = Math.max(most[share] ?? 0, ++open);
        await sleep(5);
        open--;
        return { kind: 'answered', code: 250, words: '250 ok' };
      },
      quit: async () => {},
      destroy() {},
    }),
  });
  const { lanes } = lanesOf([shared]);
  const feed = new Readers(300);
  const running = lanes.run(feed);
  await expect.poll(() => feed.sent.length).toBeGreaterThan(50);
  share = 2;
  await sleep(50);
  most.length = 0;
  await running;
  expect(feed.sent).toHaveLength(300);
  expect(most[2]).toBe(2);
}, 10_000);

test('a slow server is no reason to hold a batch for ever', async () => {
  const { lanes } = lanesOf([route({ connections: 1 }, 400)]);
  const feed = new Readers(200);
  expect(await within(13_000, lanes.run(feed))).toEqual({ waitMs: 0, isForOthers: false });
  expect(feed.sent.length).toBeGreaterThan(10);
  expect(feed.sent.length + feed.left.length).toBe(200);
}, 20_000);

test.each([
  ['is in trouble', away(), { routeRetryMs: 10_000 }],
  ['has no share of its connections', { throttle: throttle({ connections: () => 0 }) }, {}],
  ['has used up its quota', { throttle: throttle({ wait: () => 3_600_000 }) }, {}],
  ['must not write to these recipients now', { throttle: throttle({ take: () => 60_000 }) }, {}],
])('a process ends at once when it is to stop while a route %s', async (_what, more, options) => {
  const { lanes, stop } = lanesOf([route(more)], options);
  const feed = new Readers(10);
  const running = lanes.run(feed);
  await sleep(100);
  stop.abort();
  expect(await within(200, running)).not.toBe('not yet');
  expect(await within(200, lanes.close())).not.toBe('not yet');
  expect(feed.left).toHaveLength(10);
});

test('a route with a weight does not wait for one that serves other mail', async () => {
  const general = route({ weight: 3 });
  const { lanes } = lanesOf([general, route({ weight: 1, only: { fromDomain: 'ads.example.com' } })]);
  await within(2000, lanes.run(new Readers(100)));
  expect(general.sent).toBe(100);
});

test('a route with a weight does not wait for one that can take nothing now, which has nothing to catch up with', async () => {
  let isOpen = true;
  let given = 0;
  const quota = throttle({
    wait: () => (isOpen ? 0 : 60_000),
    take: () => {
      given++;
      isOpen = given < 10;
      return 0;
    },
  });
  const [free, limited] = [route({ weight: 1 }), route({ weight: 1, throttle: quota })];
  const { lanes } = lanesOf([free, limited]);
  await within(2000, lanes.run(new Readers(400)));
  expect(free.sent + limited.sent).toBe(400);
  expect(limited.sent).toBeLessThanOrEqual(13);

  // The next day the two share again, from where they are.
  isOpen = true;
  given = -1000;
  const [before, limitedBefore] = [free.sent, limited.sent];
  await within(2000, lanes.run(new Readers(100)));
  expect(free.sent - before).toBeGreaterThan(40);
  expect(limited.sent - limitedBefore).toBeGreaterThan(40);
});

test.each([
  ['may not write to these recipients', route({ weight: 1, throttle: throttle({ take: () => 30_000 }) })],
  ['is in trouble', route({ weight: 1, ...away() })],
  [
    'hangs',
    route({
      weight: 1,
      connections: 1,
      open: () => sleep(4000).then(() => Promise.reject(new Error('silent'))),
    }),
  ],
])(
  'a route with a weight does not wait for one that %s',
  async (what, other) => {
    const good = route({ weight: 1 });
    const { lanes } = lanesOf([good, other], { routeRetryMs: 1000 });
    void lanes.run(new Readers(50));
    await expect.poll(() => good.sent, { timeout: 5000 }).toBeGreaterThanOrEqual(what === 'hangs' ? 49 : 50);
  },
  10_000,
);

test('mail that no route serves is not waited for, and said to be such', async () => {
  const { lanes, unserved } = lanesOf([route({ only: { fromDomain: 'ads.example.com' } })]);
  const feed = new Readers(3);
  expect(await within(1000, lanes.run(feed))).toBeUndefined();
  expect(unserved).toEqual([1]);
  expect({ isStopped: feed.isStopped, left: feed.left.length }).toEqual({ isStopped: true, left: 3 });
});

test('a route is down when it took nothing for as long as is set, however many tries that is', async () => {
  const { lanes, down } = lanesOf([route(away())], { routeDownMs: 600 });
  const feed = new Readers(5);
  await within(4000, lanes.run(feed));
  expect(down).toEqual([{ words: 'ECONNREFUSED', forMs: 600, afterMs: expect.any(Number) }]);
  expect(down[0]?.afterMs).toBeGreaterThanOrEqual(600);
  expect({ isStopped: feed.isStopped, left: feed.left.length }).toEqual({ isStopped: true, left: 5 });
});

test('a mail server that comes back in time costs nothing but the time', async () => {
  const good = route();
  let opens = 0;
  const restarting = route({
    open: () => (++opens <= 6 ? Promise.reject(new Error('ECONNREFUSED')) : good.open()),
  });
  const { lanes, down } = lanesOf([restarting], { routeDownMs: 60_000 });
  expect(await within(3000, lanes.run(new Readers(20)))).toBeUndefined();
  expect({ sent: good.sent, down }).toEqual({ sent: 20, down: [] });
});

test('a server that swallows messages without an answer is down at once: each would be in doubt', async () => {
  const swallowing = route({
    connections: 1,
    open: async () => ({
      isUsable: false,
      messages: 1,
      send: async () => ({ kind: 'unanswered', words: 'the connection was closed' }),
      quit: async () => {},
      destroy() {},
    }),
  });
  const { lanes, down } = lanesOf([swallowing], { routeDownMs: 60_000 });
  const feed = new Readers(50);
  await within(3000, lanes.run(feed));
  expect(down).toMatchObject([{ words: 'the connection was closed', forMs: undefined }]);
  expect(feed.left.length).toBeGreaterThan(40);
});
