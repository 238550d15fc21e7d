import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Context } from '../context.ts';
import { connectTo, isConnectionError } from '../db/connect.ts';
import { getEdition } from '../editions/editions.ts';
import { messageOf } from '../errors.ts';
import type { LinkSigner } from '../links.ts';
import { within } from '../observe/scope.ts';
import { Sparing } from '../observe/sparing.ts';
import { span } from '../observe/tracing.ts';
import { Committer } from './committer.ts';
import { type Composer, prepareComposer } from './compose.ts';
import { Lanes } from './lanes.ts';
import { type Batch, type Holder, leaveBatch, takeBatch } from './ledger.ts';
import type { MxLookup } from './mail-provider.ts';
import type { Route, RouteUse } from './route.ts';
import { openRouting } from './routing.ts';
import { pauseAll, pauseUnserved, routeUseOf, type Sending, sendBatch } from './send-batch.ts';
import { finishIfSettled } from './sweep.ts';
import { raiseTroubles, type Trouble } from './troubles.ts';

/** What a process sends with. */
export interface SenderOptions {
  /** Where mail goes while no routes are set up: SMTP_URL, or the embedded inbox. */
  url: string;
  signer: LinkSigner;
  /** Set when the process is to end. */
  stopping: AbortSignal;
  /** Called after each batch, for progress. */
  onBatch?: ((editionId: number) => void) | undefined;
  /** For connections of its own to the database, on which the ledger is written. Without it the context's are used. */
  connection?: pg.ClientConfig;
  /** Looks up mail servers; the DNS of this machine if not given. */
  lookup?: MxLookup;
}

/** The part of a process that sends editions. */
export interface Sender {
  /** Something may be due: looks at once instead of at the next turn. */
  wake(): void;
  /** Waits for the messages that are out, and closes the connections. `stopping` must be set before. */
  stop(): Promise<void>;
}

// While the last messages of one batch are answered, the next is read.
const batchesAtOnce = 3;
const commitsAtOnce = 1;
const ledgerConnectionSettings = 'set plan_cache_mode = force_generic_plan';
// What others have planned is found within this time; while a process has nothing to do one of its turns looks for all.
const lookMs = 250;
const followMs = 3000;
const routeFailureLimit = 8;
// A route that has to wait for longer is given no batch: others are sent in the meantime.
const longestWaitMs = 2000;
// So long it looks at no batch of an edition of which only other processes can send what is left.
const forOthersMs = 2000;
const refusalLimit = 100;

