import type { Clock } from '../clock.ts';
import { type Config, type GivenSettings, loadConfig, readSettings } from '../config.ts';
import { type Database, openDatabase } from '../db/connect.ts';
import { listRoutes } from '../delivery/routes.ts';
import { messageOf, UserError } from '../errors.ts';
import { checkClock, checkDatabase } from './database.ts';
import { type Finding, failed } from './finding.ts';
import { checkDisk, checkPublicUrl, checkSecrets, checkSettings } from './machine.ts';
import { checkMail } from './mail.ts';

/**
 * Looks at everything that an installation stands on. Nothing is changed: the database is not migrated, no mail is sent.
 * What a check needs and is broken keeps that check from being made, and no other.
 */
export async function examine(
  clock: Clock,
  environment: NodeJS.ProcessEnv = process.env,
  workingFolder: string = process.cwd(),
): Promise<Finding[]> {
  const given: GivenSettings = readSettings(environment, workingFolder);
  const findings = checkSettings(given);
  if (findings.some(({ status }) => status === 'failed')) return findings;
  const config = loadConfig(environment, workingFolder);
  findings.push(await checkDisk(config.home));
  const { database, problem } = await open(config);
  try {
    findings.push(...(database ? await checkDatabase(database, config) : problem));
    if (database) findings.push(await checkClock(database.pool, clock));
    // A database that was never migrated has no routes yet.
    const routes = database ? await listRoutes(database).catch(() => []) : [];
    const sends = config.smtpUrl !== undefined || routes.some(({ active }) => active);
    findings.push(...(await checkMail(routes, config)), checkPublicUrl(config.publicUrl, sends));
  } finally {
    await database?.close();
  }
  return [...findings, ...checkSecrets(config)];
}

async function open(config: Config): Promise<{ database?: Database; problem: Finding[] }> {
  try {
    return { database: await openDatabase(config, { migrate: false, connections: 2 }), problem: [] };
  } catch (error) {
    const hint = error instanceof UserError ? error.hint : undefined;
    return {
      problem: [
        failed(
          'database',
          messageOf(error).replace(/\.$/, ''),
          hint ?? (config.databaseUrl ? 'Check DATABASE_URL.' : `Look at ${config.home}.`),
        ),
      ],
    };
  }
}
