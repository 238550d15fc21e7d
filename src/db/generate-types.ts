// Run by `npm run db:types` and `npm run check:schema`: migrates an empty database and writes (or, with --verify,
// compares) the types of its tables.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../package-root.ts';
import { openDatabase } from './connect.ts';

const home = mkdtempSync(join(tmpdir(), 'broadsheet-types-'));
chmodSync(home, 0o755);
const database = await openDatabase({ databaseUrl: undefined, home });
const socket = encodeURIComponent(String(database.connection.host));
const result = spawnSync(
  process.execPath,
  [
    join(packageRoot, 'node_modules/kysely-codegen/dist/cli/bin.js'),
    '--dialect=postgres',
    `--url=postgres://broadsheet@${socket}:5432/broadsheet`,
    '--out-file=src/db/schema.ts',
    '--exclude-pattern=kysely_*',
    '--type-mapping={"int8":"number"}',
    '--log-level=warn',
    ...process.argv.slice(2),
  ],
  { cwd: packageRoot, encoding: 'utf8' },
);
await database.close();
rmSync(home, { recursive: true, force: true });
process.stdout.write(result.stdout);
process.stderr.write(result.stderr);
if (result.status === 0) console.log('src/db/schema.ts matches the migrations.');
else console.error('src/db/schema.ts does not match the migrations. Run: npm run db:types');
process.exit(result.status ?? 1);
