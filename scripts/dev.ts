// `npm run dev`: `broadsheet serve` that starts again when something of src, emails or migrations was changed. With a .env (or a
// DATABASE_URL) it serves what that says, otherwise the demo's newsroom, which is made if there is none.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join, relative } from 'node:path';
import { styleText } from 'node:util';
import { freePort } from '../demo/free-port.ts';
import { openNewsstand } from '../demo/newsstand.ts';
import { createLoginLink } from '../src/access/login-links.ts';
import { listUsers } from '../src/access/users.ts';
import { untilSignal } from '../src/cli/until-signal.ts';
import { systemClock } from '../src/clock.ts';
import { loadConfig, readSettings } from '../src/config.ts';
import type { Context } from '../src/context.ts';
import { openDatabase } from '../src/db/connect.ts';
import { messageOf } from '../src/errors.ts';
import { createLog } from '../src/log.ts';
import { packageRoot } from '../src/package-root.ts';

const closers: (() => Promise<unknown>)[] = [];
try {
  await run(untilSignal());
} catch (error) {
  console.error(`${styleText('red', 'It could not be started:')} ${messageOf(error)}`);
  process.exitCode = 1;
} finally {
  for (const close of closers.reverse()) await close().catch(() => {});
}

async function run(asked: Promise<NodeJS.Signals>): Promise<void> {
  const { given, fromFile } = readSettings();
  const isOwn = given.DATABASE_URL !== undefined || Object.keys(fromFile).length > 0;
  const config = loadConfig();
  const port = await freePort(config.port);
  const home = isOwn || given.BROADSHEET_HOME ? config.home : join(config.home, 'demo');
  const settings = {
    ...config,
    home,
    publicUrl: config.publicUrl.replace(`localhost:${config.port}`, `localhost:${port}`),
  };
  // Held from one start to the next, so that an embedded Postgres stays up.
  const database = await openDatabase(settings);
  closers.push(database.close);
  const context: Context = {
    config: settings,
    db: database.db,
    clock: systemClock,
    log: createLog(config.logLevel ?? 'error'),
  };
  const env = {
    ...process.env,
    PORT: String(port),
    BROADSHEET_HOME: home,
    ...(!isOwn && { ALLOW_PRIVATE_NETWORK: 'true' }),
  };
  if (!isOwn) await openSamples(context, env);

  console.log(await greeting(context, isOwn));
  const child = spawn(
    process.execPath,
    [
      join(packageRoot, 'node_modules/tsx/dist/cli.mjs'),
      ...['watch', '--clear-screen=false'],
      // What is not imported: templates and the desk's scripts are bundled, migrations are listed.
      ...['emails', 'migrations', 'src/web/desk/islands'].flatMap((folder) => ['--include', `${folder}/**`]),
      ...['src/cli/main.ts', 'serve'],
    ],
    { cwd: packageRoot, env, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const ended = once(child, 'exit');
  // Ctrl-C comes to both; a second signal would cut short what is on its way out.
  if ((await Promise.race([asked, ended])) === 'SIGTERM') child.kill('SIGTERM');
  await ended;
}

/** The demo's newsroom, with its publishers in reach. */
async function openSamples({ db }: Context, env: NodeJS.ProcessEnv): Promise<void> {
  if (!(await db.selectFrom('newsletters').select('id').limit(1).executeTakeFirst())) {
    const demo = join(packageRoot, 'demo/demo.ts');
    const made = spawnSync(process.execPath, ['--import', 'tsx', demo, '--once'], {
      cwd: packageRoot,
      env,
      stdio: 'inherit',
    });
    if (made.status !== 0) throw new Error('there are no sample data: the demo failed, as it says above.');
  }
  const stand = await openNewsstand(systemClock.now());
  closers.push(stand.close);
  for (const { publisher, url } of stand.feeds)
    await db.updateTable('sources').set({ url }).where('name', '=', publisher).execute();
}

async function greeting(context: Context, isOwn: boolean): Promise<string> {
  const { publicUrl, databaseUrl, home } = context.config;
  const admin = (await listUsers(context)).find((user) => user.role === 'admin' && !user.disabledAt);
  const link = admin && (await createLoginLink(context, admin.id, { how: 'cli' }));
  const desk = link
    ? `${link}\n                    (once, within 15 minutes, as ${admin.email})`
    : 'nobody may log in yet: npm run broadsheet -- users create YOU@EXAMPLE.COM --role admin';
  const data = databaseUrl ? 'of DATABASE_URL' : `in ${relative('.', home) || '.'}`;
  return `
  the address       ${publicUrl}
  the desk          ${desk}
  the data          ${data}${isOwn ? '' : ', made by the demo'}

Save a file of src, emails or migrations and load the page again. Ctrl-C ends it.
`;
}
