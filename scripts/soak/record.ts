import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { sql } from 'kysely';
import type { Context } from '../../src/context.ts';
import { writeBackup } from '../../src/db/backup/file.ts';
import { migrationStatus } from '../../src/db/migrate.ts';
import { packageRoot, version } from '../../src/package-root.ts';

/** A release as `tests/db/rolling-upgrade.test.ts` looks at it. */
export interface RecordedRelease {
  version: string;
  /** The newest migration that it knows. */
  migration: string;
  recordedAt: string;
  statements: number;
}

/** For the environment of the program's processes: they note in a folder which statements they send. */
export function recordingIn(folder: string): Record<string, string> {
  mkdirSync(folder, { recursive: true });
  const preloaded = pathToFileURL(join(import.meta.dirname, 'record-statements.mjs')).href;
  return { RECORD_STATEMENTS: folder, NODE_OPTIONS: `--import ${preloaded}` };
}

/**
 * Records a release: its data (a backup), the statements that its program sends, and the part of it that sends editions, as one
 * file.
 * @param noted the folder in which the processes noted statements
 * @param folder is written anew
 */
export async function recordRelease(
  context: Context,
  { noted, folder }: { noted: string; folder: string },
): Promise<RecordedRelease> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const texts = new Map<string, string>();
  for (const file of readdirSync(noted))
    for (const line of readFileSync(join(noted, file), 'utf8').split('\n').filter(Boolean)) {
      const { key, text } = JSON.parse(line) as { key: string; text: string };
      if (!texts.has(key)) texts.set(key, text);
    }
  const statements: string[] = [];
  for (const text of [...texts.values()].sort())
    if (await canBePrepared(context, text)) statements.push(text);
  const migration = (await migrationStatus(context.db)).findLast(({ executedAt }) => executedAt)?.name ?? '';
  const release = { version, migration, recordedAt: new Date().toISOString(), statements: statements.length };
  await writeBackup(context, join(folder, 'backup.sql.gz'), { now: new Date() });
  writeFileSync(join(folder, 'statements.json.gz'), gzipSync(JSON.stringify(statements), { level: 9 }));
  writeFileSync(join(folder, 'sender.mjs.gz'), gzipSync(await senderAsOneFile(), { level: 9 }));
  writeFileSync(join(folder, 'release.json'), `${JSON.stringify(release, null, 2)}\n`);
  return release;
}

/** Those about temporary tables, and of another database, are left out. */
async function canBePrepared({ db }: Context, text: string): Promise<boolean> {
  return db.connection().execute(async (own) => {
    try {
      await sql.raw(`prepare recorded as ${text}`).execute(own);
      await sql`deallocate recorded`.execute(own);
      return true;
    } catch {
      return false;
    }
  });
}

async function senderAsOneFile(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [join(packageRoot, 'scripts/torture/worker.ts')],
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    packages: 'external',
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
}
