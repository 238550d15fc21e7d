import type { Clock } from '../clock.ts';
import { type GivenSettings, loadConfig, readSettings } from '../config.ts';
import { messageOf, UserError } from '../errors.ts';
import { checkBounces, checkWebhooks, hears } from './bounces.ts';
import { checkClock, checkWebClock } from './clock.ts';
import { checkDatabase } from './database.ts';
import { checkBloat, checkConnections, checkTransactions } from './database-load.ts';
import { recentComplaints } from './facts.ts';
import { type Finding, failed, unknown } from './finding.ts';
import { checkInstallation } from './installation.ts';
import { type ExamineOptions, givenUp, Look, type Part, parts } from './look.ts';
import { checkDisk, checkPostgresDisk, checkPublicUrl, checkSecrets, checkSettings } from './machine.ts';
import { checkPartitions } from './partitions.ts';

/** What was found. */
export interface Examination {
  findings: Finding[];
  /** Some part was given up, and may still hold a connection. */
  unfinished: boolean;
}

const usualLimitMs = 15_000;

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
    return { findings: found.flat().map(printable), unfinished: unfinished || look.isLate };
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
    // Which installation it is stands in a table of this version.
    const isCurrent = first.every(({ check, status }) => check !== 'schema' || status === 'ok');
    const context = { db: opened.db, config, clock };
    const installation = isCurrent ? [await checkInstallation(context)] : [];
    const partitions = isCurrent ? await checkPartitions(context) : [];
    return [...first, ...installation, ...rest.flat(), ...partitions];
  },

  clock: async ({ clock, database, reached }) => {
    const [{ opened }, web] = await Promise.all([database(), reached()]);
    return [
      opened ? await checkClock(opened.pool, clock) : noDatabase('clock'),
      ...(web?.date ? [checkWebClock(web.date, clock)] : []),
    ];
  },

  mail: async ({ ways, wayLooks, letters }) => {
    const { none } = await ways();
    if (none) return [none];
    const [looks, ofLetters] = await Promise.all([wayLooks(), letters()]);
    return [...looks.flatMap(({ findings }) => findings), ...(ofLetters ? [ofLetters] : [])];
  },

  dns: async ({ ways, domains, database, isAsked }) => {
    const { none } = await ways();
    if (none && !isAsked('dns'))
      return [
        unknown(
          'DNS',
          'not looked at, as no mail leaves this machine',
          'To look all the same: broadsheet doctor --only dns',
        ),
      ];
    if (!(await database()).opened) return [noDatabase('DNS')];
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

// What servers and records say may hold what a terminal would obey.
const controls = /[\u0000-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]+/g;

function printable(finding: Finding): Finding {
  const { says, mend } = finding;
  return {
    ...finding,
    says: says.replace(controls, ' '),
    ...(mend !== undefined && { mend: mend.replace(controls, ' ') }),
  };
}

/** What is true of several domains, such as of the return path that they share, is said once. */
function onceEach(findings: Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [`${finding.check} ${finding.says}`, finding])).values()];
}
