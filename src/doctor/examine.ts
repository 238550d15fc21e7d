import type { Clock } from '../clock.ts';
import { type Config, type GivenSettings, loadConfig, readSettings } from '../config.ts';
import { type Database, openDatabase } from '../db/connect.ts';
import { listDkimKeys } from '../delivery/dkim-keys.ts';
import { listRoutes } from '../delivery/routes.ts';
import { messageOf, UserError } from '../errors.ts';
import { checkBounces, checkWebhooks, hears } from './bounces.ts';
import { checkClock, checkWebClock } from './clock.ts';
import { checkDatabase } from './database.ts';
import { checkBloat, checkConnections, checkTransactions } from './database-load.ts';
import type { DomainLook } from './dns/domain.ts';
import { Dns } from './dns/lookup.ts';
import { domainOf, newsletterSenders, recentComplaints } from './facts.ts';
import { type Finding, failed, unknown } from './finding.ts';
import {
  checkDisk,
  checkPostgresDisk,
  checkPublicUrl,
  checkSecrets,
  checkSettings,
  isLocalAddress,
} from './machine.ts';
import { checkWays, lookAtWay, type Way, type WayLook, waysOut } from './mail.ts';
import { checkReachable, type Reached } from './reach.ts';

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

/** What was found. */
export interface Examination {
  findings: Finding[];
  /** Some part was given up, and may still hold a connection. */
  unfinished: boolean;
}

const usualLimitMs = 17_000;
const databaseMs = 8_000;

/**
 * Looks at everything that an installation stands on. Nothing is changed: the database is not migrated, no mail is sent.
 * What a check needs and is broken keeps that check from being made, and no other; parts that take too long are given up.
 * @throws UserError if an option cannot be used
 */
export async function examine(
  clock: Clock,
  environment: NodeJS.ProcessEnv = process.env,
  workingFolder: string = process.cwd(),
  options: ExamineOptions = {},
): Promise<Examination> {
  const given: GivenSettings = readSettings(environment, workingFolder);
  const wanted: readonly Part[] = options.only?.length ? options.only : parts;
  const settings = checkSettings(given);
  const shown = wanted.includes('settings') ? settings : [];
  const broken = settings.filter(({ status }) => status === 'failed');
  if (broken.length > 0)
    return { findings: wanted.includes('settings') ? settings : broken, unfinished: false };
  const limitMs = options.limitMs ?? usualLimitMs;
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), limitMs);
  const look = new Look(clock, loadConfig(environment, workingFolder), options, limit.signal);
  try {
    let unfinished = false;
    const found = await Promise.all(
      wanted.map(async (part) => {
        if (part === 'settings') return shown;
        const findings = await Promise.race([tried(part, look), givenUp(limit.signal)]);
        if (findings) return findings;
        unfinished = true;
        return [
          failed(
            part,
            `did not come to an end within ${limitMs / 1_000} s`,
            `Try it alone: broadsheet doctor --only ${part}`,
          ),
        ];
      }),
    );
    return { findings: found.flat(), unfinished: unfinished || look.isLate };
  } finally {
    clearTimeout(timer);
    limit.abort();
    await look.close();
  }
}

async function tried(part: Exclude<Part, 'settings'>, look: Look): Promise<Finding[]> {
  try {
    return await checks[part](look);
  } catch (error) {
    const hint = error instanceof UserError ? error.hint : undefined;
    return [
      failed(
        part,
        `could not be looked at: ${messageOf(error).replace(/\.$/, '')}`,
        hint ?? `Try it alone: broadsheet doctor --only ${part} --debug`,
      ),
    ];
  }
}

const givenUp = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });

const noDatabase = (check: string) =>
  unknown(check, 'there is no database to ask', 'See the line on the database, and look again.');

const checks: Record<Exclude<Part, 'settings'>, (look: Look) => Promise<Finding[]>> = {
  disk: async ({ config, database }) => {
    const { opened } = await database();
    return [
      await checkDisk(config.home),
      ...(opened ? await checkPostgresDisk(opened.pool, config.databaseUrl) : []),
    ];
  },

  database: async ({ config, clock, database }) => {
    const { opened, problem } = await database();
    if (!opened) return problem;
    const { pool } = opened;
    const [first, ...rest] = await Promise.all([
      checkDatabase(opened, config, clock.now()),
      checkConnections(pool),
      checkTransactions(pool),
      checkBloat(pool),
    ]);
    return [...first, ...rest.flat()];
  },

  clock: async ({ clock, database, reached }) => {
    const [{ opened }, web] = await Promise.all([database(), reached()]);
    return [
      opened ? await checkClock(opened.pool, clock) : noDatabase('clock'),
      ...(web?.date ? [checkWebClock(web.date, clock)] : []),
    ];
  },

  mail: async ({ ways, wayLooks }) => {
    const { none } = await ways();
    return none ? [none] : (await wayLooks()).flatMap(({ findings }) => findings);
  },

  dns: async ({ ways, domains, isAsked }) => {
    const { none } = await ways();
    if (none && !isAsked('dns'))
      return [
        unknown(
          'DNS',
          'not looked at, as no mail leaves this machine',
          'To look all the same: broadsheet doctor --only dns',
        ),
      ];
    const looks = await domains();
    if (looks.length === 0)
      return [
        unknown(
          'DNS',
          'there is no newsletter, so no domain to look at',
          'Make one: broadsheet newsletters create',
        ),
      ];
    return onceEach(looks.flatMap(({ findings }) => findings));
  },

  address: async ({ config, ways, reached }) => {
    const { none } = await ways();
    const form = checkPublicUrl(config.publicUrl, none === undefined);
    const web = await reached();
    // That it is an address and that it leads to us are one thing to say where both are well.
    return [...(form.status === 'ok' && web ? [] : [form]), ...(web?.findings ?? [])];
  },

  bounces: async ({ config, ways, isAsked }) => {
    const { none } = await ways();
    if (none && !hears(config) && !isAsked('bounces')) return [];
    return checkBounces(config);
  },

  secrets: async ({ config, ways }) => [
    ...checkSecrets(config),
    ...checkWebhooks((await ways()).ways, config),
  ],

  'bulk-senders': async (look) => {
    const { config, clock, ways, wayLooks, domains, database, senders, isAsked } = look;
    const { none } = await ways();
    if (none && !isAsked('bulk-senders'))
      return [
        unknown(
          'bulk senders',
          'the rules of Gmail, Yahoo and Microsoft are not looked at, as no mail leaves this machine',
          'To look all the same: broadsheet doctor --only bulk-senders',
        ),
      ];
    const { opened } = await database();
    if (!opened) return [noDatabase('bulk senders')];
    const { bulkSenderRules, noComplaints } = await import('./rules.ts');
    return bulkSenderRules({
      domains: await domains(),
      ways: await wayLooks(),
      publicUrl: config.publicUrl,
      senders: await senders(),
      heard: hears(config),
      // Before the first migration there are no editions.
      complaints: await recentComplaints(opened.db, clock.now()).catch(() => noComplaints),
    });
  },
};

/** What several parts ask for, each looked up once, and only if it is asked for. */
class Look {
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

/** What is true of several domains, such as of the return path that they share, is said once. */
function onceEach(findings: Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [`${finding.check} ${finding.says}`, finding])).values()];
}

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
