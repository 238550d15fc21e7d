import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import ipaddr from 'ipaddr.js';
import type { Config, GivenSettings } from '../config.ts';
import type { Database } from '../db/connect.ts';
import { messageOf } from '../errors.ts';
import { settingProblems } from '../settings.ts';
import { type Finding, failed, ok, unknown, warning } from './finding.ts';

const megabyte = 1024 ** 2;
const gigabyte = 1024 ** 3;
/** An edition's images, an import and the database's own log want some room. */
const littleSpace = 2 * gigabyte;
const noSpace = 200 * megabyte;

/** Whether the settings can be used, and which look like slips. */
export function checkSettings(given: GivenSettings): Finding[] {
  const problems = settingProblems(given);
  if (problems.length === 0) return [ok('settings', 'every setting that was given can be used')];
  return problems.map(({ severity, setting, message }) =>
    (severity === 'error' ? failed : warning)(
      'settings',
      `${setting} ${message}`,
      `Correct it in the environment or in ${given.file}; "broadsheet config show ${setting}" tells what it is for.`,
    ),
  );
}

/** How much room there is where local state is kept, and for its temporary files. @param home need not exist yet */
export async function checkDisk(home: string): Promise<Finding> {
  let folder = home;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return roomIn(folder, home, 'Free some space, or set BROADSHEET_HOME to a folder on another disk.');
}

/**
 * The same for Postgres' own files, where it runs on this machine and lets them be seen.
 * @param databaseUrl undefined: the embedded one, whose files are in the home folder
 */
export async function checkPostgresDisk(
  pool: Pick<Database['pool'], 'query'>,
  databaseUrl: string | undefined,
): Promise<Finding[]> {
  if (databaseUrl === undefined || !isLocalDatabase(databaseUrl)) return [];
  let folder: string;
  try {
    const { rows } = await pool.query<{ folder: string }>(
      "select current_setting('data_directory') as folder",
    );
    folder = rows[0]?.folder ?? '';
  } catch {
    // Only pg_read_all_settings may know.
    return [unknown('disk', 'where Postgres keeps its files is not told to us', mayKnow)];
  }
  // A container's folder is none of ours.
  if (!existsSync(folder))
    return [unknown('disk', `the files of Postgres (${folder}) are not to be seen from here`, mayKnow)];
  return [await roomIn(folder, folder, 'Free some space: a Postgres without room stops.')];
}

const mayKnow = 'Look at the room on its disk yourself, or: grant pg_read_all_settings to its user.';

function isLocalDatabase(databaseUrl: string): boolean {
  const { hostname, searchParams } = new URL(databaseUrl);
  const host = decodeURIComponent(hostname || (searchParams.get('host') ?? ''));
  return host === '' || host.startsWith('/') || ['localhost', '127.0.0.1', '[::1]'].includes(host);
}

async function roomIn(folder: string, named: string, mend: string): Promise<Finding> {
  try {
    const { bavail, bsize, files, ffree } = await statfs(folder);
    const free = bavail * bsize;
    const says = `${sizeInWords(free)} are free where ${named} is`;
    if (files > 0 && ffree / files < 0.01)
      return failed('disk', `${says}, but no more files can be made there (inodes)`, mend);
    if (free < noSpace) return failed('disk', says, mend);
    return free < littleSpace ? warning('disk', says, mend) : ok('disk', says);
  } catch (error) {
    return failed('disk', `${folder} cannot be looked at: ${messageOf(error)}`, 'Check BROADSHEET_HOME.');
  }
}

/**
 * Whether readers can follow links to us, as far as an address alone tells.
 * @param sends whether mail leaves the machine: until then a local address does no harm
 */
export function checkPublicUrl(publicUrl: string, sends: boolean): Finding {
  const url = new URL(publicUrl);
  const host = hostOf(url);
  const mend = 'Set PUBLIC_URL to the https:// address at which readers reach "broadsheet serve".';
  if (isLocalAddress(publicUrl))
    return (sends ? failed : warning)(
      'public address',
      `${publicUrl} is an address of this machine or network only: readers cannot confirm, choose or leave`,
      mend,
    );
  if (url.search || url.hash || url.username)
    return failed('public address', `${publicUrl} has more than a host and a path`, mend);
  if (!host.includes('.') && !ipaddr.isValid(host))
    return warning('public address', `"${host}" is no full name of a host`, mend);
  if (url.protocol === 'http:')
    return warning(
      'public address',
      `${publicUrl} is not encrypted: mailboxes do not offer one-click unsubscribing then`,
      mend,
    );
  return ok('public address', publicUrl);
}

const hostOf = (url: URL) => url.hostname.replace(/^\[|\]$/g, '');

/** Whether an address leads somewhere within this machine or network only. */
export function isLocalAddress(publicUrl: string): boolean {
  const host = hostOf(new URL(publicUrl));
  return (
    host === 'localhost' ||
    /\.(?:localhost|local|internal)$/.test(host) ||
    (ipaddr.isValid(host) && ipaddr.process(host).range() !== 'unicast')
  );
}

/** Which secrets are set, and what follows where one is not. */
export function checkSecrets({ secret, apiToken, host }: Config): Finding[] {
  const isOpen = !['127.0.0.1', '::1', 'localhost'].includes(host);
  return [
    secret
      ? ok('secrets', 'BROADSHEET_SECRET signs links')
      : ok('secrets', 'links are signed with a secret that was made and is kept in the database'),
    apiToken
      ? ok('secrets', 'API_TOKEN guards the API')
      : isOpen
        ? warning(
            'secrets',
            `"serve" listens on ${host}, and API_TOKEN is not set: the API answers this machine only, also through a proxy on it`,
            'Set API_TOKEN, at least 16 characters.',
          )
        : ok('secrets', 'API_TOKEN is not set: the API answers this machine only'),
  ];
}

/** Such as "12.4 GB". */
function sizeInWords(bytes: number): string {
  return bytes >= gigabyte
    ? `${(bytes / gigabyte).toFixed(1)} GB`
    : `${Math.round(bytes / megabyte).toLocaleString('en')} MB`;
}