/** Sends whatever is due of the editions that are being sent, beside any number of other processes. */
export async function startSender(context: Context, options: SenderOptions): Promise<Sender> {
  const { stopping } = options;
  const { leaseSeconds } = context.config;
  const self = randomUUID();
  // The ledger's statement is the same thousands of times a second: it is planned once a connection.
  const own =
    options.connection &&
    connectTo(options.connection, commitsAtOnce, undefined, {
      settings: ledgerConnectionSettings,
      // A group takes milliseconds, and asking twice does no harm.
      patienceMs: Math.max(10, leaseSeconds) * 1000,
    });
  const committer = new Committer(own ? { ...context, db: own.db } : context, leaseSeconds, {
    stopping,
    commitsAtOnce,
  });
  let way = await open();
  const sending: Omit<Sending, 'holder'> = {
    // Of the routes as they are when it is called.
    lanes: { run: (feed) => way.lanes.run(feed) },
    get describe() {
      return way.routing.routes.map((route) => route.describe).join(', ');
    },
    refusals: { inARow: 0 },
    refusalLimit,
    stopping,
  };
  const closing = new Set<Promise<void>>();

  async function open() {
    const { url, lookup } = options;
    const routing = await openRouting(context, { url, worker: self, ...(lookup && { lookup }) });
    const lanes = new Lanes(
      routing.routes,
      committer,
      {
        routeRetryMs: context.config.routeRetryMs,
        routeFailureLimit,
        routeDownMs: context.config.routeDownSeconds * 1000,
        stopping,
        onRouteDown: (route, words, editionIds, forMs) => pauseAll(context, route, words, editionIds, forMs),
        onDown: (route, words) => void raiseTroubles(context, [routeDown(route, words)]),
        onUnserved: (editionId) => pauseUnserved(context, editionId),
      },
      context.log,
    );
    return { routing, lanes };
  }
  const close = async ({ lanes, routing }: typeof way) => {
    await lanes.close();
    await routing.close();
  };
  /** Routes that were changed are opened anew; what is on its way ends on the old ones. */
  const follow = async () => {
    if ((await way.routing.refresh()) === way.routing.version) return;
    const old = way;
    way = await open();
    context.log.info({ routes: sending.describe }, 'the routes were changed');
    const closed: Promise<void> = close(old).finally(() => closing.delete(closed));
    closing.add(closed);
  };
  const following = setInterval(() => {
    follow().catch((error) => context.log.debug({ error: messageOf(error) }, 'routes were not looked at'));
  }, followMs);

  /** Editions of which nothing can go from here for a while, such as until a quota begins anew. */
  const aside = new Map<number, { use: RouteUse; until: number }>();
  const setAside = () => {
    for (const [editionId, { use, until }] of aside)
      if (performance.now() >= until && way.lanes.waitFor(use) <= longestWaitMs) aside.delete(editionId);
    return [...aside.keys()];
  };

  const composers = new Composers(context, options.signer);
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const resume of [...waiting]) resume();
  };
  let isWatched = false;
  /** Until somebody calls. One of those who wait looks by itself from time to time. */
  const rest = () =>
    new Promise<void>((resolve) => {
      const watches = !isWatched;
      isWatched = true;
      const resume = () => {
        clearTimeout(timer);
        if (watches) isWatched = false;
        waiting.delete(resume);
        resolve();
      };
      const timer = watches ? setTimeout(resume, lookMs) : undefined;
      waiting.add(resume);
    });
  stopping.addEventListener('abort', wake);

  const work = async (batch: Batch, holder: Holder) => {
    const { editionId } = batch;
    let composer: Composer;
    try {
      composer = await composers.of(editionId);
    } catch (error) {
      await leaveBatch(context, holder, batch);
      throw error;
    }
    const use = routeUseOf(composer);
    if (way.lanes.waitFor(use) > longestWaitMs) {
      aside.set(editionId, { use, until: 0 });
      await leaveBatch(context, holder, batch);
      return;
    }
    const result = await sendBatch(context, composer, batch, { ...sending, holder });
    if (result.isForOthers && result.accepted + result.deferred + result.failed === 0)
      aside.set(editionId, { use, until: performance.now() + forOthersMs });
    context.log.debug({ editionId, batch: batch.batch, ...result }, 'batch done');
    if (!stopping.aborted && (await finishIfSettled(context, editionId)))
      context.log.info({ editionId }, 'edition sent');
    options.onBatch?.(editionId);
  };
  const sparing = new Sparing(context.log);
  const turns = async () => {
    while (!stopping.aborted) {
      try {
        const holder = { worker: randomUUID(), leaseSeconds };
        const batch = await takeBatch(context, holder, setAside());
        sparing.works('batches can be taken again');
        if (!batch) {
          await rest();
          continue;
        }
        // Where there is one, there may be more.
        wake();
        await observed(batch, () => work(batch, holder));
      } catch (error) {
        const words = 'a batch was given up for now';
        if (isConnectionError(error)) sparing.warn({ error: messageOf(error) }, words);
        else context.log.error({ error: messageOf(error) }, words);
        await rest();
      }
    }
  };
  const running = Array.from({ length: batchesAtOnce }, turns);
  return {
    wake,
    async stop() {
      wake();
      clearInterval(following);
      await Promise.all(running);
      await Promise.all([close(way), ...closing]);
      await own?.close();
    },
  };
}

/** That a route takes nothing, and others have its mail. */
const routeDown = ({ describe }: Pick<Route, 'describe'>, words: string): Trouble => ({
  key: `route:${describe}`,
  about: {
    title: `The route ${describe} is down`,
    what: 'It takes no mail. Other routes have its mail meanwhile.',
    facts: [{ name: 'It says', value: words }],
    todo: 'Mend it (broadsheet routes test), or switch it off.',
  },
});

/** Within a scope and a span of the batch. */
const observed = ({ editionId, batch }: Batch, work: () => Promise<void>): Promise<void> =>
  within({ editionId, batch }, () =>
    span('delivery batch', { 'broadsheet.edition': editionId, 'broadsheet.batch': batch }, work),
  );

/** What composing needs of the editions that are being sent, read once for each. */
class Composers {
  readonly #known = new Map<number, Promise<Composer>>();
  readonly #context: Context;
  readonly #signer: LinkSigner;

  constructor(context: Context, signer: LinkSigner) {
    this.#context = context;
    this.#signer = signer;
  }

  of(editionId: number): Promise<Composer> {
    let composer = this.#known.get(editionId);
    if (!composer) {
      composer = getEdition(this.#context, editionId).then((edition) =>
        prepareComposer(this.#context, edition, this.#signer),
      );
      composer.catch(() => this.#known.delete(editionId));
      for (const oldest of [...this.#known.keys()].slice(0, -(batchesAtOnce - 1))) this.#known.delete(oldest);
      this.#known.set(editionId, composer);
    }
    return composer;
  }
}
