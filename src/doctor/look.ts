import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { type Database, openDatabase } from '../db/connect.ts';
import { listDkimKeys } from '../delivery/dkim-keys.ts';
import { listRoutes } from '../delivery/routes.ts';
import { messageOf, UserError } from '../errors.ts';
import type { DomainLook } from './dns/domain.ts';
import { Dns } from './dns/lookup.ts';
import { domainOf, newsletterSenders } from './facts.ts';
import { type Finding, failed } from './finding.ts';
import { isLocalAddress } from './machine.ts';
import { checkLetters, checkWays, lookAtWay, type Way, type WayLook, waysOut } from './mail.ts';
import { checkReachable, type Reached } from './reach.ts';

const databaseMs = 8_000;

/** What can be looked at by itself. */
export const parts = [
  ...(['settings', 'disk', 'database', 'clock', 'mail', 'dns', 'address', 'bounces', 'secrets'] as const),
  'bulk-senders',
] as const;
export type Part = (typeof parts)[number];

/** How to look. */
export interface ExamineOptions {
  /** These parts alone; all if empty. */
  only?: Part[];
  /** A name server, `host:port`; those of this machine if not given. */
  dns?: string;
  /** Addresses that mail leaves from, where the routes' hosts do not tell. */
  ips?: string[];
  /** Whom servers are asked about; nothing is sent there. The return path or sender if not given. */
  to?: string;
  /** The whole ends within so many milliseconds. */
  limitMs?: number;
}

/** What several parts ask for, each looked up once, and only if it is asked for. */
export class Look {
  readonly clock: Clock;
  readonly config: Config;
  readonly options: ExamineOptions;
  readonly signal: AbortSignal;
  readonly #dns: Dns;

  constructor(clock: Clock, config: Config, options: ExamineOptions, signal: AbortSignal) {
    this.clock = clock;
    this.config = config;
    this.options = options;
    this.signal = signal;
    this.#dns = new Dns(options.dns);
  }

  /** Whether a part was named, and not only among all others. */
  readonly isAsked = (part: Part): boolean => Boolean(this.options.only?.includes(part));

  /** The database was given up, and is still being connected to. */
  isLate = false;

  readonly database = once(async () => {
    const found = await open(this.config, this.signal);
    this.isLate = found.isLate ?? false;
    return found;
  });

  readonly routes = once(async () => {
    const { opened } = await this.database();
    // A database that was never migrated has no routes yet.
    return opened ? await listRoutes(opened).catch(() => []) : [];
  });

  readonly ways = once(async (): Promise<{ ways: Way[]; none: Finding | undefined }> => {
    const routes = await this.routes();
    const ways = waysOut(routes, this.config.smtpUrl);
    return { ways, none: checkWays(routes, ways) };
  });

  readonly letters = once(async () => checkLetters(await this.routes(), this.config.smtpUrl));

  readonly senders = once(async () => {
    const { opened } = await this.database();
    return opened ? await newsletterSenders(opened.db).catch(() => []) : [];
  });

  readonly wayLooks = once(async (): Promise<WayLook[]> => {
    const [{ ways }, senders] = await Promise.all([this.ways(), this.senders()]);
    return Promise.all(
      ways.map((way) => {
        const sender = senders.find(({ address }) => way.fromDomain === domainOf(address)) ?? senders[0];
        const from = this.config.returnPath ?? sender?.address;
        return lookAtWay(way, this.clock, from ? { from, to: this.options.to ?? from } : undefined);
      }),
    );
  });

  readonly domains = once(async (): Promise<DomainLook[]> => {
    const [{ ways }, senders, { opened }] = await Promise.all([this.ways(), this.senders(), this.database()]);
    const keys = opened ? await listDkimKeys(opened).catch(() => []) : [];
    // Loaded here: what evaluates SPF and DMARC is large, and no other part needs it.
    const [{ lookAtDomain }, { findSenders }] = await Promise.all([
      import('./dns/domain.ts'),
      import('./dns/senders.ts'),
    ]);
    const domains = [...new Set(senders.map(({ address }) => domainOf(address)))];
    return Promise.all(
      domains.map(async (domain) => {
        const own = ways.filter(({ fromDomain }) => fromDomain === domain);
        const serving = own.length > 0 ? own : ways.filter(({ fromDomain }) => fromDomain === null);
        const hosts = serving.flatMap(({ host }) => host ?? []);
        return lookAtDomain(this.#dns, domain, {
          keys,
          senders: await findSenders(this.#dns, hosts, this.options.ips ?? []),
          returnPath: this.config.returnPath,
        });
      }),
    );
  });

  readonly reached = once(async (): Promise<Reached | undefined> => {
    const { publicUrl } = this.config;
    return isLocalAddress(publicUrl)
      ? undefined
      : checkReachable(publicUrl, this.clock, { signal: this.signal });
  });

  /** Ends what was opened for looking; waits for that a second at most. */
  async close(): Promise<void> {
    this.#dns.close();
    // Whoever never comes to an end is not waited for.
    await Promise.race([this.database.made?.then(({ opened }) => opened?.close()), later(1_000)]);
  }
}

function once<T>(make: () => Promise<T>): (() => Promise<T>) & { made: Promise<T> | undefined } {
  const ask = Object.assign(() => (ask.made ??= make()), { made: undefined as Promise<T> | undefined });
  return ask;
}

const later = (ms: number) =>
  new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), ms).unref());

/** Opens the database; statements that take too long fail, and close with it. */
async function open(
  config: Config,
  signal: AbortSignal,
): Promise<{ opened?: Database; isLate?: boolean; problem: Finding[] }> {
  const mend = config.databaseUrl ? 'Check DATABASE_URL.' : `Look at ${config.home}.`;
  const opening = openDatabase(config, { migrate: false, connections: 4 });
  try {
    const opened = await Promise.race([opening, later(databaseMs), givenUp(signal)]);
    if (opened) return { opened: opened as Database, problem: [] };
    opening.then(
      (late) => late.close(),
      () => {},
    );
    return {
      isLate: true,
      problem: [failed('database', `did not answer within ${databaseMs / 1_000} s`, mend)],
    };
  } catch (error) {
    const hint = error instanceof UserError ? error.hint : undefined;
    return { problem: [failed('database', messageOf(error).replace(/\.$/, ''), hint ?? mend)] };
  }
}

/** Ends when a signal says so. */
export const givenUp = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
